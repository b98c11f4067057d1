// SPDX-License-Identifier: MPL-2.0
#include "agent/discovery/lookout.h"

#include <utility>

namespace agent::discovery {

Lookout::Lookout(net::uv::Loop& loop, Need::Rules rules, Hooks hooks, core::Logger logger)
    : loop_(loop), need_(rules, loop.now()), hooks_(std::move(hooks)), log_(std::move(logger)), timer_(loop, [this] { look(); }) {
  timer_.arm(loop_.now());
}

void Lookout::look() {
  if (need_.look(hooks_.alone(), loop_.now())) return hooks_.source(lifetime_.guard([this](const core::Result<Addresses>& said) { heard(said); }));
  if (const auto next = need_.next_look()) timer_.arm(*next);
}

void Lookout::heard(const core::Result<Addresses>& said) {
  if (!said.ok()) {
    LOG(log_, debug, "no servers could be asked for", {"error", said.error()});
    return over(true);
  }
  if (said->empty()) return over(false);
  LOG(log_, debug, "servers may be there", {"addresses", said->size()}, {"first", said->front()});
  hooks_.use(*said, lifetime_.guard([this] { over(false); }));
}

void Lookout::over(bool failed) {
  need_.answered(failed, loop_.now());
  if (const auto next = need_.next_look()) timer_.arm(*next);
}

}  // namespace agent::discovery
