// SPDX-License-Identifier: MPL-2.0
#include "core/sched/scheduler.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "core/base/uuid_order.h"
#include "core/sched/follow_up.h"
#include "core/sched/reconcile.h"
#include "core/sched/reschedule.h"
#include "core/sched/rollout.h"

namespace core::sched {
namespace {

constexpr std::uint32_t kServiceAttempts = 5;
constexpr std::uint32_t kBatchAttempts = 2;

constexpr std::array<std::string_view, 13> kTriggers{
    model::trigger::kJobRegister,   model::trigger::kJobDeregister, model::trigger::kNodeUpdate,
    model::trigger::kNodeDrain,     model::trigger::kRollingUpdate, model::trigger::kQueuedAllocs,
    model::trigger::kMaxPlans,      model::trigger::kAllocFailure,  model::trigger::kAllocStop,
    model::trigger::kFailedFollowUp, "periodic-job",                "preemption",
    "job-scaling"};

// Makes one decision. Stops go into the plan first, so that what follows may use their room; then
// updates in place, then replacements, then what is new.
class Pass {
 public:
  Pass(const model::Evaluation& eval, const Fleet& fleet, Rng& rng, WallTime now, const Options& options)
      : fleet_(fleet), eval_(eval), rng_(rng), now_(now), options_(options), job_(fleet.view().job(eval.job_key())) {
    out_.eval = eval;
    out_.eval.failed_groups.clear();
    out_.eval.queued_allocations.clear();
    out_.eval.snapshot_index = fleet.view().index();
    out_.eval.modify_time = now;
    auto& plan = out_.plan;
    plan.eval_id = eval.id;
    plan.priority = eval.priority;
    plan.job = eval.job_key();
    plan.snapshot_index = fleet.view().index();
    if (!job_) return;
    plan.all_at_once = job_->all_at_once;
    plan.job_version = job_->version;
  }

  Decision run() {
    if (const auto why = unfit(); !why.empty()) return fail(why);
    allocs_ = fleet_.view().allocs_of(eval_.job_key());
    auto work = reconcile(job_.get(), allocs_, {fleet_.view(), eval_, now_});
    for (const auto& stop : work.stops) add(stop);
    if (std::any_of(work.groups.begin(), work.groups.end(), has_work)) place_all(work);
    await(std::move(work.later));
    finish(work);
    return std::move(out_);
  }

 private:
  static bool has_work(const GroupWork& work) {
    return !work.update.empty() || !work.replace.empty() || !work.place.empty();
  }

  std::string unfit() const {
    if (std::find(kTriggers.begin(), kTriggers.end(), eval_.triggered_by) == kTriggers.end())
      return "scheduler cannot handle '" + eval_.triggered_by + "' evaluation reason";
    const auto& type = job_ ? job_->type : eval_.type;
    if (type != "service" && type != "batch") return "scheduler cannot handle job type '" + type + "'";
    return {};
  }

  Decision fail(const std::string& why) {
    out_.eval.status = model::EvalStatus::failed;
    out_.eval.status_description = why;
    return std::move(out_);
  }

  void add(const Stop& stop) {
    auto& out = out_.plan.stops.emplace_back();
    out.id = stop.alloc->id;
    out.node_id = stop.alloc->node_id;
    if (stop.alloc->server_terminal()) out.desired_status = stop.alloc->desired_status;
    out.description = stop.description;
    if (stop.lost) out.client_status = model::ClientStatus::lost;
  }

  void place_all(Reconciled& work) {
    selector_.emplace(fleet_, *job_, allocs_, options_, rng_);
    for (const auto& stop : work.stops) selector_->release(*stop.alloc);
    for (auto& group : work.groups) update_in_place(group);
    for (auto& group : work.groups) hold_back(group);
    for (const auto& group : work.groups)
      for (const auto& place : group.replace) this->place(group, place);
    for (const auto& group : work.groups)
      for (const auto& place : group.place) this->place(group, place);
    if (stagger_) {
      out_.follow_ups.push_back(rolling_eval(origin(), *stagger_, rng_));
      out_.eval.next_eval = out_.follow_ups.back().id;
    }
  }

