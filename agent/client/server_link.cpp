// SPDX-License-Identifier: MPL-2.0
#include "agent/client/server_link.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/base/fields.h"
#include "core/base/limits.h"
#include "core/base/version.h"
#include "core/server/methods.h"

namespace agent::client {
namespace {

namespace cc = core::client;
namespace cs = core::server;

constexpr core::Duration kTimeout = std::chrono::seconds(30);
// A server that failed takes its clients back when it returned: they look for it this often.
constexpr core::Duration kMove = std::chrono::minutes(2);

bool contains(const std::vector<net::uv::Address>& all, const net::uv::Address& one) { return std::find(all.begin(), all.end(), one) != all.end(); }

template <class T>
core::Result<T> decoded(const core::Result<core::Bytes>& body) {
  if (!body.ok()) return body.error();
  return core::from_json<T>(*body, {.bytes = core::limits::kFrameBytesMax});
}

net::rpc::PoolOptions pool_options(const std::string& region, std::shared_ptr<const net::secure::Credentials> credentials,
                                   const net::rpc::Dispatcher& dispatcher) {
  net::rpc::PoolOptions options;
  options.dispatcher = &dispatcher;
  options.credentials = std::move(credentials);
  // Often one server is all there is, and its return should not be overslept; core::client spreads the crowd.
  options.backoff_max = std::chrono::seconds(3);
  options.hello = {.role = net::rpc::Role::client, .cluster = region, .name = "client", .version = std::string(core::kVersion)};
  return options;
}

}  // namespace

ServerLink::ServerLink(net::uv::Loop& loop, std::string region, std::shared_ptr<const net::secure::Credentials> credentials, core::Rng rng,
                       Tell tell, core::Logger logger)
    : loop_(loop),
      rng_(rng.fork()),
      tell_(std::move(tell)),
      names_(loop, logger),
      learned_(loop, logger),
      found_(loop, logger),
      pool_(loop, pool_options(region, std::move(credentials), dispatcher_), rng) {
  dispatcher_.on_notice(cs::kServersNotice, net::rpc::kServers, [this](core::ByteView notice, const net::rpc::Peer& peer) { learn(notice, peer.address); });
  names_.on_known([this] {
    for (const auto& send_now : std::exchange(unsent_, {})) send_now();
  });
}

core::Status ServerLink::set_servers(const std::vector<std::string>& servers) {
  auto before = this->servers();
  TRY(names_.set(servers));
  told_.clear();
  TRY(learned_.set({}));
  TRY(found_.set({}));
  left_ = std::move(before);
  if (watch_ != 0) on(cc::Watch{});
  return core::ok_status();
}

// Each in the configuration in force, as the server that tells has it. One without any was taken out; one that we
// turned away from may be of another cluster.
void ServerLink::learn(core::ByteView notice, const net::uv::Address& from) {
  if (const auto known = servers(); !contains(known, from)) return;
  auto cluster = core::from_json<cs::ClusterStatus>(notice);
  if (!cluster.ok() || cluster->peers.empty() || cluster->peers == told_) return;
  told_ = cluster->peers;
  auto order = std::move(cluster->peers);
  rng_.shuffle(order);
  if (learned_.set(order).ok()) moving_ = true;
}

// A heartbeat was answered. When that was on the way to the first server, the watch goes there as well, and connections
// to others are closed once nothing is asked over them.
void ServerLink::settle() {
  const auto known = servers();
  std::erase_if(left_, [&](const net::uv::Address& server) {
    if (!contains(known, server)) pool_.drop_idle(server);
    return contains(known, server) || !pool_.connected(server);
  });
  if (told_.empty()) return;
  if (moving_) {
    if (watch_ != 0) on(cc::Watch{});
    moving_ = false;
    move_at_ = loop_.now() + kMove + rng_.jitter(kMove);
    return;
  }
  for (std::size_t at = 1; at < known.size(); ++at) pool_.drop_idle(known[at]);
  const auto wanted = learned_.addresses();
  moving_ = loop_.now() >= move_at_ && !wanted.empty() && known.front() != wanted.front();
}

std::vector<net::uv::Address> ServerLink::servers() const {
  auto servers = learned_.addresses();
  for (const auto* more : {&names_, &found_})
    for (const auto& address : more->addresses())
      if (!contains(servers, address)) servers.push_back(address);
  // A server that does not answer is to delay nothing while another does.
  if (moving_) return servers;
  std::stable_partition(servers.begin(), servers.end(), [this](const net::uv::Address& server) { return pool_.connected(server); });
  return servers;
}

template <class Request>
void ServerLink::call(const Request& request, net::uv::Done<core::Bytes> done) {
  if (names_.looking()) return unsent_.push_back([this, request, done = std::move(done)] { call(request, done); });
  // All of these may be done twice without harm: they say how things are.
  pool_.request(servers(), cs::kMethodOf<Request>, core::to_compact_json(request), {.timeout = kTimeout, .repeatable = true},
                std::move(done));
}

void ServerLink::send(const cc::Request& request) {
  std::visit([this](const auto& r) { on(r); }, request);
}

void ServerLink::on(const cc::Register&) {
  call(cs::RegisterNode{node_}, [this](core::Result<core::Bytes> body) {
    auto answer = decoded<cs::Answer>(body);
    if (answer.ok()) tell_(cc::Registered{.ttl = answer->heartbeat_ttl, .cluster_id = ""});
    else tell_(cc::RegisterFailed{answer.error()});
  });
}

void ServerLink::on(const cc::Heartbeat&) {
  call(cs::UpdateNodeStatus{.node = node_.id, .secret_id = node_.secret_id, .status = core::model::NodeStatus::ready},
       [this](core::Result<core::Bytes> body) {
         auto answer = decoded<cs::Answer>(body);
         if (!answer.ok()) return tell_(cc::HeartbeatFailed{answer.error()});
         settle();
         tell_(cc::HeartbeatAnswered{answer->heartbeat_ttl});
       });
}

void ServerLink::on(const cc::Watch&) {
  if (watch_ != 0) pool_.cancel(watch_);
  const cs::WatchAssignment request{.node = node_.id, .secret_id = node_.secret_id};
  watch_ = pool_.open(
      servers(), cs::kMethodOf<cs::WatchAssignment>, core::to_compact_json(request), {.timeout = core::Duration::zero()},
      [this](core::ByteView item) {
        auto assignment = core::from_json<cs::Assignment>(item, {.bytes = core::limits::kFrameBytesMax});
        if (assignment.ok()) tell_(cc::Assigned{.index = assignment->index, .allocs = std::move(assignment->allocs)});
      },
      [this](core::Result<core::Unit> ended) {
        watch_ = 0;
        tell_(cc::WatchEnded{ended.ok() ? core::Error{core::Errc::unavailable, "the server ended the subscription"} : ended.error()});
      });
}

void ServerLink::on(const cc::Fetch& request) {
  call(cs::FetchAllocs{.node = node_.id, .secret_id = node_.secret_id, .allocs = request.allocs},
       [this](core::Result<core::Bytes> body) {
         auto fetched = decoded<cs::FetchedAllocs>(body);
         if (!fetched.ok()) return tell_(cc::FetchFailed{fetched.error()});
         auto allocs = cs::unpack(std::move(*fetched));
         if (allocs.ok()) tell_(cc::Fetched{std::move(*allocs)});
         else tell_(cc::FetchFailed{allocs.error()});
       });
}

void ServerLink::on(const cc::Report& report) {
  call(cs::UpdateAllocs{.node = node_.id, .secret_id = node_.secret_id, .allocs = report.updates}, [this](core::Result<core::Bytes> body) {
    if (body.ok()) tell_(cc::ReportAccepted{});
    else tell_(cc::ReportFailed{body.error()});
  });
}

void ServerLink::mark_down(net::uv::Done<core::Unit> done) {
  call(cs::UpdateNodeStatus{.node = node_.id, .secret_id = node_.secret_id, .status = core::model::NodeStatus::down},
       [done = std::move(done)](core::Result<core::Bytes> body) {
         if (body.ok()) done(core::Unit{});
         else done(body.error());
       });
}

}  // namespace agent::client
