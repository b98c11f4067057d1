// SPDX-License-Identifier: MPL-2.0
#include "core/model/job.h"

namespace core::model {

const TaskGroup* Job::group(std::string_view group_name) const {
  for (const auto& group : groups)
    if (group.name == group_name) return &group;
  return nullptr;
}

bool same_spec(const Job& a, const Job& b) {
  const auto offset = reinterpret_cast<const char*>(&b) - reinterpret_cast<const char*>(&a);
  bool same = true;
  Job::spec_fields(a, [&](const char*, const auto& member) {
    using Member = std::remove_cvref_t<decltype(member)>;
    const auto* other = reinterpret_cast<const Member*>(reinterpret_cast<const char*>(&member) + offset);
    same = same && core::detail::equal(member, *other);
  });
  return same;
}

std::string job_to_api(const Job& job, Shape shape) {
  json::Writer w;
  w.begin_object();
  Job::fields(job, [&](std::string_view name, const auto& member) {
    w.key(name);
    if (name == "ConsulToken" || name == "VaultToken") w.string("");
    else encode(w, member);
  });
  w.key("ConsulNamespace");
  w.string("");
  w.key("VaultNamespace");
  w.string("");
  w.end_object();
  return shape == Shape::current ? w.take() : to_v0_1_2(w.view()).value();
}

}  // namespace core::model
