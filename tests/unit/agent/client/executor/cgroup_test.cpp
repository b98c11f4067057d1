// SPDX-License-Identifier: MPL-2.0
#include "agent/client/executor/cgroup.h"

#include <catch2/catch.hpp>

#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

#include <iostream>

using namespace agent::client;

TEST_CASE("the mount table tells the generations of control groups apart", "[executor][cgroup]") {
  const auto v2 = parse_cgroup_tree("30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n");
  CHECK(v2.v2());
  CHECK(v2.can_gather());
  CHECK(v2.can_limit());
  CHECK(v2.mount_point() == "/sys/fs/cgroup");
  const auto hybrid = parse_cgroup_tree(
      "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
      "35 31 0:32 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory\n"
      "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
  CHECK(!hybrid.v2());
  CHECK(hybrid.can_limit());
  CHECK(!hybrid.can_gather());
  CHECK(hybrid.legacy.at("cpuacct") == "/sys/fs/cgroup/cpu,cpuacct");
  CHECK(hybrid.mount_point() == "/sys/fs/cgroup");
  CHECK(!parse_cgroup_tree("22 27 0:21 / /proc rw - proc proc rw\ngarbage\n").can_gather());
}

TEST_CASE("a control group gathers processes, kills them and goes away", "[executor][cgroup]") {
  const auto tree = find_cgroup_tree();
  if (::geteuid() != 0 || !tree.can_gather()) {
    std::cout << "skipped: control groups need root and a host that has them\n";
    return;
  }
  Cgroup group(tree, "test." + std::to_string(::getpid()));
  REQUIRE(group.create({}).ok());
  CHECK(!group.kill());
  int joined[2];
  REQUIRE(::pipe(joined) == 0);
  const int pid = ::fork();
  if (pid == 0) {
    const char yes = group.join().ok() ? 1 : 0;
    (void)!::write(joined[1], &yes, 1);
    for (;;) ::pause();
  }
  char yes = 0;
  REQUIRE(::read(joined[0], &yes, 1) == 1);
  ::close(joined[0]);
  ::close(joined[1]);
  REQUIRE(yes == 1);
  CHECK(group.processes() == std::vector<std::int32_t>{pid});
  CHECK(group.kill());
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  CHECK(WTERMSIG(status) == SIGKILL);
  CHECK(group.remove().ok());
  CHECK(group.remove().ok());
}
