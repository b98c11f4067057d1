// SPDX-License-Identifier: MPL-2.0
// The node on this very agent as the handlers of /v1/client use it: what it knows, and the thread that
// reads files for them.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "agent/client/host_use.h"
#include "agent/client/local_node.h"
#include "agent/http/api.h"
#include "agent/http/use_rates.h"
#include "net/uv/worker.h"

namespace agent::http {

struct OwnNode {
  // All outlive it.
  OwnNode(net::uv::Loop& on, client::LocalNode& local, net::uv::Worker& reader) : loop(on), node(local), files(reader) {}

  net::uv::Loop& loop;
  client::LocalNode& node;
  net::uv::Worker& files;  // what is read from disks
  UseRates rates;
  std::shared_ptr<client::HostUse> host = std::make_shared<client::HostUse>();  // used by jobs on `files` alone
};

// Answers browsers' preflights and refuses other regions; false: answered.
bool begin_client_call(const Call& call);
// Runs `handle` if the allocation is on this node. Else answers 404: `Unknown allocation "ID"`, or
// `No path to node` for one that another node has.
using AllocHandler = std::function<void(const Call&, OwnNode&, const core::model::AllocPtr&)>;
void with_alloc(const Call& call, const core::AllocId& id, AllocHandler handle);
// The same for a node: the one that `node_id` names, or without it this agent's.
void with_node(const Call& call, std::function<void(const Call&, OwnNode&)> handle);

}  // namespace agent::http
