// SPDX-License-Identifier: MPL-2.0
// The one door to the file system: everything that store/ keeps goes through an Env.
//
// Nothing is durable until it was synced: a file's bytes by File::sync, a file's name (create,
// rename, remove) by Env::sync_directory of the directory it is in. Every failure names the path and
// carries a code: no_space, permission, not_found, conflict (exists already), in_use, corrupt (shorter
// than it must be), io. All calls block. The real door is store/env_posix.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace store {

using core::Bytes;
using core::ByteView;
using core::Errc;
using core::Error;
using core::Result;
using core::Status;

// An open file. Closed by its destructor; close() first where the outcome matters.
class File {
 public:
  virtual ~File() = default;

  // Reads up to `size` bytes into `into`; fewer only at the end of the file.
  virtual Result<std::size_t> read_at(std::uint64_t offset, char* into, std::size_t size) = 0;
  // Writes all of `bytes`, growing the file if needed. After a failure any part may be written.
  virtual Status write_at(std::uint64_t offset, ByteView bytes) = 0;
  // Makes all earlier writes durable. After one failure every later call fails too: what the
  // kernel dropped then cannot be known, so trying again would only hide the loss.
  virtual Status sync() = 0;
  virtual Result<std::uint64_t> size() = 0;
  virtual Status truncate(std::uint64_t size) = 0;
  // Grows the file to `size` and reserves its blocks; new bytes read as zero.
  virtual Status allocate(std::uint64_t size) = 0;
  virtual Status close() = 0;
  virtual const std::string& path() const = 0;

  Status append(ByteView bytes) {
    TRY(const auto end, size());
    return write_at(end, bytes);
  }
  // Exactly `size` bytes, or Errc::corrupt naming the offset where the file ends.
  Result<Bytes> read_exactly(std::uint64_t offset, std::size_t size_wanted) {
    Bytes bytes(size_wanted, '\0');
    TRY(const auto got, read_at(offset, bytes.data(), bytes.size()));
    if (got == size_wanted) return bytes;
    return Error{Errc::corrupt, path() + ": ends at offset " + std::to_string(offset + got) + ", " +
                                    std::to_string(size_wanted - got) + " bytes more were expected"};
  }
};

// Held until destroyed, or until the process ends.
class Lock {
 public:
  virtual ~Lock() = default;
};

enum class Open {
  read,     // must exist
  write,    // must exist; read and write
  create,   // must not exist; read and write
  replace,  // made if missing, emptied if not; read and write
};

class Env {
 public:
  virtual ~Env() = default;

  virtual Result<std::unique_ptr<File>> open(const std::string& path, Open how) = 0;
  virtual Result<bool> exists(const std::string& path) = 0;
  // Atomic; replaces `to` if it is there.
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  virtual Status remove(const std::string& path) = 0;
  // Names in `directory`, sorted, without "." and "..".
  virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
  // Makes the directory and its missing parents, durably. Fine if it is there.
  virtual Status make_directories(const std::string& path) = 0;
  virtual Status sync_directory(const std::string& path) = 0;
  // Makes `path` if missing and takes it for this process alone, or Errc::in_use.
  virtual Result<std::unique_ptr<Lock>> lock(const std::string& path) = 0;
  // What this process may still write on the file system that holds `path`.
  virtual Result<std::uint64_t> free_bytes(const std::string& path) = 0;
};

}  // namespace store
