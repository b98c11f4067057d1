// SPDX-License-Identifier: MPL-2.0
#include "core/client/contact.h"

#include <algorithm>

#include "core/base/assert.h"

namespace core::client {
namespace {

constexpr Duration kRegisterRetry = 15s;
constexpr Duration kRegisterSoon = 1s;      // a server that is starting or electing is back within seconds
constexpr Duration kNodeChangeDelay = 5s;
constexpr Duration kLongOutage = 30s;

}  // namespace

void Contact::send_register(std::vector<Request>& send) {
  waiting_ = Waiting::for_register;
  stale_ = false;
  deadline_.reset();
  send.push_back(Register{});
}

void Contact::send_heartbeat(std::vector<Request>& send) {
  waiting_ = Waiting::for_heartbeat;
  deadline_.reset();
  send.push_back(Heartbeat{});
}

void Contact::on_registered(Duration ttl, Now now, std::vector<Request>& send) {
  registered_ = true;
  ttl_ = ttl;
  heard_at_ = now.at;
  send_heartbeat(send);  // it is this one that makes the node ready
}

// The first minute is spent asking often: most often a whole cluster is being started.
void Contact::on_register_failed(Now now) {
  waiting_ = Waiting::nothing;
  stale_ = true;
  const auto base = registered_ ? kRegisterRetry : kRegisterSoon;
  deadline_ = now.at + base + rng_.jitter(base);
}

void Contact::on_heartbeat(Duration ttl, Now now) {
  waiting_ = Waiting::nothing;
  ttl_ = ttl;
  heard_at_ = now.at;
  deadline_ = stale_ ? now.at : now.at + ttl;
}

void Contact::on_heartbeat_failed(const Error& error, Now now, std::vector<Request>& send) {
  waiting_ = Waiting::nothing;
  if (error.code == Errc::not_found) return send_register(send);
  deadline_ = now.at + (error.code == Errc::no_leader ? kRegisterSoon + rng_.jitter(kRegisterSoon) : after_failure(now));
}

// Soon while the time allowed runs out, so that one lost packet does not cost the node its good name;
// spread wide after a long outage, so that a server that returns is not run over.
Duration Contact::after_failure(Now now) {
  const auto left = heard_at_ ? *heard_at_ + ttl_ - now.at : Duration::zero();
  if (left < -kLongOutage) {
    const auto spread = rng_.jitter(-left);
    return std::clamp<Duration>(spread, 1s + rng_.jitter(1s), 25s + rng_.jitter(5s));
  }
  if (left <= Duration::zero()) return 1s + rng_.jitter(1s);
  return std::min<Duration>(std::max<Duration>(rng_.jitter(left), 1s + rng_.jitter(1s)), 25s + rng_.jitter(5s));
}

void Contact::on_node_changed(Now now) {
  if (!registered_) return;  // the registration under way or to come tells it all
  stale_ = true;
  if (waiting_ == Waiting::nothing) deadline_ = std::min(deadline_.value_or(Instant::max()), now.at + kNodeChangeDelay);
}

void Contact::wake(Now now, std::vector<Request>& send) {
  if (!deadline_ || *deadline_ > now.at) return;
  ASSERT(waiting_ == Waiting::nothing);
  if (stale_) return send_register(send);
  send_heartbeat(send);
}

}  // namespace core::client
