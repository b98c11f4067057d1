// SPDX-License-Identifier: MPL-2.0
#include "agent/http/routes.h"

#include <utility>

#include "agent/discovery/rendezvous_messages.h"

namespace agent::http {
namespace {

// What a path is about, and so who answers.
enum class Kind {
  region,   // the region that the request names: there
  agent,    // this very agent: only to who asks it directly
  handler,  // it says itself
};

}  // namespace

net::http::Router routes(const Api& api) {
  using net::http::Router;
  Router router;
  // Handlers look at the method themselves: Nomad's 405 comes with each route's own rules.
  const auto handler = [&api](Kind kind, void (*handle)(const Call&)) {
    return [&api, kind, handle](Request request, Responder responder) {
      const Call call(api, std::move(request), std::move(responder));
      if (kind == Kind::region && call.elsewhere()) return;
      if (kind == Kind::agent && call.request().passed != net::http::Passed::no) return call.fail(403, "not through another agent");
      handle(call);
    };
  };
  const auto exact = [&](std::string_view path, void (*handle)(const Call&), Kind kind = Kind::region) {
    router.exact(path, net::http::kAny, handler(kind, handle));
  };
  const auto subtree = [&](std::string_view prefix, void (*handle)(const Call&), Kind kind = Kind::region) {
    router.subtree(prefix, net::http::kAny, handler(kind, handle));
  };

  exact("/v1/jobs", jobs, Kind::handler);
  subtree("/v1/job/", job, Kind::handler);
  exact("/v1/deployments", deployments);
  exact("/v1/validate/job", validate_job);
  exact("/v1/jobs/parse", parse_job, Kind::handler);

  exact("/v1/nodes", nodes);
  subtree("/v1/node/", node);

  exact("/v1/allocations", allocations);
  subtree("/v1/allocation/", allocation);
  exact("/v1/evaluations", evaluations);
  subtree("/v1/evaluation/", evaluation);

  subtree("/v1/client/fs/", client_fs);
  subtree("/v1/client/allocation/", client_allocation);
  exact("/v1/client/stats", client_stats);
  exact("/v1/client/gc", client_gc);

  exact("/v1/metrics", metrics, Kind::agent);
  exact("/v1/agent/self", agent_self, Kind::agent);
  exact("/v1/agent/join", agent_join, Kind::agent);
  exact("/v1/agent/force-leave", agent_force_leave, Kind::agent);
  subtree("/v1/agent/keyring/", agent_keyring, Kind::agent);
  exact("/v1/agent/members", agent_members, Kind::handler);
  exact("/v1/agent/servers", agent_servers, Kind::agent);
  exact("/v1/agent/health", agent_health, Kind::agent);

  exact(discovery::kRendezvousPath, rendezvous, Kind::agent);

  exact("/v1/status/leader", status_leader);
  exact("/v1/status/peers", status_peers);
  exact("/v1/regions", regions, Kind::handler);
  exact("/v1/operator/raft/configuration", raft_configuration);
  exact("/v1/operator/raft/peer", raft_peer);
  exact("/v1/operator/raft/transfer-leadership", raft_transfer_leadership);
  exact("/v1/operator/log", operator_log);
  exact("/v1/operator/snapshot", operator_snapshot);
  exact("/v1/system/gc", system_gc);
  exact("/v1/search", search);
  return router;
}

}  // namespace agent::http
