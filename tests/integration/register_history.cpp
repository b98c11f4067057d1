// SPDX-License-Identifier: MPL-2.0
#include "tests/integration/register_history.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace integration {
namespace {

// Looks for an order of one register's operations: takes one that may come next, goes on from there, and
// takes it back when that leads nowhere.
class Search {
 public:
  // REQUIRES: sorted by call.
  explicit Search(std::vector<Operation> operations) : operations_(std::move(operations)), taken_(operations_.size(), false) {}

  bool finds_order() {
    std::size_t from = 0;
    for (;;) {
      const auto limit = earliest_return();
      if (!limit) return true;  // what is left has no answer: it need not have happened
      const auto next = candidate(from, *limit);
      if (next == operations_.size()) {
        if (order_.empty()) return false;
        from = take_back();
        continue;
      }
      take(next);
      from = seen_.emplace(taken_, value_).second ? 0 : take_back();
    }
  }

 private:
  struct Step {
    std::size_t operation;
    std::uint64_t value_before;
  };

  // Nothing that was called after this may come next.
  std::optional<Operation::Time> earliest_return() const {
    std::optional<Operation::Time> earliest;
    for (std::size_t i = 0; i < operations_.size(); ++i)
      if (!taken_[i] && operations_[i].returned && (!earliest || *operations_[i].returned < *earliest)) earliest = operations_[i].returned;
    return earliest;
  }
  // A read of the value that stands comes first: it leaves all else open, so nothing else need be tried. Then
  // writes; one without an answer only where it is seen at once, as it may just as well not have happened.
  std::size_t candidate(std::size_t from, Operation::Time limit) const {
    if (const auto read = from == 0 ? read_of(value_, limit) : std::nullopt) return *read;
    for (auto i = from; i < operations_.size() && operations_[i].called <= limit; ++i)
      if (!taken_[i] && operations_[i].write && (operations_[i].returned || read_of(operations_[i].value, limit))) return i;
    return operations_.size();
  }
  std::optional<std::size_t> read_of(std::uint64_t value, Operation::Time limit) const {
    for (std::size_t i = 0; i < operations_.size() && operations_[i].called <= limit; ++i)
      if (!taken_[i] && !operations_[i].write && operations_[i].value == value) return i;
    return std::nullopt;
  }
  void take(std::size_t i) {
    order_.push_back({i, value_});
    taken_[i] = true;
    if (operations_[i].write) value_ = operations_[i].value;
  }
  // Where to look on from.
  std::size_t take_back() {
    const auto [operation, before] = order_.back();
    order_.pop_back();
    taken_[operation] = false;
    value_ = before;
    return operations_[operation].write ? operation + 1 : operations_.size();
  }

  std::vector<Operation> operations_;
  std::vector<bool> taken_;
  std::uint64_t value_ = 0;
  std::vector<Step> order_;
  std::set<std::pair<std::vector<bool>, std::uint64_t>> seen_;
};

}  // namespace

std::optional<std::string> contradiction(std::vector<Operation> operations) {
  std::erase_if(operations, [](const Operation& operation) { return !operation.write && !operation.returned; });
  std::stable_sort(operations.begin(), operations.end(), [](const Operation& a, const Operation& b) { return a.called < b.called; });
  std::map<std::string, std::vector<Operation>> by_key;
  for (auto& operation : operations) by_key[operation.key].push_back(std::move(operation));
  for (auto& [key, history] : by_key)
    if (!Search(std::move(history)).finds_order()) return key;
  return std::nullopt;
}

void RegisterHistory::add(Operation operation) {
  const std::lock_guard lock(mutex_);
  operations_.push_back(std::move(operation));
}

std::vector<Operation> RegisterHistory::all() const {
  const std::lock_guard lock(mutex_);
  return operations_;
}

}  // namespace integration
