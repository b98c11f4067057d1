// SPDX-License-Identifier: MPL-2.0
// Hosts with a network of their own, made of Linux's network namespaces: each host is joined to one router,
// and the test stands on the router. What one host sends to another can be cut off in one direction alone,
// a host can lose its cable, or get another address. Needs root and iproute2.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace integration {

class Network {
 public:
  explicit Network(int hosts);
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // Empty, or why there is none.
  const std::string& missing() const { return missing_; }
  // The IPv4 address of host 0, 1, ...
  std::string address(int host) const;
  // Gives the host another address; what is sent to the old one reaches nobody.
  void readdress(int host);
  // Runs `fn` on that host: processes that it starts stay there.
  void on_host(int host, const std::function<void()>& fn) const;
  // From now on nothing sent by `from` reaches `to`; the other way stays open.
  void cut(int from, int to);
  // Cuts a host off from all others, both ways; the test still reaches it.
  void isolate(int host);
  // Pulls the host's cable: it reaches nobody, and neither the others nor the test reach it.
  void unplug(int host);
  // Undoes all cuts, and plugs in what was unplugged.
  void heal();

 private:
  bool ip(std::vector<std::string> arguments);
  bool make_host(int host);
  bool settle(int host);
  int hosts() const { return static_cast<int>(ends_.size()); }
  bool enter(const std::string& space) const;
  std::string space(int host) const;
  std::string router() const;

  std::vector<int> ends_;  // of each host's address, its last number
  std::vector<int> unplugged_;
  int outside_ = -1;  // the namespace of the thread before
  int cuts_ = 0;
  std::string missing_;
};

}  // namespace integration
