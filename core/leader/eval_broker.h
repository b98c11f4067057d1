// SPDX-License-Identifier: MPL-2.0
// Hands pending evaluations to schedulers: highest priority first, oldest first among equals, and at
// most one of a job at a time. An evaluation is leased under a token; it is done when acknowledged,
// and comes back when refused or when the lease runs out. After kDeliveries leases it is given up and
// reported by take_failed(). When an evaluation ended and several of its job are held back, the newest
// will see all that the others were about: what nobody waits for by name is reported by
// take_superseded().
//
//   enqueue -> waiting (Wait, WaitUntil) -> ready -> leased -> ack: forgotten, the job's next is ready
//                       held back while another of its job is ready or leased    nack: ready again later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "core/base/deadlines.h"
#include "core/base/rng.h"
#include "core/model/eval.h"

namespace core::leader {

inline constexpr Duration kNackTimeout = 60s;
inline constexpr std::uint32_t kDeliveries = 3;
// What is reported is to be written into the state. If that did not happen by then, it is reported again.
inline constexpr Duration kReportAgain = 30s;

struct Lease {
  model::EvalPtr eval;
  std::string token;
};

class EvalBroker {
 public:
  // `rng` draws tokens.
  explicit EvalBroker(Rng rng) : rng_(rng) {}

  // Ignored when the broker holds the evaluation already. `wall` is what WaitUntil is compared with.
  void enqueue(model::EvalPtr eval, Instant now, WallTime wall);
  // The next evaluation, leased until now + kNackTimeout; nothing when none is ready.
  std::optional<Lease> dequeue(Instant now);
  // Does `token` hold the lease?
  bool outstanding(const EvalId& eval, const std::string& token) const;
  // Done, or not: false if the token does not hold the lease. A refused evaluation is ready again after
  // a while: 1 s the first time, then (deliveries - 1) * 20 s.
  bool ack(const EvalId& eval, const std::string& token);
  bool nack(const EvalId& eval, const std::string& token, Instant now);
  // Gone from the state: the broker forgets it wherever it is.
  void remove(const EvalId& eval);

  // Moves what has waited long enough and takes back leases that ran out.
  void advance(Instant now);
  std::optional<Instant> next_deadline() const;
  // Evaluations that were leased kDeliveries times in vain, and those that a newer one of their job made
  // needless, in id order. They stay held until remove().
  std::vector<model::EvalPtr> take_failed(Instant now) { return take(failed_, now); }
  std::vector<model::EvalPtr> take_superseded(Instant now) { return take(superseded_, now); }

  std::size_t ready() const { return ready_.size(); }
  std::size_t leased() const { return leases_.size(); }
  std::size_t waiting() const { return timers_.size(); }
  std::size_t held_back() const { return held_back_count_; }

 private:
  struct Held {
    model::EvalPtr eval;
    std::uint32_t deliveries = 0;
    enum class Where { waiting, held_back, ready, leased, failed, superseded } where = Where::waiting;
  };
  // Highest priority first, then oldest, then id.
  using Rank = std::tuple<std::int64_t, Index, EvalId>;
  static Rank rank(const model::Evaluation& eval) { return {-eval.priority, eval.create_index, eval.id}; }

  void make_ready(Held& held);
  void leave(const EvalId& id, Held& held);
  void release_job(const model::JobKey& job, const EvalId& eval);
  void supersede(const model::JobKey& job);
  void give_back(const EvalId& id, Held& held, Instant now);
  void report_again(Instant now);
  std::vector<model::EvalPtr> take(std::set<EvalId>& ended, Instant now);

  Rng rng_;
  std::map<EvalId, Held> held_;
  std::set<Rank> ready_;
  std::map<model::JobKey, EvalId> active_;               // the job's evaluation that is ready or leased
  std::map<model::JobKey, std::set<Rank>> held_back_;    // the job's others
  std::size_t held_back_count_ = 0;
  std::map<EvalId, std::string> leases_;
  Deadlines<EvalId> lease_ends_;
  Deadlines<EvalId> timers_;
  std::set<EvalId> failed_, superseded_;  // to be reported
  Deadlines<EvalId> reported_;            // until when their end should be in the state
};

}  // namespace core::leader
