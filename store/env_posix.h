// SPDX-License-Identifier: MPL-2.0
// The real file system. Files are private to the user (0600, directories 0700) and never inherited by
// child processes. sync() is fdatasync; locks are flock, so they end with the process.
#pragma once

#include "store/env.h"

namespace store {

class PosixEnv final : public Env {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, Open how) override;
  Result<bool> exists(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  Status make_directories(const std::string& path) override;
  Status sync_directory(const std::string& path) override;
  Result<std::unique_ptr<Lock>> lock(const std::string& path) override;
  Result<std::uint64_t> free_bytes(const std::string& path) override;
};

}  // namespace store
