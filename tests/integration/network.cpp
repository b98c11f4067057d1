// SPDX-License-Identifier: MPL-2.0
#include "tests/integration/network.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "tests/integration/cluster.h"

namespace integration {
namespace {

std::string inside(int host, int end) { return "10.77." + std::to_string(host + 1) + "." + std::to_string(end); }
// The router's end of a host's cable.
std::string port(int host) { return "host" + std::to_string(host); }

// Of tests that were killed.
void remove_leftovers() {
  std::error_code none;
  const std::string prefix = "nomad-test-";
  for (const auto& entry : std::filesystem::directory_iterator("/run/netns", none)) {
    const auto name = entry.path().filename().string();
    if (name.starts_with(prefix) && !std::filesystem::exists("/proc/" + std::to_string(std::atoi(name.c_str() + prefix.size())))) run({"ip", "netns", "del", name});
  }
}

bool switch_to(const std::string& path) {
  const int space = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool entered = space >= 0 && ::setns(space, CLONE_NEWNET) == 0;
  if (space >= 0) ::close(space);
  return entered;
}

}  // namespace

std::string Network::address(int host) const { return inside(host, ends_[static_cast<std::size_t>(host)]); }
std::string Network::space(int host) const { return "nomad-test-" + std::to_string(::getpid()) + "-" + std::to_string(host); }
std::string Network::router() const { return "nomad-test-" + std::to_string(::getpid()) + "-router"; }

Network::Network(int hosts) : ends_(static_cast<std::size_t>(hosts), 2), outside_(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)) {
  remove_leftovers();
  bool made = ip({"netns", "add", router()}) && enter(router()) && ip({"link", "set", "lo", "up"}) &&
              run({"sysctl", "-qw", "net.ipv4.ip_forward=1"}).code == 0;
  for (int host = 0; made && host < this->hosts(); ++host) made = make_host(host);
}

Network::~Network() {
  if (outside_ < 0) return;
  ::setns(outside_, CLONE_NEWNET);
  ::close(outside_);
  for (int host = 0; host < hosts(); ++host) run({"ip", "netns", "del", space(host)});
  run({"ip", "netns", "del", router()});
}

// Keeps the first reason why there is no network.
bool Network::ip(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "ip");
  const auto ran = run(arguments);
  if (ran.code != 0 && missing_.empty()) missing_ = "no network of its own can be made: " + ran.err.substr(0, ran.err.find('\n'));
  return ran.code == 0;
}

bool Network::enter(const std::string& space) const { return switch_to("/run/netns/" + space); }

bool Network::make_host(int host) {
  const auto name = space(host), cable = port(host);
  return ip({"netns", "add", name}) && ip({"link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name}) &&
         ip({"addr", "add", inside(host, 1) + "/24", "dev", cable}) && ip({"link", "set", cable, "up"}) &&
         ip({"-n", name, "link", "set", "lo", "up"}) && ip({"-n", name, "link", "set", "eth0", "up"}) &&
         settle(host);
}

// The address, and the route that goes with it.
bool Network::settle(int host) {
  const auto name = space(host);
  return ip({"-n", name, "addr", "add", address(host) + "/24", "dev", "eth0"}) &&
         ip({"-n", name, "route", "add", "default", "via", inside(host, 1)});
}

void Network::readdress(int host) {
  ip({"-n", space(host), "addr", "flush", "dev", "eth0"});
  ++ends_[static_cast<std::size_t>(host)];
  settle(host);
}

void Network::on_host(int host, const std::function<void()>& fn) const {
  enter(space(host));
  fn();
  enter(router());
}

void Network::cut(int from, int to) {
  ip({"rule", "add", "pref", std::to_string(100 + cuts_), "from", address(from), "to", address(to), "blackhole"});
  ++cuts_;
}

void Network::isolate(int host) {
  for (int other = 0; other < hosts(); ++other)
    if (other != host) cut(host, other), cut(other, host);
}

void Network::unplug(int host) {
  ip({"link", "set", port(host), "down"});
  unplugged_.push_back(host);
}

void Network::heal() {
  for (; !unplugged_.empty(); unplugged_.pop_back()) ip({"link", "set", port(unplugged_.back()), "up"});
  for (; cuts_ > 0; --cuts_) ip({"rule", "del", "pref", std::to_string(100 + cuts_ - 1)});
}

}  // namespace integration
