// SPDX-License-Identifier: MPL-2.0
#include "agent/http/routes.h"

#include <utility>

namespace agent::http {

net::http::Router routes(const Api& api) {
  using net::http::Router;
  Router router;
  // Handlers look at the method themselves: Nomad's 405 comes with each route's own rules.
  const auto handler = [&api](void (*handle)(const Call&)) {
    return [&api, handle](Request request, Responder responder) {
      handle(Call(api, std::move(request), std::move(responder)));
    };
  };
  const auto exact = [&](std::string_view path, void (*handle)(const Call&)) {
    router.exact(path, net::http::kAny, handler(handle));
  };
  const auto subtree = [&](std::string_view prefix, void (*handle)(const Call&)) {
    router.subtree(prefix, net::http::kAny, handler(handle));
  };

  exact("/v1/jobs", jobs);
  subtree("/v1/job/", job);
  exact("/v1/deployments", deployments);
  exact("/v1/validate/job", validate_job);
  exact("/v1/jobs/parse", parse_job);

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

  exact("/v1/agent/self", agent_self);
  exact("/v1/agent/join", agent_join);
  exact("/v1/agent/force-leave", agent_force_leave);
  exact("/v1/agent/members", agent_members);
  exact("/v1/agent/servers", agent_servers);
  exact("/v1/agent/health", agent_health);

  exact("/v1/status/leader", status_leader);
  exact("/v1/status/peers", status_peers);
  exact("/v1/regions", regions);
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
