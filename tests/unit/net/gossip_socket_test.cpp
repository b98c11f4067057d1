// SPDX-License-Identifier: MPL-2.0
#include "net/gossip_socket.h"

#include "core/base/limits.h"
#include "core/gossip/gossip.h"
#include "tests/support/test_loop.h"

using core::Bytes;
using core::Errc;
using namespace core::gossip;
using support::TestLoop;

namespace {

struct Party {
  std::vector<Received> heard;
  std::function<Exchanged(const Exchanged&)> reply;
  std::vector<Bytes> asked_host;
  std::optional<Bytes> host_reply;
  std::unique_ptr<net::GossipSocket> socket;

  Party(TestLoop& t, const net::secure::Key& key, std::uint64_t sender, const std::string& cluster = "nomad") {
    // The system picks a port that is free for datagrams; another process may have it for streams.
    for (int tries = 0; tries < 50 && !socket; ++tries) open(t, key, sender, cluster);
    REQUIRE(socket != nullptr);
  }
  void open(TestLoop& t, const net::secure::Key& key, std::uint64_t sender, const std::string& cluster) {
    auto opened = net::GossipSocket::open(
        t.loop,
        {.address = support::kLoopback, .keys = net::secure::Keyring(key), .packets = {.cluster = cluster, .sender = sender, .session = 1}},
        {.on_packet =
             [this, &t](Received packet) {
               heard.push_back(std::move(packet));
               t.stop();
             },
         .on_question =
             [this](Asked asked) {
               socket->answer({asked.ticket, reply(asked.question)});
             },
         .on_host_question =
             [this](net::FrameAnswerer::Ticket ticket, core::ByteView question) {
               asked_host.emplace_back(question);
               if (host_reply) socket->answer_host(ticket, *host_reply);
               else socket->drop_host(ticket);
             }},
        core::Logger());
    if (opened.ok()) socket = std::move(*opened);
    else REQUIRE(opened.error().code == Errc::in_use);
  }
  Endpoint at() const { return {socket->local().ip, socket->local().port}; }
  void send(const Party& to, const Message& message) { socket->send({to.at(), Bytes(packet_start()) + encode(message)}); }
};

const auto kKey = [] { return *net::secure::parse_key("cg8StVXbQJ0gPvMd9o7yrg=="); };
const auto kOtherKey = [] { return *net::secure::parse_key("AAAAAAAAAAAAAAAAAAAAAA=="); };

}  // namespace

TEST_CASE("a packet arrives decoded, with its sender's address", "[net][gossip]") {
  TestLoop t;
  Party a(t, kKey(), 1), b(t, kKey(), 2);
  a.send(b, Ping{7, "b"});
  t.run();
  REQUIRE(b.heard.size() == 1);
  CHECK(b.heard[0].from == a.at());
  REQUIRE(b.heard[0].messages.size() == 1);
  CHECK(std::get<Ping>(b.heard[0].messages[0]).number == 7);
}

TEST_CASE("what is forged, foreign, repeated, cut or too large is dropped and counted", "[net][gossip]") {
  TestLoop t;
  Party b(t, kKey(), 2), a(t, kKey(), 1), wrong(t, kOtherKey(), 3), foreign(t, kKey(), 4, "staging");
  auto raw = net::uv::UdpSocket::bind(t.loop, support::kLoopback, [](core::ByteView, const net::uv::Address&) {});
  REQUIRE(raw.ok());
  net::secure::Packets sealer(net::secure::Keyring(kKey()), {.cluster = "nomad", .sender = 5, .session = 1});
  const auto sealed = sealer.seal(Bytes(packet_start()) + encode(Message(Ack{1})));
  const auto to = b.socket->local();
  wrong.send(b, Ack{1});
  foreign.send(b, Ack{1});
  for (const auto& bytes : {sealed, sealed, sealed.substr(0, sealed.size() - 1), Bytes("hello"), sealer.seal("\x01\x02\x03"),
                            sealer.seal(""), sealer.seal(Bytes(core::limits::kGossipPacketBytesMax + 1, '\x01'))})
    REQUIRE(raw->send(to, bytes).ok());
  a.send(b, Ack{99});
  while (b.heard.empty() || std::get<Ack>(b.heard.back().messages[0]).number != 99) t.run();
  CHECK(b.heard.size() == 2);  // one of the two that are alike, and the last
  CHECK(b.socket->refused() == 8);
}

