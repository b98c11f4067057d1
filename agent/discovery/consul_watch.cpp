// SPDX-License-Identifier: MPL-2.0
#include "agent/discovery/consul_watch.h"

#include <chrono>
#include <utility>

namespace agent::discovery {
namespace {

constexpr core::Duration kEvery = std::chrono::seconds(15);

}  // namespace

ConsulWatch::ConsulWatch(net::uv::Loop& loop, HttpService& consul, OnChange on_change)
    : loop_(loop), consul_(consul), on_change_(std::move(on_change)), timer_(loop, [this] { ask(); }) {
  timer_.arm(loop_.now());
}

void ConsulWatch::ask() {
  consul_.get("/v1/agent/self", lifetime_.guard([this](const core::Result<core::Bytes>& body) { heard(body); }));
}

void ConsulWatch::heard(const core::Result<core::Bytes>& body) {
  timer_.arm(loop_.now() + kEvery);
  std::optional<ConsulSelf> now;
  if (body.ok()) {
    auto self = decode_consul_self(*body);
    if (!self.ok()) return;  // nonsense says neither that it is there nor that it is gone
    now = std::move(*self);
  }
  if (now == known_) return;
  known_ = std::move(now);
  on_change_(known_);
}

}  // namespace agent::discovery
