// SPDX-License-Identifier: MPL-2.0
#include "net/relay/answerer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/base/limits.h"
#include "net/http/exchange.h"
#include "net/relay/message.h"

namespace net::relay {
namespace {

constexpr std::size_t kPieceBytes = 64 * core::limits::kKiB;

// A whole body on its way, at the pace at which it is taken. Kept by the reply while that has room to wait for.
class Pouring : public std::enable_shared_from_this<Pouring> {
 public:
  Pouring(rpc::Reply reply, http::Body body) : reply_(std::move(reply)), pieces_(std::move(body).take_pieces()) {}
  void begin() {
    reply_.on_drained([self = shared_from_this()] { self->pour(); });
    pour();
  }

 private:
  void pour() {
    while (at_ < pieces_.size()) {
      const auto left = pieces_[at_].view().substr(offset_);
      const auto piece = left.substr(0, kPieceBytes);
      offset_ += piece.size();
      if (piece.size() == left.size()) ++at_, offset_ = 0;
      if (!reply_.item(piece) && at_ < pieces_.size()) return;
    }
    reply_.end();
  }

  rpc::Reply reply_;
  std::vector<uv::Buffer> pieces_;
  std::size_t at_ = 0, offset_ = 0;
};

}  // namespace

// One request being handled. Its exchange is what the handler's responders share.
class Answerer::Relayed final : public http::Carrier, public std::enable_shared_from_this<Relayed> {
 public:
  Relayed(Answerer& owner, rpc::Reply reply) : owner_(&owner), reply_(std::move(reply)) { owner.open_.insert(this); }
  ~Relayed() {
    if (owner_ != nullptr) owner_->open_.erase(this);
  }
  http::Responder responder() {
    exchange_.carrier = this;
    reply_.on_cancelled([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->exchange_.lose();
    });
    return http::Responder(std::shared_ptr<http::Exchange>(shared_from_this(), &exchange_));
  }
  void disown() {
    owner_ = nullptr;
    if (exchange_.carrier != nullptr) exchange_.lose();
  }

  void send(http::Exchange& exchange, http::Response response) override {
    send_head(response, response.body.size());
    auto reply = reply_;
    exchange.end();
    std::make_shared<Pouring>(std::move(reply), std::move(response.body))->begin();
  }
  void start(http::Exchange& exchange, http::Response head) override {
    exchange.streaming = true;
    send_head(head, std::nullopt);
    reply_.on_drained([weak = weak_from_this()] {
      const auto self = weak.lock();
      if (self && self->exchange_.on_drained) std::function(self->exchange_.on_drained)();
    });
    if (!head.body.empty()) reply_.item(head.body.text());
  }
  bool write(http::Exchange&, core::Bytes piece) override { return reply_.item(piece); }
  void finish(http::Exchange& exchange) override {
    const auto reply = reply_;
    exchange.end();
    reply.end();
  }
  void upgrade(http::Exchange& exchange, http::Response, http::Responder::TakeOver) override {
    send(exchange, http::Response::text(501, "not through another agent"));
  }
  void abandon(http::Exchange& exchange) override {
    if (!exchange.streaming) return send(exchange, http::Response::text(500, "no answer"));
    exchange.carrier = nullptr;
    reply_.fail({core::Errc::unavailable, "the answer was broken off"});
  }

 private:
  void send_head(const http::Response& response, std::optional<std::uint64_t> body_bytes) {
    reply_.item(encode(Head{.status = response.status, .headers = response.headers, .body_bytes = body_bytes}));
  }

  Answerer* owner_;
  rpc::Reply reply_;
  http::Exchange exchange_;  // last: it may answer while it goes
};

Answerer::~Answerer() {
  std::vector<std::shared_ptr<Relayed>> open;
  for (auto* relayed : std::exchange(open_, {})) open.push_back(relayed->shared_from_this());
  for (const auto& relayed : open) relayed->disown();
}

void Answerer::answer(const rpc::Inbound& inbound, http::Passed passed) {
  auto request = decode_request(inbound.body);
  if (!request.ok()) return inbound.reply.fail(request.error());
  request->passed = passed;
  handler_(std::move(*request), std::make_shared<Relayed>(*this, inbound.reply)->responder());
}

}  // namespace net::relay
