// SPDX-License-Identifier: MPL-2.0
#include "net/uv/unix_socket.h"

#include <sys/stat.h>

#include <utility>

#include "net/uv/error.h"
#include "net/uv/native.h"
#include "net/uv/stream_state.h"

namespace net::uv {

Owned<Stream::State> make_pipe_state(Loop& loop) {
  Owned<Stream::State> state(new Stream::State);
  ASSERT(uv_pipe_init(&loop.state().loop, &state->pipe, 0) == 0);
  state->handle.data = state.get();
  return state;
}

namespace {

// uv_pipe_bind would cut a longer path and bind another file.
constexpr std::size_t kPathBytesMax = 107;

core::Status check_path(const std::string& path) {
  if (path.empty() || path.size() > kPathBytesMax) return core::Error{core::Errc::invalid, "socket path \"" + path + "\" must have 1 to 107 bytes"};
  return core::ok_status();
}

// Lives until libuv calls back, which it does even when the handle is closed first.
struct ConnectRequest {
  uv_connect_t request{};
  UnixConnect::State* attempt = nullptr;  // null once the attempt was given up
};

}  // namespace

struct UnixListener::State {
  uv_pipe_t handle{};
  bool detached = false;
  Loop* loop = nullptr;
  OnConnection on_connection;

  void on_incoming(int status) {
    if (detached || status < 0) return;
    auto accepted = make_pipe_state(*loop);
    if (uv_accept(reinterpret_cast<uv_stream_t*>(&handle), &accepted->stream) != 0) return;
    on_connection(Stream(std::move(accepted)));
  }
};

core::Result<UnixListener> UnixListener::listen(Loop& loop, const std::string& path, OnConnection on_connection) {
  TRY(check_path(path));
  Owned<State> state(new State);
  state->loop = &loop;
  state->on_connection = std::move(on_connection);
  ASSERT(uv_pipe_init(&loop.state().loop, &state->handle, 0) == 0);
  state->handle.data = state.get();
  int status = uv_pipe_bind(&state->handle, path.c_str());
  if (status == 0) {
    // Nobody can connect before listen(), so there is no moment at which others may.
    if (::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0) return core::Error{core::Errc::io, "chmod " + path};
    status = uv_listen(reinterpret_cast<uv_stream_t*>(&state->handle), 128,
                       [](uv_stream_t* s, int problem) { static_cast<State*>(s->data)->on_incoming(problem); });
  }
  if (status < 0) return error_from(status, "listen on " + path);
  return UnixListener(std::move(state));
}

UnixListener::UnixListener(Owned<State> state) : state_(std::move(state)) {}
UnixListener::UnixListener(UnixListener&&) noexcept = default;
UnixListener& UnixListener::operator=(UnixListener&&) noexcept = default;
UnixListener::~UnixListener() = default;

struct UnixConnect::State {
  std::string what;
  Done<Stream> done;
  Owned<Stream::State> stream;
  ConnectRequest* request = nullptr;
  Deferred fail;
  core::Error failure;

  explicit State(Loop& loop) : fail(loop, [this] { finish(core::Error(failure)); }) {}
  ~State() {
    if (request != nullptr) request->attempt = nullptr;
  }
  // Ends the attempt; `done` may destroy us.
  void finish(core::Result<Stream> result) {
    stream.reset();
    const auto tell = std::exchange(done, {});
    tell(std::move(result));
  }
  void on_connected(int status) {
    request = nullptr;
    if (status < 0) return finish(error_from(status, what));
    Stream connected(std::move(stream));
    finish(std::move(connected));
  }
};

UnixConnect::UnixConnect(Loop& loop, const std::string& path, Done<Stream> done) : state_(new State(loop)) {
  auto& state = *state_;
  state.what = "connect to " + path;
  state.done = std::move(done);
  if (auto status = check_path(path); !status.ok()) {
    state.failure = status.error();
    state.fail.schedule();
    return;
  }
  state.stream = make_pipe_state(loop);
  state.request = new ConnectRequest;
  state.request->attempt = &state;
  state.request->request.data = state.request;
  uv_pipe_connect(&state.request->request, &state.stream->pipe, path.c_str(), [](uv_connect_t* r, int problem) {
    std::unique_ptr<ConnectRequest> owned(static_cast<ConnectRequest*>(r->data));
    if (owned->attempt != nullptr) owned->attempt->on_connected(problem);
  });
}

UnixConnect::UnixConnect(UnixConnect&&) noexcept = default;
UnixConnect& UnixConnect::operator=(UnixConnect&&) noexcept = default;
UnixConnect::~UnixConnect() = default;

}  // namespace net::uv