TEST_CASE("a question over a stream is answered", "[net][gossip]") {
  TestLoop t;
  Party a(t, kKey(), 1), b(t, kKey(), 2);
  b.reply = [](const Exchanged& question) { return Ack{std::get<Ping>(question).number}; };
  std::uint64_t number = 0;
  a.socket->ask({1, b.at(), Ping{42, "b"}, std::chrono::seconds(5)}, [&](core::Result<Exchanged> answer) {
    REQUIRE(answer.ok());
    number = std::get<Ack>(*answer).number;
    t.stop();
  });
  t.run();
  CHECK(number == 42);
}

TEST_CASE("a question under another key is dropped, and the asker is told", "[net][gossip]") {
  TestLoop t;
  Party stranger(t, kOtherKey(), 1), b(t, kKey(), 2);
  bool failed = false;
  stranger.socket->ask({1, b.at(), Ping{42, "b"}, std::chrono::seconds(5)}, [&](const core::Result<Exchanged>& answer) {
    failed = !answer.ok();
    t.stop();
  });
  t.run();
  CHECK(failed);
  CHECK(b.socket->refused() == 1);
}

TEST_CASE("what hosts ask each other passes gossip by, and is refused like everything else", "[net][gossip]") {
  TestLoop t;
  Party a(t, kKey(), 1), b(t, kKey(), 2), stranger(t, kOtherKey(), 3);
  const auto ask = [&](Party& asker) {
    core::Result<Bytes> out = Bytes();
    asker.socket->ask_host(b.at(), "which keys?", std::chrono::seconds(5), [&](core::Result<Bytes> answer) {
      out = std::move(answer);
      t.stop();
    });
    t.run();
    return out;
  };
  b.host_reply = GENERATE(Bytes("these"), Bytes(), Bytes(100'000, 'x'));
  const auto answer = ask(a);
  REQUIRE(answer.ok());
  CHECK(*answer == *b.host_reply);
  CHECK(b.asked_host == std::vector<Bytes>{"which keys?"});
  CHECK_FALSE(ask(stranger).ok());
  CHECK(b.asked_host.size() == 1);
  CHECK(b.socket->refused() == 1);
  b.host_reply.reset();
  CHECK_FALSE(ask(a).ok());
  CHECK(b.socket->refused() == 1);
}

TEST_CASE("a key that is changed while the socket is open counts from then on, for packets and exchanges", "[net][gossip]") {
  TestLoop t;
  Party a(t, kKey(), 1), b(t, kKey(), 2);
  b.reply = [](const Exchanged& question) { return Ack{std::get<Ping>(question).number}; };
  const auto answered = [&] {
    bool ok = false;
    a.socket->ask({1, b.at(), Ping{42, "b"}, std::chrono::seconds(5)}, [&](const core::Result<Exchanged>& answer) {
      ok = answer.ok();
      t.stop();
    });
    t.run();
    return ok;
  };
  for (auto* party : {&a, &b}) party->socket->keys().add(kOtherKey());
  REQUIRE(a.socket->keys().use(kOtherKey()).ok());
  CHECK(answered());
  REQUIRE(a.socket->keys().remove(kKey()).ok());
  CHECK_FALSE(answered());  // b still seals its answer with the key that a has forgotten
  REQUIRE(b.socket->keys().use(kOtherKey()).ok());
  CHECK(answered());
  a.send(b, Ping{7, "b"});
  t.run();
  CHECK(b.heard.size() == 1);
}
