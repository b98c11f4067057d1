// SPDX-License-Identifier: MPL-2.0
#include "agent/scratch.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

namespace agent {

core::Result<Scratch> Scratch::make() {
  const char* base = std::getenv("TMPDIR");
  std::string name = std::string(base == nullptr ? "/tmp" : base) + "/nomad-dev-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) return core::Error{core::Errc::io, name + ": " + std::strerror(errno)};
  Scratch scratch;
  scratch.path_ = std::move(name);
  return scratch;
}

Scratch::Scratch(Scratch&& other) noexcept : path_(std::exchange(other.path_, {})) {}
Scratch& Scratch::operator=(Scratch&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

Scratch::~Scratch() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace agent
