// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "tests/unit/agent/http/rig.h"

using namespace test;
using cs::KeyringOp;

namespace {

struct Rig : HttpRig {
  std::vector<std::pair<KeyringOp, std::string>> asked;
  core::Result<cs::KeyringReport> report = cs::KeyringReport{.keys = {}, .servers = 3};
  Rig() : HttpRig(false) {
    api.self.keyring = [this](KeyringOp op, const std::string& key, net::uv::Done<cs::KeyringReport> done) {
      asked.emplace_back(op, key);
      done(report);
    };
  }
};

}  // namespace

TEST_CASE("the list of gossip's keys says on how many servers each is", "[http][keyring]") {
  Rig rig;
  rig.report = cs::KeyringReport{.keys = {{"a/b=", 3}, {"c+d=", 2}}, .servers = 3};
  const auto answer = rig.get("/v1/agent/keyring/list");
  CHECK(answer.status == 200);
  CHECK(answer.body.text() == R"({"Messages":{},"Keys":{"a/b=":3,"c+d=":2},"NumNodes":3})");
  REQUIRE(rig.asked.size() == 1);
  CHECK(rig.asked[0] == std::pair(KeyringOp::list, std::string()));
}

TEST_CASE("a key is installed, used or removed by a write that names it", "[http][keyring]") {
  Rig rig;
  const auto [op, word] = GENERATE(table<KeyringOp, std::string>({{KeyringOp::install, "install"}, {KeyringOp::use, "use"}, {KeyringOp::remove, "remove"}}));
  const auto path = "/v1/agent/keyring/" + word;
  const auto method = GENERATE(Method::put, Method::post);
  const auto answer = rig.http.call(method, path, R"({"Key":"k="})");
  CHECK(answer.status == 200);
  CHECK(answer.body.text() == R"({"Messages":{},"Keys":{},"NumNodes":3})");
  REQUIRE(rig.asked.size() == 1);
  CHECK(rig.asked[0] == std::pair(op, std::string("k=")));
  CHECK(rig.get(path).status == 405);
  CHECK(rig.put(path).status == 400);
  CHECK(rig.put(path, "{").status == 400);
  CHECK(rig.put(path, R"({"Key":7})").status == 400);
  CHECK(rig.asked.size() == 1);
}

TEST_CASE("operations on keys that there are not, or on an agent without a server, are refused", "[http][keyring]") {
  Rig rig;
  for (const auto* path : {"/v1/agent/keyring/", "/v1/agent/keyring/lists", "/v1/agent/keyring/list/x", "/v1/agent/keyring/rotate"}) {
    const auto answer = rig.get(path);
    CHECK(answer.status == 404);
    CHECK(answer.body.text() == "resource not found");
  }
  CHECK(rig.put("/v1/agent/keyring/list").status == 405);
  rig.report = core::Error{core::Errc::rejected, "1/3 nodes reported failure"};
  const auto refused = rig.get("/v1/agent/keyring/list");
  CHECK(refused.status == 500);
  CHECK(refused.body.text() == "1/3 nodes reported failure");
  rig.api.self.keyring = {};
  CHECK(rig.get("/v1/agent/keyring/list").status == 501);
}
