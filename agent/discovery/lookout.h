// SPDX-License-Identifier: MPL-2.0
// Asks a source while nobody is known, and hands over what it says. One question at a time.
#pragma once

#include <functional>

#include "agent/discovery/need.h"
#include "agent/discovery/source.h"
#include "core/base/log.h"
#include "net/uv/lifetime.h"
#include "net/uv/loop.h"
#include "net/uv/timer.h"

namespace agent::discovery {

class Lookout {
 public:
  struct Hooks {
    std::function<bool()> alone;
    Source source;
    // Tries addresses, at least one; then calls `done`.
    std::function<void(const Addresses&, std::function<void()> done)> use;
  };
  Lookout(net::uv::Loop& loop, Need::Rules rules, Hooks hooks, core::Logger logger);

 private:
  void look();
  void heard(const core::Result<Addresses>& said);
  void over(bool failed);

  net::uv::Loop& loop_;
  Need need_;
  Hooks hooks_;
  core::Logger log_;
  net::uv::Timer timer_;
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::discovery
