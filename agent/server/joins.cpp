// SPDX-License-Identifier: MPL-2.0
#include "agent/server/joins.h"

#include <algorithm>
#include <utility>

#include "agent/config_ports.h"

namespace agent::server {
namespace {

using namespace std::chrono_literals;
using core::Errc;
using core::Error;

constexpr core::Duration kRejoinFirst = 1s, kRejoinLongest = 30s;

}  // namespace

Joins::Joins(net::uv::Loop& loop, GossipHost& host, Options options, std::function<void(const Error&)> on_failed, core::Logger logger)
    : loop_(loop),
      host_(host),
      options_(std::move(options)),
      on_failed_(std::move(on_failed)),
      log_(std::move(logger)),
      rejoin_pause_(kRejoinFirst),
      retry_timer_(loop, [this] { retry(); }),
      rejoin_timer_(loop, [this] { rejoin(); }) {
  if (!host_.known_before().empty()) rejoin_timer_.arm(loop_.now());
  if (!options_.retry_join.empty()) retry_timer_.arm(loop_.now());
  if (!options_.start_join.empty()) join_at_start();
}

void Joins::join(const std::vector<std::string>& addresses, net::uv::Done<std::size_t> done) {
  reach(addresses, [done = std::move(done)](core::Result<Reached> reached) {
    if (reached.ok()) done(reached->joined);
    else done(reached.error());
  });
}

void Joins::reach(const std::vector<std::string>& addresses, net::uv::Done<Reached> done) {
  const auto number = next_number_++;
  auto& attempt = attempts_[number];
  attempt.done = std::move(done);
  attempt.looking = addresses.size();
  for (const auto& text : addresses) {
    const auto name = net::uv::parse_host_port(text, config::kSerfPort);
    auto answered = lifetime_.guard([this, number](core::Result<std::vector<net::uv::Address>> known) { found(number, std::move(known)); });
    if (name.ok())
      attempt.lookups.emplace_back(loop_, *name, answered);
    else
      loop_.defer([answered, error = name.error()]() mutable { answered(core::Result<std::vector<net::uv::Address>>(error)); });
  }
}

void Joins::found(std::uint64_t number, core::Result<std::vector<net::uv::Address>> addresses) {
  auto& attempt = attempts_.at(number);
  if (addresses.ok()) {
    for (const auto& address : *addresses) attempt.found.push_back({address.ip, address.port});
  } else if (!attempt.first_error) {
    attempt.first_error = addresses.error();
  }
  if (--attempt.looking > 0) return;
  const auto node = attempts_.extract(number);
  auto& all = node.mapped();
  if (all.found.empty()) return all.done(all.first_error.value_or(Error{Errc::invalid, "no address to join"}));
  const auto known = all.first_error ? 0 : all.found.size();
  host_.join(std::move(all.found), [known, done = std::move(all.done)](core::Result<std::size_t> joined) {
    if (joined.ok()) done(Reached{.joined = *joined, .all = *joined == known});
    else done(joined.error());
  });
}

void Joins::join_at_start() {
  join(options_.start_join, lifetime_.guard([this](const core::Result<std::size_t>& joined) {
    if (joined.ok())
      LOG(log_, info, "joined at start", {"servers", *joined});
    else
      on_failed_(core::within("start_join", joined.error()));
  }));
}

// Our own address may be in the list, as it is when all servers share one: finding it is not enough. Nor is
// finding some: those who were not there yet may be another part of the pool, as a region that starts later is.
void Joins::retry() {
  ++tries_;
  reach(options_.retry_join, lifetime_.guard([this](const core::Result<Reached>& reached) {
    if (reached.ok() && !joined_ && (knows_others() || options_.retry_join.size() == 1)) {
      joined_ = true;
      LOG(log_, info, "joined", {"servers", reached->joined});
    }
    if (reached.ok() && reached->all && joined_) return;
    if (!joined_ && options_.retry_max > 0 && tries_ > options_.retry_max)
      return on_failed_({Errc::unavailable, "max join retry exhausted, exiting"});
    if (!reached.ok()) LOG(log_, warn, "nobody to join yet", {"error", reached.error()}, {"retry", options_.retry_interval});
    retry_timer_.arm(loop_.now() + options_.retry_interval);
  }));
}

void Joins::rejoin() {
  if (knows_others()) return;
  std::vector<core::gossip::Endpoint> at;
  for (const auto& other : host_.known_before()) at.push_back(other.endpoint);
  host_.join(std::move(at), lifetime_.guard([this](const core::Result<std::size_t>& joined) {
    if (joined.ok() && knows_others()) {
      LOG(log_, info, "joined the members known before", {"servers", *joined});
      return;
    }
    rejoin_timer_.arm(loop_.now() + rejoin_pause_);
    rejoin_pause_ = std::min(rejoin_pause_ * 2, kRejoinLongest);
  }));
}

}  // namespace agent::server
