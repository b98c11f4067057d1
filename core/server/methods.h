// SPDX-License-Identifier: MPL-2.0
// Numbers of RPC methods on the wire. Part of the protocol: never reuse one.
#pragma once

#include <cstdint>

#include "core/server/client_api.h"
#include "core/server/peer_api.h"
#include "core/server/query.h"
#include "core/server/types.h"

namespace core::server {

template <class Request>
inline constexpr std::uint16_t kMethodOf = 0;
template <> inline constexpr std::uint16_t kMethodOf<RegisterJob> = 1;
template <> inline constexpr std::uint16_t kMethodOf<DeregisterJob> = 2;
template <> inline constexpr std::uint16_t kMethodOf<EvaluateJob> = 3;
template <> inline constexpr std::uint16_t kMethodOf<RegisterNode> = 4;
template <> inline constexpr std::uint16_t kMethodOf<UpdateNodeStatus> = 5;
template <> inline constexpr std::uint16_t kMethodOf<DrainNode> = 6;
template <> inline constexpr std::uint16_t kMethodOf<SetEligibility> = 7;
template <> inline constexpr std::uint16_t kMethodOf<EvaluateNode> = 8;
template <> inline constexpr std::uint16_t kMethodOf<PurgeNode> = 9;
template <> inline constexpr std::uint16_t kMethodOf<UpdateAllocs> = 10;
template <> inline constexpr std::uint16_t kMethodOf<StopAlloc> = 11;
template <> inline constexpr std::uint16_t kMethodOf<CollectGarbage> = 12;
template <> inline constexpr std::uint16_t kMethodOf<SendSnapshotPiece> = 13;
template <> inline constexpr std::uint16_t kMethodOf<RestoreSnapshot> = 14;
template <> inline constexpr std::uint16_t kMethodOf<Query> = 20;
template <> inline constexpr std::uint16_t kMethodOf<WatchAssignment> = 21;
template <> inline constexpr std::uint16_t kMethodOf<FetchAllocs> = 22;
template <> inline constexpr std::uint16_t kMethodOf<AskStatus> = 23;
// A notice to each client that is connected, at once and whenever the servers change: a ClusterStatus.
inline constexpr std::uint16_t kServersNotice = 24;
// An HTTP request that another agent passes on (net/relay): a client of the region, or a server of another one.
inline constexpr std::uint16_t kHttpRequest = 30;
// Between servers.
template <> inline constexpr std::uint16_t kMethodOf<Greeting> = 40;
template <> inline constexpr std::uint16_t kMethodOf<JoinCluster> = 41;
template <> inline constexpr std::uint16_t kMethodOf<Forwarded> = 42;
template <> inline constexpr std::uint16_t kMethodOf<RemoveServer> = 43;
template <> inline constexpr std::uint16_t kMethodOf<HandOver> = 44;
template <> inline constexpr std::uint16_t kMethodOf<FetchEntries> = 45;
template <> inline constexpr std::uint16_t kMethodOf<FetchSnapshot> = 46;
// A notice that carries one message of Raft: the sender's id and address, then the message (docs/protocols/raft.md).
inline constexpr std::uint16_t kRaftMessage = 50;

}  // namespace core::server
