// SPDX-License-Identifier: MPL-2.0
// A server's RPC methods: bodies decoded, handed over, answers encoded. Knows no connection, so that
// the same methods serve a client, another server, and the agent's own HTTP side.
//
//   commands (core/server/types.h)      one request, one Answer
//   State.Query                         one request, one QueryReply
//   Node.WatchAllocs                    a stream of Assignment
//   Alloc.GetAllocs                     one request, one FetchedAllocs
//   Status.Peers                        one request, one ClusterStatus
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "agent/server/forwarder.h"
#include "agent/server/queries.h"
#include "agent/server/server_driver.h"
#include "core/base/fields.h"
#include "core/server/client_api.h"

namespace agent::server {

class RpcService {
 public:
  using Done = net::uv::Done<core::Bytes>;

  // All outlive this.
  RpcService(ServerDriver& driver, Forwarder& forwarder, Queries& queries)
      : driver_(driver), forwarder_(forwarder), queries_(queries) {}

  // A peer has introduced itself.
  void connected() { driver_.meters().rpc_connections.add(); }
  // `method` is a number of core/server/methods.h. Errc::unsupported for an unknown one, invalid for a
  // body that does not decode.
  void call(std::uint16_t method, core::ByteView body, Done done);

  // Where the region's servers are, for clients to turn to: body of the notice.
  core::Bytes servers() const { return core::to_compact_json(driver_.cluster()); }

  // One client's subscription; ends when destroyed.
  class Watch {
   public:
    Watch(ServerDriver& driver, core::server::WatchAssignment asked, std::function<void(core::Bytes)> on_item);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

   private:
    void look();

    ServerDriver& driver_;
    core::server::WatchAssignment asked_;
    std::function<void(core::Bytes)> on_item_;
    std::map<core::AllocId, core::Index> told_;
    bool told_any_ = false;
    core::server::Ticket ticket_ = 0;
  };
  // Errc::denied or not_found if the node is not who it says.
  core::Result<std::unique_ptr<Watch>> watch(core::ByteView body, std::function<void(core::Bytes)> on_item);

 private:
  core::Status authenticate(const core::NodeId& node, const std::string& secret) const;
  void fetch(core::ByteView body, Done done);
  void query(core::ByteView body, Done done);
  void status(core::ByteView body, Done done);

  ServerDriver& driver_;
  Forwarder& forwarder_;
  Queries& queries_;
};

}  // namespace agent::server
