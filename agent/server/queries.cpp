// SPDX-License-Identifier: MPL-2.0
#include "agent/server/queries.h"

#include <algorithm>
#include <utility>

#include "core/base/fields.h"
#include "core/base/limits.h"
#include "core/model/shape.h"
#include "store/state/books.h"

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
// How long a query that found no leader waits for one.
constexpr core::Duration kLeaderHold = 5s;
// A leader that could not confirm that it leads is asked again after this.
constexpr core::Duration kLeaderRetry = 50ms;

core::Result<Answer> run(store::Connection& db, const Query& query) {
  namespace state = store::state;
  const core::model::JobKey job{query.ns, core::JobId{query.id}};
  const state::ListOptions list{.prefix = query.prefix, .ns = query.ns, .per_page = query.per_page,
                                .next_token = query.next_token, .resources = query.resources,
                                .task_states = query.task_states, .job = "", .status = "", .shape = query.shape};
  switch (query.ask) {
    case Ask::jobs: return state::list_jobs(db, list);
    case Ask::job: return state::get_job(db, job, query.shape);
    case Ask::job_versions: return state::list_job_versions(db, job);
    case Ask::job_summary: return state::get_job_summary(db, job);
    case Ask::job_allocs: return state::list_job_allocs(db, job, false, list);
    case Ask::job_evals: return state::list_job_evals(db, job, query.shape);
    case Ask::nodes: return state::list_nodes(db, list);
    case Ask::node: return state::get_node(db, core::NodeId{query.id}, query.shape);
    case Ask::node_allocs: return state::list_node_allocs(db, core::NodeId{query.id}, query.shape);
    case Ask::evals: return state::list_evals(db, list);
    case Ask::eval: return state::get_eval(db, core::EvalId{query.id}, query.shape);
    case Ask::eval_allocs: return state::list_eval_allocs(db, core::EvalId{query.id}, list);
    case Ask::allocs: return state::list_allocs(db, list);
    case Ask::alloc: return state::get_alloc(db, core::AllocId{query.id}, query.shape);
    case Ask::deployments:
    case Ask::job_deployments: return state::list_deployments();
    case Ask::job_deployment: return state::latest_deployment();
  }
  UNREACHABLE();
}

// How long answers are kept after one was last asked for, and how large a list, or all nodes together, may be.
constexpr core::Duration kKeep = 10s;
constexpr std::size_t kKeptBytesMax = 16 * core::limits::kMiB;

// The table that alone decides the answer.
std::optional<store::state::Table> only_table(Ask ask) {
  if (ask == Ask::nodes) return store::state::Table::nodes;
  if (ask == Ask::evals) return store::state::Table::evals;
  return std::nullopt;
}

std::string question_of(Query query) {
  query.stale = false;
  query.min_index = 0;
  query.wait = {};
  return core::to_compact_json(query);
}

QueryAnswer from_row(Answer answer) {
  QueryAnswer out;
  if (answer.found) out.json = std::make_shared<const std::string>(std::move(answer.json));
  out.index = answer.index;
  out.next_token = std::move(answer.next_token);
  return out;
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
  core::Instant asked;
  core::Instant until;          // of a blocking query
  core::Instant leader_until;   // until when a leader is waited for
  core::server::Ticket ticket = 0;
  bool woken = false;           // while a read was under way
  bool reading = false;
  bool reads = true;            // false: only to be told that the state is current
};

Queries::Queries(net::uv::Loop& loop, ServerDriver& driver, core::Rng rng)
    : loop_(loop),
      driver_(driver),
      rng_(rng),
      kept_timer_(loop, [this] { forget_kept(); }),
      leaderless_timer_(loop, [this] { retry_leaderless(); }) {
  driver_.on_leader([this] { leaderless_timer_.arm(loop_.now()); });
  driver_.on_write([this] { view_.reset(); });
}
Queries::~Queries() {
  driver_.on_leader({});
  driver_.on_write({});
}

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
  driver_.meters().rpc_queries.add();
  asked->asked = loop_.now();
  asked->until = asked->asked + query.wait + rng_.jitter(query.wait / kJitterFraction);
  asked->leader_until = asked->asked + kLeaderHold;
  asked->query = std::move(query);
  asked->done = std::move(done);
  if (asked->query.stale) watch(asked);
  else fresh(asked);
}

void Queries::confirm(Done done) {
  auto asked = std::make_shared<Asked>();
  asked->leader_until = loop_.now() + kLeaderHold;
  asked->done = std::move(done);
  asked->reads = false;
  fresh(asked);
}

void Queries::fresh(const AskedPtr& asked) {
  // What a lone leader acknowledged it has applied, and nobody else could have acknowledged anything.
  if (driver_.leads() && driver_.alone()) return asked->reads ? watch(asked) : finish(asked, QueryAnswer{});
  if (driver_.has_leader())
    return driver_.barrier(lifetime_.guard([this, asked](core::Result<core::server::Answer> current) {
      if (current.ok()) return asked->reads ? watch(asked) : finish(asked, QueryAnswer{});
      // A leader that does not answer will not for long be one; to ask again for a read does no harm.
      const auto code = current.error().code;
      if (code != core::Errc::no_leader && code != core::Errc::timeout) return finish(asked, current.error());
      wait_for_leader(asked, loop_.now() + kLeaderRetry);
    }));
  wait_for_leader(asked, asked->leader_until);
}

void Queries::wait_for_leader(const AskedPtr& asked, core::Instant look_again) {
  if (loop_.now() >= asked->leader_until) return finish(asked, core::Error{core::Errc::no_leader, "No cluster leader"});
  leaderless_.push_back(asked);
  leaderless_timer_.arm(std::min(look_again, leaderless_.front()->leader_until));
}

