// SPDX-License-Identifier: MPL-2.0
// Answers queries of the state: as fresh as asked for, blocking where asked to, single objects on the
// loop and lists on reader threads.
//
//   not stale: wait for a leader, and until all that was acknowledged before is applied here
//   blocking:  watch the key, read; not newer than asked and time left: wait for the watch, read again
//
// A list that depends on one table is kept for a while with the table's index, and sent again as it is
// until that moves. Single nodes, which dashboards and clients ask for one by one, are answered from memory and
// kept likewise.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "agent/server/server_driver.h"
#include "core/server/query.h"
#include "net/uv/lifetime.h"
#include "net/uv/timer.h"
#include "net/uv/worker.h"
#include "store/state/reader.h"

namespace agent::server {

class Queries {
 public:
  using Done = net::uv::Done<core::server::QueryAnswer>;

  // `driver` outlives this. The state database must be there and open for reading.
  static core::Result<std::unique_ptr<Queries>> open(net::uv::Loop& loop, ServerDriver& driver, core::Rng rng, unsigned readers);
  ~Queries();

  void ask(core::server::Query query, Done done);
  // As this server's database has it, on a reader thread; see store/state/reader.h. Errc::busy.
  void count_jobs(core::Index known, std::size_t jobs_max, net::uv::Done<std::optional<store::state::JobCounts>> done);
  // Answers, without reading anything, once this server's state is as new as any write acknowledged before.
  void confirm(Done done);

 private:
  struct Asked;
  using AskedPtr = std::shared_ptr<Asked>;  // shared by the callbacks that go on with it
  struct ReaderThread;

  Queries(net::uv::Loop& loop, ServerDriver& driver, core::Rng rng);
  void fresh(const AskedPtr& asked);
  void wait_for_leader(const AskedPtr& asked, core::Instant look_again);
  void retry_leaderless();
  void watch(const AskedPtr& asked);
  void read_stored(const AskedPtr& asked);
  void read(const AskedPtr& asked);
  ReaderThread& next_thread() { return *threads_[next_thread_++ % threads_.size()]; }
  void go_on(const AskedPtr& asked, core::Result<core::server::QueryAnswer> answer);
  void finish(const AskedPtr& asked, core::Result<core::server::QueryAnswer> answer);
  // All that is read on the loop between two writes of the database shares one transaction: locking and
  // unlocking the database took longer than finding a row.
  core::Status begin_view();
  // What was answered to the same question, if it still holds.
  const core::server::QueryAnswer* kept_answer(const core::server::Query& query);
  void keep(const core::server::Query& query, const core::server::QueryAnswer& answer);
  void forget_kept();
  // Nothing if the query is not of a node, or there is no such node.
  std::optional<core::server::QueryAnswer> node_in_memory(const core::server::Query& query);

  net::uv::Loop& loop_;
  ServerDriver& driver_;
  core::Rng rng_;
  std::unique_ptr<store::Connection> own_;  // of the loop
  std::optional<store::Transaction> view_;  // of own_
  std::vector<std::unique_ptr<ReaderThread>> threads_;
  std::size_t next_thread_ = 0;
  struct Kept {
    std::string question;  // all of the query that its answer depends on
    core::server::QueryAnswer answer;
  };
  std::map<core::server::Ask, Kept> kept_;
  struct KeptNode {
    core::Index index;
    std::shared_ptr<const std::string> json;
  };
  std::unordered_map<std::string, KeptNode> kept_nodes_;  // by id
  std::size_t kept_node_bytes_ = 0;                       // made since they were last forgotten
  net::uv::Timer kept_timer_;
  std::deque<AskedPtr> leaderless_;  // wait for a leader, in order of their patience
  net::uv::Timer leaderless_timer_;
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::server
