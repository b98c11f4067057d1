// SPDX-License-Identifier: MPL-2.0
#include "agent/server/keyrings.h"

#include <deque>
#include <set>

#include "agent/server/keyring_file.h"
#include "store/env_posix.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_loop.h"

using namespace agent::server;
using core::Errc;
using core::server::KeyringOp;
using core::server::KeyringReport;
using net::secure::Keyring;
using net::secure::parse_key;

namespace {

const std::string kFirst = "cg8StVXbQJ0gPvMd9o7yrg==", kSecond = "pUqJrVyVRj5jsiYEkM/tFQYfWyJIv4s3XkvDwy7Cu5s=";

class Lines final : public core::Sink {
 public:
  bool enabled(core::Level) const override { return true; }
  void write(core::Level, std::string_view text) override { all += std::string(text) + "\n"; }
  std::string all;
};

// Servers whose questions to each other are delivered by a turn of one loop; those in `deaf` get none.
struct World {
  struct Server {
    std::string name;
    test::TempDir dir;
    std::optional<Keyring> keys;
    std::unique_ptr<OwnKeyring> own;
    std::unique_ptr<Keyrings> keyrings;
  };
  support::TestLoop t;
  store::PosixEnv env;
  Lines lines;
  std::deque<Server> servers;
  std::set<std::string> deaf;
  std::function<void(const std::string& name, core::Bytes& question)> on_the_way = [](const auto&, auto&) {};
  int asked = 0;

  explicit World(int count, const std::string& key = kFirst) {
    for (int i = 0; i < count; ++i) {
      auto& server = servers.emplace_back();
      server.name = "s" + std::to_string(i) + ".global";
      if (!key.empty()) server.keys.emplace(*parse_key(key));
      start(server, 1);
    }
  }
  void start(Server& server, std::uint64_t life) {
    server.keyrings.reset();
    if (server.keys) server.own = std::make_unique<OwnKeyring>(t.loop, env, keyring_path(server.dir.path()), *server.keys, [](const Keyring&) {}, core::Logger(lines, "keyring"));
    server.keyrings = std::make_unique<Keyrings>(
        t.loop, server.own.get(),
        Keyrings::Links{.self = server.name,
                        .life = life,
                        .servers = [this] {
                          std::vector<Keyrings::Server> all;
                          for (const auto& one : servers) all.push_back({one.name, {one.name, 4648}});
                          return all;
                        },
                        .ask = [this](const auto& to, core::Bytes question, core::Duration, auto done) { deliver(to.ip, std::move(question), done); }},
        core::Logger(lines, "keyring"));
  }
  void deliver(const std::string& name, core::Bytes question, net::uv::Done<core::Bytes> done) {
    ++asked;
    on_the_way(name, question);
    if (deaf.contains(name)) return t.loop.defer([done] { done(core::Error{Errc::timeout, "no answer in time"}); });
    for (auto& server : servers)
      if (server.name == name) return server.keyrings->answer(question, done);
    FAIL("nobody goes by the name of " << name);
  }
  core::Result<KeyringReport> ask(KeyringOp op, const std::string& key = "") {
    std::optional<core::Result<KeyringReport>> out;
    servers.front().keyrings->ask(op, key, [&](core::Result<KeyringReport> report) {
      out = std::move(report);
      t.stop();
    });
    CHECK_FALSE(out);
    t.run();
    return *out;
  }
  std::string refusal(KeyringOp op, const std::string& key = "") {
    const auto report = ask(op, key);
    return report.ok() ? "" : report.error().detail;
  }
  bool all_have(const std::vector<std::string>& keys) {
    std::vector<net::secure::Key> wanted;
    for (const auto& key : keys) wanted.push_back(*parse_key(key));
    return std::all_of(servers.begin(), servers.end(), [&](const auto& server) { return server.keys->keys() == wanted; });
  }
};

}  // namespace

TEST_CASE("a key is installed, used and the other one removed on every server", "[agent][keyring]") {
  World world(GENERATE(1, 3, 100));
  const auto count = world.servers.size();
  const auto installed = world.ask(KeyringOp::install, kSecond);
  REQUIRE(installed.ok());
  CHECK(installed->servers == count);
  CHECK(installed->keys.empty());
  CHECK(world.all_have({kFirst, kSecond}));
  const auto listed = world.ask(KeyringOp::list);
  REQUIRE(listed.ok());
  CHECK(listed->servers == count);
  CHECK(listed->keys == std::map<std::string, std::uint64_t>{{kFirst, count}, {kSecond, count}});
  REQUIRE(world.ask(KeyringOp::use, kSecond).ok());
  CHECK(world.all_have({kSecond, kFirst}));
  REQUIRE(world.ask(KeyringOp::remove, kFirst).ok());
  CHECK(world.all_have({kSecond}));
  for (const auto& key : {kFirst, kSecond}) CHECK(world.lines.all.find(key) == std::string::npos);
}

