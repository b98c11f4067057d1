// SPDX-License-Identifier: MPL-2.0
#include "core/sched/reconcile.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "core/sched/changes.h"
#include "core/sched/names.h"
#include "core/sched/reschedule.h"

namespace core::sched {
namespace {

using model::Allocation;
using model::AllocPtr;
using model::ClientStatus;
using model::Job;

// An attempt this near is made now: another evaluation for it would come no sooner.
constexpr Duration kRescheduleWindow = 1s;

bool node_gone(const model::StateView& view, const NodeId& id) {
  const auto node = view.node(id);
  return !node || node->status == model::NodeStatus::down;
}

bool ran_successfully(const Allocation& alloc) {
  if (alloc.client_status == ClientStatus::complete) return true;
  return !alloc.task_states.empty() &&
         std::all_of(alloc.task_states.begin(), alloc.task_states.end(),
                     [](const auto& entry) { return entry.second.successful(); });
}

// Of an older version, or of a job of the same name that is gone.
bool is_older(const Allocation& alloc, const Job& job) {
  return alloc.job_version < job.version || (alloc.job && alloc.job->create_index < job.create_index);
}

auto by_name(const AllocPtr& alloc) {
  return std::pair(model::name_index(alloc->name).value_or(~std::uint64_t{0}), alloc->id.text);
}
void sort_by_name(std::vector<AllocPtr>& allocs) {
  std::sort(allocs.begin(), allocs.end(), [](const auto& a, const auto& b) { return by_name(a) < by_name(b); });
}

class GroupPass {
 public:
  GroupPass(const Job& job, std::size_t index, const Setting& setting, Reconciled& out)
      : job_(job), group_(job.groups[index]), setting_(setting), out_(out), names_(job.id, group_.name) {
    work_.group = &group_;
    work_.index = index;
  }

  GroupWork run(const std::vector<AllocPtr>& allocs) {
    for (const auto& alloc : allocs) sort_in(alloc);
    for (auto* list : {&kept_, &migrating_, &lost_, &failed_}) sort_by_name(*list);
    remove_surplus();
    for (const auto& alloc : kept_) update(alloc);
    const auto count = static_cast<std::size_t>(std::max<std::int64_t>(0, group_.count.value_or(1)));
    replace(count - std::min(count, kept_.size() + migrating_.size()));
    return std::move(work_);
  }

 private:
  void sort_in(const AllocPtr& alloc) {
    if (batch() && alloc->terminal() && is_older(*alloc, job_)) return;  // its work is to be done again
    if (!alloc->terminal()) {
      if (node_gone(setting_.view, alloc->node_id)) lost_.push_back(alloc);  // nobody is left to stop it
      else if (alloc->desired_transition.migrate.value_or(false)) migrating_.push_back(alloc);
      else if (alloc->desired_transition.force_reschedule.value_or(false)) failed_.push_back(alloc);
      else kept_.push_back(alloc);
    } else if (!alloc->next_allocation.empty()) {
      return;  // another one has its place
    } else if (batch() && ran_successfully(*alloc)) {
      kept_.push_back(alloc);  // done, and stays done
    } else if (!alloc->server_terminal() && alloc->client_status == ClientStatus::failed) {
      sort_in_failed(alloc);
    }
  }

  // One that may not run anew, or not yet, keeps its place.
  void sort_in_failed(const AllocPtr& alloc) {
    const auto due = next_reschedule(*alloc);
    const bool now = due && (alloc->followup_eval == setting_.eval.id || *due - setting_.now <= kRescheduleWindow);
    if (now || alloc->desired_transition.force_reschedule.value_or(false)) {
      failed_.push_back(alloc);
      return;
    }
    kept_.push_back(alloc);
    if (due && !awaited(*alloc)) out_.later.push_back({alloc, *due});
  }

  // An evaluation will come for it. One that was never written, because its plan was cut down, will not.
  bool awaited(const Allocation& alloc) const {
    if (alloc.followup_eval.empty()) return false;
    const auto followup = setting_.view.eval(alloc.followup_eval);
    return followup && !followup->terminal();
  }

  // Those that are least missed first: dead ones, second bearers of a name, those about to move, and
  // then the highest names.
  void remove_surplus() {
    const auto count = std::max<std::int64_t>(0, group_.count.value_or(1));
    auto surplus = static_cast<std::int64_t>(kept_.size() + migrating_.size()) - count;
    struct Ranked {
      int rank;
      AllocPtr alloc;
    };
    std::vector<Ranked> order;
    Names seen(job_.id, group_.name);
    for (const auto* list : {&kept_, &migrating_})
      for (const auto& alloc : *list) {
        const bool bearer = seen.take(alloc->name);
        const bool dead = alloc->client_status == ClientStatus::failed;
        order.push_back({dead ? 0 : !bearer ? 1 : list == &migrating_ ? 2 : 3, alloc});
      }
    std::stable_sort(order.begin(), order.end(), [](const Ranked& a, const Ranked& b) {
      if (a.rank != b.rank) return a.rank < b.rank;
      return by_name(a.alloc) > by_name(b.alloc);
    });
    for (const auto& [rank, alloc] : order) {
      if (surplus-- <= 0) break;
      std::erase(kept_, alloc);
      std::erase(migrating_, alloc);
      if (!alloc->terminal() || alloc->client_status == ClientStatus::failed)
        out_.stops.push_back({alloc, model::desired::kNotNeeded});
    }
  }

