// SPDX-License-Identifier: MPL-2.0
#include "agent/server/queries.h"

#include <algorithm>
#include <utility>

namespace agent::server {
namespace {

using namespace std::chrono_literals;
using core::server::Ask;
using core::server::Query;
using core::server::QueryAnswer;
using store::state::Answer;

// Blocking queries wait this long if they do not say, and at the most (http-api: 5 minutes, and up to
// a sixteenth more at random, so that a crowd of waiters does not come back at once).
constexpr core::Duration kWaitMax = 5min;
constexpr int kJitterFraction = 16;
// How often a query that found no leader looks again, and how long it does.
constexpr core::Duration kLeaderRetry = 50ms;
constexpr core::Duration kLeaderHold = 5s;

core::Result<Answer> run(store::Connection& db, const Query& query) {
  namespace state = store::state;
  const core::model::JobKey job{query.ns, core::JobId{query.id}};
  const state::ListOptions list{.prefix = query.prefix, .ns = query.ns, .per_page = query.per_page,
                                .next_token = query.next_token, .resources = query.resources,
                                .task_states = query.task_states, .job = "", .status = ""};
  switch (query.ask) {
    case Ask::jobs: return state::list_jobs(db, list);
    case Ask::job: return state::get_job(db, job);
    case Ask::job_versions: return state::list_job_versions(db, job);
    case Ask::job_summary: return state::get_job_summary(db, job);
    case Ask::job_allocs: return state::list_job_allocs(db, job, false, list);
    case Ask::job_evals: return state::list_job_evals(db, job);
    case Ask::nodes: return state::list_nodes(db, list);
    case Ask::node: return state::get_node(db, core::NodeId{query.id});
    case Ask::node_allocs: return state::list_node_allocs(db, core::NodeId{query.id});
    case Ask::evals: return state::list_evals(db, list);
    case Ask::eval: return state::get_eval(db, core::EvalId{query.id});
    case Ask::eval_allocs: return state::list_eval_allocs(db, core::EvalId{query.id}, list);
    case Ask::allocs: return state::list_allocs(db, list);
    case Ask::alloc: return state::get_alloc(db, core::AllocId{query.id});
  }
  UNREACHABLE();
}

// One row by its key: cheaper read here than handed to a thread and back.
bool single(Ask ask) {
  return ask == Ask::job || ask == Ask::node || ask == Ask::eval || ask == Ask::alloc || ask == Ask::job_summary;
}

}  // namespace

struct Queries::ReaderThread {
  ReaderThread(net::uv::Loop& loop, store::Connection connection)
      : db(std::make_shared<store::Connection>(std::move(connection))), worker(loop, {.name = "reader"}) {}
  std::shared_ptr<store::Connection> db;  // shared with jobs under way on the worker
  net::uv::Worker worker;
};

struct Queries::Asked {
  Query query;
  Done done;
  core::Instant until;          // of a blocking query
  core::Instant leader_until;   // until when a leader is waited for
  core::server::Ticket ticket = 0;
  bool woken = false;           // while a read was under way
  bool reading = false;
  std::unique_ptr<net::uv::Timer> retry;
};

Queries::Queries(net::uv::Loop& loop, ServerDriver& driver, core::Rng rng) : loop_(loop), driver_(driver), rng_(rng) {}
Queries::~Queries() = default;

core::Result<std::unique_ptr<Queries>> Queries::open(net::uv::Loop& loop, ServerDriver& driver, core::Rng rng, unsigned readers) {
  std::unique_ptr<Queries> queries(new Queries(loop, driver, rng));
  TRY(auto own, store::state::open_reader(driver.state_path()));
  queries->own_ = std::make_unique<store::Connection>(std::move(own));
  for (unsigned i = 0; i < readers; ++i) {
    TRY(auto connection, store::state::open_reader(driver.state_path()));
    queries->threads_.push_back(std::make_unique<ReaderThread>(loop, std::move(connection)));
  }
  return queries;
}

void Queries::ask(Query query, Done done) {
  auto asked = std::make_shared<Asked>();
  if (query.wait <= core::Duration::zero() || query.wait > kWaitMax) query.wait = kWaitMax;
  asked->until = loop_.now() + query.wait + rng_.jitter(query.wait / kJitterFraction);
  asked->leader_until = loop_.now() + kLeaderHold;
  asked->query = std::move(query);
  asked->done = std::move(done);
  if (asked->query.stale) watch(asked);
  else fresh(asked);
}

void Queries::fresh(const AskedPtr& asked) {
  if (driver_.leads())
    return driver_.barrier(lifetime_.guard([this, asked](core::Result<core::server::Answer> current) {
      if (current.ok()) return watch(asked);
      asked->done(current.error());
    }));
  if (loop_.now() >= asked->leader_until) return asked->done(core::Error{core::Errc::no_leader, "No cluster leader"});
  // The query holds the timer and the timer the query; firing lets go.
  asked->retry = std::make_unique<net::uv::Timer>(loop_, lifetime_.guard([this, asked] {
    const auto spent = std::move(asked->retry);
    fresh(asked);
  }));
  asked->retry->arm(loop_.now() + kLeaderRetry);
}

void Queries::watch(const AskedPtr& asked) {
  if (asked->query.min_index > 0) {
    asked->woken = false;
    asked->ticket = driver_.watch(core::server::watch_key(asked->query), asked->until - loop_.now(), lifetime_.guard([this, asked] {
      asked->ticket = 0;
      asked->woken = true;
      if (!asked->reading) watch(asked);
    }));
  }
  read(asked);
}

void Queries::read(const AskedPtr& asked) {
  asked->reading = true;
  const auto go_on = lifetime_.guard([this, asked](core::Result<Answer> answer) {
    asked->reading = false;
    finish(asked, std::move(answer));
  });
  if (single(asked->query.ask) || threads_.empty()) {
    auto done = go_on;
    return done(run(*own_, asked->query));
  }
  auto& thread = *threads_[next_thread_++ % threads_.size()];
  const auto submitted = thread.worker.submit([db = thread.db, query = asked->query] { return run(*db, query); },
                                              go_on);
  if (!submitted.ok()) {
    auto done = go_on;
    done(core::Error{core::Errc::busy, "too many queries are being answered"});
  }
}

void Queries::finish(const AskedPtr& asked, core::Result<Answer> answer) {
  const bool waits = answer.ok() && asked->query.min_index > 0 && answer->index.value <= asked->query.min_index && loop_.now() < asked->until;
  if (waits && asked->woken) return watch(asked);
  if (waits) return;  // the watch goes on
  if (asked->ticket != 0) driver_.unwatch(std::exchange(asked->ticket, 0));
  if (!answer.ok()) return asked->done(answer.error());
  QueryAnswer out;
  if (answer->found) out.json = std::make_shared<const std::string>(std::move(answer->json));
  out.index = answer->index;
  out.next_token = std::move(answer->next_token);
  const auto status = driver_.status();
  out.known_leader = status.leader.has_value();
  if (status.heard_from_leader_at && !driver_.leads()) out.last_contact = loop_.now() - *status.heard_from_leader_at;
  asked->done(std::move(out));
}

}  // namespace agent::server
