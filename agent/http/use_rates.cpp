// SPDX-License-Identifier: MPL-2.0
#include "agent/http/use_rates.h"

namespace agent::http {
namespace {

using namespace std::chrono_literals;

// Two askers at once get the same answer instead of one measured over nothing.
constexpr core::Duration kFresh = 500ms;
// Nobody asks for the task any more.
constexpr core::Duration kForgotten = 5min;

UseRates::Rates rates(UseRates::Counters from, UseRates::Counters to, core::Duration over) {
  if (over <= core::Duration::zero() || to.user_ns < from.user_ns || to.system_ns < from.system_ns) return {};
  const auto ns = static_cast<double>(over.count());
  return {static_cast<double>(to.user_ns - from.user_ns) / ns, static_cast<double>(to.system_ns - from.system_ns) / ns};
}

}  // namespace

UseRates::Rates UseRates::of(const core::client::TaskId& task, Counters counters, core::Duration age, core::Instant now) {
  forget_old(now);
  const auto [it, first] = samples_.try_emplace(task, Sample{now, counters, rates({}, counters, age)});
  auto& sample = it->second;
  if (first || now - sample.at < kFresh) return sample.rates;
  const bool restarted = counters.user_ns < sample.counters.user_ns || counters.system_ns < sample.counters.system_ns;
  const auto measured = restarted ? rates({}, counters, age) : rates(sample.counters, counters, now - sample.at);
  sample = {now, counters, measured};
  return measured;
}

void UseRates::forget_old(core::Instant now) {
  std::erase_if(samples_, [&](const auto& item) { return now - item.second.at > kForgotten; });
}

}  // namespace agent::http
