// SPDX-License-Identifier: MPL-2.0
#include "agent/client/leaving.h"

#include <utility>

#include "core/base/fields.h"

namespace agent::client {
namespace {

using namespace std::chrono_literals;

// Once the drain's own time is over the servers stop what is left, which takes them a moment.
constexpr core::Duration kGrace = 5s;
// A server that is lost while it is asked is noticed by then.
constexpr core::Duration kAsk = 10s, kAskAgain = 1s;

struct Drain {
  std::optional<core::model::DrainStrategy> under_way;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) { visit("DrainStrategy", self.under_way); }
};

core::model::DrainStrategy strategy(const config::DrainOnShutdown& wanted) {
  return {.deadline = wanted.force ? core::Duration(-1) : wanted.deadline, .ignore_system_jobs = wanted.ignore_system_jobs, .force_deadline = {}, .started_at = {}};
}

}  // namespace

Leaving::Leaving(net::uv::Loop& loop, RemoteGateway& gateway, ServerLink& link, core::NodeId node, std::optional<config::DrainOnShutdown> drain_first,
                 net::uv::Done<core::Unit> done, core::Logger logger)
    : loop_(loop),
      gateway_(gateway),
      link_(link),
      node_(std::move(node)),
      drain_(drain_first),
      done_(std::move(done)),
      log_(std::move(logger)),
      again_(loop, [this] { look(); }),
      patience_(loop, [this] { drained(false); }) {
  if (drain_) drain();
  else link_.mark_down(lifetime_.guard([this](core::Status down) { end(std::move(down)); }));
}

void Leaving::drain() {
  LOG(log_, info, "draining this node before it leaves", {"deadline", drain_->deadline});
  if (drain_->force || drain_->deadline > core::Duration::zero()) patience_.arm(loop_.now() + kGrace + (drain_->force ? 0s : drain_->deadline));
  gateway_.command(core::server::DrainNode{.node = node_, .drain = strategy(*drain_), .mark_eligible = false},
                   lifetime_.guard([this](const core::Result<core::server::Answer>& begun) {
                     if (begun.ok()) return look();
                     LOG(log_, warn, "this node cannot be drained", {"error", begun.error()});
                     drained(false);
                   }));
}

void Leaving::look() {
  core::server::Query query;
  query.ask = core::server::Ask::node;
  query.id = node_.text;
  query.min_index = seen_;
  query.wait = kAsk;
  gateway_.query(std::move(query), lifetime_.guard([this](const core::Result<core::server::QueryAnswer>& answer) {
    if (!answer.ok() || answer->json == nullptr) return again_.arm(loop_.now() + kAskAgain);
    const auto node = core::from_json<Drain>(*answer->json);
    if (node.ok() && !node->under_way) return drained(true);
    seen_ = answer->index.value;
    look();
  }));
}

void Leaving::drained(bool whole) {
  patience_.disarm();
  again_.disarm();
  lifetime_.renew();
  if (!whole) LOG(log_, warn, "this node leaves before it is drained");
  link_.mark_down(lifetime_.guard([this](core::Status down) { end(std::move(down)); }));
}

// Nothing is placed on a node that is down; it returns as one that takes work.
void Leaving::end(core::Status down) {
  const auto tell = std::exchange(done_, nullptr);
  if (!drain_ || !down.ok()) return tell(std::move(down));
  gateway_.command(core::server::DrainNode{.node = node_, .drain = std::nullopt, .mark_eligible = true},
                   lifetime_.guard([tell](const core::Result<core::server::Answer>&) { tell(core::Unit{}); }));
}

}  // namespace agent::client
