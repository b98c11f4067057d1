// SPDX-License-Identifier: MPL-2.0
#include "agent/server/lender.h"

#include <utility>

#include "agent/server/mender.h"
#include "core/base/fields.h"
#include "core/base/limits.h"
#include "core/server/methods.h"

namespace agent::server {

using core::server::FetchEntries;
using core::server::FetchSnapshot;

void Lender::serve(net::rpc::Dispatcher& dispatcher) {
  dispatcher.on_request(core::server::kMethodOf<FetchEntries>, net::rpc::kServers, lifetime_.guard([this](net::rpc::Inbound inbound) {
    const auto ask = core::from_json<FetchEntries>(inbound.body);
    if (!ask.ok()) return inbound.reply.fail(ask.error());
    driver_.read_log(ask->first, ask->last, core::limits::kAppendBatchBytes,
                     [reply = inbound.reply, first = ask->first](core::Result<std::vector<core::raft::Entry>> entries) {
                       if (entries.ok()) reply.ok(core::raft::encode(append_of(first, std::move(*entries))));
                       else reply.fail(entries.error());
                     });
  }));
  dispatcher.on_request(core::server::kMethodOf<FetchSnapshot>, net::rpc::kServers, lifetime_.guard([this](net::rpc::Inbound inbound) {
    const auto ask = core::from_json<FetchSnapshot>(inbound.body);
    if (!ask.ok()) return inbound.reply.fail(ask.error());
    driver_.read_snapshot(*ask, [reply = inbound.reply](const core::Result<core::raft::Message>& piece) {
      if (piece.ok()) reply.ok(core::raft::encode(*piece));
      else reply.fail(piece.error());
    });
  }));
}

}  // namespace agent::server
