// SPDX-License-Identifier: MPL-2.0
// Lends core/client its hands: what comes out of a step goes to the servers, the disk, the directories
// and the drivers; what they say goes into the next step.
//
//   assignments ─┐                          ┌─> ServerLink: register, heartbeat, watch, report
//   exits       ─┼─> core::client::step ────┤
//   timer       ─┘                          └─> client db, and only then: directories, drivers
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/client/alloc_dir.h"
#include "agent/client/drivers/driver.h"
#include "agent/client/local_node.h"
#include "agent/client/server_link.h"
#include "core/client/client.h"
#include "net/uv/lifetime.h"
#include "net/uv/loop.h"
#include "net/uv/timer.h"
#include "net/uv/worker.h"
#include "store/client_state/client_db.h"

namespace agent::client {

class NodeDriver final : public LocalNode {
 public:
  struct Options {
    core::client::Config client;
    std::string region;
    core::model::Node node;
    std::uint64_t seed = 0;
    std::string alloc_root;    // directories of allocations
    std::string control_root;  // what concerns tasks but is not theirs to see
    std::function<void(const core::Error&)> on_failed;  // the client cannot go on
  };

  // `link` tells its inputs to tell().
  NodeDriver(net::uv::Loop& loop, Options options, store::client_state::ClientDb db, core::client::Restored restored,
             std::vector<std::unique_ptr<Driver>> drivers, ServerLink& link, core::Logger logger);
  ~NodeDriver() override;

  void begin();
  void tell(core::client::Input input);
  // Has the servers told of what is changed, if that is something.
  void change_node(const std::function<bool(core::model::Node&)>& change);
  // Stops and removes everything; `done` when nothing is left.
  void destroy_all(std::function<void()> done);

  // For people, over the HTTP API.
  const core::model::Node& node() const override { return options_.node; }
  core::model::AllocPtr alloc(const core::AllocId& id) const override;
  std::map<std::string, core::model::TaskState> task_states(const core::AllocId& id) const override;
  AllocDir directory(const core::AllocId& id) const override;
  std::map<std::string, TaskUse> use(const core::AllocId& id) const override;
  const std::string& alloc_root() const override { return options_.alloc_root; }
  void ask(core::client::Input wish) override { tell(std::move(wish)); }

  const std::map<core::AllocId, core::client::AllocRunner>& runners() const { return client_.allocs(); }
  // For what may have to wait for a disk, and need not be soon.
  net::uv::Worker& slow_worker() { return removals_; }
  std::size_t allocations() const { return client_.allocs().size(); }
  std::optional<core::Instant> heard_at() const { return client_.heard_at(); }
  // As the servers said last.
  core::Duration heartbeat_ttl() const { return ttl_; }

 private:
  void carry_out(core::client::Output& out);
  void save();
  void act(std::vector<core::client::Action>& actions);
  void on(core::client::PrepareAlloc& action);
  void on(core::client::RemoveAlloc& action);
  void on(core::client::StartTask& action);
  void on(core::client::AttachTask& action);
  void on(core::client::KillTask& action);
  void on(core::client::SignalTask& action);
  void on(core::client::Report& action);
  void on(core::client::MeasureDisk& action);
  TaskSpec spec(const core::client::TaskId& id, std::uint64_t run, const core::model::AllocPtr& alloc);
  Driver* driver_of(const core::model::AllocPtr& alloc, const std::string& task);
  void told_by_task(core::client::Input input);
  core::client::Now now() const { return {loop_.now(), loop_.wall()}; }

  net::uv::Loop& loop_;
  Options options_;
  core::Logger log_;
  std::shared_ptr<store::client_state::ClientDb> db_;  // shared with jobs under way on the worker
  std::map<std::string, std::string> host_env_;
  ServerLink& link_;
  core::client::Client client_;
  std::deque<core::client::Input> inputs_;
  core::client::Save waiting_;  // for the end of this turn and of the save under way: written as one transaction
  bool saving_ = false;
  bool stepping_ = false;
  core::Duration ttl_{};
  std::function<void()> when_empty_;
  std::map<std::string, std::unique_ptr<Driver>, std::less<>> drivers_;
  net::uv::Timer timer_;
  net::uv::Deferred save_soon_;
  net::uv::Worker disk_;      // saves, and makes directories
  net::uv::Worker removals_;  // apart, because one may take long
  std::map<core::client::TaskId, std::unique_ptr<RunningTask>> tasks_;
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::client
