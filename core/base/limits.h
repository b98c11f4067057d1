// SPDX-License-Identifier: MPL-2.0
// Every bound in the system, with its reason. Being over one is an error the caller sees, never a
// silent cut.
#pragma once

#include <cstddef>
#include <cstdint>

namespace core::limits {

inline constexpr std::size_t kKiB = 1024;
inline constexpr std::size_t kMiB = 1024 * kKiB;

// JSON: deeper than any job file ever seen; bounds the parser's work on hostile input.
inline constexpr std::size_t kJsonDepthMax = 64;
// An HTTP body or a job file. The largest real job files are some 200 KiB.
inline constexpr std::size_t kHttpBodyBytesMax = 4 * kMiB;
inline constexpr std::size_t kHttpHeaderBytesMax = 16 * kKiB;

// HCL and HCL-in-JSON. A source is no larger than an HTTP body, since the API takes job files too.
inline constexpr std::size_t kHclBytesMax = kHttpBodyBytesMax;
// Blocks, expressions and templates inside one another: bounds the recursion of parser, evaluator
// and destructors. Real files stay below 20.
inline constexpr std::size_t kHclDepthMax = 128;
// Evaluation inside evaluation, through chains of locals as well.
inline constexpr std::size_t kHclEvaluationDepthMax = 512;
// Blocks written, and blocks that `dynamic` makes of them.
inline constexpr std::size_t kHclBlocksMax = 65536;
// Nodes plus bytes of one value, so that ${a}${a} repeated does not grow without end.
inline constexpr std::size_t kHclValueWeightMax = 8 * kMiB;
// Nodes plus bytes touched while one file is evaluated: about a second at worst.
inline constexpr std::size_t kHclWorkMax = 32 * kMiB;
// Errors reported for one file; beyond it they hide what matters.
inline constexpr std::size_t kDiagnosticsMax = 20;

// One event in the log: a body plus what the leader adds to it.
inline constexpr std::size_t kEventBytesMax = 8 * kMiB;
// One AppendEntries: big enough to carry any event, small enough not to hold up a heartbeat.
inline constexpr std::size_t kAppendBytesMax = kEventBytesMax + 64 * kKiB;
// Batches stop growing here; one larger event travels alone.
inline constexpr std::size_t kAppendBatchBytes = 1 * kMiB;
inline constexpr std::size_t kAppendBatchEntries = 4096;
// One RPC frame carries any append or any HTTP-sized body.
inline constexpr std::size_t kFrameBytesMax = 16 * kMiB;
static_assert(kAppendBytesMax <= kFrameBytesMax);
static_assert(kHttpBodyBytesMax <= kEventBytesMax);

// A snapshot that is uploaded to be restored. It is held in memory while it is checked and sent through the
// log, more than once over.
inline constexpr std::size_t kSnapshotUploadBytesMax = 256 * kMiB;
// Entries for which the state remembers what became of a request. Whoever lost an answer asks again within
// seconds; this is what a busy cluster writes in several of them.
inline constexpr std::uint64_t kRequestKeptEntries = 65536;

// Servers of one Raft configuration, voters and others. A quorum of more only costs latency.
inline constexpr std::size_t kRaftPeersMax = 64;
// Appends on their way to one follower: enough to fill a long link, few enough to queue behind.
inline constexpr std::size_t kRaftInFlightAppendsMax = 128;
inline constexpr std::size_t kRaftInFlightBytesMax = 8 * kMiB;
static_assert(kRaftInFlightBytesMax >= kAppendBatchBytes);
// Entries kept in memory for followers that are a little behind; older ones are read from disk.
inline constexpr std::size_t kRaftTailBytes = 16 * kMiB;
// Appended but not yet committed; beyond it proposals are told to come back (Errc::busy).
inline constexpr std::size_t kRaftUncommittedBytesMax = 64 * kMiB;
static_assert(kRaftUncommittedBytesMax >= kEventBytesMax);
// One piece of a snapshot on its way to a follower.
inline constexpr std::size_t kSnapshotChunkBytes = 1 * kMiB;
static_assert(kSnapshotChunkBytes <= kAppendBytesMax);
// Linearizable reads waiting for a round of heartbeats.
inline constexpr std::size_t kReadsWaitingMax = 16384;

// Log segments are preallocated to this size; a larger event gets a segment of its own.
inline constexpr std::size_t kSegmentBytes = 8 * kMiB;

// Commands waiting for their commit; beyond it callers are told to come back (Errc::busy).
inline constexpr std::size_t kProposalsInFlightMax = 16384;
// Requests in flight on one RPC connection.
inline constexpr std::size_t kRpcInFlightMax = 4096;
// Bytes waiting to be written to one RPC peer; beyond it new requests to and from it are refused.
inline constexpr std::size_t kRpcQueuedBytesMax = 64 * kMiB;
static_assert(kRpcQueuedBytesMax >= 2 * kFrameBytesMax);
// A streamed answer: bytes under way before the asker must grant more, and bytes its sender may queue
// beyond that before the stream is given up.
inline constexpr std::size_t kStreamWindowBytes = 256 * kKiB;
inline constexpr std::size_t kStreamQueuedBytesMax = 4 * kMiB;

// Ids in one garbage collection event: 7281 UUIDs are 256 KiB, as Nomad splits them.
inline constexpr std::size_t kReapIdsMax = 7281;
// Verified plans on their way through the log; the rest wait where a more urgent one can overtake.
inline constexpr std::size_t kPlansInFlightMax = 64;

// Allocations a node asks for, or reports on, in one request: fits a frame with room to spare.
inline constexpr std::size_t kAllocFetchMax = 128;
inline constexpr std::size_t kAllocReportMax = 256;

// Versions of a job that can be looked at and gone back to, as many as Nomad keeps.
inline constexpr std::size_t kJobVersionsKept = 6;

// Gossip. A packet crosses any network in one piece; what seals it takes up to 80 bytes more.
inline constexpr std::size_t kGossipPacketBytesMax = 1300;
// The smallest message there is: with less room than this, looking for one that fits is in vain.
inline constexpr std::size_t kGossipMessageBytesMin = 16;
// Servers of all regions together, those that failed or left included.
inline constexpr std::size_t kGossipMembersMax = 16384;
inline constexpr std::size_t kGossipNameBytesMax = 128;
inline constexpr std::size_t kGossipIpBytesMax = 45;
// Names and values of a member's tags; an announcement of the largest must fit one packet.
inline constexpr std::size_t kGossipTagsBytesMax = 768;
inline constexpr std::size_t kGossipTagsMax = 64;
static_assert(kGossipTagsBytesMax + 2 * kGossipTagsMax + kGossipNameBytesMax + kGossipIpBytesMax + 64 <= kGossipPacketBytesMax);
// A table of members on its way: all of them with tags of ordinary size.
inline constexpr std::size_t kGossipExchangeBytesMax = 8 * kMiB;
static_assert(kGossipExchangeBytesMax <= kFrameBytesMax);
// News waiting to be passed on, and intents about members not heard of yet.
inline constexpr std::size_t kGossipBroadcastsMax = 4096;
inline constexpr std::size_t kGossipIntentsMax = 512;
// Indirect probes under way for others.
inline constexpr std::size_t kGossipRelaysMax = 1024;

// Text fields: an id longer than this is a mistake, and ids are repeated in every index.
inline constexpr std::size_t kIdBytesMax = 512;
// Instances of one task group: more than any cluster we know runs, few enough to plan in memory.
inline constexpr std::int64_t kGroupCountMax = 100'000;

}  // namespace core::limits
