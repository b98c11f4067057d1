// SPDX-License-Identifier: MPL-2.0
#include "net/refusals.h"

#include <utility>

namespace net {

void Refusals::note(const std::string& source, const core::Error& reason, core::Instant now) {
  ++count_;
  if (sources_.size() >= kSourcesMax) std::erase_if(sources_, [&](const auto& entry) { return now - entry.second.told_at >= kTellAgain; });
  static const std::string kOthers = "many others";
  const auto& name = sources_.size() < kSourcesMax || sources_.contains(source) ? source : kOthers;
  const auto [it, first] = sources_.try_emplace(name, Source{now, 0});
  auto& known = it->second;
  ++known.since;
  if (!first && now - known.told_at < kTellAgain) return;
  known.told_at = now;
  LOG(log_, warn, sentence_, {"from", name}, {"reason", reason}, {"count", std::exchange(known.since, 0)});
}

}  // namespace net
