// SPDX-License-Identifier: MPL-2.0
#include "agent/client/executor/executor.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include "agent/client/executor/supervisor.h"

namespace agent::client {
namespace {

constexpr int kAgentSocket = 3;
constexpr int kDescriptors = 2;

// The descriptors of one request. False: the agent is gone.
bool receive(int (&descriptors)[kDescriptors]) {
  char byte = 0;
  iovec data{&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof descriptors)];
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  for (;;) {
    const auto n = ::recvmsg(kAgentSocket, &message, MSG_CMSG_CLOEXEC);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    const auto* header = CMSG_FIRSTHDR(&message);
    if (header == nullptr || header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(sizeof descriptors)) return false;
    std::memcpy(descriptors, CMSG_DATA(header), sizeof descriptors);
    return true;
  }
}

// Buries what has died. What is then ours and no supervisor was left by one that was killed.
void look_after_the_dead(std::vector<int>& supervisors, int signals) {
  signalfd_siginfo info{};
  while (::read(signals, &info, sizeof info) == sizeof info) {
  }
  for (int pid = 0; (pid = ::waitpid(-1, nullptr, WNOHANG)) > 0;) std::erase(supervisors, pid);
  for (const int child : children())
    if (std::find(supervisors.begin(), supervisors.end(), child) == supervisors.end()) ::kill(child, SIGKILL);
}

int open_child_signals() {
  sigset_t heard;
  ::sigemptyset(&heard);
  ::sigaddset(&heard, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &heard, nullptr);
  return ::signalfd(-1, &heard, SFD_CLOEXEC | SFD_NONBLOCK);
}

}  // namespace

int executor_main(int, char**) {
  if (::fcntl(kAgentSocket, F_GETFD) < 0) {
    std::fputs("nomad executor is started by the agent, not by hand\n", stderr);
    return 1;
  }
  ::setsid();
  ::chdir("/");
  ::prctl(PR_SET_NAME, "nomad-executor", 0, 0, 0);
  // The agent's terminal and log are not ours to hold open, nor its signals ours to hear.
  ::close_range(kAgentSocket + 1, ~0U, 0);
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd < 3; ++fd) ::dup2(nothing, fd);
  ::close(nothing);
  ::umask(022);
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGHUP, SIG_IGN);
  ::signal(SIGPIPE, SIG_IGN);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  const int signals = open_child_signals();
  std::vector<int> supervisors;
  const auto tree = find_cgroup_tree();
  let_go_of_code();
  int descriptors[kDescriptors];
  for (;;) {
    pollfd ready[] = {{kAgentSocket, POLLIN, 0}, {signals, POLLIN, 0}};
    if (::poll(ready, 2, -1) < 0 && errno != EINTR) return 1;
    if (ready[1].revents != 0) look_after_the_dead(supervisors, signals);
    if (ready[0].revents == 0) continue;
    if (!receive(descriptors)) return 0;
    const int pid = ::fork();
    if (pid > 0) supervisors.push_back(pid);
    if (pid == 0) {
      ::close(kAgentSocket);
      ::close(signals);
      ::_exit(supervise(posix::Descriptor(descriptors[0]), posix::Descriptor(descriptors[1]), tree));
    }
    // The connection's end is what tells the agent that it could not be forked.
    for (const int fd : descriptors) ::close(fd);
  }
}

}  // namespace agent::client
