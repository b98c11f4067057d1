// SPDX-License-Identifier: MPL-2.0
#include "tests/support/faulty_disk.h"

#include <algorithm>
#include <utility>

#include "core/base/assert.h"

namespace test {

using core::Bytes;
using core::ByteView;
using core::Errc;
using core::Error;
using core::Result;
using core::Rng;
using core::Status;
using store::Open;
using Kind = FaultyDisk::Operation::Kind;

namespace {

std::string directory_of(const std::string& path) {
  const auto slash = path.find_last_of('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

Error missing(const std::string& path) {
  return Error{Errc::not_found, "cannot open " + path + ": no such file"};
}

}  // namespace

// ---- open files ----------------------------------------------------------------------------------

class FaultyDisk::OpenFile final : public store::File {
 public:
  OpenFile(FaultyDisk& disk, std::shared_ptr<Inode> inode, std::string path)
      : disk_(disk), life_(disk.life_), inode_(std::move(inode)), path_(std::move(path)) {}

  Result<std::size_t> read_at(std::uint64_t offset, char* into, std::size_t size) override {
    TRY(refuse_or(Kind::read));
    return inode_->now.read(offset, into, size);
  }

  Status write_at(std::uint64_t offset, ByteView bytes) override {
    const auto refused = refuse_or(Kind::write);
    if (!refused.ok()) {
      if (alive()) inode_->write(offset, bytes.substr(0, bytes.size() / 2));
      return refused;
    }
    if (offset + bytes.size() > inode_->now.size())
      TRY(disk_.make_room(offset + bytes.size() - inode_->now.size(), path_));
    inode_->write(offset, bytes);
    return core::ok_status();
  }

  Status sync() override {
    if (sync_failed_) return Error{Errc::io, "cannot sync " + path_ + ": an earlier sync failed"};
    const auto refused = refuse_or(Kind::sync);
    if (!refused.ok()) {
      sync_failed_ = true;
      if (alive()) inode_->drop();
      return refused;
    }
    inode_->sync();
    return core::ok_status();
  }

  Result<std::uint64_t> size() override {
    TRY(refuse_or(Kind::read));
    return inode_->now.size();
  }

  Status truncate(std::uint64_t size) override {
    TRY(refuse_or(Kind::resize));
    inode_->resize(size);
    return core::ok_status();
  }

  Status allocate(std::uint64_t size) override {
    TRY(refuse_or(Kind::resize));
    if (size <= inode_->now.size()) return core::ok_status();
    TRY(disk_.make_room(size - inode_->now.size(), path_));
    inode_->resize(size);
    return core::ok_status();
  }

  Status close() override { return core::ok_status(); }
  const std::string& path() const override { return path_; }

 private:
  bool alive() const { return !life_.expired(); }
  Status refuse_or(Kind kind) {
    if (!alive()) return Error{Errc::io, path_ + ": the power went"};
    if (auto error = disk_.ask(kind, path_)) return std::move(*error);
    return core::ok_status();
  }

  FaultyDisk& disk_;
  std::weak_ptr<int> life_;
  std::shared_ptr<Inode> inode_;
  std::string path_;
  bool sync_failed_ = false;
};

class FaultyDisk::HeldLock final : public store::Lock {
 public:
  HeldLock(std::shared_ptr<std::set<std::string>> locks, std::string path)
      : locks_(std::move(locks)), path_(std::move(path)) {}
  ~HeldLock() override { locks_->erase(path_); }

 private:
  std::shared_ptr<std::set<std::string>> locks_;
  std::string path_;
};

// ---- Env -----------------------------------------------------------------------------------------

std::optional<Error> FaultyDisk::ask(Kind kind, const std::string& path) {
  if (changes(kind)) ++operations_;
  return hook_ ? hook_(Operation{kind, path, operations_}) : std::nullopt;
}

std::uint64_t FaultyDisk::used() const {
  std::uint64_t sum = 0;
  for (const auto& [path, inode] : names_) sum += inode->now.size();
  return sum;
}

Status FaultyDisk::make_room(std::uint64_t more, const std::string& path) {
  if (capacity_ == UINT64_MAX || used() + more <= capacity_) return core::ok_status();
  return Error{Errc::no_space, "cannot write " + path + ": no space left"};
}

Result<std::unique_ptr<store::File>> FaultyDisk::open(const std::string& path, Open how) {
  const auto found = names_.find(path);
  const bool there = found != names_.end();
  const bool changes = (how == Open::create || how == Open::replace);
  if (auto error = ask(changes ? Kind::open : Kind::read, path)) return std::move(*error);
  if (!there && !changes) return missing(path);
  if (there && how == Open::create) return Error{Errc::conflict, "cannot create " + path + ": it exists"};
  if (changes && directories_.count(directory_of(path)) == 0) return missing(path);
  if (!there) {
    const NameChange change{"", path, std::make_shared<Inode>()};
    apply(names_, change);
    name_changes_.push_back(change);
  }
  auto file = std::make_unique<OpenFile>(*this, names_.at(path), path);
  if (there && how == Open::replace) names_.at(path)->resize(0);
  return std::unique_ptr<store::File>(std::move(file));
}

Result<bool> FaultyDisk::exists(const std::string& path) {
  if (auto error = ask(Kind::read, path)) return std::move(*error);
  return names_.count(path) != 0 || directories_.count(path) != 0;
}

Status FaultyDisk::rename(const std::string& from, const std::string& to) {
  if (auto error = ask(Kind::rename, from)) return std::move(*error);
  const auto found = names_.find(from);
  if (found == names_.end() || directories_.count(directory_of(to)) == 0) return missing(from);
  const NameChange change{from, to, found->second};
  apply(names_, change);
  name_changes_.push_back(change);
  return core::ok_status();
}

Status FaultyDisk::remove(const std::string& path) {
  if (auto error = ask(Kind::remove, path)) return std::move(*error);
  if (names_.count(path) == 0) return missing(path);
  const NameChange change{path, "", nullptr};
  apply(names_, change);
  name_changes_.push_back(change);
  return core::ok_status();
}

Result<std::vector<std::string>> FaultyDisk::list(const std::string& directory) {
  if (auto error = ask(Kind::list, directory)) return std::move(*error);
  if (directories_.count(directory) == 0) return missing(directory);
  std::set<std::string> names;
  const auto add = [&](const std::string& path) {
    if (directory_of(path) == directory && !path.empty())
      names.insert(path.substr(path.find_last_of('/') + 1));
  };
  for (const auto& [path, inode] : names_) add(path);
  for (const auto& path : directories_) add(path);
  return std::vector<std::string>(names.begin(), names.end());
}

Status FaultyDisk::make_directories(const std::string& path) {
  if (auto error = ask(Kind::make_directory, path)) return std::move(*error);
  for (auto at = path; !at.empty(); at = directory_of(at)) {
    if (names_.count(at) != 0)
      return Error{Errc::conflict, "cannot make directory " + at + ": a file is in the way"};
    directories_.insert(at);
  }
  directories_.insert("");
  return core::ok_status();
}

Status FaultyDisk::sync_directory(const std::string& path) {
  if (auto error = ask(Kind::sync_directory, path)) return std::move(*error);
  if (directories_.count(path) == 0) return missing(path);
  const auto concerns = [&](const NameChange& change) {
    return (!change.removed.empty() && directory_of(change.removed) == path) ||
           (!change.added.empty() && directory_of(change.added) == path);
  };
  for (const auto& change : name_changes_)
    if (concerns(change)) apply(durable_names_, change);
  std::erase_if(name_changes_, concerns);
  return core::ok_status();
}

Result<std::unique_ptr<store::Lock>> FaultyDisk::lock(const std::string& path) {
  if (auto error = ask(Kind::lock, path)) return std::move(*error);
  if (!locks_->insert(path).second) return Error{Errc::in_use, path + " is in use"};
  return std::unique_ptr<store::Lock>(std::make_unique<HeldLock>(locks_, path));
}

Result<std::uint64_t> FaultyDisk::free_bytes(const std::string& path) {
  if (auto error = ask(Kind::read, path)) return std::move(*error);
  return capacity_ - std::min(capacity_, used());
}

// ---- what a crash leaves -------------------------------------------------------------------------

void FaultyDisk::apply(Names& names, const NameChange& change) {
  if (!change.removed.empty()) names.erase(change.removed);
  if (!change.added.empty()) names[change.added] = change.inode;
}

void FaultyDisk::Inode::write(std::uint64_t offset, ByteView bytes) {
  const auto end = offset + bytes.size();
  keep_pending(offset, end);
  now.put(offset, bytes);
  pending.push_back({.offset = offset, .size = bytes.size(), .overwritten = std::nullopt});
  readable_end = std::max(readable_end, end);
}

void FaultyDisk::Inode::resize(std::uint64_t size) {
  keep_pending(size, UINT64_MAX);
  now.resize(size);
  pending.push_back({.resize = true, .offset = size, .overwritten = std::nullopt});
}

void FaultyDisk::Inode::drop() {
  dropped = dropped || !pending.empty();
  pending.clear();
  readable_end = 0;
}

void FaultyDisk::Inode::keep_pending(std::uint64_t begin, std::uint64_t end) {
  if (begin >= readable_end) return;
  for (auto& change : pending)
    if (!change.resize && !change.overwritten && change.offset < end && begin < change.end()) change.overwritten = now.text(change.offset, change.size);
}

Bytes FaultyDisk::Inode::bytes_of(const Pending& change) const {
  return change.overwritten ? *change.overwritten : now.text(change.offset, change.size);
}

void FaultyDisk::Inode::apply(PagedBytes& bytes, const Pending& change) const {
  if (change.resize)
    bytes.resize(change.offset);
  else
    bytes.put(change.offset, bytes_of(change));
}

// What can be read is what was durable and all that was written since, unless something was dropped.
void FaultyDisk::Inode::sync() {
  const auto done = std::exchange(pending, {});
  readable_end = 0;
  if (dropped) {
    for (const auto& change : done) apply(durable, change);
    return;
  }
  if (durable.size() != now.size() || std::any_of(done.begin(), done.end(), [](const Pending& change) { return change.resize; })) {
    durable = now;
    return;
  }
  for (const auto& change : done) durable.share(now, change.offset, change.size);
}

namespace {

// Calls `each` with the pieces of [offset, offset + size) that lie in one sector.
template <class Each>
void by_sector(std::uint64_t offset, std::uint64_t size, std::uint64_t sector, Each each) {
  for (std::uint64_t at = 0; at < size;) {
    const auto piece = std::min(sector - (offset + at) % sector, size - at);
    each(at, piece);
    at += piece;
  }
}

Bytes random_bytes(std::uint64_t size, Rng& rng) {
  Bytes bytes(size, '\0');
  for (auto& b : bytes) b = static_cast<char>(rng.below(256));
  return bytes;
}

}  // namespace

PagedBytes FaultyDisk::survivors(const Inode& inode, Crash how, Rng& rng) {
  if (how == Crash::kept) return inode.now;
  if (how == Crash::mixed) return survivors(inode, kCrashes[rng.below(6)], rng);
  auto out = inode.durable;
  if (how == Crash::lost) return out;
  if (how == Crash::prefix) {
    const auto count = rng.below(inode.pending.size() + 1);
    for (std::size_t i = 0; i < count; ++i) inode.apply(out, inode.pending[i]);
    return out;
  }
  const std::uint64_t sector = how == Crash::torn_4k ? 4096 : 512;
  for (const auto& pending : inode.pending) {
    if (pending.resize) {
      if (rng.chance(500)) inode.apply(out, pending);
      continue;
    }
    const auto written = inode.bytes_of(pending);
    by_sector(pending.offset, written.size(), sector, [&](std::uint64_t at, std::uint64_t size) {
      const auto offset = pending.offset + at;
      if (rng.chance(500)) return out.put(offset, ByteView(written).substr(at, size));
      const bool blank = out.text(offset, size).find_first_not_of('\0') == Bytes::npos;
      if (how == Crash::garbage && blank && rng.chance(500)) out.put(offset, random_bytes(size, rng));
    });
  }
  return out;
}

void FaultyDisk::settle(Inode& inode, Crash how, Rng& rng) {
  if (inode.pending.empty() && !inode.dropped) return;
  inode.durable = survivors(inode, how, rng);
  inode.now = inode.durable;
  inode.pending.clear();
  inode.readable_end = 0;
  inode.dropped = false;
}

FaultyDisk::Names FaultyDisk::surviving_names(Crash how, Rng& rng) const {
  if (how == Crash::kept) return names_;
  Names names = durable_names_;
  if (how == Crash::lost) return names;
  const auto first_few = rng.below(name_changes_.size() + 1);
  for (std::size_t i = 0; i < name_changes_.size(); ++i)
    if (how == Crash::prefix ? i < first_few : rng.chance(500)) apply(names, name_changes_[i]);
  return names;
}

std::unique_ptr<FaultyDisk> FaultyDisk::after_crash(Crash how, Rng& rng) const {
  auto disk = std::make_unique<FaultyDisk>();
  std::map<const Inode*, std::shared_ptr<Inode>> copies;
  for (const auto& [path, inode] : surviving_names(how, rng)) {
    auto& copy = copies[inode.get()];
    if (!copy) {
      copy = std::make_shared<Inode>(*inode);
      settle(*copy, how, rng);
    }
    disk->names_[path] = copy;
  }
  disk->durable_names_ = disk->names_;
  disk->directories_ = directories_;
  disk->capacity_ = capacity_;
  return disk;
}

std::unique_ptr<FaultyDisk> FaultyDisk::after_kill() const {
  auto disk = std::make_unique<FaultyDisk>();
  std::map<const Inode*, std::shared_ptr<Inode>> copies;
  const auto copy_of = [&copies](const std::shared_ptr<Inode>& inode) -> std::shared_ptr<Inode> {
    if (!inode) return nullptr;
    auto& copy = copies[inode.get()];
    if (!copy) copy = std::make_shared<Inode>(*inode);
    return copy;
  };
  for (const auto& [path, inode] : names_) disk->names_[path] = copy_of(inode);
  for (const auto& [path, inode] : durable_names_) disk->durable_names_[path] = copy_of(inode);
  for (const auto& change : name_changes_)
    disk->name_changes_.push_back({change.removed, change.added, copy_of(change.inode)});
  disk->directories_ = directories_;
  disk->capacity_ = capacity_;
  return disk;
}

// As after_crash, but most files are as they were and are not copied.
void FaultyDisk::crash(Crash how, Rng& rng) {
  names_ = surviving_names(how, rng);
  std::set<const Inode*> settled;
  for (const auto& [path, inode] : names_)
    if (settled.insert(inode.get()).second) settle(*inode, how, rng);
  durable_names_ = names_;
  name_changes_.clear();
  end_process();
}

void FaultyDisk::end_process() {
  locks_ = std::make_shared<std::set<std::string>>();
  life_ = std::make_shared<int>(0);
}

// ---- straight access -----------------------------------------------------------------------------

Bytes FaultyDisk::contents(const std::string& path) const { return names_.at(path)->now.text(); }

void FaultyDisk::overwrite(const std::string& path, std::uint64_t offset, ByteView bytes) {
  auto& inode = *names_.at(path);
  inode.keep_pending(offset, offset + bytes.size());
  inode.now.put(offset, bytes);
  inode.durable.put(offset, bytes);
}

void FaultyDisk::flip(const std::string& path, std::uint64_t offset, std::uint8_t mask) {
  auto& inode = *names_.at(path);
  inode.keep_pending(offset, offset + 1);
  for (auto* bytes : {&inode.now, &inode.durable}) {
    auto byte = bytes->text(offset, 1);
    if (byte.empty()) continue;
    byte[0] = static_cast<char>(byte[0] ^ mask);
    bytes->put(offset, byte);
  }
}

std::vector<std::string> FaultyDisk::files() const {
  std::vector<std::string> out;
  for (const auto& [path, inode] : names_) out.push_back(path);
  return out;
}

}  // namespace test
