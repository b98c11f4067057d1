// SPDX-License-Identifier: MPL-2.0
#include "agent/client/drivers/launcher.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "agent/client/executor/posix.h"

namespace agent::client {

using core::Status;
using net::uv::Descriptor;

Launcher::Launcher(net::uv::Loop& loop, Options options, core::Logger logger)
    : loop_(loop), options_(std::move(options)), log_(std::move(logger)) {}

Status Launcher::start() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return posix::failure("socketpair");
  Descriptor ours(ends[0]);
  Descriptor theirs(ends[1]);
  net::uv::ProcessOptions options;
  options.file = options_.file;
  options.args = options_.args;
  options.cwd = "/";
  options.stdio = {-1, -1, -1, theirs.number()};
  options.detached = true;
  TRY(auto process, net::uv::Process::spawn(loop_, options, [this](net::uv::ProcessExit exit) {
        LOG(log_, warn, "executor ended", {"status", exit.status}, {"signal", exit.signal});
        socket_ = Descriptor(-1);
      }));
  process_.emplace(std::move(process));
  socket_ = std::move(ours);
  return core::ok_status();
}

Status Launcher::launch(const Descriptor& connection, const Descriptor& lock) {
  if (socket_.number() >= 0 && send(connection.number(), lock.number()).ok()) return core::ok_status();
  socket_ = Descriptor(-1);
  TRY(start());
  return send(connection.number(), lock.number());
}

// One byte and two descriptors: always taken as a whole.
Status Launcher::send(int connection, int lock) {
  char byte = 0;
  iovec data{&byte, 1};
  const int descriptors[2] = {connection, lock};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof descriptors)] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  auto* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof descriptors);
  std::memcpy(CMSG_DATA(header), descriptors, sizeof descriptors);
  if (::sendmsg(socket_.number(), &message, MSG_NOSIGNAL | MSG_DONTWAIT) != 1) return posix::failure("send to the executor");
  return core::ok_status();
}

}  // namespace agent::client
