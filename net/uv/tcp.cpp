// SPDX-License-Identifier: MPL-2.0
#include "net/uv/tcp.h"

#include <optional>
#include <utility>

#include "net/uv/error.h"
#include "net/uv/native.h"
#include "net/uv/stream_state.h"
#include "net/uv/timer.h"

namespace net::uv {

Owned<Stream::State> make_tcp_state(Loop& loop) {
  Owned<Stream::State> state(new Stream::State);
  ASSERT(uv_tcp_init(&loop.state().loop, &state->tcp) == 0);
  state->handle.data = state.get();
  return state;
}

void prepare_tcp(Stream::State& state) { uv_tcp_nodelay(&state.tcp, 1); }

// ---- listening -----------------------------------------------------------------------------------

struct TcpListener::State {
  uv_tcp_t handle{};
  bool detached = false;
  Loop* loop = nullptr;
  OnConnection on_connection;

  // A failed accept (no descriptors left, peer gone before we looked) is retried by libuv as long
  // as the listener is readable; the peer sees a refused or reset connection meanwhile.
  void on_incoming(int status) {
    if (detached || status < 0) return;
    auto accepted = make_tcp_state(*loop);
    if (uv_accept(reinterpret_cast<uv_stream_t*>(&handle), &accepted->stream) != 0) return;
    prepare_tcp(*accepted);
    on_connection(Stream(std::move(accepted)));
  }
};

core::Result<TcpListener> TcpListener::listen(Loop& loop, const Address& address, OnConnection on_connection) {
  TRY(const auto where, to_sockaddr(address));
  Owned<State> state(new State);
  state->loop = &loop;
  state->on_connection = std::move(on_connection);
  ASSERT(uv_tcp_init(&loop.state().loop, &state->handle) == 0);
  state->handle.data = state.get();
  int status = uv_tcp_bind(&state->handle, reinterpret_cast<const sockaddr*>(&where), 0);
  if (status == 0) {
    constexpr int kBacklog = 1024;  // the kernel cuts it to somaxconn
    status = uv_listen(reinterpret_cast<uv_stream_t*>(&state->handle), kBacklog,
                       [](uv_stream_t* s, int problem) { static_cast<State*>(s->data)->on_incoming(problem); });
  }
  if (status < 0) return error_from(status, "listen on " + to_string(address));
  return TcpListener(std::move(state));
}

TcpListener::TcpListener(Owned<State> state) : state_(std::move(state)) {}
TcpListener::TcpListener(TcpListener&&) noexcept = default;
TcpListener& TcpListener::operator=(TcpListener&&) noexcept = default;
TcpListener::~TcpListener() = default;

Address TcpListener::local() const {
  sockaddr_storage storage{};
  int size = sizeof storage;
  ASSERT(uv_tcp_getsockname(&state_->handle, reinterpret_cast<sockaddr*>(&storage), &size) == 0);
  return from_sockaddr(reinterpret_cast<sockaddr*>(&storage));
}

// ---- connecting ----------------------------------------------------------------------------------

namespace {

// Lives until libuv calls back, which it does even when the handle is closed first.
struct ConnectRequest {
  uv_connect_t request{};
  TcpConnect::State* attempt = nullptr;  // null once the attempt was given up
};

}  // namespace

struct TcpConnect::State {
  std::string what;
  Done<Stream> done;
  Owned<Stream::State> stream;
  ConnectRequest* request = nullptr;
  std::optional<Timer> timer;  // tells of the time limit, or of a failure before libuv took the request
  core::Error failure;

  ~State() {
    if (request != nullptr) request->attempt = nullptr;
  }
  // Ends the attempt; `done` may destroy us.
  void finish(core::Result<Stream> result) {
    if (request != nullptr) request->attempt = nullptr;
    request = nullptr;
    stream.reset();
    timer.reset();
    const auto tell = std::exchange(done, {});
    tell(std::move(result));
  }
  void on_connected(int status) {
    request = nullptr;
    if (status < 0) return finish(error_from(status, what));
    prepare_tcp(*stream);
    Stream connected(std::move(stream));
    finish(std::move(connected));
  }
};

TcpConnect::TcpConnect(Loop& loop, const Address& address, core::Duration timeout, Done<Stream> done) : state_(new State) {
  auto& state = *state_;
  state.what = "connect to " + to_string(address);
  state.done = std::move(done);
  state.failure = {core::Errc::timeout, state.what + ": timed out"};
  state.timer.emplace(loop, [&state] { state.finish(core::Error(state.failure)); });
  const auto where = to_sockaddr(address);
  int status = UV_EINVAL;
  if (where.ok()) {
    state.stream = make_tcp_state(loop);
    state.request = new ConnectRequest;
    state.request->attempt = &state;
    state.request->request.data = state.request;
    status = uv_tcp_connect(&state.request->request, &state.stream->tcp, reinterpret_cast<const sockaddr*>(&*where), [](uv_connect_t* r, int problem) {
      std::unique_ptr<ConnectRequest> owned(static_cast<ConnectRequest*>(r->data));
      if (owned->attempt != nullptr) owned->attempt->on_connected(problem);
    });
  }
  if (status < 0) {
    delete std::exchange(state.request, nullptr);
    state.failure = error_from(status, state.what);
    timeout = core::Duration(0);
  }
  state.timer->arm(loop.now() + timeout);
}

TcpConnect::TcpConnect(TcpConnect&&) noexcept = default;
TcpConnect& TcpConnect::operator=(TcpConnect&&) noexcept = default;
TcpConnect::~TcpConnect() = default;

}  // namespace net::uv
