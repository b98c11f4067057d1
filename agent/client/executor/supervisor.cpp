// SPDX-License-Identifier: MPL-2.0
#include "agent/client/executor/supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "agent/client/executor/cgroup.h"
#include "agent/client/executor/child.h"
#include "agent/client/executor/isolation.h"
#include "agent/client/executor/rotating_log.h"
#include "agent/client/executor/wire.h"

namespace agent::client {
namespace {

using core::Errc;
using core::Error;
using core::Result;
using core::Status;
using posix::Descriptor;

constexpr std::size_t kAgentsMax = 4;  // one at a time talks to us; its predecessor may still be hanging on

struct PipePair {
  Descriptor read{-1}, write{-1};
};

Result<PipePair> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return posix::failure("pipe");
  return PipePair{Descriptor(ends[0]), Descriptor(ends[1])};
}

std::int64_t now_ms() {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<std::int64_t>(t.tv_sec) * 1000 + t.tv_nsec / 1'000'000;
}

void set_nonblocking(int fd) { ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK); }

// One agent's connection.
struct Peer {
  Descriptor fd;
  core::Bytes unread;
};

struct Stream {  // the task's stdout or stderr
  Descriptor pipe;
  RotatingLog log;
};

class Supervisor {
 public:
  Supervisor(Descriptor agent, Descriptor lock, const CgroupTree& tree) : tree_(tree), lock_(std::move(lock)) {
    peers_.push_back({std::move(agent), {}});
  }

  int run();

 private:
  Result<Launch> receive_launch();
  Status listen();
  Result<PipePair> open_stream(const char* kind);
  Status start();
  Status fork_task(PipePair out, PipePair err);
  void refuse(const Error& error);

  void loop();
  void accept_agent();
  void hear(Peer& peer);
  void obey(const Message& message);
  void on_signal();
  void collect_children();
  void signal_task(int number);
  void kill_all();
  void finish();
  static void drain(Stream& stream);
  void tell(const Message& message);
  int wait_ms() const;

  const CgroupTree& tree_;
  Descriptor lock_;
  std::vector<Peer> peers_;
  Launch launch_;
  std::optional<Cgroup> cgroup_;
  Descriptor listener_{-1}, signals_{-1}, status_{-1};
  std::vector<Stream> streams_;
  Begun begun_;
  int child_ = -1;                          // the task, or the first process of its namespace
  std::optional<Ended> ended_;
  std::optional<std::int64_t> kill_at_ms_;  // the end of the grace it was given
};

// ---- start ---------------------------------------------------------------------------------------

int Supervisor::run() {
  ::setsid();
  ::chdir("/");
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);  // what the task abandons comes to us
  ::prctl(PR_SET_NAME, "nomad-executor", 0, 0, 0);
  auto launch = receive_launch();
  if (!launch.ok()) return 1;  // the agent changed its mind, or died
  launch_ = std::move(*launch);
  if (const auto status = start(); !status.ok()) {
    refuse(status.error());
    return 1;
  }
  tell(begun_);
  launch_.args = {};
  launch_.env = {};
  let_go_of_code();
  loop();
  finish();
  return 0;
}

