// SPDX-License-Identifier: MPL-2.0
// A file system in memory that knows what was synced, and loses the rest when the power goes.
//
// It is as unhelpful as the contract in store/env.h allows: syncing a file does not make its name
// durable, unsynced names vanish one by one, unsynced writes are torn at sector borders and reordered
// across files, and what a failed sync dropped never reaches the disk although it can still be read.
// A hook sees every call before it is carried out and may let it fail, so that a test can fail the
// N-th call, or look at what a crash just then would leave behind.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/rng.h"
#include "store/env.h"
#include "tests/support/paged_bytes.h"

namespace test {

enum class Crash {
  lost,      // nothing that was not synced survives
  kept,      // everything does
  prefix,    // of each file's unsynced writes the first few, of the names the first few
  torn_512,  // each 512-byte sector, and each name, by itself
  torn_4k,   // the same with 4 KiB blocks
  garbage,   // like torn_512, but a lost sector may hold random bytes where nothing had been before
  mixed,     // each file by a rule of its own
};
inline constexpr Crash kCrashes[] = {Crash::lost,    Crash::kept,    Crash::prefix, Crash::torn_512,
                                     Crash::torn_4k, Crash::garbage, Crash::mixed};

class FaultyDisk final : public store::Env {
 public:
  struct Operation {
    enum class Kind {
      open,
      read,
      write,
      sync,
      resize,
      rename,
      remove,
      list,
      make_directory,
      sync_directory,
      lock
    };
    Kind kind;
    std::string path;
    std::uint64_t number;  // counts calls that change something, from 1; reads carry the last one's
    bool changes() const { return FaultyDisk::changes(kind); }
  };
  static bool changes(Operation::Kind kind) { return kind != Operation::Kind::read && kind != Operation::Kind::list; }
  // An error is returned to the caller instead of the call being carried out. A write that fails has
  // written its first half; a sync that fails has dropped what it should have made durable.
  using Hook = std::function<std::optional<core::Error>(const Operation&)>;
  void set_hook(Hook hook) { hook_ = std::move(hook); }

  std::uint64_t operations() const { return operations_; }
  std::uint64_t used() const;
  // Bytes that files may take together; more is Errc::no_space.
  void set_capacity(std::uint64_t bytes) { capacity_ = bytes; }

  // The disk as the next start would find it if the power went now.
  std::unique_ptr<FaultyDisk> after_crash(Crash how, core::Rng& rng) const;
  // The disk as a new process finds it if this one is killed now: all is there, synced or not, and what
  // was not synced can still be lost.
  std::unique_ptr<FaultyDisk> after_kill() const;
  // The power goes: this disk becomes what after_crash gives; open files and locks are dead.
  void crash(Crash how, core::Rng& rng);
  // The process ends, the machine goes on: files and locks are dead, but everything written can be read,
  // and what a failed sync dropped is still not on the disk.
  void end_process();

  // Straight access for damage and looks, past hook and counting. REQUIRES: the file exists.
  core::Bytes contents(const std::string& path) const;
  void overwrite(const std::string& path, std::uint64_t offset, core::ByteView bytes);
  void flip(const std::string& path, std::uint64_t offset, std::uint8_t mask);
  // Paths of all files, sorted.
  std::vector<std::string> files() const;

  core::Result<std::unique_ptr<store::File>> open(const std::string& path, store::Open how) override;
  core::Result<bool> exists(const std::string& path) override;
  core::Status rename(const std::string& from, const std::string& to) override;
  core::Status remove(const std::string& path) override;
  core::Result<std::vector<std::string>> list(const std::string& directory) override;
  core::Status make_directories(const std::string& path) override;
  core::Status sync_directory(const std::string& path) override;
  core::Result<std::unique_ptr<store::Lock>> lock(const std::string& path) override;
  core::Result<std::uint64_t> free_bytes(const std::string& path) override;

 private:
  class OpenFile;
  class HeldLock;
  struct Pending {  // not synced yet
    bool resize = false;
    std::uint64_t offset = 0;  // or the new size
    std::uint64_t size = 0;
    std::optional<core::Bytes> overwritten;  // what was written; nothing while it can still be read there
    std::uint64_t end() const { return offset + size; }
  };
  struct Inode {
    PagedBytes now;
    PagedBytes durable;
    std::vector<Pending> pending;
    std::uint64_t readable_end = 0;  // no pending bytes behind this can be read
    bool dropped = false;            // something that can still be read is neither durable nor pending
    void write(std::uint64_t offset, core::ByteView bytes);
    void resize(std::uint64_t size);
    void drop();
    void sync();
    // What is pending in [begin, end) is about to be written over.
    void keep_pending(std::uint64_t begin, std::uint64_t end);
    core::Bytes bytes_of(const Pending& change) const;
    void apply(PagedBytes& bytes, const Pending& change) const;
  };
  using Names = std::map<std::string, std::shared_ptr<Inode>>;
  struct NameChange {              // not synced yet
    std::string removed;           // empty: none
    std::string added;             // empty: none
    std::shared_ptr<Inode> inode;  // what `added` stands for
  };

  std::optional<core::Error> ask(Operation::Kind kind, const std::string& path);
  core::Status make_room(std::uint64_t more, const std::string& path);
  static void apply(Names& names, const NameChange& change);
  static PagedBytes survivors(const Inode& inode, Crash how, core::Rng& rng);
  // Leaves of the file what the crash does.
  static void settle(Inode& inode, Crash how, core::Rng& rng);
  Names surviving_names(Crash how, core::Rng& rng) const;

  Names names_;
  Names durable_names_;
  std::vector<NameChange> name_changes_;
  std::set<std::string> directories_;
  std::shared_ptr<std::set<std::string>> locks_ = std::make_shared<std::set<std::string>>();
  Hook hook_;
  std::uint64_t operations_ = 0;
  std::uint64_t capacity_ = UINT64_MAX;
  // Files opened before a crash are of an older life and refuse to work.
  std::shared_ptr<int> life_ = std::make_shared<int>(0);
};

}  // namespace test