TEST_CASE("what one server would refuse is done on none", "[agent][keyring]") {
  World world(3);
  const auto second = *parse_key(kSecond);
  SECTION("a key that one lacks is not used") {
    for (int i : {0, 1}) world.servers[static_cast<std::size_t>(i)].keys->add(second);
    CHECK(world.refusal(KeyringOp::use, kSecond) == "1/3 nodes reported failure");
    for (const auto& server : world.servers) CHECK(server.keys->primary() == *parse_key(kFirst));
    CHECK(world.lines.all.find("server=s2.global") != std::string::npos);
    CHECK(world.lines.all.find("requested key is not in the keyring") != std::string::npos);
    CHECK(world.ask(KeyringOp::list)->keys == std::map<std::string, std::uint64_t>{{kFirst, 3}, {kSecond, 2}});
  }
  SECTION("a key that one seals with is not removed") {
    for (auto& server : world.servers) server.keys->add(second);
    for (int i : {0, 2}) REQUIRE(world.servers[static_cast<std::size_t>(i)].keys->use(second).ok());
    CHECK(world.refusal(KeyringOp::remove, kFirst) == "1/3 nodes reported failure");
    for (const auto& server : world.servers) CHECK(server.keys->keys().size() == 2);
    CHECK(world.lines.all.find("removing the primary key is not allowed") != std::string::npos);
  }
  SECTION("a key is not installed where one keyring is full") {
    auto& full = *world.servers[1].keys;
    while (full.keys().size() < kKeyringKeysMax) full.add(*parse_key(net::secure::generate_key()));
    CHECK(world.refusal(KeyringOp::install, kSecond) == "1/3 nodes reported failure");
    CHECK(world.servers[0].keys->keys().size() == 1);
    CHECK(world.servers[2].keys->keys().size() == 1);
  }
  SECTION("the primary key is not removed, nor an unknown one used") {
    CHECK(world.refusal(KeyringOp::remove, kFirst) == "3/3 nodes reported failure");
    CHECK(world.refusal(KeyringOp::use, kSecond) == "3/3 nodes reported failure");
    CHECK(world.all_have({kFirst}));
  }
}

TEST_CASE("while a server does not answer nothing is changed, and who it was is logged", "[agent][keyring]") {
  World world(3);
  world.deaf = {"s1.global"};
  CHECK(world.refusal(KeyringOp::install, kSecond) == "2/3 nodes reported success");
  CHECK(world.refusal(KeyringOp::list) == "2/3 nodes reported success");
  CHECK(world.all_have({kFirst}));
  CHECK(world.lines.all.find("server=s1.global error=\"no answer in time\"") != std::string::npos);
  world.deaf.clear();
  CHECK(world.ask(KeyringOp::install, kSecond).ok());
  CHECK(world.all_have({kFirst, kSecond}));
}

TEST_CASE("a server that fails half-way is told of, and the operation can be asked for again", "[agent][keyring]") {
  World world(3);
  const auto question_after_list = [&](const std::string& name, const core::Bytes& question) {
    return name == "s2.global" && question.find("install") != core::Bytes::npos;
  };
  SECTION("because it is gone") {
    world.on_the_way = [&](const std::string& name, const core::Bytes& question) {
      if (question_after_list(name, question)) world.deaf.insert(name);
    };
    CHECK(world.refusal(KeyringOp::install, kSecond) == "2/3 nodes reported success");
  }
  SECTION("because it was started anew, and what is said to its earlier life is not for it") {
    world.on_the_way = [&](const std::string& name, const core::Bytes& question) {
      if (question_after_list(name, question)) world.start(world.servers[2], 2);
    };
    CHECK(world.refusal(KeyringOp::install, kSecond) == "1/3 nodes reported failure");
    CHECK(world.lines.all.find("started anew") != std::string::npos);
  }
  CHECK(world.servers[0].keys->keys().size() == 2);
  CHECK(world.servers[2].keys->keys().size() == 1);
  world.on_the_way = [](const auto&, auto&) {};
  world.deaf.clear();
  CHECK(world.ask(KeyringOp::install, kSecond).ok());
  CHECK(world.all_have({kFirst, kSecond}));
}

TEST_CASE("without encryption there is no keyring to show or to change", "[agent][keyring]") {
  World world(GENERATE(1, 3), "");
  const auto count = std::to_string(world.servers.size());
  CHECK(world.refusal(KeyringOp::list) == count + "/" + count + " nodes reported failure");
  CHECK(world.refusal(KeyringOp::install, kSecond) == count + "/" + count + " nodes reported failure");
  CHECK(world.lines.all.find("encryption not enabled") != std::string::npos);
}

TEST_CASE("what is no key is refused before anybody is asked", "[agent][keyring]") {
  World world(3);
  CHECK(world.refusal(KeyringOp::install, "AAAA") == "key size must be 16, 24 or 32 bytes");
  CHECK(world.refusal(KeyringOp::use, "?") == "illegal base64 data at input byte 0");
  CHECK(world.refusal(KeyringOp::remove) == "key size must be 16, 24 or 32 bytes");
  CHECK(world.asked == 0);
}

TEST_CASE("a question for another server, and what is none, changes nothing", "[agent][keyring]") {
  World world(2);
  world.on_the_way = [](const std::string&, core::Bytes& question) {
    if (const auto at = question.find("s1.global"); at != core::Bytes::npos) question[at + 1] = '7';
  };
  CHECK(world.refusal(KeyringOp::install, kSecond) == "1/2 nodes reported failure");
  CHECK(world.lines.all.find("the question is for another server") != std::string::npos);
  const auto nonsense = GENERATE(as<std::string>(), "", "[]", "{", "\x01\x02");
  world.on_the_way = [&](const std::string&, core::Bytes& question) { question = nonsense; };
  CHECK(world.refusal(KeyringOp::install, kSecond) != "");
  CHECK(world.all_have({kFirst}));
}