  // What cannot be updated where it is is replaced, in the order of names like the rest.
  void update_in_place(GroupWork& work) {
    for (const auto& alloc : work.update) {
      auto metrics = selector_->update_in_place(*alloc, work.index);
      if (metrics) {
        add_update(work, *alloc, std::move(*metrics));
        continue;
      }
      Place replacement{.name = alloc->name, .previous = alloc, .stop_previous = model::desired::kUpdating};
      const auto index = [](const Place& place) { return model::name_index(place.name); };
      const auto at = std::upper_bound(work.replace.begin(), work.replace.end(), replacement,
                                       [&](const Place& a, const Place& b) { return index(a) < index(b); });
      work.replace.insert(at, std::move(replacement));
    }
  }

  // A rolling update replaces only so many now. The longest stagger of all groups sets the pace.
  void hold_back(GroupWork& work) {
    const auto* update = rolling_update(*job_, *work.group);
    if (!update || work.replace.empty()) return;
    const bool elsewhere = rolled_elsewhere(fleet_.view(), eval_, *job_);
    const auto limit = elsewhere ? 0 : static_cast<std::size_t>(rollout_limit(*update, work));
    if (work.replace.size() <= limit) return;
    work.replace.resize(limit);
    if (!elsewhere) stagger_ = std::max(stagger_.value_or(Duration{}), update->stagger);
  }

  void place(const GroupWork& work, const Place& place) {
    auto& failed = out_.eval.failed_groups;
    const auto known = failed.find(work.group->name);
    if (known != failed.end() && !place.stop_previous) {  // nothing changed since: it would fail again
      ++known->second.coalesced_failures;
      ++out_.eval.queued_allocations[work.group->name];
      return;
    }
    if (place.stop_previous) selector_->release(*place.previous);
    auto found = selector_->place(wish(work, place));
    if (auto* choice = std::get_if<Selector::Choice>(&found)) {
      if (place.stop_previous) add(Stop{place.previous, place.stop_previous});
      return add_placement(work, place, std::move(*choice));
    }
    if (place.stop_previous) selector_->restore(*place.previous);
    const auto [at, first] = failed.try_emplace(work.group->name, std::move(std::get<Selector::Failure>(found).metrics));
    if (!first) ++at->second.coalesced_failures;
    ++out_.eval.queued_allocations[work.group->name];
  }

  static Selector::Wish wish(const GroupWork& work, const Place& place) {
    Selector::Wish wish{.group = work.index, .penalty = {}, .preferred = std::nullopt};
    if (!place.previous) return wish;
    wish.penalty = failed_nodes(*place.previous);
    if (work.group->ephemeral_disk && work.group->ephemeral_disk->sticky) wish.preferred = place.previous->node_id;
    return wish;
  }

  std::uint32_t plan_group(const GroupWork& work) {
    auto& groups = out_.plan.groups;
    const auto known = std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.name == work.group->name; });
    if (known != groups.end()) return static_cast<std::uint32_t>(known - groups.begin());
    groups.push_back(selector_->asked(work.index));
    return static_cast<std::uint32_t>(groups.size() - 1);
  }

  void add_placement(const GroupWork& work, const Place& place, Selector::Choice choice) {
    const auto& node = *fleet_.hosts()[choice.host].node;
    auto& out = out_.plan.placements.emplace_back();
    last_placed_.text = make_uuid_after(last_placed_.text, rng_);
    out.id = last_placed_;
    out.group = plan_group(work);
    out.name = place.name;
    out.node_id = node.id;
    out.node_name = node.name;
    out.networks = std::move(choice.networks);
    out.metrics = std::move(choice.metrics);
    if (!place.previous) return;
    out.previous_allocation = place.previous->id;
    if (place.reschedule) out.reschedule_tracker = next_tracker(*place.previous, now_);
  }

