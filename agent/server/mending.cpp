// SPDX-License-Identifier: MPL-2.0
#include "agent/server/mending.h"

#include <algorithm>
#include <utility>

#include "agent/config_keys.h"
#include "agent/config_ports.h"
#include "agent/server/keyring_file.h"
#include "agent/server/rpc_listener.h"
#include "agent/server/rpc_options.h"
#include "core/base/fields.h"
#include "core/server/methods.h"
#include "net/secure/keys.h"

namespace agent::server {
namespace {

using namespace std::chrono_literals;
using core::Errc;
using core::Error;
using core::server::FetchEntries;
using core::server::FetchSnapshot;

constexpr core::Duration kFirstPause = 500ms, kLongestPause = 10s;
constexpr core::Duration kAnswerTimeout = 10s;
// A server that cannot be mended yet says so this often.
constexpr core::Duration kTellAgain = 1min;

core::Bytes body_of(const LossQuestion& question) {
  return std::visit([](const auto& ask) { return core::to_compact_json(ask); }, question);
}

net::rpc::Method method_of(const LossQuestion& question) {
  return std::visit([](const auto& ask) { return core::server::kMethodOf<std::decay_t<decltype(ask)>>; }, question);
}

}  // namespace

Mending::Mending(net::uv::Loop& loop, const config::Config& config, Credentials credentials, Error refusal, Done done, core::Logger logger)
    : loop_(loop),
      refusal_(std::move(refusal)),
      done_(std::move(done)),
      log_(logger.named("server")),
      directory_(config.server.data_dir),
      mender_(std::make_shared<Mender>(env_, directory_)),
      pause_(kFirstPause),
      pool_(loop, peer_options(config, credentials), core::Rng(net::secure::random_seed())),
      listener_(loop, dispatcher_, listener_options(config, credentials)),
      timer_(loop, [this] { look(); }),
      worker_(loop, {.name = "mend"}) {}

core::Result<std::unique_ptr<Mending>> Mending::begin(net::uv::Loop& loop, const config::Config& config, const Error& refusal, Done done,
                                                      core::Logger logger) {
  store::PosixEnv env;
  TRY(const auto keys, open_keyring(env, config.server.data_dir, config.server.encrypt.text, logger));
  TRY(const auto rpc_keys, config::rpc_keys(config, keys));
  std::unique_ptr<Mending> out(new Mending(loop, config, server_credentials(rpc_keys), refusal, std::move(done), std::move(logger)));
  TRY(out->lock_, out->env_.lock(out->directory_ + "/lock"));
  TRY(out->peers_, out->peers(config));
  if (out->peers_.empty()) return refusal;
  out->serve();
  TRY(out->listener_.listen(rpc_address(config)));
  out->timer_.arm(loop.now());
  return out;
}

core::Result<std::vector<std::string>> Mending::peers(const config::Config& config) {
  auto known = mender_->peers();
  if (!known.ok()) return known.error().code == Errc::corrupt ? refusal_ : known.error();
  auto out = std::move(*known);
  for (const auto& peer : config.server.static_peers)
    if (std::find(out.begin(), out.end(), peer) == out.end()) out.push_back(peer);
  std::erase(out, advertised_rpc(config));
  return out;
}

// ---- for others ------------------------------------------------------------------------------------

void Mending::serve() {
  serve<FetchEntries>(core::server::kMethodOf<FetchEntries>);
  serve<FetchSnapshot>(core::server::kMethodOf<FetchSnapshot>);
  const auto not_yet = [](const net::rpc::Inbound& inbound) {
    inbound.reply.fail(Error{Errc::no_leader, "No cluster leader: this server mends its data first"});
  };
  for (const auto method : client_requests()) dispatcher_.on_request(method, net::rpc::kAnyone, not_yet);
  dispatcher_.on_request(core::server::kHttpRequest, net::rpc::kClients | net::rpc::kNeighbours, not_yet);
}

template <class Ask>
void Mending::serve(net::rpc::Method method) {
  dispatcher_.on_request(method, net::rpc::kServers, [this](net::rpc::Inbound inbound) {
    auto ask = core::from_json<Ask>(inbound.body);
    if (!ask.ok()) return inbound.reply.fail(ask.error());
    const auto reply = inbound.reply;
    const auto submitted = worker_.submit(
        [mender = mender_, ask = std::move(*ask)]() -> core::Result<core::Bytes> {
          TRY(const auto answer, mender->answer(ask));
          return core::raft::encode(answer);
        },
        [reply](core::Result<core::Bytes> answer) {
          if (answer.ok()) reply.ok(*answer);
          else reply.fail(answer.error());
        });
    if (!submitted.ok()) reply.fail(submitted.error());
  });
}

// ---- for ourselves ---------------------------------------------------------------------------------

void Mending::look() {
  struct Found {
    std::optional<LossQuestion> question;
    std::string damage;
  };
  lookups_.clear();
  for (const auto& peer : peers_) resolve(peer);
  const auto submitted = worker_.submit(
      [mender = mender_]() -> core::Result<Found> {
        TRY(auto question, mender->look());
        return Found{std::move(question), mender->damage()};
      },
      lifetime_.guard([this](core::Result<Found> found) {
        if (!found.ok()) return end(found.error().code == Errc::corrupt ? refusal_ : found.error());
        question_ = std::move(found->question);
        if (!question_) return end(damage_.empty() ? core::Status(refusal_) : core::ok_status());
        if (found->damage != damage_) LOG(log_, error, "data is damaged: other servers are asked for it", {"damage", found->damage}, {"servers", peers_.size()});
        damage_ = found->damage;
        ask(0);
      }));
  ASSERT(submitted.ok());  // one of ours at a time, and others' questions are bounded by their connections
}

void Mending::resolve(const std::string& peer) {
  if (auto numeric = net::uv::parse_address(peer); numeric.ok()) {
    addresses_.insert_or_assign(peer, std::move(*numeric));
    return;
  }
  const auto name = net::uv::parse_host_port(peer, config::kRpcPort);
  if (!name.ok()) return;  // configuration was checked
  lookups_.try_emplace(peer, loop_, *name, [this, peer](core::Result<std::vector<net::uv::Address>> found) {
    if (found.ok()) addresses_.insert_or_assign(peer, found->front());
    else LOG(log_, warn, "a server's name does not resolve", {"name", peer}, {"error", found.error()});
  });
}

// Each round begins with another server: what the first one has need not be of the same history.
void Mending::ask(std::size_t nth) {
  if (nth == peers_.size()) return nobody();
  const auto known = addresses_.find(peers_[(round_ / 2 + nth) % peers_.size()]);
  if (known == addresses_.end()) return ask(nth + 1);
  pool_.request({known->second}, method_of(*question_), body_of(*question_), {.timeout = kAnswerTimeout, .repeatable = true},
                lifetime_.guard([this, nth, by = known->second](core::Result<core::Bytes> body) { answered(nth, by, body); }));
}

void Mending::answered(std::size_t nth, const net::uv::Address& by, const core::Result<core::Bytes>& body) {
  auto answer = body.ok() ? core::raft::decode_message(*body) : core::Result<core::raft::Message>(body.error());
  if (!answer.ok()) LOG(log_, debug, "a server does not have what is lost", {"server", net::uv::to_string(by)}, {"error", answer.error()});
  const auto submitted = worker_.submit(
      [mender = mender_, answer = std::move(answer)]() -> core::Result<Step> {
        Step step{Mender::Took::nothing, {}};
        if (answer.ok()) {
          TRY(step.took, mender->take(*answer));
        }
        if (step.took == Mender::Took::nothing) mender->turn_to_next();
        if (step.took != Mender::Took::whole) step.next = mender->question();
        return step;
      },
      lifetime_.guard([this, nth, by](core::Result<Step> step) { took(nth, by, std::move(step)); }));
  ASSERT(submitted.ok());  // as in look()
}

void Mending::took(std::size_t nth, const net::uv::Address& by, core::Result<Step> step) {
  if (!step.ok()) return end(step.error());
  question_ = std::move(step->next);
  if (step->took == Mender::Took::nothing) return ask(nth + 1);
  if (step->took == Mender::Took::some) return ask(nth);
  LOG(log_, info, "mended with what another server had", {"damage", damage_}, {"server", net::uv::to_string(by)});
  pause_ = kFirstPause;
  told_at_ = {};
  look();
}

void Mending::nobody() {
  const auto now = loop_.now();
  if (!addresses_.empty() && (told_at_ == core::Instant{} || now - told_at_ >= kTellAgain)) {
    told_at_ = now;
    LOG(log_, warn, "no server that can be reached has what is lost; asking on", {"damage", damage_}, {"servers", peers_.size()});
  }
  ++round_;
  const auto submitted = worker_.submit([mender = mender_]() -> core::Status { return mender->nobody_had_it(), core::ok_status(); },
                                        lifetime_.guard([this](const core::Status&) {
                                          timer_.arm(loop_.now() + pause_);
                                          pause_ = std::min(pause_ * 2, kLongestPause);
                                        }));
  ASSERT(submitted.ok());  // as in look()
}

// The owner destroys us when it is told.
void Mending::end(core::Status status) {
  loop_.defer([done = std::exchange(done_, nullptr), status = std::move(status)] { done(status); });
}

}  // namespace agent::server
