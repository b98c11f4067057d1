// SPDX-License-Identifier: MPL-2.0
#include "agent/client/executor/child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "agent/client/executor/isolation.h"

namespace agent::client {
namespace {

using core::Errc;
using core::Error;
using core::Result;
using core::Status;

constexpr std::string_view kIsolatedPath = "/usr/local/bin:/usr/bin:/bin";

[[noreturn]] void give_up(int report, const Error& error) {
  (void)!::write(report, error.detail.data(), error.detail.size());
  ::_exit(127);
}

void check(int report, const Status& status) {
  if (!status.ok()) give_up(report, status.error());
}

bool is_file(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

// The parent's death is to be ours.
void die_with_parent(int report) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) give_up(report, posix::failure("set parent death signal"));
}

void reset_signals() {
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

Status take_stdio(const ChildPipes& pipes) {
  posix::Descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (nothing.number() < 0) return posix::failure("open /dev/null");
  if (::dup2(nothing.number(), 0) < 0 || ::dup2(pipes.out, 1) < 0 || ::dup2(pipes.err, 2) < 0) return posix::failure("dup2");
  return core::ok_status();
}

std::string_view path_of(const Launch& launch) {
  if (launch.isolation) return kIsolatedPath;
  for (const auto& entry : launch.env)
    if (entry.starts_with("PATH=")) return std::string_view(entry).substr(5);
  return kIsolatedPath;
}

std::vector<char*> to_vector(const std::vector<std::string>& words, const std::string* first) {
  std::vector<char*> out;
  if (first != nullptr) out.push_back(const_cast<char*>(first->c_str()));
  for (const auto& word : words) out.push_back(const_cast<char*>(word.c_str()));
  out.push_back(nullptr);
  return out;
}

[[noreturn]] void execute(const Launch& launch, int report, int parent) {
  if (::chdir(launch.task_dir.c_str()) != 0) give_up(report, posix::failure("chdir " + launch.task_dir));
  const auto command = find_command(launch.command, launch.task_dir, path_of(launch));
  if (!command.ok()) give_up(report, command.error());
  ::umask(launch.isolation ? 0 : 022);
  if (launch.isolation) check(report, bound_capabilities(launch.isolation->capabilities));
  if (launch.user) check(report, become(*launch.user));
  die_with_parent(report);  // changing the user has undone it
  if (::getppid() != parent) ::_exit(127);  // too late
  reset_signals();
  const auto args = to_vector(launch.args, &launch.command);
  const auto env = to_vector(launch.env, nullptr);
  ::execve(command->c_str(), args.data(), env.data());
  give_up(report, posix::failure("exec " + *command));
}

// The first process of an isolated task's namespace. Every signal is blocked here: one that waits is
// kept, one that is neither handled nor blocked would be thrown away.
[[noreturn]] void look_after(int task, int status_pipe) {
  sigset_t all;
  ::sigfillset(&all);
  for (;;) {
    const int number = ::sigwaitinfo(&all, nullptr);
    if (number > 0 && number != SIGCHLD) ::kill(task, number);
    if (number != SIGCHLD) continue;
    for (int pid = 0, status = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
      if (pid != task) continue;
      (void)!::write(status_pipe, &status, sizeof status);
      ::_exit(0);  // and the kernel kills all that is left in the namespace
    }
  }
}

}  // namespace

Result<std::string> find_command(const std::string& command, const std::string& task_dir, std::string_view path) {
  for (const auto& candidate : {task_dir + "/local/" + command, task_dir + "/" + command}) {
    struct stat info {};
    if (!is_file(candidate) || ::stat(candidate.c_str(), &info) != 0) continue;
    if ((info.st_mode & 0555) != 0555) ::chmod(candidate.c_str(), (info.st_mode & 07777) | 0555);
    return candidate;
  }
  if (command.find('/') != std::string::npos) {
    if (is_file(command)) return command;
    return Error{Errc::not_found, "file " + command + " not found"};
  }
  for (auto rest = path; !rest.empty();) {
    const auto directory = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), directory.size() + 1));
    if (directory.empty()) continue;
    const auto candidate = std::string(directory) + "/" + command;
    if (is_file(candidate) && ::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return Error{Errc::not_found, "file " + command + " not found under path " + std::string(path)};
}

void become_task(const Launch& launch, const ChildPipes& pipes, const Cgroup* cgroup, int supervisor) {
  die_with_parent(pipes.report);  // before the gate: a supervisor that died earlier never opens it
  ::setsid();
  char go = 0;
  while (::read(pipes.gate, &go, 1) < 0 && errno == EINTR) {
  }
  if (go != 1) ::_exit(127);
  if (cgroup != nullptr) check(pipes.report, cgroup->join());
  check(pipes.report, take_stdio(pipes));
  if (!launch.isolation) execute(launch, pipes.report, supervisor);

  check(pipes.report, enter_root(*launch.isolation));
  const int first = ::getpid();  // 1, if process ids are its own
  const int task = ::fork();
  if (task < 0) give_up(pipes.report, posix::failure("fork"));
  if (task == 0) {
    ::setsid();
    execute(launch, pipes.report, first);
  }
  // What the task and the supervisor hold open must end with them.
  ::dup2(pipes.status, 0);
  ::close_range(1, ~0U, 0);
  look_after(task, 0);
}

}  // namespace agent::client