Result<Launch> Supervisor::receive_launch() {
  auto& peer = peers_.front();
  char buffer[4096];
  for (;;) {
    TRY(auto message, take_message(peer.unread));
    if (message && std::holds_alternative<Launch>(*message)) return std::get<Launch>(std::move(*message));
    if (message) return Error{Errc::corrupt, "a launch must come first"};
    const auto n = ::read(peer.fd.number(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return Error{Errc::unavailable, "the agent is gone"};
    peer.unread.append(buffer, static_cast<std::size_t>(n));
  }
}

// The path of a socket may be longer than an address can hold; a descriptor's path is not.
Status Supervisor::listen() {
  TRY(const auto directory, posix::open_directory(launch_.control_dir));
  listener_ = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (listener_.number() < 0) return posix::failure("socket");
  ::unlinkat(directory.number(), kControlSocket, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto path = "/proc/self/fd/" + std::to_string(directory.number()) + "/" + kControlSocket;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  if (::bind(listener_.number(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return posix::failure("bind control socket");
  if (::listen(listener_.number(), kAgentsMax) != 0) return posix::failure("listen on control socket");
  return core::ok_status();
}

Result<PipePair> Supervisor::open_stream(const char* kind) {
  TRY(auto pipe, make_pipe());
  TRY(auto directory, posix::open_directory(launch_.logs_dir));
  set_nonblocking(pipe.read.number());
  streams_.push_back({std::move(pipe.read), RotatingLog(std::move(directory), launch_.log_name + "." + kind,
                                                        {launch_.log_file_bytes_max, launch_.log_files_max})});
  return pipe;
}

Status Supervisor::start() {
  sigset_t all;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
  sigset_t heard;
  ::sigemptyset(&heard);
  ::sigaddset(&heard, SIGCHLD);
  ::sigaddset(&heard, SIGTERM);
  signals_ = Descriptor(::signalfd(-1, &heard, SFD_CLOEXEC | SFD_NONBLOCK));
  if (signals_.number() < 0) return posix::failure("signalfd");
  TRY(listen());
  TRY(auto out, open_stream("stdout"));
  TRY(auto err, open_stream("stderr"));
  if (!launch_.cgroup.empty()) {
    cgroup_.emplace(tree_, launch_.cgroup);
    TRY(cgroup_->create(launch_.limits));
  }
  if (launch_.isolation) TRY(separate_children(*launch_.isolation));
  return fork_task(std::move(out), std::move(err));
}

// The task's first instruction comes after everything an agent needs to find it is on disk.
Status Supervisor::fork_task(PipePair out, PipePair err) {
  TRY(auto gate, make_pipe());
  TRY(auto report, make_pipe());
  TRY(auto status, make_pipe());
  const int self = ::getpid();
  child_ = ::fork();
  if (child_ < 0) return posix::failure("fork");
  if (child_ == 0) {
    gate.write = Descriptor(-1);  // or we would keep our own gate from ending
    become_task(launch_, {gate.read.number(), report.write.number(), status.write.number(), out.write.number(), err.write.number()},
                cgroup_ ? &*cgroup_ : nullptr, self);
  }
  for (auto* pipe : {&report, &status, &out, &err}) pipe->write = Descriptor(-1);
  status_ = std::move(status.read);
  begun_ = {launch_.run, child_, posix::start_ticks(child_)};
  TRY(posix::replace_file(launch_.control_dir, kBegunFile, begun_text(begun_, posix::boot_id()), false));
  const char go = 1;
  (void)!::write(gate.write.number(), &go, 1);
  std::string why(512, '\0');
  ssize_t n = 0;
  while ((n = ::read(report.read.number(), why.data(), why.size())) < 0 && errno == EINTR) {
  }
  if (n <= 0) return core::ok_status();  // closed by exec
  why.resize(static_cast<std::size_t>(n));
  return Error{Errc::invalid, why};
}

void Supervisor::refuse(const Error& error) {
  kill_all();
  if (cgroup_) (void)cgroup_->remove();
  ::unlink((launch_.control_dir + "/" + kBegunFile).c_str());
  ::unlink((launch_.control_dir + "/" + kControlSocket).c_str());
  tell(Refused{error.code == Errc::no_space || error.code == Errc::io, error.detail});
}

// ---- while it runs -------------------------------------------------------------------------------

int Supervisor::wait_ms() const {
  if (!kill_at_ms_) return -1;
  return static_cast<int>(std::max<std::int64_t>(0, *kill_at_ms_ - now_ms()));
}

void Supervisor::loop() {
  std::vector<pollfd> ready;
  while (!ended_) {
    ready = {{signals_.number(), POLLIN, 0}, {listener_.number(), POLLIN, 0}};
    for (const auto& stream : streams_) ready.push_back({stream.pipe.number(), POLLIN, 0});
    for (const auto& peer : peers_) ready.push_back({peer.fd.number(), POLLIN, 0});
    if (::poll(ready.data(), ready.size(), wait_ms()) < 0 && errno != EINTR) return;
    std::size_t i = 2;
    for (auto& stream : streams_)
      if (ready[i++].revents != 0 && stream.log.drain(stream.pipe.number()) == RotatingLog::State::ended)
        stream.pipe = Descriptor(-1);  // poll passes over it from now on
    for (auto& peer : peers_)
      if (ready[i++].revents != 0) hear(peer);
    std::erase_if(peers_, [](const Peer& peer) { return peer.fd.number() < 0; });
    if (ready[1].revents != 0) accept_agent();
    if (ready[0].revents != 0) on_signal();
    if (kill_at_ms_ && wait_ms() == 0) {
      kill_at_ms_.reset();
      signal_task(SIGKILL);
    }
  }
}

void Supervisor::accept_agent() {
  Descriptor fd(::accept4(listener_.number(), nullptr, nullptr, SOCK_CLOEXEC));
  if (fd.number() < 0) return;
  if (peers_.size() == kAgentsMax) peers_.erase(peers_.begin());
  peers_.push_back({std::move(fd), {}});
  const auto hello = encode(begun_);
  (void)::send(peers_.back().fd.number(), hello.data(), hello.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void Supervisor::hear(Peer& peer) {
  char buffer[512];
  const auto n = ::recv(peer.fd.number(), buffer, sizeof buffer, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n > 0) peer.unread.append(buffer, static_cast<std::size_t>(n));
  for (;;) {
    auto message = take_message(peer.unread);
    if (n <= 0 || !message.ok()) {
      peer.fd = Descriptor(-1);
      return;
    }
    if (!*message) return;
    obey(**message);
  }
}

void Supervisor::obey(const Message& message) {
  if (const auto* stop = std::get_if<Stop>(&message)) {
    signal_task(stop->signal);
    kill_at_ms_ = now_ms() + stop->grace_ms;
  }
  if (const auto* deliver = std::get_if<Deliver>(&message)) signal_task(deliver->signal);
}

void Supervisor::signal_task(int number) {
  if (!ended_) ::kill(child_, number);
}

void Supervisor::on_signal() {
  signalfd_siginfo info{};
  while (::read(signals_.number(), &info, sizeof info) == sizeof info) {
    if (info.ssi_signo != SIGTERM) continue;
    // Somebody stops everything on this machine: the task gets what we got, and a moment.
    signal_task(SIGTERM);
    if (!kill_at_ms_) kill_at_ms_ = now_ms() + 5000;
  }
  collect_children();
}

// The task itself stays unburied until everything it left is killed: while it lies there, its process
// group's number cannot become another's.
void Supervisor::collect_children() {
  siginfo_t info{};
  while (!ended_ && ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0) {
    if (info.si_pid != child_) {
      ::waitpid(info.si_pid, nullptr, 0);
    } else {
      const bool returned = info.si_code == CLD_EXITED;
      ended_ = Ended{launch_.run, returned ? info.si_status : 128 + info.si_status, returned ? 0 : info.si_status, false};
    }
    info = {};
  }
  if (!ended_ || !launch_.isolation) return;
  int status = 0;  // of the task, as the first process of its namespace saw it
  if (::read(status_.number(), &status, sizeof status) != sizeof status) return;
  ended_->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  ended_->exit_code = WIFSIGNALED(status) ? 128 + ended_->signal : WEXITSTATUS(status);
}

void Supervisor::tell(const Message& message) {
  const auto bytes = encode(message);
  for (auto& peer : peers_) (void)::send(peer.fd.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

// ---- the end -------------------------------------------------------------------------------------

// Everything that the task has started and left. Bounded: what cannot be killed is not waited for.
void Supervisor::kill_all() {
  if (child_ > 0) ::kill(-child_, SIGKILL);
  for (int round = 0; round < 200; ++round) {
    bool left = cgroup_ && cgroup_->kill();
    // Orphans are our children now, whatever session they have fled to.
    for (const int orphan : children()) ::kill(orphan, SIGKILL);
    int pid = 0;
    while ((pid = ::waitpid(-1, nullptr, WNOHANG)) > 0) {
    }
    left |= pid == 0;
    if (!left) return;
    ::poll(nullptr, 0, 5);
  }
}

void Supervisor::finish() {
  ASSERT(ended_);
  kill_all();
  for (auto& stream : streams_) drain(stream);
  if (cgroup_) {
    ended_->oom_killed = cgroup_->oom_killed();
    (void)cgroup_->remove();
  }
  (void)posix::replace_file(launch_.control_dir, kExitFile, ended_text(*ended_), true);
  ::unlink((launch_.control_dir + "/" + kControlSocket).c_str());
  tell(*ended_);
}

// What is in the pipe now; nobody writes to it any more.
void Supervisor::drain(Stream& stream) {
  for (int turns = 0; turns < 16 && stream.pipe.number() >= 0; ++turns) {
    pollfd left{stream.pipe.number(), POLLIN, 0};
    if (::poll(&left, 1, 0) <= 0 || stream.log.drain(stream.pipe.number()) == RotatingLog::State::ended) return;
  }
}

}  // namespace

int supervise(Descriptor agent, Descriptor lock, const CgroupTree& tree) {
  return Supervisor(std::move(agent), std::move(lock), tree).run();
}

std::vector<int> children() {
  std::vector<int> pids;
  const auto text = posix::read_file("/proc/thread-self/children");
  if (!text.ok()) return pids;
  for (const char* at = text->c_str(); *at != '\0';) {
    char* end = nullptr;
    const long pid = std::strtol(at, &end, 10);
    if (end == at) break;
    if (pid > 0) pids.push_back(static_cast<int>(pid));
    at = end;
  }
  return pids;
}

// Only executable mappings: the linker has written to some of the others.
void let_go_of_code() {
  const auto maps = posix::read_file("/proc/self/maps");
  if (!maps.ok()) return;
  for (std::size_t at = 0; at < maps->size(); at = maps->find('\n', at) + 1) {
    char* end = nullptr;
    const auto from = std::strtoull(maps->c_str() + at, &end, 16);
    const auto to = std::strtoull(end + 1, &end, 16);
    if (std::strncmp(end, " r-xp", 5) == 0 && from < to)
      ::madvise(reinterpret_cast<void*>(from), to - from, MADV_DONTNEED);
  }
}

}  // namespace agent::client
