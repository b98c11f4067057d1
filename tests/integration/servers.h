// SPDX-License-Identifier: MPL-2.0
// Three servers on loopback that find each other by a list of addresses.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/integration/cluster.h"

namespace integration {

// "127.0.0.1:<rpc port>".
std::string rpc_of(const Ports& ports);
// HCL of a server that knows those; `more` goes into its server block.
std::string server_config(const std::vector<Ports>& listed, int expect, const std::string& more = "");

class Servers {
 public:
  // Returns when one of them leads, or gives up after a while; see leader().
  explicit Servers(const std::string& more = "");

  Agent& operator[](int i) { return *servers_[static_cast<std::size_t>(i)]; }
  const std::vector<Ports>& ports() const { return ports_; }
  const std::string& data_dir(int i) const { return directories_[i].path(); }
  // The server that one of the living names as its leader; -1 while none does.
  int leader();
  // SIGKILL, and waits for the end.
  void kill(int i);

 private:
  Directory directories_[3];
  std::vector<Ports> ports_;
  std::vector<std::unique_ptr<Agent>> servers_;
};

}  // namespace integration
