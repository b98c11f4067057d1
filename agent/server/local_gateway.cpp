// SPDX-License-Identifier: MPL-2.0
#include "agent/server/local_gateway.h"

#include <utility>

namespace agent::server {

core::Status LocalGateway::check(const std::string& region) const {
  if (region == region_) return core::ok_status();
  return core::Error{core::Errc::rejected, "No path to region"};
}

void LocalGateway::command(core::server::Command command, const std::string& region,
                           net::uv::Done<core::server::Answer> done) {
  if (const auto here = check(region); !here.ok()) return done(here.error());
  forwarder_.submit(std::move(command), std::move(done));
}

void LocalGateway::query(core::server::Query query, const std::string& region,
                         net::uv::Done<core::server::QueryAnswer> done) {
  if (const auto here = check(region); !here.ok()) return done(here.error());
  queries_.ask(std::move(query), std::move(done));
}

void LocalGateway::leader(const std::string& region, bool stale, net::uv::Done<std::string> done) {
  if (const auto here = check(region); !here.ok()) return done(here.error());
  if (stale) return done(driver_.cluster().leader);
  queries_.confirm([this, done = std::move(done)](auto current) {
    if (!current.ok()) return done(current.error());
    done(driver_.cluster().leader);
  });
}

void LocalGateway::save_state(const std::string& region, bool stale, net::uv::Done<SavedState> done) {
  if (const auto here = check(region); !here.ok()) return done(here.error());
  archives_.save(stale, std::move(done));
}

void LocalGateway::restore_state(const std::string& region, core::Bytes snapshot, net::uv::Done<core::Index> done) {
  if (const auto here = check(region); !here.ok()) return done(here.error());
  archives_.restore(std::move(snapshot), std::move(done));
}

void LocalGateway::read_log(const std::string& region, core::Index from, net::uv::Done<LogPage> done) {
  if (const auto here = check(region); !here.ok()) return done(here.error());
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

void LocalGateway::remove_server(const std::string& region, core::server::ServerName which, net::uv::Done<core::Unit> done) {
  if (const auto here = check(region); !here.ok()) return done(here.error());
  membership_.remove({.which = std::move(which), .passed_on = false}, std::move(done));
}

void LocalGateway::hand_over(const std::string& region, core::server::ServerName to, net::uv::Done<core::server::HandedOver> done) {
  if (const auto here = check(region); !here.ok()) return done(here.error());
  membership_.hand_over({.to = std::move(to), .passed_on = false}, std::move(done));
}

void LocalGateway::peers(const std::string& region, net::uv::Done<std::vector<std::string>> done) {
  if (const auto here = check(region); !here.ok()) return done(here.error());
  done(driver_.cluster().peers);
}

}  // namespace agent::server
