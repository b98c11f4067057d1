// SPDX-License-Identifier: MPL-2.0
// The whole API on one page: path -> handler. Each handler answers its Call, now or later.
#pragma once

#include "agent/http/api.h"
#include "net/http/router.h"

namespace agent::http {

// `api` outlives the router.
net::http::Router routes(const Api& api);

// jobs.cpp
void jobs(const Call& call);
void job(const Call& call);
void deployments(const Call& call);
void validate_job(const Call& call);
void parse_job(const Call& call);
// nodes.cpp
void nodes(const Call& call);
void node(const Call& call);
// metrics.cpp
void metrics(const Call& call);
// evals.cpp, allocs.cpp
void evaluations(const Call& call);
void evaluation(const Call& call);
void allocations(const Call& call);
void allocation(const Call& call);
// client_fs.cpp, client_alloc.cpp, client_node.cpp
void client_fs(const Call& call);
void client_allocation(const Call& call);
void client_stats(const Call& call);
void client_gc(const Call& call);
// agent.cpp
void agent_join(const Call& call);
void agent_force_leave(const Call& call);
void agent_self(const Call& call);
void agent_members(const Call& call);
void agent_servers(const Call& call);
void agent_health(const Call& call);
// keyring.cpp
void agent_keyring(const Call& call);
// status.cpp
void status_leader(const Call& call);
void status_peers(const Call& call);
void regions(const Call& call);
void raft_configuration(const Call& call);
void raft_peer(const Call& call);
void raft_transfer_leadership(const Call& call);
void system_gc(const Call& call);
// operator.cpp
void operator_snapshot(const Call& call);
void operator_log(const Call& call);
// rendezvous.cpp
void rendezvous(const Call& call);
// search.cpp
void search(const Call& call);

}  // namespace agent::http
