// SPDX-License-Identifier: MPL-2.0
// Where a server looks for others: addresses that an operator names now, that the configuration names for the
// start (start_join, once; retry_join, until each of them was reached), and those of its last life.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/server/gossip_host.h"
#include "net/uv/resolver.h"
#include "net/uv/timer.h"

namespace agent::server {

class Joins {
 public:
  struct Options {
    std::vector<std::string> start_join, retry_join;
    std::int64_t retry_max = 0;  // tries that find nobody; 0: any number
    core::Duration retry_interval = std::chrono::seconds(30);
  };
  // `host` outlives it. `on_failed`: the agent was told to end if it finds nobody.
  Joins(net::uv::Loop& loop, GossipHost& host, Options options, std::function<void(const core::Error&)> on_failed, core::Logger logger);

  // Of "host" or "host:port", all addresses of a name; how many were joined, or the first error if none was.
  void join(const std::vector<std::string>& addresses, net::uv::Done<std::size_t> done);

 private:
  struct Reached {
    std::size_t joined = 0;
    bool all = false;  // every address there is of every name
  };
  struct Attempt {
    std::size_t looking = 0;
    std::vector<net::uv::Resolve> lookups;
    std::vector<core::gossip::Endpoint> found;
    std::optional<core::Error> first_error;
    net::uv::Done<Reached> done;
  };
  void reach(const std::vector<std::string>& addresses, net::uv::Done<Reached> done);
  void found(std::uint64_t number, core::Result<std::vector<net::uv::Address>> addresses);
  void join_at_start();
  void retry();
  void rejoin();
  bool knows_others() const { return host_.members().size() > 1; }

  net::uv::Loop& loop_;
  GossipHost& host_;
  Options options_;
  std::function<void(const core::Error&)> on_failed_;
  core::Logger log_;
  std::uint64_t next_number_ = 1;
  std::map<std::uint64_t, Attempt> attempts_;
  std::int64_t tries_ = 0;
  bool joined_ = false;  // somebody of retry_join
  core::Duration rejoin_pause_;
  net::uv::Timer retry_timer_, rejoin_timer_;
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::server
