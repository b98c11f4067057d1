// SPDX-License-Identifier: MPL-2.0
// Staying known to the servers: register until it succeeds, then beat within the time they allow,
// and register again when they have forgotten this node or it has changed.
#pragma once

#include <optional>
#include <vector>

#include "core/base/rng.h"
#include "core/client/io.h"

namespace core::client {

class Contact {
 public:
  explicit Contact(Rng rng) : rng_(rng) {}

  void on_registered(Duration ttl, Now now, std::vector<Request>& send);
  void on_register_failed(Now now);
  void on_heartbeat(Duration ttl, Now now);
  void on_heartbeat_failed(const Error& error, Now now, std::vector<Request>& send);
  // Register again soon; several changes in a short time are one.
  void on_node_changed(Now now);
  void wake(Now now, std::vector<Request>& send);

  std::optional<Instant> next_deadline() const { return deadline_; }
  // The servers know this node.
  bool registered() const { return registered_; }
  // The last time a server let us go on; nothing if none has yet.
  std::optional<Instant> heard_at() const { return heard_at_; }

 private:
  enum class Waiting { nothing, for_register, for_heartbeat };  // at most one request is out
  void send_register(std::vector<Request>& send);
  void send_heartbeat(std::vector<Request>& send);
  Duration after_failure(Now now);

  Rng rng_;
  Waiting waiting_ = Waiting::nothing;
  bool registered_ = false;
  bool stale_ = true;  // what the servers know of us is not what we are
  Duration ttl_{};
  std::optional<Instant> heard_at_;
  std::optional<Instant> deadline_ = Instant::min();
};

}  // namespace core::client
