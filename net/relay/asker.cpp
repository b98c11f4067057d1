// SPDX-License-Identifier: MPL-2.0
#include "net/relay/asker.h"

#include <memory>
#include <optional>
#include <utility>

#include "core/base/limits.h"
#include "net/relay/message.h"

namespace net::relay {
namespace {

using core::Errc;
using core::Error;

// Answers up to this size are kept until they are whole: one that is lost half-way is an error in words then,
// and others are answers cut off.
constexpr std::uint64_t kWholeBytesMax = 1 * core::limits::kMiB;

// Kept by the call, and by the client's connection while it streams.
class Asked : public std::enable_shared_from_this<Asked> {
 public:
  Asked(rpc::ClientPool& pool, http::Responder responder, Hooks hooks) : pool_(pool), responder_(std::move(responder)), hooks_(std::move(hooks)) {}

  void begin(rpc::Method method, std::vector<uv::Address> agents, const http::Request& request) {
    const bool reads = request.method == http::Method::get || request.method == http::Method::head;
    const auto self = shared_from_this();
    call_ = pool_.open(std::move(agents), method, encode(request), {.timeout = core::Duration(0), .repeatable = reads},
                       [self](core::ByteView item) { self->on_item(item); }, [self](const core::Status& status) { self->on_end(status); });
  }

 private:
  void on_item(core::ByteView item) {
    if (!head_) return on_head(item);
    if (!streaming_) {
      whole_.append(item);
    } else if (!responder_.write(core::Bytes(item))) {
      pool_.pause(call_);
    }
  }

  void on_head(core::ByteView item) {
    auto head = decode_head(item);
    if (!head.ok()) {
      pool_.cancel(call_);
      return hooks_.on_failed(head.error());
    }
    head_ = std::move(*head);
    streaming_ = !head_->body_bytes || *head_->body_bytes > kWholeBytesMax;
    if (!streaming_) return;
    // Only now: who merely closed its sending side still wants a single answer.
    responder_.on_gone([self = shared_from_this()] { self->pool_.cancel(self->call_); });
    responder_.on_drained([self = shared_from_this()] { self->pool_.resume(self->call_); });
    responder_.start(response());
  }

  void on_end(const core::Status& status) {
    const auto hold = shared_from_this();
    if (streaming_) {
      if (status.ok()) return responder_.finish();
      responder_.on_gone({});  // the last of us cuts it off
      return responder_.on_drained({});
    }
    if (!status.ok()) return hooks_.on_failed(status.error());
    if (!head_ || whole_.size() != *head_->body_bytes) return hooks_.on_failed({Errc::corrupt, "the answer is not whole"});
    auto answer = response();
    answer.body = std::move(whole_);
    responder_.send(std::move(answer));
  }

  http::Response response() {
    http::Response out;
    out.status = head_->status;
    out.headers = std::move(head_->headers);
    if (hooks_.on_head) hooks_.on_head(out);
    return out;
  }

  rpc::ClientPool& pool_;
  http::Responder responder_;
  Hooks hooks_;
  rpc::CallId call_ = 0;
  std::optional<Head> head_;
  core::Bytes whole_;
  bool streaming_ = false;
};

}  // namespace

void ask(rpc::ClientPool& pool, rpc::Method method, std::vector<uv::Address> agents, const http::Request& request,
         http::Responder responder, Hooks hooks) {
  std::make_shared<Asked>(pool, std::move(responder), std::move(hooks))->begin(method, std::move(agents), request);
}

}  // namespace net::relay
