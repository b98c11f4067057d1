// SPDX-License-Identifier: MPL-2.0
#include "agent/server/keyrings.h"

#include <algorithm>
#include <utility>

#include "agent/server/keyring_file.h"
#include "core/base/fields.h"
#include "core/base/limits.h"

namespace agent::server {
namespace {

using namespace std::chrono_literals;
using core::Errc;
using core::Error;
using core::server::KeyringAnswer;
using core::server::KeyringOp;
using core::server::KeyringQuestion;
using core::server::KeyringReport;

// A server that does not answer while a few syncs of its disk could be done is not well.
constexpr core::Duration kPatience = 5s;
// Servers asked at a time: each over a connection of its own.
constexpr std::size_t kAtOnce = 64;
// Operations under way.
constexpr std::size_t kRoundsMax = 64;

std::string no_encryption(KeyringOp op) {
  return op == KeyringOp::list ? "Keyring is empty (encryption not enabled)" : "No keyring to modify (encryption not enabled)";
}

// Why a server with these keys would refuse; empty: it would not.
std::string objection(KeyringOp op, const std::string& key, const std::vector<std::string>& keys) {
  const bool there = std::find(keys.begin(), keys.end(), key) != keys.end();
  if (op == KeyringOp::install && !there && keys.size() >= kKeyringKeysMax) return "the keyring is full; remove a key first";
  if (op == KeyringOp::use && !there) return "requested key is not in the keyring";
  if (op == KeyringOp::remove && keys.front() == key) return "removing the primary key is not allowed";
  return "";
}

std::string share(std::size_t some, std::size_t all, std::string_view what) {
  return std::to_string(some) + "/" + std::to_string(all) + " nodes reported " + std::string(what);
}

}  // namespace

void Keyrings::ask(KeyringOp op, const std::string& key, net::uv::Done<KeyringReport> done) {
  const auto refuse = [&](Error why) { loop_.defer([done = std::move(done), why = std::move(why)] { done(why); }); };
  if (rounds_.size() >= kRoundsMax) return refuse({Errc::busy, "too many operations on keys at once"});
  Round round{.wanted = op, .key = {}, .parties = {}, .done = {}};
  if (op != KeyringOp::list) {
    const auto parsed = net::secure::parse_key(key);
    if (!parsed.ok()) return refuse({Errc::rejected, parsed.error().detail});
    round.key = format_key(*parsed);
  }
  for (auto& server : links_.servers()) round.parties.push_back({.server = std::move(server)});
  ASSERT(!round.parties.empty());
  round.done = std::move(done);
  rounds_.emplace(next_, std::move(round));
  begin_some(next_++);
}

void Keyrings::begin_some(std::uint64_t number) {
  auto& round = rounds_.at(number);
  while (round.begun < round.parties.size() && round.begun - round.ended < kAtOnce) begin(number, round.begun++);
}

void Keyrings::begin(std::uint64_t number, std::size_t party) {
  const auto& round = rounds_.at(number);
  const auto& [server, life] = round.parties[party];
  const KeyringQuestion question{.op = round.now, .key = round.now == KeyringOp::list ? "" : round.key, .to = server.name, .life = life};
  const net::uv::Done<KeyringAnswer> on_answered =
      lifetime_.guard([this, number, party](const core::Result<KeyringAnswer>& answer) { on_answer(number, party, answer); });
  if (server.name == links_.self) return loop_.defer(lifetime_.guard([this, question, on_answered] { answer_to(question, on_answered); }));
  links_.ask(server.at, core::to_compact_json(question), kPatience, [on_answered](const core::Result<core::Bytes>& body) {
    on_answered(body.ok() ? core::from_json<KeyringAnswer>(*body) : core::Result<KeyringAnswer>(body.error()));
  });
}

void Keyrings::on_answer(std::uint64_t number, std::size_t party, const core::Result<KeyringAnswer>& answer) {
  auto& round = rounds_.at(number);
  auto& [server, life] = round.parties[party];
  auto why = answer.ok() ? answer->refused : answer.error().detail;
  if (why.empty() && round.now == KeyringOp::list) {
    life = answer->life;
    for (const auto& key : answer->keys) ++round.report.keys[key];
    why = answer->keys.empty() ? no_encryption(round.now) : objection(round.wanted, round.key, answer->keys);
  }
  if (!why.empty()) {
    ++(answer.ok() ? round.refused : round.silent);
    LOG(log_, warn, "an operation on the keyring failed on a server", {"operation", core::to_word(round.wanted)}, {"server", server.name},
        {"error", why});
  }
  if (++round.ended == round.parties.size()) return conclude(number);
  begin_some(number);
}

void Keyrings::conclude(std::uint64_t number) {
  auto& round = rounds_.at(number);
  const auto all = round.parties.size();
  const bool done = round.refused + round.silent == 0;
  if (done && round.now != round.wanted) {
    round.now = round.wanted;
    round.begun = round.ended = 0;
    round.report = {};
    return begin_some(number);
  }
  auto ended = std::move(rounds_.extract(number).mapped());
  if (ended.refused > 0) return ended.done(Error{Errc::rejected, share(ended.refused, all, "failure")});
  if (ended.silent > 0) return ended.done(Error{Errc::rejected, share(all - ended.silent, all, "success")});
  ended.report.servers = all;
  ended.done(std::move(ended.report));
}

void Keyrings::answer(core::ByteView question, net::uv::Done<core::Bytes> done) {
  const auto asked = core::from_json<KeyringQuestion>(question, {.bytes = 4 * core::limits::kKiB});
  if (!asked.ok()) return loop_.defer([done = std::move(done), why = asked.error()] { done(why); });
  answer_to(*asked, [done = std::move(done)](const core::Result<KeyringAnswer>& answer) { done(core::to_compact_json(*answer)); });
}

// Refusals are answers: this never gives an error.
void Keyrings::answer_to(const KeyringQuestion& question, net::uv::Done<KeyringAnswer> done) {
  KeyringAnswer answer{.refused = {}, .keys = {}, .life = links_.life};
  const auto now = [&] { loop_.defer([done = std::move(done), answer = std::move(answer)] { done(answer); }); };
  const auto refuse = [&](std::string why) {
    answer.refused = std::move(why);
    now();
  };
  if (question.to != links_.self) return refuse("the question is for another server");
  if (own_ == nullptr) return refuse(no_encryption(question.op));
  if (question.op == KeyringOp::list) {
    for (const auto& key : own_->keys().keys()) answer.keys.push_back(format_key(key));
    return now();
  }
  // Else what was recorded before this server's start could be said to it again.
  if (question.life != links_.life) return refuse("the server was started anew meanwhile");
  const auto key = net::secure::parse_key(question.key);
  if (!key.ok()) return refuse(key.error().detail);
  own_->change(question.op, *key, [answer = std::move(answer), done = std::move(done)](const core::Status& changed) mutable {
    if (!changed.ok()) answer.refused = changed.error().detail;
    done(std::move(answer));
  });
}

}  // namespace agent::server
