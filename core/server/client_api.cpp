// SPDX-License-Identifier: MPL-2.0
#include "core/server/client_api.h"

#include <utility>

namespace core::server {

FetchedAllocs pack(const std::vector<model::AllocPtr>& allocs) {
  FetchedAllocs out;
  std::map<std::pair<model::JobKey, std::uint64_t>, std::uint32_t> numbers;
  for (const auto& alloc : allocs) {
    const auto [it, fresh] = numbers.try_emplace({alloc->job_key(), alloc->job_version}, static_cast<std::uint32_t>(out.jobs.size()));
    if (fresh) out.jobs.push_back(alloc->job);
    out.allocs.push_back(*alloc);
    out.job_of.push_back(it->second);
  }
  return out;
}

Result<std::vector<model::AllocPtr>> unpack(FetchedAllocs fetched) {
  if (fetched.job_of.size() != fetched.allocs.size()) return Error{Errc::corrupt, "as many jobs as allocations were expected"};
  std::vector<model::AllocPtr> out;
  for (std::size_t i = 0; i < fetched.allocs.size(); ++i) {
    if (fetched.job_of[i] >= fetched.jobs.size()) return Error{Errc::corrupt, "an allocation of an unknown job"};
    auto alloc = std::move(fetched.allocs[i]);
    alloc.job = fetched.jobs[fetched.job_of[i]];
    out.push_back(std::make_shared<const model::Allocation>(std::move(alloc)));
  }
  return out;
}

}  // namespace core::server
