// SPDX-License-Identifier: MPL-2.0
#include "agent/client/orphans.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>

#include "agent/client/drivers/processes.h"
#include "agent/client/executor/cgroup.h"
#include "agent/client/executor/posix.h"
#include "agent/client/executor/wire.h"

namespace agent::client {
namespace {

constexpr int kRounds = 20;  // 5 ms each: what takes longer to die is stuck in the kernel

}  // namespace

core::Status end_supervised(const std::string& control_dir) {
  TRY(const auto directory, posix::open_directory(control_dir));
  posix::Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket.number() < 0) return posix::failure("socket");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto path = "/proc/self/fd/" + std::to_string(directory.number()) + "/" + kControlSocket;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  if (::connect(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return core::Error{core::Errc::not_found, "no supervisor in " + control_dir};
  const auto order = encode(Stop{SIGKILL, 0});
  if (::send(socket.number(), order.data(), order.size(), MSG_NOSIGNAL) < 0) return posix::failure("send to a supervisor");
  return core::ok_status();
}

// A process group is only known to be still the task's while its first process lives.
bool end_leftovers(const std::string& control_dir, const std::string& cgroup) {
  bool left = false;
  if (const auto text = posix::read_file(control_dir + "/" + kBegunFile); text.ok()) {
    const auto begun = parse_begun(*text, posix::boot_id());
    if (begun.ok() && begun->pid > 0 && begun->start_ticks != 0 && posix::start_ticks(begun->pid) == begun->start_ticks) {
      ::kill(-begun->pid, SIGKILL);
      ::kill(begun->pid, SIGKILL);
      left = true;
    }
  }
  if (cgroup.empty()) return !left;
  Cgroup group(find_cgroup_tree(), cgroup);
  left |= group.kill();
  return group.remove().ok() && !left;  // whoever is still dying keeps it
}

void end_orphans(const std::string& control_root, const std::set<core::AllocId>& known, core::Logger& log) {
  for (const auto& alloc : posix::list(control_root)) {
    if (known.contains({alloc})) continue;
    for (const auto& task : posix::list(control_root + "/" + alloc)) {
      const auto control_dir = control_root + "/" + alloc + "/" + task;
      if (end_supervised(control_dir).ok())
        LOG(log, warn, "ended a task that this agent knows nothing of", {"alloc_id", alloc}, {"task", task});
      else
        for (int round = 0; round < kRounds && !end_leftovers(control_dir, cgroup_name({{alloc}, task})); ++round) ::poll(nullptr, 0, 5);
    }
  }
}

}  // namespace agent::client
