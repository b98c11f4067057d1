// SPDX-License-Identifier: MPL-2.0
// A client's goodbye. The node is marked down, so that its work is placed elsewhere at once; if `drain_on_shutdown`
// is set it is drained first, so that its work moves away as migrations do.
//
//   drain ──> told, again at each change ──> drained, or out of time ──> down ──> eligible again for its return
#pragma once

#include <optional>

#include "agent/client/remote_gateway.h"
#include "agent/client/server_link.h"
#include "agent/config_client.h"
#include "core/base/log.h"
#include "net/uv/lifetime.h"
#include "net/uv/timer.h"

namespace agent::client {

class Leaving {
 public:
  // `gateway` and `link` outlive it. `done`: an error if the servers do not know that this node is down.
  Leaving(net::uv::Loop& loop, RemoteGateway& gateway, ServerLink& link, core::NodeId node, std::optional<config::DrainOnShutdown> drain,
          net::uv::Done<core::Unit> done, core::Logger logger);

 private:
  void drain();
  void look();
  void drained(bool whole);
  void end(core::Status down);

  net::uv::Loop& loop_;
  RemoteGateway& gateway_;
  ServerLink& link_;
  core::NodeId node_;
  std::optional<config::DrainOnShutdown> drain_;
  net::uv::Done<core::Unit> done_;
  core::Logger log_;
  std::uint64_t seen_ = 0;  // index of the node as last told
  net::uv::Timer again_, patience_;
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::client
