// SPDX-License-Identifier: MPL-2.0
#include "agent/client/drivers/supervised.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "agent/client/executor/cgroup.h"
#include "agent/client/executor/posix.h"
#include "agent/client/orphans.h"
#include "agent/client/process_use.h"
#include "core/base/json.h"

namespace agent::client {
namespace {

namespace cc = core::client;
using core::Errc;
using core::Error;
using core::Status;
using net::uv::Descriptor;

constexpr auto kRetry = std::chrono::milliseconds(20);  // until a supervisor that was just forked listens
constexpr auto kClearing = std::chrono::milliseconds(5);  // between one look at what is left of a task and the next
constexpr int kClearingsMax = 200;

// Held while open. Errc::in_use: a supervisor holds it.
core::Result<Descriptor> take_lock(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.number() < 0) return posix::failure("open " + path);
  if (::flock(file.number(), LOCK_EX | LOCK_NB) == 0) return file;
  if (errno == EWOULDBLOCK) return Error{Errc::in_use, path + " is locked"};
  return posix::failure("lock " + path);
}

}  // namespace

core::json::Raw handle_of(const Begun& begun) {
  core::json::Writer w;
  w.begin_object();
  w.key("Pid");
  w.int64(begun.pid);
  w.key("StartTicks");
  w.uint64(begun.start_ticks);
  w.end_object();
  return {w.take()};
}

Supervised::Supervised(net::uv::Loop& loop, cc::TaskId id, std::uint64_t run, std::string control_dir, std::string cgroup, Tell tell)
    : loop_(loop), id_(std::move(id)), run_(run), control_dir_(std::move(control_dir)), cgroup_(std::move(cgroup)), tell_(std::move(tell)) {}

// The last thing its caller does: whoever is told may destroy us.
void Supervised::say(cc::Input input) {
  const auto tell = tell_;
  tell(std::move(input));
}

void Supervised::later(std::function<void()> fn) {
  deferred_ = std::make_unique<net::uv::Deferred>(loop_, std::move(fn));
  deferred_->schedule();
}

// ---- start ---------------------------------------------------------------------------------------

std::unique_ptr<Supervised> Supervised::start(net::uv::Loop& loop, Launcher& launcher, cc::TaskId id, Launch launch, Tell tell) {
  std::unique_ptr<Supervised> task(new Supervised(loop, std::move(id), launch.run, launch.control_dir, launch.cgroup, std::move(tell)));
  task->starting_ = true;
  auto pair = task->begin(launcher);
  if (!pair.ok()) {
    task->over_ = true;
    task->later([self = task.get(), error = pair.error()] { self->say(cc::TaskStartFailed{self->id_, self->run_, error, false, true}); });
    return task;
  }
  task->talk(std::move(pair->ours));
  task->stream_->write(encode(launch));
  return task;
}

core::Result<net::uv::Pipe> Supervised::begin(Launcher& launcher) {
  TRY(posix::make_directories(control_dir_, 0700));
  auto lock = take_lock(control_path(kLockFile));
  if (!lock.ok()) {
    // Of an earlier run that nobody remembers. There must never be two of a task.
    if (lock.error().code == Errc::in_use) (void)end_supervised(control_dir_);
    return lock.error();
  }
  for (const char* stale : {kExitFile, kBegunFile, kControlSocket}) ::unlink(control_path(stale).c_str());
  TRY(auto pair, net::uv::socket_pair(loop_));
  TRY(launcher.launch(pair.theirs, *lock));
  pair.theirs = Descriptor(-1);
  return pair;
}

// ---- attach --------------------------------------------------------------------------------------

std::unique_ptr<Supervised> Supervised::attach(net::uv::Loop& loop, cc::TaskId id, std::uint64_t run, std::string control_dir,
                                               std::string cgroup, const core::json::Raw& handle, Tell tell) {
  std::unique_ptr<Supervised> task(
      new Supervised(loop, std::move(id), run, std::move(control_dir), std::move(cgroup), std::move(tell)));
  task->later([self = task.get(), was_started = !handle.text.empty()] { self->look_for(was_started); });
  return task;
}

void Supervised::look_for(bool was_started) {
  const auto lock = posix::exists(control_dir_) ? take_lock(control_path(kLockFile)) : Error{Errc::not_found, control_dir_ + " is gone"};
  if (!lock.ok() && lock.error().code == Errc::in_use) return connect();
  over_ = true;
  if (tell_recorded_end()) return;
  const auto begun = posix::read_file(control_path(kBegunFile));
  if (!begun.ok() && !was_started) return say(cc::TaskNeverStarted{id_, run_});
  clear_away(cc::TaskLost{id_, run_, Error{Errc::not_found, "its supervisor is gone and left no word of how it ended"}});
}

