// SPDX-License-Identifier: MPL-2.0
#include "agent/client/fingerprint.h"

#include <catch2/catch.hpp>

#include <sys/stat.h>

#include <fstream>

#include "agent/client/drivers/mock.h"
#include "tests/unit/agent/client/rig.h"

using namespace test;

namespace {

// Another machine's files under a directory of ours.
struct Machine {
  TempDir dir;
  FingerprintOptions options;
  Machine() {
    options.root = dir.path();
    options.alloc_dir = dir.path();
  }
  void write(const std::string& path, const std::string& text) {
    const auto whole = dir.path() + path;
    REQUIRE(posix::make_directories(whole.substr(0, whole.rfind('/')), 0755).ok());
    std::ofstream(whole) << text;
  }
  Fingerprint look() { return fingerprint_machine(options); }
};

}  // namespace

TEST_CASE("cores and their speed come from the processors listed", "[fingerprint]") {
  Machine machine;
  machine.write("/proc/cpuinfo",
                "processor\t: 0\nmodel name\t: Fast Chip 3000\ncpu MHz\t\t: 2000.500\n\nprocessor\t: 1\nmodel name\t: Fast Chip 3000\ncpu MHz\t\t: 2400.500\n");
  SECTION("as they run now") {
    const auto found = machine.look();
    CHECK(found.attributes.at("cpu.modelname") == "Fast Chip 3000");
    CHECK(found.attributes.at("cpu.numcores") == "2");
    CHECK(found.attributes.at("cpu.frequency") == "2201");
    CHECK(found.attributes.at("cpu.totalcompute") == "4402");
    CHECK(found.resources.cpu == 4402);
  }
  SECTION("or as they can run at most") {
    machine.write("/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq", "3500000\n");
    CHECK(machine.look().resources.cpu == 7000);
  }
  SECTION("or as the operator says") {
    machine.options.cpu_total_compute = 1234;
    CHECK(machine.look().resources.cpu == 1234);
  }
}

TEST_CASE("a machine that says nothing of its processors has one slow core", "[fingerprint]") {
  Machine machine;
  CHECK(machine.look().resources.cpu == 1000);
}

TEST_CASE("memory is what the kernel has, or what the operator says", "[fingerprint]") {
  Machine machine;
  machine.write("/proc/meminfo", "MemTotal:        2048000 kB\nMemFree:  1 kB\n");
  CHECK(machine.look().resources.memory_mb == 2000);
  CHECK(machine.look().attributes.at("memory.totalbytes") == "2097152000");
  machine.options.memory_total_mb = 512;
  CHECK(machine.look().resources.memory_mb == 512);
}

TEST_CASE("the distribution is read, quoted or not", "[fingerprint]") {
  Machine machine;
  machine.write("/etc/os-release", "PRETTY_NAME=\"Some OS 12\"\nVERSION_ID=\"12\"\nID=someos");
  const auto found = machine.look();
  CHECK(found.attributes.at("os.name") == "someos");
  CHECK(found.attributes.at("os.version") == "12");
  CHECK(found.attributes.at("kernel.name") == "linux");
  CHECK(found.attributes.at("kernel.version").find('\n') == std::string::npos);
  CHECK(!found.attributes.at("unique.hostname").empty());
}

TEST_CASE("disk space is that of the allocations' file system", "[fingerprint]") {
  Machine machine;
  const auto found = machine.look();
  CHECK(found.resources.disk_mb > 0);
  CHECK(std::stoull(found.attributes.at("unique.storage.bytesfree")) <= std::stoull(found.attributes.at("unique.storage.bytestotal")));
  machine.options.alloc_dir = "/no/such/directory";
  CHECK(!machine.look().attributes.contains("unique.storage.bytestotal"));
}

TEST_CASE("the network is the interface asked for", "[fingerprint]") {
  Machine machine;
  machine.options.network_interface = "lo";
  machine.write("/sys/class/net/lo/speed", "2500\n");
  SECTION("with its address and speed") {
    const auto found = machine.look();
    REQUIRE(found.resources.networks.size() == 1);
    CHECK(found.resources.networks[0].ip == "127.0.0.1");
    CHECK(found.resources.networks[0].cidr == "127.0.0.1/32");
    CHECK(found.resources.networks[0].mbits == 2500);
    CHECK(found.attributes.at("unique.network.ip-address") == "127.0.0.1");
  }
  SECTION("with the speed the operator says") {
    machine.options.network_speed = 100;
    CHECK(machine.look().resources.networks[0].mbits == 100);
  }
  SECTION("or none at all") {
    machine.options.network_interface = "nosuch0";
    CHECK(machine.look().resources.networks.empty());
  }
}

TEST_CASE("without a wish the network is that of the default route", "[fingerprint]") {
  Machine machine;
  machine.write("/proc/net/route", "Iface\tDestination\tGateway\nlo\t00000000\t00000000\n");
  CHECK(machine.look().resources.networks.at(0).device == "lo");
}

TEST_CASE("control groups are found in the mount table", "[fingerprint]") {
  Machine machine;
  CHECK(!machine.look().attributes.contains("unique.cgroup.mountpoint"));
  machine.write("/proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n");
  CHECK(machine.look().attributes.at("unique.cgroup.mountpoint") == "/sys/fs/cgroup");
}

TEST_CASE("only drivers that work are among the attributes", "[fingerprint]") {
  support::TestLoop t;
  Mock on(t.loop, {.enabled = true});
  Fingerprint found;
  fingerprint_drivers({&on}, core::WallTime{5}, found);
  CHECK(found.attributes.at("driver.mock_driver") == "1");
  CHECK(found.drivers.at("mock_driver").healthy);
  CHECK(found.drivers.at("mock_driver").update_time.at.ns == 5);
  Mock off(t.loop, {});
  Fingerprint without;
  fingerprint_drivers({&off}, core::WallTime{5}, without);
  CHECK(without.attributes.empty());
  CHECK(without.drivers.at("mock_driver").health_description == "disabled");
}
