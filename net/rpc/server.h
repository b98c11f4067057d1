// SPDX-License-Identifier: MPL-2.0
// Accepts RPC connections and hands their requests to a Dispatcher. Connections stay reachable by
// their PeerId, so that a server can ask the client that is connected to it.
#pragma once

#include <functional>
#include <memory>

#include "net/rpc/connection.h"
#include "net/rpc/dispatcher.h"
#include "net/uv/address.h"

namespace net::rpc {

struct ServerOptions {
  Hello hello;
  std::shared_ptr<const secure::Credentials> credentials = {};  // null: not encrypted
  std::size_t connections_per_address_max = 100;  // 0: no limit
  core::Duration handshake_timeout = std::chrono::seconds(5);  // until a peer has introduced itself
};

class Server {
 public:
  struct State;

  // `dispatcher` outlives the server.
  Server(uv::Loop& loop, const Dispatcher& dispatcher, ServerOptions options);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  // Starts accepting; may be called for several addresses. Returns the address with the port taken.
  core::Result<uv::Address> listen(const uv::Address& address);

  // Null once the peer is gone: look it up each time.
  Connection* find(PeerId peer);
  // All that have introduced themselves. `visit` does not close any.
  void each(const std::function<void(Connection&)>& visit) const;
  // Called when a peer has introduced itself, and when such a peer is gone.
  void on_peer(std::function<void(const Peer&)> fn);
  void on_gone(std::function<void(const Peer&, const core::Error&)> fn);
  // Called when a connection is refused: not our protocol, no key, another cluster.
  void on_refused(std::function<void(const uv::Address&, const core::Error&)> fn);
  std::size_t connections() const;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace net::rpc