// The path of the socket may be longer than an address can hold; a descriptor's path is not.
void Supervised::connect() {
  auto directory = posix::open_directory(control_dir_);
  if (!directory.ok()) {
    over_ = true;
    return say(cc::TaskLost{id_, run_, directory.error()});
  }
  directory_ = std::move(*directory);
  const auto path = "/proc/self/fd/" + std::to_string(directory_.number()) + "/" + kControlSocket;
  connect_.emplace(loop_, path, [this](core::Result<net::uv::Stream> stream) {
    if (stream.ok()) {
      talk(std::move(*stream));
      connect_.reset();
      return;
    }
    // Not listening yet, or it ended this very moment: look again.
    retry_.emplace(loop_, [this] { look_for(true); });
    retry_->arm(loop_.now() + kRetry);
  });
}

// ---- while it runs -------------------------------------------------------------------------------

void Supervised::talk(net::uv::Stream stream) {
  stream_.emplace(std::move(stream));
  stream_->read([this](core::ByteView bytes) { on_bytes(bytes); }, [this](Status) { on_silence(); });
  for (auto& order : unsent_) stream_->write(std::move(order));
  unsent_.clear();
}

void Supervised::on_bytes(core::ByteView bytes) {
  unread_ += bytes;
  auto message = take_message(unread_);
  // At most two messages ever come, and the second is the last: after it we may be gone.
  if (message.ok() && *message && std::holds_alternative<Begun>(**message) && !over_) {
    auto rest = take_message(unread_);
    if (!rest.ok() || !*rest) return on_message(**message);
    later([this, last = std::move(**rest)] { on_message(last); });
    return on_message(**message);
  }
  if (!message.ok()) return on_silence();
  if (*message) on_message(**message);
}

void Supervised::on_message(const Message& message) {
  if (over_) return;
  if (const auto* begun = std::get_if<Begun>(&message)) {
    if (running_) return;
    running_ = true;
    pid_ = begun->pid;
    if (starting_) return say(cc::TaskStarted{id_, run_, handle_of(*begun)});
    return say(cc::TaskAttached{id_, run_, handle_of(*begun)});
  }
  over_ = true;
  stream_.reset();
  if (const auto* refused = std::get_if<Refused>(&message)) {
    if (!starting_) return say(cc::TaskNeverStarted{id_, run_});
    return say(cc::TaskStartFailed{id_, run_, Error{Errc::invalid, refused->why}, false, refused->recoverable});
  }
  if (const auto* ended = std::get_if<Ended>(&message))
    return say(cc::TaskExited{id_, run_, {ended->exit_code, ended->signal, ended->oom_killed, ""}});
  UNREACHABLE();
}

// The supervisor is gone and has not said how the task ended.
void Supervised::on_silence() {
  stream_.reset();
  if (over_) return;
  over_ = true;
  if (tell_recorded_end()) return;
  if (!running_ && starting_)
    return clear_away(cc::TaskStartFailed{id_, run_, Error{Errc::unavailable, "the supervisor ended before the task began"}, false, true});
  if (!running_) return clear_away(cc::TaskLost{id_, run_, Error{Errc::not_found, "its supervisor ended"}});
  clear_away(cc::TaskExited{id_, run_, {128 + SIGKILL, SIGKILL, false, "the task's supervisor was killed, and the task with it"}});
}

// Told when nothing of it runs any more, so that whatever is started next finds its ports and files free.
// Bounded: what cannot be killed is not waited for.
void Supervised::clear_away(cc::Input last) {
  if (end_leftovers(control_dir_, cgroup_) || ++clearings_ > kClearingsMax) return say(std::move(last));
  retry_.emplace(loop_, [this, last = std::move(last)] {
    auto again = last;
    clear_away(std::move(again));
  });
  retry_->arm(loop_.now() + kClearing);
}

bool Supervised::tell_recorded_end() {
  const auto text = posix::read_file(control_path(kExitFile));
  if (!text.ok()) return false;
  const auto ended = parse_ended(*text);
  if (!ended.ok() || ended->run != run_) return false;
  say(cc::TaskExited{id_, run_, {ended->exit_code, ended->signal, ended->oom_killed, ""}});
  return true;
}

void Supervised::kill(int signal, core::Duration grace) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(grace).count();
  auto order = encode(Stop{signal, static_cast<std::uint32_t>(std::clamp<std::int64_t>(ms, 0, UINT32_MAX / 2))});
  if (over_) return;
  if (stream_) stream_->write(std::move(order));
  else unsent_.push_back(std::move(order));
}

Status Supervised::signal(int signal) {
  if (over_ || !stream_) return Error{Errc::not_found, "task is not running"};
  stream_->write(encode(Deliver{signal}));
  return core::ok_status();
}

core::Result<TaskUse> Supervised::use() const {
  if (over_ || pid_ == 0) return Error{Errc::not_found, "task is not running"};
  if (cgroup_.empty()) return use_of_tree(pid_);
  return use_of_cgroup(Cgroup(find_cgroup_tree(), cgroup_));
}

}  // namespace agent::client
