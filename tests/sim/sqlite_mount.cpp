// SPDX-License-Identifier: MPL-2.0
#include "tests/sim/sqlite_mount.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <new>
#include <vector>

#include "core/base/assert.h"
#include "core/base/rng.h"

namespace sim {
namespace {

using core::Errc;

struct OpenFile;

// What all connections to one file share, as processes on one machine do.
struct Shared {
  std::vector<OpenFile*> open;
  std::vector<std::unique_ptr<char[]>> regions;  // of the write-ahead log's index
};

}  // namespace

struct SqliteMount::State {
  std::string directory;
  store::Env& env;
  core::Rng rng{1};
  std::map<std::string, Shared> shared;
};

namespace {

std::vector<SqliteMount::State*>& mounts() {
  static std::vector<SqliteMount::State*> all;
  return all;
}

SqliteMount::State* mount_of(std::string_view path) {
  for (auto it = mounts().rbegin(); it != mounts().rend(); ++it) {
    const auto& directory = (*it)->directory;
    if (path.size() > directory.size() && path.starts_with(directory) && path[directory.size()] == '/') return *it;
  }
  return nullptr;
}

struct OpenFile : sqlite3_file {
  SqliteMount::State* mount = nullptr;
  std::unique_ptr<store::File> file;
  std::string path;
  Shared* shared = nullptr;
  int lock = SQLITE_LOCK_NONE;
  std::uint8_t shm_shared = 0, shm_exclusive = 0;  // bits by slot
  bool name_unsynced = false;
  bool remove_at_close = false;
};

OpenFile& of(sqlite3_file* file) { return *static_cast<OpenFile*>(file); }

int code_of(const core::Error& error, int otherwise) { return error.code == Errc::no_space ? SQLITE_FULL : otherwise; }

template <class Outcome>
int code_of(const Outcome& outcome, int otherwise) {
  return outcome.ok() ? SQLITE_OK : code_of(outcome.error(), otherwise);
}

std::string directory_of(const std::string& path) { return path.substr(0, path.find_last_of('/')); }

// ---- files ---------------------------------------------------------------------------------------

int close_file(sqlite3_file* raw) {
  auto& file = of(raw);
  std::erase(file.shared->open, &file);
  if (file.remove_at_close) static_cast<void>(file.mount->env.remove(file.path));
  file.~OpenFile();
  return SQLITE_OK;
}

int read_file(sqlite3_file* raw, void* into, int size, sqlite3_int64 offset) {
  const auto got = of(raw).file->read_at(static_cast<std::uint64_t>(offset), static_cast<char*>(into), static_cast<std::size_t>(size));
  if (!got.ok()) return SQLITE_IOERR_READ;
  if (*got == static_cast<std::size_t>(size)) return SQLITE_OK;
  std::memset(static_cast<char*>(into) + *got, 0, static_cast<std::size_t>(size) - *got);
  return SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* raw, const void* bytes, int size, sqlite3_int64 offset) {
  const core::ByteView view(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
  return code_of(of(raw).file->write_at(static_cast<std::uint64_t>(offset), view), SQLITE_IOERR_WRITE);
}

// As the unix VFS does: the first sync of a new journal makes its name durable too.
int sync_file(sqlite3_file* raw) {
  auto& file = of(raw);
  if (const auto synced = file.file->sync(); !synced.ok()) return SQLITE_IOERR_FSYNC;
  if (!std::exchange(file.name_unsynced, false)) return SQLITE_OK;
  return code_of(file.mount->env.sync_directory(directory_of(file.path)), SQLITE_IOERR_DIR_FSYNC);
}

int file_size(sqlite3_file* raw, sqlite3_int64* out) {
  const auto size = of(raw).file->size();
  if (size.ok()) *out = static_cast<sqlite3_int64>(*size);
  return code_of(size, SQLITE_IOERR_FSTAT);
}

// ---- locks ---------------------------------------------------------------------------------------

int lock_file(sqlite3_file* raw, int level) {
  auto& file = of(raw);
  if (!file.file->size().ok()) return SQLITE_IOERR_LOCK;  // the power went
  if (file.lock >= level) return SQLITE_OK;
  int others = SQLITE_LOCK_NONE;
  for (const auto* other : file.shared->open)
    if (other != &file) others = std::max(others, other->lock);
  const int bearable = level == SQLITE_LOCK_SHARED     ? SQLITE_LOCK_RESERVED
                       : level == SQLITE_LOCK_RESERVED ? SQLITE_LOCK_SHARED
                                                       : SQLITE_LOCK_NONE;
  if (others > bearable) return SQLITE_BUSY;
  file.lock = level;
  return SQLITE_OK;
}

int unlock_file(sqlite3_file* raw, int level) {
  of(raw).lock = std::min(of(raw).lock, level);
  return SQLITE_OK;
}

int check_reserved(sqlite3_file* raw, int* out) {
  const auto& open = of(raw).shared->open;
  *out = std::any_of(open.begin(), open.end(), [](const auto* file) { return file->lock >= SQLITE_LOCK_RESERVED; });
  return SQLITE_OK;
}

// ---- the index of the write-ahead log, in memory -------------------------------------------------

int map_region(sqlite3_file* raw, int number, int size, int extend, void volatile** out) {
  auto& regions = of(raw).shared->regions;
  const auto index = static_cast<std::size_t>(number);
  *out = nullptr;
  if (index >= regions.size() && extend == 0) return SQLITE_OK;
  while (regions.size() <= index) regions.push_back(std::make_unique<char[]>(static_cast<std::size_t>(size)));
  *out = regions[index].get();
  return SQLITE_OK;
}

int lock_region(sqlite3_file* raw, int first, int count, int flags) {
  auto& file = of(raw);
  const auto bits = static_cast<std::uint8_t>(((1u << count) - 1) << first);
  if ((flags & SQLITE_SHM_UNLOCK) != 0) {
    file.shm_shared &= static_cast<std::uint8_t>(~bits);
    file.shm_exclusive &= static_cast<std::uint8_t>(~bits);
    return SQLITE_OK;
  }
  const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  for (const auto* other : file.shared->open)
    if (other != &file && ((other->shm_exclusive | (exclusive ? other->shm_shared : 0)) & bits) != 0) return SQLITE_BUSY;
  (exclusive ? file.shm_exclusive : file.shm_shared) |= bits;
  return SQLITE_OK;
}

int unmap_regions(sqlite3_file* raw, int remove) {
  auto& file = of(raw);
  file.shm_shared = file.shm_exclusive = 0;
  if (remove != 0) file.shared->regions.clear();
  return SQLITE_OK;
}

constexpr int kSectorBytes = 4096;

const sqlite3_io_methods& methods() {
  static const sqlite3_io_methods all = [] {
    sqlite3_io_methods m{};
    m.iVersion = 2;
    m.xClose = [](sqlite3_file* f) noexcept { return close_file(f); };
    m.xRead = [](sqlite3_file* f, void* into, int size, sqlite3_int64 at) noexcept { return read_file(f, into, size, at); };
    m.xWrite = [](sqlite3_file* f, const void* from, int size, sqlite3_int64 at) noexcept { return write_file(f, from, size, at); };
    m.xTruncate = [](sqlite3_file* f, sqlite3_int64 size) noexcept {
      return code_of(of(f).file->truncate(static_cast<std::uint64_t>(size)), SQLITE_IOERR_TRUNCATE);
    };
    m.xSync = [](sqlite3_file* f, int) noexcept { return sync_file(f); };
    m.xFileSize = [](sqlite3_file* f, sqlite3_int64* out) noexcept { return file_size(f, out); };
    m.xLock = [](sqlite3_file* f, int level) noexcept { return lock_file(f, level); };
    m.xUnlock = [](sqlite3_file* f, int level) noexcept { return unlock_file(f, level); };
    m.xCheckReservedLock = [](sqlite3_file* f, int* out) noexcept { return check_reserved(f, out); };
    m.xFileControl = [](sqlite3_file*, int, void*) noexcept { return SQLITE_NOTFOUND; };
    m.xSectorSize = [](sqlite3_file*) noexcept { return kSectorBytes; };
    m.xDeviceCharacteristics = [](sqlite3_file*) noexcept { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; };
    m.xShmMap = [](sqlite3_file* f, int n, int size, int extend, void volatile** out) noexcept { return map_region(f, n, size, extend, out); };
    m.xShmLock = [](sqlite3_file* f, int first, int count, int flags) noexcept { return lock_region(f, first, count, flags); };
    m.xShmBarrier = [](sqlite3_file*) noexcept {};
    m.xShmUnmap = [](sqlite3_file* f, int remove) noexcept { return unmap_regions(f, remove); };
    return m;
  }();
  return all;
}

// ---- names ---------------------------------------------------------------------------------------

int open_file(const char* name, sqlite3_file* raw, int flags, int* flags_out) {
  raw->pMethods = nullptr;
  auto* const mount = name == nullptr ? nullptr : mount_of(name);
  if (mount == nullptr) return SQLITE_CANTOPEN;
  const auto there = mount->env.exists(name);
  if (!there.ok()) return SQLITE_IOERR;
  const bool make = !*there && (flags & SQLITE_OPEN_CREATE) != 0;
  const auto how = make ? store::Open::create : (flags & SQLITE_OPEN_READONLY) != 0 ? store::Open::read : store::Open::write;
  auto opened = mount->env.open(name, how);
  if (!opened.ok()) return code_of(opened.error(), SQLITE_CANTOPEN);
  auto* const file = new (raw) OpenFile();
  file->pMethods = &methods();
  file->mount = mount;
  file->file = std::move(opened).value();
  file->path = name;
  file->shared = &mount->shared[name];
  file->shared->open.push_back(file);
  file->name_unsynced = make && (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL)) != 0;
  file->remove_at_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
  if (flags_out != nullptr) *flags_out = flags;
  return SQLITE_OK;
}

int delete_file(const char* name, int sync_directory) {
  auto* const mount = mount_of(name);
  if (mount == nullptr) return SQLITE_IOERR_DELETE;
  const auto removed = mount->env.remove(name);
  if (!removed.ok()) return removed.error().code == Errc::not_found ? SQLITE_IOERR_DELETE_NOENT : SQLITE_IOERR_DELETE;
  if (sync_directory == 0) return SQLITE_OK;
  return code_of(mount->env.sync_directory(directory_of(name)), SQLITE_IOERR_DIR_FSYNC);
}

int access_file(const char* name, int* out) {
  auto* const mount = mount_of(name);
  *out = 0;
  if (mount == nullptr) return SQLITE_OK;
  const auto there = mount->env.exists(name);
  if (there.ok()) *out = *there ? 1 : 0;
  return code_of(there, SQLITE_IOERR_ACCESS);
}

int fill_random(int size, char* out) {
  for (int i = 0; i < size; ++i) out[i] = mounts().empty() ? '\1' : static_cast<char>(mounts().back()->rng.next());
  return size;
}

// A day in 2026, in milliseconds of the Julian calendar.
constexpr sqlite3_int64 kToday = 212'651'000'000'000;

sqlite3_vfs& vfs() {
  static sqlite3_vfs all = [] {
    sqlite3_vfs v{};
    v.iVersion = 2;
    v.szOsFile = sizeof(OpenFile);
    v.mxPathname = 512;
    v.zName = "mounts";
    v.xOpen = [](sqlite3_vfs*, const char* name, sqlite3_file* f, int flags, int* out) noexcept { return open_file(name, f, flags, out); };
    v.xDelete = [](sqlite3_vfs*, const char* name, int sync) noexcept { return delete_file(name, sync); };
    v.xAccess = [](sqlite3_vfs*, const char* name, int, int* out) noexcept { return access_file(name, out); };
    v.xFullPathname = [](sqlite3_vfs*, const char* name, int size, char* out) noexcept {
      sqlite3_snprintf(size, out, "%s", name);
      return SQLITE_OK;
    };
    v.xRandomness = [](sqlite3_vfs*, int size, char* out) noexcept { return fill_random(size, out); };
    v.xSleep = [](sqlite3_vfs*, int microseconds) noexcept { return microseconds; };
    v.xCurrentTime = [](sqlite3_vfs*, double* out) noexcept {
      *out = static_cast<double>(kToday) / 86'400'000.0;
      return SQLITE_OK;
    };
    v.xGetLastError = [](sqlite3_vfs*, int, char*) noexcept { return 0; };
    v.xCurrentTimeInt64 = [](sqlite3_vfs*, sqlite3_int64* out) noexcept {
      *out = kToday;
      return SQLITE_OK;
    };
    return v;
  }();
  return all;
}

}  // namespace

SqliteMount::SqliteMount(const std::string& directory, store::Env& env)
    : state_(new State{.directory = directory, .env = env, .shared = {}}) {
  const int registered = sqlite3_vfs_register(&vfs(), 1);
  ASSERT(registered == SQLITE_OK);
  mounts().push_back(state_.get());
  sqlite3_randomness(0, nullptr);  // forget what was drawn; the next draw asks us
}

SqliteMount::~SqliteMount() {
  for (const auto& [path, shared] : state_->shared) ASSERT(shared.open.empty());
  std::erase(mounts(), state_.get());
  if (mounts().empty()) sqlite3_vfs_unregister(&vfs());  // what is opened next is on the real disk again
}

}  // namespace sim