void Queries::retry_leaderless() {
  for (auto waiting = std::exchange(leaderless_, {}); const auto& asked : waiting) fresh(asked);
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
  read_stored(asked);
}

// What a change tells of is in memory; the database, which is read, may still lack it. On a full disk it
// goes on lacking it: then only those read who do not mind.
void Queries::read_stored(const AskedPtr& asked) {
  asked->reading = true;
  if (auto answer = node_in_memory(asked->query)) return go_on(asked, std::move(*answer));
  driver_.when_stored(lifetime_.guard([this, asked](const core::Status& stored) {
    if (!stored.ok() && !asked->query.stale) return go_on(asked, stored.error());
    read(asked);
  }));
}

void Queries::read(const AskedPtr& asked) {
  if (const auto begun = begin_view(); !begun.ok()) return go_on(asked, begun.error());
  if (const auto* kept = kept_answer(asked->query)) return go_on(asked, *kept);
  if (single(asked->query.ask) || threads_.empty()) {
    auto answer = run(*own_, asked->query);
    return answer.ok() ? go_on(asked, from_row(std::move(*answer))) : go_on(asked, answer.error());
  }
  auto& thread = next_thread();
  const auto submitted = thread.worker.submit([db = thread.db, query = asked->query] { return run(*db, query); },
                                              lifetime_.guard([this, asked](core::Result<Answer> read) {
                                                if (!read.ok()) return go_on(asked, read.error());
                                                auto answer = from_row(std::move(*read));
                                                keep(asked->query, answer);
                                                go_on(asked, std::move(answer));
                                              }));
  if (!submitted.ok()) go_on(asked, core::Error{core::Errc::busy, "too many queries are being answered"});
}

void Queries::count_jobs(core::Index known, std::size_t jobs_max, net::uv::Done<std::optional<store::state::JobCounts>> done) {
  auto& thread = next_thread();
  const auto submitted = thread.worker.submit([db = thread.db, known, jobs_max] { return store::state::count_jobs(*db, known, jobs_max); },
                                              lifetime_.guard([this, done](core::Result<std::optional<store::state::JobCounts>> read) {
                                                if (!read.ok() && read.error().code == core::Errc::corrupt) driver_.state_damaged(read.error());
                                                done(std::move(read));
                                              }));
  if (!submitted.ok()) done(core::Error{core::Errc::busy, "too many queries are being answered"});
}

core::Status Queries::begin_view() {
  if (view_) return core::ok_status();
  TRY(auto begun, store::Transaction::begin(*own_, store::Transaction::Kind::read));
  view_.emplace(std::move(begun));
  return core::ok_status();
}

std::optional<QueryAnswer> Queries::node_in_memory(const Query& query) {
  if (query.ask != Ask::node || query.shape != core::model::Shape::current) return std::nullopt;
  const auto node = driver_.view()->node(core::NodeId{query.id});
  if (!node) return std::nullopt;
  QueryAnswer out;
  out.index = node->modify_index;
  if (kept_node_bytes_ > kKeptBytesMax) kept_nodes_.clear(), kept_node_bytes_ = 0;
  auto& kept = kept_nodes_[query.id];
  if (!kept.json || kept.index != node->modify_index) {
    kept = {node->modify_index, std::make_shared<const std::string>(core::model::node_to_api(*node))};
    kept_node_bytes_ += kept.json->size();
  }
  kept_timer_.arm(loop_.now() + kKeep);
  out.json = kept.json;
  return out;
}

const QueryAnswer* Queries::kept_answer(const Query& query) {
  const auto table = only_table(query.ask);
  const auto kept = kept_.find(query.ask);
  if (!table || kept == kept_.end() || kept->second.question != question_of(query)) return nullptr;
  const auto index = store::state::last_index(*own_, *table);
  if (!index.ok() || *index != kept->second.answer.index) return nullptr;
  kept_timer_.arm(loop_.now() + kKeep);
  return &kept->second.answer;
}

void Queries::forget_kept() {
  kept_.clear();
  kept_nodes_.clear();
  kept_node_bytes_ = 0;
}

void Queries::keep(const Query& query, const QueryAnswer& answer) {
  if (!only_table(query.ask) || !answer.json || answer.json->size() > kKeptBytesMax) return;
  kept_[query.ask] = {question_of(query), answer};
  kept_timer_.arm(loop_.now() + kKeep);
}

void Queries::go_on(const AskedPtr& asked, core::Result<QueryAnswer> answer) {
  asked->reading = false;
  const bool waits = answer.ok() && asked->query.min_index > 0 && answer->index.value <= asked->query.min_index && loop_.now() < asked->until;
  if (waits && asked->woken) return watch(asked);
  if (waits) return;  // the watch goes on
  if (asked->ticket != 0) driver_.unwatch(std::exchange(asked->ticket, 0));
  if (!answer.ok()) {
    if (answer.error().code == core::Errc::corrupt) driver_.state_damaged(answer.error());
    return finish(asked, answer.error());
  }
  auto& out = *answer;
  out.known_leader = driver_.leads();
  if (!out.known_leader) {
    const auto status = driver_.status();
    out.known_leader = status.leader.has_value();
    if (status.heard_from_leader_at) out.last_contact = loop_.now() - *status.heard_from_leader_at;
  }
  finish(asked, std::move(out));
}

void Queries::finish(const AskedPtr& asked, core::Result<QueryAnswer> answer) {
  if (asked->reads) driver_.meters().of(asked->query.ask).add(loop_.now() - asked->asked);
  asked->done(std::move(answer));
}

}  // namespace agent::server
