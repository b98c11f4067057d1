// SPDX-License-Identifier: MPL-2.0
#include "agent/discovery/consul_advertiser.h"

#include <chrono>
#include <utility>

#include "net/http/target.h"

namespace agent::discovery {
namespace {

constexpr core::Duration kWithdrawPatience = std::chrono::seconds(1);

}  // namespace

ConsulAdvertiser::ConsulAdvertiser(net::uv::Loop& loop, HttpService& consul, std::vector<ConsulService> services, core::Logger logger)
    : loop_(loop),
      consul_(consul),
      upkeep_(std::move(services), loop.now()),
      log_(std::move(logger)),
      timer_(loop, [this] { round(); }),
      patience_(loop, [this] { withdrawn(); }) {
  timer_.arm(upkeep_.next_round());
}

void ConsulAdvertiser::round() {
  busy_ = true;
  consul_.get("/v1/agent/services", lifetime_.guard([this](const core::Result<core::Bytes>& body) { compare(body); }));
}

void ConsulAdvertiser::compare(const core::Result<core::Bytes>& body) {
  if (!body.ok()) return end_round(body.error());
  const auto there = decode_registered(*body);
  if (!there.ok()) {
    if (!std::exchange(senseless_, true)) LOG(log_, warn, "Consul's list of services makes no sense", {"error", there.error()});
    return end_round(there.error());
  }
  senseless_ = false;
  registered_ = true;  // in an earlier life, maybe
  to_put_ = upkeep_.missing(*there);
  put_ = 0;
  put_next();
}

void ConsulAdvertiser::put_next() {
  if (on_withdrawn_ || to_put_.empty()) return end_round(core::ok_status());
  const auto next = std::move(to_put_.back());
  to_put_.pop_back();
  consul_.put("/v1/agent/service/register", encode_registration(next), lifetime_.guard([this](const core::Result<core::Bytes>& done) {
    if (!done.ok()) return end_round(done.error());
    ++put_;
    put_next();
  }));
}

void ConsulAdvertiser::end_round(const core::Status& status) {
  busy_ = false;
  if (on_withdrawn_) return take_out();
  if (status.ok() && put_ > 0) LOG(log_, info, "advertised in Consul", {"services", put_});
  if (status.ok()) upkeep_.succeeded(loop_.now());
  else upkeep_.failed(loop_.now());
  timer_.arm(upkeep_.next_round());
}

// What a round under way has sent must not arrive after what takes it back.
void ConsulAdvertiser::withdraw(std::function<void()> done) {
  on_withdrawn_ = std::move(done);
  timer_.disarm();
  patience_.arm(loop_.now() + kWithdrawPatience);
  if (!busy_) take_out();
}

void ConsulAdvertiser::take_out() {
  if (!registered_) return loop_.defer(lifetime_.guard([this] { withdrawn(); }));
  leaving_ = upkeep_.services().size();
  for (const auto& service : upkeep_.services())
    consul_.put("/v1/agent/service/deregister/" + net::http::percent_encode(service.id), {}, lifetime_.guard([this](const core::Result<core::Bytes>& done) {
      if (!done.ok()) LOG(log_, debug, "a service stays in Consul", {"error", done.error()});
      if (--leaving_ == 0) withdrawn();
    }));
}

void ConsulAdvertiser::withdrawn() {
  if (on_withdrawn_) std::exchange(on_withdrawn_, nullptr)();
}

}  // namespace agent::discovery