  void add_update(const GroupWork& work, const model::Allocation& alloc, model::AllocMetric metrics) {
    auto& out = out_.plan.placements.emplace_back();
    out.id = alloc.id;
    out.group = plan_group(work);
    out.name = alloc.name;
    out.node_id = alloc.node_id;
    out.node_name = alloc.node_name;
    out.networks = networks_of(alloc);
    out.metrics = std::move(metrics);
    out.previous_allocation = alloc.previous_allocation;
    out.reschedule_tracker = alloc.reschedule_tracker;
  }

  // Failed allocations whose time has not come stay as they are, but know which evaluation will see to
  // them: a "stop" that leaves them desired to run.
  void await(std::vector<Later> later) {
    auto delayed = delayed_evals(origin(), std::move(later), rng_);
    for (const auto& [alloc, eval] : delayed.waiting) {
      auto& note = out_.plan.stops.emplace_back();
      note.id = alloc->id;
      note.node_id = alloc->node_id;
      note.desired_status = alloc->desired_status;
      note.description = alloc->desired_description;
      note.followup_eval = eval;
    }
    std::move(delayed.evals.begin(), delayed.evals.end(), std::back_inserter(out_.follow_ups));
  }

  void finish(const Reconciled& work) {
    auto& eval = out_.eval;
    for (const auto& group : work.groups) eval.queued_allocations.try_emplace(group.group->name, 0);
    const bool again = eval_.status == model::EvalStatus::blocked;
    if (eval.failed_groups.empty()) {
      end_complete();
    } else if (again) {
      note_classes(eval);
    } else {
      auto blocked = blocked_eval(origin(), rng_);
      blocked.failed_groups = eval.failed_groups;
      note_classes(blocked);
      eval.blocked_eval = blocked.id;
      out_.follow_ups.push_back(std::move(blocked));
      end_complete();
    }
  }

  void end_complete() {
    out_.eval.status = model::EvalStatus::complete;
    out_.eval.status_description.clear();
  }

  void note_classes(model::Evaluation& blocked) {
    blocked.class_eligibility.clear();
    blocked.escaped_computed_class = false;
    for (const auto& [name, metrics] : out_.eval.failed_groups) {
      const auto index = static_cast<std::size_t>(job_->group(name) - job_->groups.data());
      selector_->report_classes(index, blocked.class_eligibility);
      if (selector_->escapes(index)) blocked.escaped_computed_class = true;
    }
  }

  Origin origin() const { return {eval_, job_.get(), fleet_.view().index(), now_, out_.follow_ups.empty() ? EvalId{} : out_.follow_ups.back().id}; }

  const Fleet& fleet_;
  const model::Evaluation& eval_;
  Rng& rng_;
  WallTime now_;
  const Options& options_;
  model::JobPtr job_;
  std::vector<model::AllocPtr> allocs_;
  std::optional<Selector> selector_;
  std::optional<Duration> stagger_;
  AllocId last_placed_;
  Decision out_;
};

}  // namespace

Decision schedule(const model::Evaluation& eval, const Fleet& fleet, Rng& rng, WallTime now, const Options& options) {
  return Pass(eval, fleet, rng, now, options).run();
}

Decision schedule(const model::Evaluation& eval, const model::StateView& view, Rng& rng, WallTime now,
                  const Options& options) {
  return schedule(eval, Fleet(view), rng, now, options);
}

std::uint32_t max_attempts(const model::Evaluation& eval) {
  return eval.type == "batch" ? kBatchAttempts : kServiceAttempts;
}

std::vector<model::Evaluation> give_up(const model::Evaluation& eval, Index snapshot, Rng& rng, WallTime now) {
  auto failed = eval;
  failed.status = model::EvalStatus::failed;
  failed.status_description = "maximum attempts reached (" + std::to_string(max_attempts(eval)) + ")";
  failed.snapshot_index = snapshot;
  failed.modify_time = now;
  auto blocked = out_of_attempts_eval({eval, nullptr, snapshot, now, {}}, rng);
  failed.blocked_eval = blocked.id;
  return {std::move(failed), std::move(blocked)};
}

}  // namespace core::sched
