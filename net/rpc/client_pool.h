// SPDX-License-Identifier: MPL-2.0
// Connections to servers: dialed when first needed, shared by all calls, dialed again after a wait
// that doubles (with jitter) while a server is unreachable.
//
// A call names its servers in order of preference; one that cannot be reached is passed over. A
// request that had left when its connection broke is only sent again if the caller says that doing
// it twice does no harm; else the outcome is Errc::unknown_fate.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "core/base/rng.h"
#include "net/rpc/connection.h"
#include "net/rpc/dispatcher.h"
#include "net/uv/address.h"

namespace net::rpc {

struct PoolOptions {
  Hello hello;
  std::shared_ptr<const secure::Credentials> credentials = {};  // null: not encrypted
  const Dispatcher* dispatcher = nullptr;    // answers what the servers ask us; outlives the pool
  core::Duration dial_timeout = std::chrono::seconds(5);  // until the server has introduced itself
  core::Duration backoff_min = std::chrono::milliseconds(100);
  core::Duration backoff_max = std::chrono::seconds(15);
};

struct CallOptions {
  core::Duration timeout = std::chrono::seconds(30);  // over all attempts
  bool repeatable = false;                            // doing it twice does no harm
};

class ClientPool {
 public:
  struct State;

  ClientPool(uv::Loop& loop, PoolOptions options, core::Rng rng);
  ClientPool(const ClientPool&) = delete;
  ClientPool& operator=(const ClientPool&) = delete;
  // Drops the calls in flight: nobody is told.
  ~ClientPool();

  // Errc::unavailable: none of `servers` can be reached at the moment; others as for Connection::request.
  CallId request(std::vector<uv::Address> servers, Method method, core::Bytes body, CallOptions options, uv::Done<core::Bytes> done);
  // A stream from the first server that can be reached; once items came it is not begun again elsewhere.
  CallId open(std::vector<uv::Address> servers, Method method, core::Bytes body, CallOptions options, Connection::OnItem on_item, uv::Done<core::Unit> done);
  void cancel(CallId call);
  // Stops and goes on granting a stream's sender room (see Connection::pause).
  void pause(CallId call);
  void resume(CallId call);

  // Sends if there is a connection, else begins to dial and says Errc::unavailable: for what is repeated anyway.
  core::Status notify(const uv::Address& server, Method method, core::ByteView body);
  // Gives up the connection, as if the server had gone: for who knows better than the connection does.
  void drop(const uv::Address& server, const core::Error& why);
  // Closes the connection if nothing is asked over it at the moment: it is not needed any more.
  void drop_idle(const uv::Address& server);
  // Whether there is a connection that works.
  bool connected(const uv::Address& server) const;
  // Called when a server was reached, and when one was lost or could not be reached.
  void on_up(std::function<void(const uv::Address&, const Peer&)> fn);
  void on_down(std::function<void(const uv::Address&, const core::Error&)> fn);

 private:
  std::unique_ptr<State> state_;
};

}  // namespace net::rpc
