// SPDX-License-Identifier: MPL-2.0
#include "agent/server/healer.h"

#include <utility>

#include "core/base/fields.h"
#include "core/server/methods.h"

namespace agent::server {
namespace {

using namespace std::chrono_literals;
using core::Errc;
using core::server::FetchEntries;

constexpr core::Duration kAnswerTimeout = 10s;
// Until damage that could not be mended is looked into, and told, again; and if a snapshot stands for it.
constexpr core::Duration kLookAgain = 1min, kLookAgainAtEase = 1h;

}  // namespace

Healer::Healer(net::uv::Loop& loop, store::Env& env, std::string directory, ServerDriver& driver, net::rpc::ClientPool& pool, RaftWire& wire,
               core::ServerId self, core::Logger logger)
    : loop_(loop), env_(env), directory_(std::move(directory)), driver_(driver), pool_(pool), wire_(wire), self_(std::move(self)), log_(std::move(logger)) {}

void Healer::heal(const core::Error& what) {
  if (busy_ || loop_.now() < not_before_) return;
  busy_ = true;
  LOG(log_, error, "log is damaged", {"error", what});
  look();
}

void Healer::look() {
  driver_.on_log_thread([env = &env_, directory = directory_] { return store::log::find_hole(*env, directory); },
                        lifetime_.guard([this](core::Result<std::optional<store::log::Hole>> hole) {
                          if (!hole.ok()) LOG(log_, error, "log cannot be mended while the server runs", {"error", hole.error()});
                          if (!hole.ok()) return rest(kLookAgain);
                          if (!*hole) return rest({});
                          hole_.emplace(std::move(**hole));
                          others_.clear();
                          for (const auto& peer : driver_.configuration().peers)
                            if (peer.id != self_) others_.push_back(peer.id);
                          ask(0);
                        }));
}

void Healer::ask(std::size_t nth) {
  if (nth == others_.size()) return nobody();
  const auto address = wire_.find(others_[nth]);
  if (!address) return ask(nth + 1);
  pool_.request({*address}, core::server::kMethodOf<FetchEntries>, core::to_compact_json(hole_->question()),
                {.timeout = kAnswerTimeout, .repeatable = true},
                lifetime_.guard([this, nth, by = *address](core::Result<core::Bytes> body) { answered(nth, by, body); }));
}

void Healer::answered(std::size_t nth, const net::uv::Address& by, const core::Result<core::Bytes>& body) {
  const auto message = body.ok() ? core::raft::decode_message(*body) : core::Result<core::raft::Message>(body.error());
  if (!message.ok()) LOG(log_, debug, "a server does not have what is lost", {"server", net::uv::to_string(by)}, {"error", message.error()});
  const auto* append = message.ok() ? std::get_if<core::raft::AppendRequest>(&*message) : nullptr;
  if (append == nullptr || hole_->add(append->entries) == 0) return ask(nth + 1);
  if (!hole_->enough()) return ask(nth);
  fill(nth, by);
}

void Healer::fill(std::size_t nth, const net::uv::Address& by) {
  driver_.on_log_thread([env = &env_, directory = directory_, hole = *hole_] { return hole.fill(*env, directory); },
                        lifetime_.guard([this, nth, by](const core::Status& filled) {
                          if (filled.ok()) {
                            LOG(log_, info, "mended with what another server had", {"damage", hole_->hole().describe()}, {"server", net::uv::to_string(by)});
                            return look();
                          }
                          if (filled.error().code != Errc::corrupt) {
                            LOG(log_, error, "log cannot be mended", {"error", filled.error()});
                            return rest(kLookAgain);
                          }
                          if (!hole_->all()) return ask(nth);
                          hole_->clear();  // of another history
                          ask(nth + 1);
                        }));
}

void Healer::nobody() {
  const auto& hole = hole_->hole();
  if (driver_.status().snapshot.index >= hole.last) {
    LOG(log_, warn, "no other server has what is lost; a snapshot stands for it", {"damage", hole.describe()}, {"servers", others_.size()});
    return rest(kLookAgainAtEase);
  }
  LOG(log_, warn, "no other server has what is lost; a snapshot is to stand for it", {"damage", hole.describe()}, {"servers", others_.size()});
  driver_.take_snapshot();
  rest(kLookAgain);
}

void Healer::rest(core::Duration pause) {
  busy_ = false;
  not_before_ = loop_.now() + pause;
}

}  // namespace agent::server
