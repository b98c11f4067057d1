// SPDX-License-Identifier: MPL-2.0
// A server's visits to a rendezvous: each enters it anew and tells it of the others. It comes back in time for its
// entry to stay, and more often if somebody wants to know the others.
#pragma once

#include <functional>

#include "agent/discovery/http_service.h"
#include "agent/discovery/rendezvous_messages.h"
#include "agent/discovery/source.h"
#include "core/base/rng.h"
#include "net/uv/lifetime.h"
#include "net/uv/timer.h"

namespace agent::discovery {

class RendezvousVisitor {
 public:
  // `own`: what is entered.
  RendezvousVisitor(net::uv::Loop& loop, HttpService::Options where, RendezvousVisit own, core::Rng rng, core::Logger logger);

  // The others, as a source.
  void visit(net::uv::Done<Addresses> done);
  // Takes the entry out, as far as that can be done within a second, then calls `done`. Called once.
  void leave(std::function<void()> done);

 private:
  void return_in(core::Duration pause);
  void left();

  net::uv::Loop& loop_;
  HttpService service_;
  RendezvousVisit own_;
  core::Rng rng_;
  std::function<void()> on_left_;
  bool leaving_ = false;
  net::uv::Timer timer_, patience_;
  net::uv::Lifetime lifetime_;
};

// The usable addresses of an answer and its time to live, which is kept within bounds. Errc::corrupt: it is none.
struct RendezvousHeard {
  Addresses others;
  core::Duration ttl{};
};
core::Result<RendezvousHeard> decode_rendezvous(core::ByteView body);

}  // namespace agent::discovery
