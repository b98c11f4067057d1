// SPDX-License-Identifier: MPL-2.0
// Series of one kind: found by name and labels once, and by their number from then on. The number of a
// series that was forgotten is given to another.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/assert.h"
#include "core/metrics/series.h"

namespace core::metrics {

template <class Series>
class Table {
 public:
  using Number = std::uint32_t;

  // Series of one name stand together, and names in the order of their letters.
  static std::string key(std::string_view name, const Labels& labels) {
    std::string key(name);
    for (const auto& label : labels) key += '\0' + label.name + '\0' + label.value;
    return key;
  }
  const Number* find(const std::string& key) const {
    const auto it = by_key_.find(key);
    return it == by_key_.end() ? nullptr : &it->second;
  }
  Number add(std::string key, Identity identity) {
    Number number = static_cast<Number>(rows_.size());
    if (free_.empty()) rows_.emplace_back();
    else number = free_.back(), free_.pop_back();
    rows_[number].identity = std::move(identity);
    by_key_.emplace(std::move(key), number);
    return number;
  }
  void forget(Number number) {
    const auto& identity = rows_[number].identity;
    const auto erased = by_key_.erase(key(identity.name, identity.labels));
    ASSERT(erased == 1);
    rows_[number] = Series();
    free_.push_back(number);
  }
  Series& operator[](Number number) { return rows_[number]; }
  std::size_t size() const { return by_key_.size(); }
  void clear(std::size_t slot) {
    for (auto& row : rows_) row.clear(slot);
  }
  // In the order of their names.
  template <class Visit>
  void each(Visit visit) const {
    for (const auto& [key, number] : by_key_) visit(rows_[number]);
  }
  template <class Visit>
  void each(Visit visit) {
    for (const auto& [key, number] : by_key_) visit(rows_[number]);
  }

 private:
  std::vector<Series> rows_;
  std::vector<Number> free_;
  std::map<std::string, Number> by_key_;
};

}  // namespace core::metrics
