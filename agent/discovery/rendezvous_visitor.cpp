// SPDX-License-Identifier: MPL-2.0
#include "agent/discovery/rendezvous_visitor.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "net/http/target.h"

namespace agent::discovery {
namespace {

using namespace std::chrono_literals;

constexpr core::Duration kAfterFailure = 9s;
constexpr core::Duration kTtlMin = 3s, kTtlMax = 1h;
constexpr core::Duration kLeavePatience = 1s;

}  // namespace

core::Result<RendezvousHeard> decode_rendezvous(core::ByteView body) {
  auto answer = core::from_json<RendezvousAnswer>(body);
  if (!answer.ok()) return core::Error{core::Errc::corrupt, "the rendezvous says something else: " + answer.error().detail};
  RendezvousHeard out{.others = {}, .ttl = std::clamp(answer->ttl, kTtlMin, kTtlMax)};
  for (auto& peer : answer->peers)
    if (out.others.size() < kAddressesMax && usable_address(peer.address)) out.others.push_back(std::move(peer.address));
  return out;
}

RendezvousVisitor::RendezvousVisitor(net::uv::Loop& loop, HttpService::Options where, RendezvousVisit own, core::Rng rng, core::Logger logger)
    : loop_(loop),
      service_(loop, std::move(where), std::move(logger)),
      own_(std::move(own)),
      rng_(rng),
      timer_(loop, [this] { visit([](const core::Result<Addresses>&) {}); }),
      patience_(loop, [this] { left(); }) {
  timer_.arm(loop_.now());
}

void RendezvousVisitor::visit(net::uv::Done<Addresses> done) {
  service_.put(std::string(kRendezvousPath), core::to_json(own_), lifetime_.guard([this, done = std::move(done)](const core::Result<core::Bytes>& body) {
    const auto heard = body.ok() ? decode_rendezvous(*body) : core::Result<RendezvousHeard>(body.error());
    return_in(heard.ok() ? heard->ttl / 3 : kAfterFailure);
    if (heard.ok()) done(heard->others);
    else done(heard.error());
  }));
}

// Early by a chance, so that servers that were started together do not come together for ever.
void RendezvousVisitor::return_in(core::Duration pause) {
  if (!leaving_) timer_.arm(loop_.now() + pause - rng_.jitter(pause / 4));
}

// A visit that is under way may be heard after this; then the entry stays until its time is over.
void RendezvousVisitor::leave(std::function<void()> done) {
  leaving_ = true;
  on_left_ = std::move(done);
  timer_.disarm();
  patience_.arm(loop_.now() + kLeavePatience);
  const auto escaped = [](const std::string& text) { return net::http::percent_encode(text); };
  service_.send(net::http::Method::delete_,
                std::string(kRendezvousPath) + "?infrastructure=" + escaped(own_.infrastructure) + "&address=" + escaped(own_.peer.address), {},
                lifetime_.guard([this](const core::Result<core::Bytes>&) { left(); }));
}

void RendezvousVisitor::left() {
  if (on_left_) std::exchange(on_left_, nullptr)();
}

}  // namespace agent::discovery
