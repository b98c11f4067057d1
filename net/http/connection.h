// SPDX-License-Identifier: MPL-2.0
// One client's connection: private to the server.
//
// Happy path: bytes -> parser -> request -> handler; the answer is appended to `out_`, the next
// request in the same bytes is parsed, and one write at the end of the turn carries all answers.
// One request is handled at a time, so pipelined answers are in order by construction.
// Failures: a refused request is answered and the connection closed after it; a client that stops
// sending, or reading, runs into a deadline that the server sweeps; a broken connection tells the
// handler (on_gone) and dies.
#pragma once

#include <memory>
#include <vector>

#include "core/base/time.h"
#include "net/http/exchange.h"
#include "net/http/parser.h"
#include "net/http/wire.h"
#include "net/uv/stream.h"

namespace net::http {

class Connection;

// What a connection needs of its server.
class ConnectionOwner {
 public:
  virtual const RequestParser::Limits& limits() const = 0;
  virtual core::Instant now() const = 0;
  virtual core::Duration idle_timeout() const = 0;
  virtual core::Duration request_timeout() const = 0;
  virtual void handle(Request request, Responder responder) = 0;
  // Calls settle() on the connection at the end of this turn.
  virtual void settle_later(Connection& connection) = 0;
  // Gives the connection up: it is destroyed with what is returned.
  virtual std::unique_ptr<Connection> release(Connection& connection) = 0;

 protected:
  ~ConnectionOwner() = default;
};

class Connection final : public Carrier {
 public:
  Connection(ConnectionOwner& owner, uv::Stream stream, uv::Address peer);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // The responder's side.
  void send(Exchange& exchange, Response response) override;
  void start(Exchange& exchange, Response head) override;
  bool write(Exchange& exchange, core::Bytes piece) override;
  void finish(Exchange& exchange) override;
  void upgrade(Exchange& exchange, Response head, Responder::TakeOver take_over) override;
  void abandon(Exchange& exchange) override;

  // The server's side.
  void settle();
  // Whether the deadline has passed without progress; the server then drops the connection.
  bool overdue(core::Instant now);
  const uv::Address& peer() const { return peer_; }
  std::size_t slot = 0;        // where the server keeps it
  bool settle_scheduled = false;

 private:
  enum class Phase {
    open,       // requests are welcome
    closing,    // the last answer is on its way
    lingering,  // our end is closed; what still comes is thrown away until the client closes
  };

  void on_bytes(core::ByteView bytes);
  void on_end(core::Status status);
  void process(core::ByteView bytes);
  void refuse();
  void dispatch();
  void on_sent();
  void end_exchange(Exchange& exchange);
  void append_text(core::ByteView text);
  void append_body(Response& response);
  void flush();
  void tell_drained();
  void linger();
  void drop() { owner_.release(*this); }
  void set_deadline();
  // The client has finished sending and nothing of it is left to answer.
  bool last_request() const { return peer_finished_ && input_.empty() && !processing_; }
  std::size_t unsent_bytes() const { return out_bytes_ + stream_.queued_bytes(); }

  ConnectionOwner& owner_;
  uv::Address peer_;
  RequestParser parser_;
  Exchange* exchange_ = nullptr;  // being handled; owned by its responders
  core::Bytes input_;             // arrived and not parsed, because a request is being handled
  std::vector<uv::Buffer> out_;   // answered and not written yet
  std::size_t out_bytes_ = 0;
  core::Instant deadline_ = core::Instant::max();
  std::size_t unsent_at_deadline_ = 0;
  Phase phase_ = Phase::open;
  bool processing_ = false;
  bool paused_ = false;
  bool peer_finished_ = false;
  bool receiving_ = false;        // a request has begun to arrive and its deadline runs
  Responder::TakeOver take_over_;
  uv::Stream stream_;
};

}  // namespace net::http
