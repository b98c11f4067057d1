// SPDX-License-Identifier: MPL-2.0
// The keys of this server's gossip while it runs. A change is on disk before it counts, and changes are made one
// after the other: what was told as done is so after a crash, too.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "core/base/log.h"
#include "core/server/keyring.h"
#include "net/secure/keys.h"
#include "net/uv/done.h"
#include "net/uv/lifetime.h"
#include "net/uv/worker.h"
#include "store/env.h"

namespace agent::server {

class OwnKeyring {
 public:
  using OnChanged = std::function<void(const net::secure::Keyring&)>;
  // `keys`: what gossip seals and opens with, as `path` has them. All that is borrowed outlives this.
  OwnKeyring(net::uv::Loop& loop, store::Env& env, std::string path, net::secure::Keyring& keys, OnChanged on_changed, core::Logger logger);

  const net::secure::Keyring& keys() const { return keys_; }
  // To install a key that is there or remove one that is not is done at once. Errors: those of
  // net::secure::Keyring, of the file system; busy, also for a keyring that is full. REQUIRES: not list.
  void change(core::server::KeyringOp op, const net::secure::Key& key, net::uv::Done<core::Unit> done);

 private:
  struct Change {
    core::server::KeyringOp op;
    net::secure::Key key;
    net::uv::Done<core::Unit> done;
  };
  void begin_next();
  void write(net::secure::Keyring changed);
  void finish(core::Status status);

  net::uv::Loop& loop_;
  store::Env& env_;
  std::string path_;
  net::secure::Keyring& keys_;
  OnChanged on_changed_;
  core::Logger log_;
  std::deque<Change> waiting_;  // the first is under way
  std::optional<net::uv::Worker> worker_;  // a thread only for who changes keys
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::server
