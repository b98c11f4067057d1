// SPDX-License-Identifier: MPL-2.0
#include "core/base/limits.h"
#include "tests/support/rpc_loopback.h"

using core::Bytes;
using core::ByteView;
using core::Errc;
using net::rpc::Inbound;
using net::rpc::Reply;
using support::RpcLoopback;

namespace {

constexpr net::rpc::Method kStream = 80;
constexpr std::size_t kPiece = 10'000;

// Sends `total` bytes in pieces, stopping when told to and going on when drained.
struct Producer : std::enable_shared_from_this<Producer> {
  Reply reply;
  std::size_t left;
  std::size_t stops = 0;

  Producer(Reply to, std::size_t total) : reply(std::move(to)), left(total) {}
  void start() {
    reply.on_drained([self = shared_from_this()] { self->produce(); });
    produce();
  }
  void produce() {
    while (left > 0) {
      left -= std::min(left, kPiece);
      if (!reply.item(Bytes(kPiece, 'i')) && left > 0) {
        ++stops;
        return;
      }
    }
    reply.end();
  }
};

}  // namespace

TEST_CASE("a long stream arrives whole, with its sender stopping for the reader", "[rpc][stream]") {
  RpcLoopback rpc;
  std::shared_ptr<Producer> producer;
  rpc.dispatcher.on_request(kStream, net::rpc::kAnyone, [&](Inbound in) {
    producer = std::make_shared<Producer>(in.reply, 5'000'000);
    producer->start();
  });
  std::size_t got = 0;
  bool ended = false;
  rpc.pool->open({rpc.address}, kStream, "", {}, [&](ByteView item) { got += item.size(); },
                 [&](core::Status status) {
                   ended = status.ok();
                   rpc.t.stop();
                 });
  rpc.t.run();
  CHECK(ended);
  CHECK(got == 5'000'000);
  CHECK(producer->stops > 0);
}

TEST_CASE("a paused reader is sent no more than the window, and all the rest once it resumes", "[rpc][stream]") {
  RpcLoopback rpc;
  std::shared_ptr<Producer> producer;
  rpc.dispatcher.on_request(kStream, net::rpc::kAnyone, [&](Inbound in) {
    producer = std::make_shared<Producer>(in.reply, 2'000'000);
    producer->start();
  });
  std::size_t got = 0;
  net::rpc::CallId call = 0;
  call = rpc.pool->open({rpc.address}, kStream, "", {},
                        [&](ByteView item) {
                          if (got == 0) rpc.pool->pause(call);
                          got += item.size();
                        },
                        [&](core::Status status) {
                          CHECK(status.ok());
                          rpc.t.stop();
                        });
  // While the stream stands still another request goes through on the same connection.
  REQUIRE(rpc.call(RpcLoopback::kEcho, "x").ok());
  REQUIRE(rpc.call(RpcLoopback::kEcho, "x").ok());
  CHECK(got > 0);
  CHECK(got <= core::limits::kStreamWindowBytes + kPiece);
  CHECK(producer->stops == 1);
  rpc.pool->resume(call);
  rpc.t.run();
  CHECK(got == 2'000'000);
}

TEST_CASE("a stream may end before its reader has taken everything", "[rpc][stream]") {
  RpcLoopback rpc;
  rpc.dispatcher.on_request(kStream, net::rpc::kAnyone, [&](Inbound in) {
    for (int i = 0; i < 100; ++i) in.reply.item(Bytes(kPiece, 'i'));
    in.reply.end();
  });
  std::size_t got = 0;
  rpc.pool->open({rpc.address}, kStream, "", {}, [&](ByteView item) { got += item.size(); },
                 [&](core::Status status) {
                   CHECK(status.ok());
                   rpc.t.stop();
                 });
  rpc.t.run();
  CHECK(got == 1'000'000);
}

TEST_CASE("a sender that ignores its reader is cut off at the bound", "[rpc][stream]") {
  RpcLoopback rpc;
  std::size_t sent = 0;
  rpc.dispatcher.on_request(kStream, net::rpc::kAnyone, [&](Inbound in) {
    for (; sent < 100'000'000 && !in.reply.cancelled(); sent += kPiece) {
      in.reply.item(Bytes(kPiece, 'i'));
      if (sent > core::limits::kStreamQueuedBytesMax + core::limits::kStreamWindowBytes + kPiece) break;
    }
  });
  rpc.pool->open({rpc.address}, kStream, "", {}, [](ByteView) {},
                 [&](core::Status status) {
                   REQUIRE_FALSE(status.ok());
                   CHECK(status.error().code == Errc::busy);
                   rpc.t.stop();
                 });
  rpc.t.run();
}

TEST_CASE("a stream can fail half-way, and be cancelled by its own items", "[rpc][stream]") {
  RpcLoopback rpc;
  bool told = false;
  rpc.dispatcher.on_request(kStream, net::rpc::kAnyone, [&](Inbound in) {
    in.reply.item("one");
    in.reply.item("two");
    if (in.body == "fail") return in.reply.fail({Errc::not_found, "gone"});
    in.reply.on_cancelled([&, keep = in.reply] {
      told = true;
      rpc.t.stop();
    });
  });
  std::string seen;
  rpc.pool->open({rpc.address}, kStream, "fail", {}, [&](ByteView item) { seen += item; },
                 [&](core::Status status) {
                   CHECK(status.error().code == Errc::not_found);
                   rpc.t.stop();
                 });
  rpc.t.run();
  CHECK(seen == "onetwo");
  net::rpc::CallId call = 0;
  int items = 0;
  call = rpc.pool->open({rpc.address}, kStream, "", {},
                        [&](ByteView) {
                          ++items;
                          rpc.pool->cancel(call);
                        },
                        [](core::Status) { FAIL("a cancelled stream has no end"); });
  rpc.t.run();
  CHECK(told);
  CHECK(items == 1);
}
