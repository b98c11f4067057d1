// SPDX-License-Identifier: MPL-2.0
#include "agent/server/local_gateway.h"

#include <utility>

namespace agent::server {

void LocalGateway::command(core::server::Command command, net::uv::Done<core::server::Answer> done) {
  forwarder_.submit(std::move(command), std::move(done));
}

void LocalGateway::query(core::server::Query query, net::uv::Done<core::server::QueryAnswer> done) {
  queries_.ask(std::move(query), std::move(done));
}

void LocalGateway::leader(bool stale, net::uv::Done<std::string> done) {
  if (stale) return done(driver_.cluster().leader);
  queries_.confirm([this, done = std::move(done)](auto current) {
    if (!current.ok()) return done(current.error());
    done(driver_.cluster().leader);
  });
}

void LocalGateway::save_state(bool stale, net::uv::Done<SavedState> done) {
  archives_.save(stale, std::move(done));
}

void LocalGateway::restore_state(core::Bytes snapshot, net::uv::Done<core::Index> done) {
  archives_.restore(std::move(snapshot), std::move(done));
}

void LocalGateway::read_log(core::Index from, net::uv::Done<LogPage> done) {
  constexpr std::size_t kPageBytes = 256 * core::limits::kKiB;
  const auto status = driver_.status();
  const auto first = from.value == 0 ? status.first : from;
  if (first > status.commit) return done(LogPage{.entries = {}, .committed = status.commit});
  if (first < status.first)
    return done(core::Error{core::Errc::not_found, "entry " + to_string(first) + " is not in the log any more, which begins with " + to_string(status.first)});
  driver_.read_log(first, status.commit, kPageBytes, [committed = status.commit, done = std::move(done)](core::Result<std::vector<core::raft::Entry>> entries) {
    if (!entries.ok()) return done(entries.error());
    done(LogPage{.entries = std::move(*entries), .committed = committed});
  });
}

void LocalGateway::remove_server(core::server::ServerName which, net::uv::Done<core::Unit> done) {
  membership_.remove({.which = std::move(which), .passed_on = false}, std::move(done));
}

void LocalGateway::hand_over(core::server::ServerName to, net::uv::Done<core::server::HandedOver> done) {
  membership_.hand_over({.to = std::move(to), .passed_on = false}, std::move(done));
}

void LocalGateway::peers(net::uv::Done<std::vector<std::string>> done) {
  done(driver_.cluster().peers);
}

}  // namespace agent::server
