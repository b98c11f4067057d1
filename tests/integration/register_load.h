// SPDX-License-Identifier: MPL-2.0
// Clients that write and read a few jobs as registers, through whichever of some servers, and remember what they
// saw: register_history.h judges it.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/hosted.h"
#include "tests/integration/register_history.h"

namespace integration {

class RegisterLoad {
 public:
  // Through these servers; none named: all of them. They must stay where they are.
  explicit RegisterLoad(HostedServers& servers, std::vector<int> through = {});
  ~RegisterLoad() { stop(); }
  void stop();
  std::uint64_t acknowledged() const { return acknowledged_; }
  // Writes without an answer, or with a refusal.
  std::uint64_t not_acknowledged() const { return not_acknowledged_; }
  // Until so many more writes were acknowledged.
  bool goes_on(std::uint64_t more = 10) const;
  // Stops, reads every register once more through each server, then judges: what no order explains, or what
  // nobody can read any more.
  std::optional<std::string> contradiction();

 private:
  void work(int number);
  void write(Agent& server, const std::string& key);
  bool read(Agent& server, const std::string& key);

  HostedServers& servers_;
  std::vector<int> through_;
  RegisterHistory history_;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::uint64_t> last_value_ = 0, acknowledged_ = 0, not_acknowledged_ = 0;
  std::vector<std::thread> clients_;
};

}  // namespace integration
