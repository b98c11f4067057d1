// SPDX-License-Identifier: MPL-2.0
#include "agent/server/own_keyring.h"

#include <utility>

#include "agent/server/keyring_file.h"

namespace agent::server {
namespace {

using core::Errc;
using core::Error;
using core::server::KeyringOp;
using net::secure::Key;
using net::secure::Keyring;

constexpr std::size_t kWaitingMax = 64;

core::Status apply(KeyringOp op, const Key& key, Keyring& keys) {
  switch (op) {
    case KeyringOp::list: break;
    case KeyringOp::install:
      keys.add(key);
      return check_size(keys);
    case KeyringOp::use: return keys.use(key);
    case KeyringOp::remove: {
      auto removed = keys.remove(key);
      // So that what went through on some servers only can be asked for again.
      return !removed.ok() && removed.error().code == Errc::not_found ? core::ok_status() : removed;
    }
  }
  UNREACHABLE();
}

std::string_view told(KeyringOp op) {
  switch (op) {
    case KeyringOp::list: break;
    case KeyringOp::install: return "a key was installed";
    case KeyringOp::use: return "packets are sealed with another key";
    case KeyringOp::remove: return "a key was removed";
  }
  UNREACHABLE();
}

}  // namespace

OwnKeyring::OwnKeyring(net::uv::Loop& loop, store::Env& env, std::string path, Keyring& keys, OnChanged on_changed, core::Logger logger)
    : loop_(loop), env_(env), path_(std::move(path)), keys_(keys), on_changed_(std::move(on_changed)), log_(std::move(logger)) {}

void OwnKeyring::change(KeyringOp op, const Key& key, net::uv::Done<core::Unit> done) {
  ASSERT(op != KeyringOp::list);
  if (waiting_.size() >= kWaitingMax)
    return loop_.defer([done = std::move(done)] { done(Error{Errc::busy, "too many changes of keys at once"}); });
  waiting_.push_back({op, key, std::move(done)});
  if (waiting_.size() == 1) loop_.defer(lifetime_.guard([this] { begin_next(); }));
}

void OwnKeyring::begin_next() {
  if (waiting_.empty()) return;
  auto changed = keys_;
  auto applied = apply(waiting_.front().op, waiting_.front().key, changed);
  if (!applied.ok() || changed.keys() == keys_.keys()) return finish(std::move(applied));
  write(std::move(changed));
}

void OwnKeyring::write(Keyring changed) {
  if (!worker_) worker_.emplace(loop_, net::uv::Worker::Options{.name = "keyring", .queue_max = 1});
  const auto submitted = worker_->submit([this, changed] { return write_keyring(env_, path_, changed); },
                                         lifetime_.guard([this, changed](core::Status written) {
                                           if (!written.ok()) return finish(core::within("keyring not written", std::move(written).error()));
                                           keys_ = changed;
                                           on_changed_(keys_);
                                           LOG(log_, info, std::string(told(waiting_.front().op)), {"keys", keys_.keys().size()});
                                           finish(core::ok_status());
                                         }));
  ASSERT(submitted.ok());  // one at a time
}

void OwnKeyring::finish(core::Status status) {
  const auto done = std::move(waiting_.front().done);
  waiting_.pop_front();
  if (!waiting_.empty()) loop_.defer(lifetime_.guard([this] { begin_next(); }));
  done(std::move(status));  // last: it may end this
}

}  // namespace agent::server
