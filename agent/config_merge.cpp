// SPDX-License-Identifier: MPL-2.0
// Merging by field lists: one rule a type, so that no field can be forgotten.
#include "agent/config.h"

#include <algorithm>

namespace agent::config {
namespace {

void merge_value(std::string& base, const std::string& over) {
  if (!over.empty()) base = over;
}
void merge_value(Secret& base, const Secret& over) {
  if (!over.empty()) base = over;
}
void merge_value(Secrets& base, const Secrets& over) {
  if (!over.empty()) base = over;
}
void merge_value(core::json::Raw& base, const core::json::Raw& over) {
  if (!over.text.empty()) base = over;
}
void merge_value(bool& base, bool over) { base = base || over; }
void merge_value(std::int64_t& base, std::int64_t over) {
  if (over != 0) base = over;
}
void merge_value(double& base, double over) {
  if (over != 0) base = over;
}
void merge_value(core::Duration& base, core::Duration over) {
  if (over.count() != 0) base = over;
}
template <class T>
void merge_value(std::optional<T>& base, const std::optional<T>& over) {
  if (over) base = over;
}
void merge_value(TextMap& base, const TextMap& over) {
  for (const auto& [key, value] : over) base.insert_or_assign(key, value);
}
template <core::HasFields T>
void merge_value(T& base, const T& over);

template <class T>
void merge_value(std::vector<T>& base, const std::vector<T>& over) {
  for (const auto& item : over) {
    if constexpr (requires { T::kMergedByName; }) {
      const auto same =
          std::find_if(base.begin(), base.end(), [&](const T& other) { return other.name == item.name; });
      if (same != base.end()) {
        merge_value(*same, item);
        continue;
      }
    }
    base.push_back(item);
  }
}

template <core::HasFields T>
void merge_value(T& base, const T& over) {
  std::vector<const void*> members;
  T::fields(over, [&](const char*, const auto& member) { members.push_back(&member); });
  std::size_t i = 0;
  T::fields(base, [&](const char*, auto& member) {
    merge_value(member, *static_cast<const std::remove_reference_t<decltype(member)>*>(members[i++]));
  });
}

}  // namespace

void merge(Config& base, const Config& over) { merge_value(base, over); }

}  // namespace agent::config
