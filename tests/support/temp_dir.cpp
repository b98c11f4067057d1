// SPDX-License-Identifier: MPL-2.0
#include "tests/support/temp_dir.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "core/base/assert.h"

namespace test {

TempDir::TempDir() : path_((std::filesystem::temp_directory_path() / "nomad-test-XXXXXX").string()) {
  ASSERT(::mkdtemp(path_.data()) != nullptr);
}

TempDir::~TempDir() {
  std::error_code ignored;  // a test that left its directory unreadable has said so already
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace test
