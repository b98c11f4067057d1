// SPDX-License-Identifier: MPL-2.0
// What goes into a step of a node and what comes out.
//
// The node does no I/O. Its driver feeds it Inputs, one at a time, and carries out each Output so:
//   1. send `send` at once: nothing in it depends on this step's save;
//   2. write `save.records` in one transaction, in order; when they are written carry out
//      `save.then` in order. Saves are carried out in the order given.
// So what the node does is on disk before it is done: an agent that dies between the two finds a
// record of what it was about to do. Every action that names an input as its answer gets that input
// exactly once, whatever happens.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/client/records.h"
#include "core/model/alloc.h"
#include "core/model/event.h"

namespace core::client {

// Both clocks, read once a step: `at` orders and times, `wall` is only ever data.
struct Now {
  Instant at;
  WallTime wall;
};

// ---- in: the servers -----------------------------------------------------------------------------

struct Registered {
  Duration ttl{};
  std::string cluster_id;  // empty if the server does not say
};
struct RegisterFailed {
  Error error;
};
struct HeartbeatAnswered {
  Duration ttl{};
};
struct HeartbeatFailed {
  Error error;  // Errc::not_found: the servers do not know this node
};
// What this node offers has changed since it registered.
struct NodeChanged {};

// Everything assigned to this node at `index`: allocation -> its AllocModifyIndex.
struct Assigned {
  Index index;
  std::map<AllocId, Index> allocs;
};
struct WatchEnded {
  Error error;
};
// Answers Fetch. Each allocation carries its job.
struct Fetched {
  std::vector<model::AllocPtr> allocs;
};
struct FetchFailed {
  Error error;
};
struct ReportAccepted {};
struct ReportFailed {
  Error error;
};

// ---- in: this machine ----------------------------------------------------------------------------

// Answers PrepareAlloc.
struct AllocPrepared {
  AllocId alloc;
  Status status;
};
// Answers RemoveAlloc.
struct AllocRemoved {
  AllocId alloc;
  Status status;
};
// Answers StartTask; TaskExited follows.
struct TaskStarted {
  TaskId task;
  std::uint64_t run = 0;
  json::Raw handle;  // what the driver needs to find the task again
};
// Answers StartTask: nothing is running.
struct TaskStartFailed {
  TaskId task;
  std::uint64_t run = 0;
  Error error;
  bool invalid = false;      // the task's description is at fault
  bool recoverable = false;  // another try may succeed
};
// Answers AttachTask: it is running; TaskExited follows.
struct TaskAttached {
  TaskId task;
  std::uint64_t run = 0;
  json::Raw handle;
};
// Answers AttachTask: this run never began, so nothing of it is left.
struct TaskNeverStarted {
  TaskId task;
  std::uint64_t run = 0;
};
// Answers AttachTask: it is gone and nobody knows how it ended.
struct TaskLost {
  TaskId task;
  std::uint64_t run = 0;
  Error error;
};
// Follows TaskStarted or TaskAttached, or answers AttachTask for a task that ended meanwhile.
struct TaskExited {
  TaskId task;
  std::uint64_t run = 0;
  ExitResult result;
};
// Answers MeasureDisk: how full the file system of the allocation directories is.
struct DiskMeasured {
  double used_percent = 0;
  double inodes_used_percent = 0;
};
// The deadline has come. Also the first input of all.
struct Woke {};

// ---- in: people ----------------------------------------------------------------------------------

// Stop the task (all tasks if empty) and start it again, outside its restart policy.
struct RestartAsked {
  AllocId alloc;
  std::string task;
};
struct SignalAsked {
  AllocId alloc;
  std::string task;  // all running tasks if empty
  std::string signal;
};
// Remove one terminal allocation from this node, or all of them (no id).
struct CollectAsked {
  AllocId alloc;
};
// Stop and remove everything and take on nothing more: an agent whose work is not to outlive it.
struct LeaveAsked {};

using Input = std::variant<Registered, RegisterFailed, HeartbeatAnswered, HeartbeatFailed, NodeChanged, Assigned,
                           WatchEnded, Fetched, FetchFailed, ReportAccepted, ReportFailed, AllocPrepared,
                           AllocRemoved, TaskStarted, TaskStartFailed, TaskAttached, TaskNeverStarted, TaskLost,
                           TaskExited, DiskMeasured, Woke, RestartAsked, SignalAsked, CollectAsked,
                           LeaveAsked>;

// ---- out: to the servers -------------------------------------------------------------------------

struct Register {};   // the node as it is now; answered by Registered or RegisterFailed
struct Heartbeat {};  // status ready; answered by HeartbeatAnswered or HeartbeatFailed
struct Watch {};      // subscribe; any number of Assigned, then WatchEnded
struct Fetch {        // answered by Fetched or FetchFailed
  std::vector<AllocId> allocs;
};
// What came of allocations here; answered by ReportAccepted or ReportFailed. One is out at a time. It
// is sent at once, because an agent that starts again finds out anew what runs; only the news that an
// allocation is over must not reach the servers before the disk, so that such a report is an Action.
struct Report {
  std::vector<model::AllocClientUpdate> updates;
};
using Request = std::variant<Register, Heartbeat, Watch, Fetch, Report>;

// ---- out: after the save -------------------------------------------------------------------------

// Make the allocation's directories, those of each task too. There may be some already.
struct PrepareAlloc {
  model::AllocPtr alloc;
};
// Take the directories away. The tasks are dead.
struct RemoveAlloc {
  AllocId alloc;
};
struct StartTask {
  TaskId task;
  std::uint64_t run = 0;
  model::AllocPtr alloc;
};
// Find a task that an earlier agent started. The handle is empty if that agent died while starting it.
struct AttachTask {
  TaskId task;
  std::uint64_t run = 0;
  json::Raw handle;
  model::AllocPtr alloc;
};
// Send `signal` and, if the task has not ended after `timeout`, end it by force.
struct KillTask {
  TaskId task;
  std::uint64_t run = 0;
  std::string signal;
  Duration timeout{};
};
struct SignalTask {
  TaskId task;
  std::uint64_t run = 0;
  std::string signal;
};
struct MeasureDisk {};
using Action = std::variant<PrepareAlloc, RemoveAlloc, StartTask, AttachTask, KillTask, SignalTask, Report, MeasureDisk>;

struct Save {
  std::vector<Record> records;
  std::vector<Action> then;

  bool empty() const { return records.empty() && then.empty(); }
};

struct Output {
  std::vector<Request> send;
  Save save;
};

}  // namespace core::client
