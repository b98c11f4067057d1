// SPDX-License-Identifier: MPL-2.0
// A request as its handler sees it, and the way back to the asker: one reply, or a stream of items.
//
// A Reply may be copied and kept; when the last copy goes without an answer the asker gets an error.
// Once the asker cancelled or is gone, everything here does nothing.
#pragma once

#include <functional>
#include <memory>

#include "core/base/time.h"
#include "net/rpc/envelope.h"
#include "net/uv/address.h"

namespace net::rpc {

struct Exchange;

class Reply {
 public:
  explicit Reply(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}

  // The whole answer. REQUIRES (all of these): not answered yet.
  void ok(core::ByteView body) const;
  void fail(const core::Error& error) const;

  // Or a stream: items, then end() (or fail()). item() says false when the asker has enough for now:
  // go on after on_drained. What is sent regardless is queued, up to kStreamQueuedBytesMax; more ends the stream.
  bool item(core::ByteView piece) const;
  void end() const;
  void on_drained(std::function<void()> fn) const;

  // Called once if the asker loses interest before the answer is complete.
  void on_cancelled(std::function<void()> fn) const;
  bool cancelled() const;

 private:
  std::shared_ptr<Exchange> exchange_;  // shared with copies of this reply: the last one decides
};

using PeerId = std::uint64_t;  // of a connection, never used again

struct Peer {
  PeerId id = 0;
  Hello hello;
  uv::Address address;
};

struct Inbound {
  Method method = 0;
  core::ByteView body;      // borrowed for the call
  core::Duration timeout;   // how long the asker waits; zero: for ever
  const Peer& peer;         // borrowed for the call
  Reply reply;
};

}  // namespace net::rpc
