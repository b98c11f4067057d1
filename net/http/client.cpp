// SPDX-License-Identifier: MPL-2.0
#include "net/http/client.h"

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "net/http/parser_response.h"
#include "net/http/wire.h"
#include "net/uv/resolver.h"
#include "net/uv/tcp.h"
#include "net/uv/timer.h"

namespace net::http {
namespace {

constexpr core::Duration kConnectTimeout = std::chrono::seconds(10);
constexpr std::size_t kIdleMax = 8;

}  // namespace

// One call: resolve, connect (each address in turn), write, read.
struct Call {
  Client::State& client;
  const Client::CallId id;
  uv::HostPort server;
  Outgoing request;
  Client::OnHead on_head;
  Client::OnBody on_body;
  uv::Done<Response> done;

  std::vector<uv::Address> addresses;
  std::size_t next_address = 0;
  Response response;
  bool reading = false;    // the parser is running: it and its callbacks must stay
  bool cancelled = false;  // meanwhile
  bool head_seen = false;
  bool streaming = false;
  bool reused = false;
  bool answered = false;  // a byte of the answer came
  bool too_large = false;
  std::optional<ResponseParser> parser;
  std::optional<uv::Resolve> resolve;
  std::optional<uv::TcpConnect> connect;
  std::optional<uv::Timer> limit;
  std::optional<uv::Stream> stream;

  Call(Client::State& of, Client::CallId number, uv::HostPort to, Outgoing what)
      : client(of), id(number), server(std::move(to)), request(std::move(what)) {}
  void start();
  void on_resolved(core::Result<std::vector<uv::Address>> found);
  void try_next_address(core::Error last);
  void use(uv::Stream connected, bool was_idle);
  void on_bytes(core::ByteView bytes);
  void on_end(core::Status status);
  void take_head();
  void on_piece(core::ByteView piece);
  void succeed();
  void fail(core::Error error);
};

struct Client::State {
  struct Idle {
    uv::HostPort server;
    uv::Stream stream;
  };
  uv::Loop& loop;
  CallId last_id = 0;
  std::vector<Idle> idle;
  std::map<CallId, std::unique_ptr<Call>> calls;

  explicit State(uv::Loop& on) : loop(on) {}
  std::optional<uv::Stream> take_idle(const uv::HostPort& server);
  void keep(const uv::HostPort& server, uv::Stream stream);
};

std::optional<uv::Stream> Client::State::take_idle(const uv::HostPort& server) {
  for (std::size_t i = idle.size(); i-- > 0;) {
    if (idle[i].server != server) continue;
    std::optional<uv::Stream> stream(std::move(idle[i].stream));
    idle.erase(idle.begin() + static_cast<std::ptrdiff_t>(i));
    return stream;
  }
  return std::nullopt;
}

// A paused stream does not keep the loop running. Whether the server closed it meanwhile shows when
// it is used again.
void Client::State::keep(const uv::HostPort& server, uv::Stream stream) {
  stream.read([](core::ByteView) {}, [](core::Status) {});
  stream.pause();
  idle.push_back({server, std::move(stream)});
  if (idle.size() > kIdleMax) idle.erase(idle.begin());
}

void Call::start() {
  if (request.timeout > core::Duration(0)) {
    limit.emplace(client.loop, [this] { fail({core::Errc::timeout, std::string(to_string(request.method)) + " " + request.target + ": timed out"}); });
    limit->arm(client.loop.now() + request.timeout);
  }
  if (auto idle = client.take_idle(server)) return use(std::move(*idle), true);
  resolve.emplace(client.loop, server, [this](auto found) { on_resolved(std::move(found)); });
}

void Call::on_resolved(core::Result<std::vector<uv::Address>> found) {
  if (!found.ok()) return fail(std::move(found).error());
  addresses = std::move(found).value();
  next_address = 0;
  try_next_address({});
}

void Call::try_next_address(core::Error last) {
  if (next_address == addresses.size()) return fail(std::move(last));
  connect.emplace(client.loop, addresses[next_address++], kConnectTimeout, [this](core::Result<uv::Stream> connected) {
    if (!connected.ok()) return try_next_address(std::move(connected).error());
    use(std::move(connected).value(), false);
  });
}

void Call::use(uv::Stream connected, bool was_idle) {
  reused = was_idle;
  stream.emplace(std::move(connected));
  parser.emplace(ResponseParser::Options{.to_head = request.method == Method::head}, [this](core::ByteView piece) { on_piece(piece); });
  stream->read([this](core::ByteView bytes) { on_bytes(bytes); }, [this](core::Status status) { on_end(std::move(status)); });
  core::Bytes head;
  append_head(head, {.method = request.method, .target = request.target, .host = uv::join_host_port(server.host, server.port), .headers = request.headers, .body_bytes = request.body.size()});
  head.append(request.body);
  stream->write(std::move(head));
}

void Call::on_bytes(core::ByteView bytes) {
  answered = true;
  reading = true;
  auto status = parser->feed(bytes);
  if (parser->head_complete()) take_head();
  reading = false;
  if (cancelled) return void(client.calls.erase(id));
  if (too_large) return fail({core::Errc::too_large, "response body is too large"});
  if (!status.ok()) return fail(std::move(status).error());
  if (parser->complete()) succeed();
}

void Call::on_end(core::Status status) {
  if (reused && !answered) {
    stream.reset();
    parser.reset();
    resolve.emplace(client.loop, server, [this](auto found) { on_resolved(std::move(found)); });
    return;
  }
  if (!status.ok()) return fail(std::move(status).error());
  if (auto finished = parser->finish(); !finished.ok()) return fail(std::move(finished).error());
  succeed();
}

void Call::take_head() {
  if (std::exchange(head_seen, true)) return;
  response = parser->take_head();
  streaming = on_body && response.status / 100 == 2;
  if (streaming && on_head) on_head(response);
}

void Call::on_piece(core::ByteView piece) {
  take_head();
  if (too_large || cancelled) return;
  if (streaming) return on_body(piece);
  too_large = response.body.size() + piece.size() > request.body_bytes_max;
  if (!too_large) response.body.append(core::Bytes(piece));
}

void Call::succeed() {
  auto owned = std::move(client.calls.extract(id).mapped());
  if (parser->keep_alive() && !response.headers.has_token("Connection", "close")) client.keep(server, std::move(*stream));
  done(std::move(response));
}

void Call::fail(core::Error error) {
  auto owned = std::move(client.calls.extract(id).mapped());
  done(std::move(error));
}

Client::Client(uv::Loop& loop) : state_(std::make_unique<State>(loop)) {}
Client::~Client() = default;

Client::CallId Client::send(const uv::HostPort& server, Outgoing request, uv::Done<Response> done) {
  return stream(server, std::move(request), {}, {}, std::move(done));
}

Client::CallId Client::stream(const uv::HostPort& server, Outgoing request, OnHead on_head, OnBody on_body, uv::Done<Response> done) {
  const auto id = ++state_->last_id;
  auto& call = state_->calls[id];
  call = std::make_unique<Call>(*state_, id, server, std::move(request));
  call->on_head = std::move(on_head);
  call->on_body = std::move(on_body);
  call->done = std::move(done);
  call->start();
  return id;
}

void Client::cancel(CallId call) {
  const auto found = state_->calls.find(call);
  if (found == state_->calls.end()) return;
  if (found->second->reading) {
    found->second->cancelled = true;
  } else {
    state_->calls.erase(found);
  }
}

}  // namespace net::http