  void update(const AllocPtr& alloc) {
    names_.take(alloc->name);
    if (is_current(*alloc, job_)) {
      const bool waiting = !alloc->terminal() && alloc->client_status == ClientStatus::pending;
      if (waiting || alloc->client_status == ClientStatus::failed) ++work_.unsettled;
      return;
    }
    if (outdated(*alloc))
      work_.replace.push_back({.name = alloc->name, .previous = alloc, .stop_previous = model::desired::kUpdating});
    else if (!alloc->terminal())
      work_.update.push_back(alloc);
  }

  // Allocations mostly run one old version, so each is compared once.
  bool outdated(const Allocation& alloc) {
    if (!alloc.job) return true;
    const auto [known, added] = outdated_.try_emplace({alloc.job->create_index, alloc.job->job_modify_index}, false);
    if (added) known->second = needs_replacement(*alloc.job, job_, group_.name);
    return known->second;
  }

  // Fills the `open` places: failed ones anew, lost ones elsewhere, then new ones.
  void replace(std::size_t open) {
    for (const auto& alloc : migrating_) {
      out_.stops.push_back({alloc, model::desired::kMigrating});
      names_.take(alloc->name);
      work_.place.push_back({.name = alloc->name, .previous = alloc});
    }
    for (const auto& alloc : failed_) {
      if (open == 0) {
        out_.stops.push_back({alloc, model::desired::kNotNeeded});
        continue;
      }
      --open;
      add(Place{.name = {}, .previous = alloc, .stop_previous = model::desired::kRescheduled, .reschedule = true});
    }
    for (const auto& alloc : lost_) {
      out_.stops.push_back({alloc, model::desired::kLost, true});
      if (open == 0) continue;
      --open;
      add(Place{.name = {}, .previous = alloc});
    }
    for (; open > 0; --open) work_.place.push_back({});
    for (auto& place : work_.place)
      if (place.name.empty()) place.name = names_.next();
  }

  // Under the previous one's name, unless that has another bearer by now.
  void add(Place place) {
    if (names_.take(place.previous->name)) place.name = place.previous->name;
    work_.place.push_back(std::move(place));
  }

  bool batch() const { return job_.type == "batch"; }

  const Job& job_;
  const model::TaskGroup& group_;
  const Setting& setting_;
  Reconciled& out_;
  Names names_;
  GroupWork work_;
  std::vector<AllocPtr> kept_, migrating_, lost_, failed_;
  std::map<std::pair<Index, Index>, bool> outdated_;
};

void stop_all(const std::vector<AllocPtr>& allocs, const Setting& setting, Reconciled& out) {
  for (const auto& alloc : allocs) {
    if (alloc->terminal()) continue;
    const bool lost = node_gone(setting.view, alloc->node_id);
    out.stops.push_back({alloc, lost ? model::desired::kLost : model::desired::kNotNeeded, lost});
  }
}

// Told to stop, but their node went before it could say that they did.
void give_up_waiting(const std::vector<AllocPtr>& allocs, const Setting& setting, Reconciled& out) {
  for (const auto& alloc : allocs)
    if (alloc->server_terminal() && !alloc->client_terminal() && node_gone(setting.view, alloc->node_id))
      out.stops.push_back({alloc, model::desired::kLost, true});
}

}  // namespace

bool is_current(const Allocation& alloc, const Job& job) {
  if (!alloc.job) return alloc.job_version == job.version;
  return alloc.job->create_index == job.create_index && alloc.job->job_modify_index == job.job_modify_index;
}

Reconciled reconcile(const Job* job, const std::vector<AllocPtr>& allocs, const Setting& setting) {
  Reconciled out;
  give_up_waiting(allocs, setting, out);
  if (!job || job->stop) {
    stop_all(allocs, setting, out);
    return out;
  }
  std::map<std::string, std::vector<AllocPtr>> by_group;
  for (const auto& alloc : allocs) by_group[alloc->task_group].push_back(alloc);
  for (std::size_t i = 0; i < job->groups.size(); ++i) {
    auto own = by_group.extract(job->groups[i].name);
    GroupPass pass(*job, i, setting, out);
    out.groups.push_back(pass.run(own.empty() ? std::vector<AllocPtr>{} : std::move(own.mapped())));
  }
  for (const auto& [group, left] : by_group) stop_all(left, setting, out);
  return out;
}

}  // namespace core::sched
