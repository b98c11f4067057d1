// SPDX-License-Identifier: MPL-2.0
// Servers that find each other by gossip, and what they say of each other.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/integration/cluster.h"
#include "tests/integration/jobs.h"

namespace integration {

// Where a server's gossip is: "127.0.0.1:<port>", or on another host.
std::string serf_of(const Ports& ports, const std::string& host = "127.0.0.1");
// HCL: a server with this in its server block, and nobody listed.
std::string alone(const std::string& name, const std::string& more, const std::string& host = "127.0.0.1");
// HCL of a server block: goes on trying to join these.
std::string retry(const std::vector<std::string>& serfs);
// "s1.global" -> its Status at `by`; empty: it is not known there.
std::string status_at(const Agent& by, const std::string& name);
bool becomes(const Agent& by, const std::string& name, const std::string& status);
// A job is taken; `query`: behind the path.
bool writes(const Agent& server, const std::string& id, const std::string& query = "");
std::string peers(const Agent& server);

// The servers of a region on loopback: "<region>0.<region>" and so on.
class Region {
 public:
  // They join each other and, if one is given, another region. Started at once.
  Region(const std::string& name, int servers, const std::string& other = "", const std::string& more = "");

  Agent& operator[](int i) { return *servers_[static_cast<std::size_t>(i)]; }
  int size() const { return static_cast<int>(servers_.size()); }
  const std::string& name() const { return name_; }
  std::string serf() const { return serf_of(servers_.front()->ports()); }
  // All of them vote in one cluster that has a leader.
  bool formed();
  // SIGKILL, and waits for the end.
  void kill(int i);

 private:
  std::string name_;
  std::vector<std::unique_ptr<Directory>> directories_;
  std::vector<std::unique_ptr<Agent>> servers_;
};

}  // namespace integration
