// SPDX-License-Identifier: MPL-2.0
// What operators ask of the servers themselves.
#include <catch2/catch.hpp>

#include <algorithm>

#include "core/model/event.h"
#include "tests/support/builders.h"
#include "tests/unit/agent/http/rig.h"

using namespace test;

namespace {

core::raft::Entry entry(std::uint64_t index, const core::model::Event& event) {
  core::raft::Entry out;
  out.id = {core::Term{2}, core::Index{index}};
  out.kind = core::raft::EntryKind::command;
  out.type = core::model::type_of(event);
  out.time = core::WallTime{1'000'000'000};
  out.payload = std::make_shared<const core::Bytes>(core::model::encode_payload(event));
  return out;
}

std::size_t lines_of(const std::string& text) { return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')); }

}  // namespace

TEST_CASE("a server is removed by its id or its address, not by both or neither", "[http][operator]") {
  HttpRig rig;
  CHECK(rig.http.call(Method::delete_, "/v1/operator/raft/peer").status == 400);
  CHECK(rig.http.call(Method::delete_, "/v1/operator/raft/peer?id=a&address=10.0.0.1:4647").body.text() == "Must specify only one of ?id or ?address");
  CHECK(rig.gateway.removed.empty());
  CHECK(rig.http.call(Method::delete_, "/v1/operator/raft/peer?id=a").status == 200);
  CHECK(rig.http.call(Method::delete_, "/v1/operator/raft/peer?address=10.0.0.1:4647").status == 200);
  REQUIRE(rig.gateway.removed.size() == 2);
  CHECK(rig.gateway.removed[0].id.text == "a");
  CHECK(rig.gateway.removed[1].address == "10.0.0.1:4647");
  CHECK(rig.get("/v1/operator/raft/peer?id=a").status == 405);
}

TEST_CASE("a leader that is named takes over, and the answer says from whom", "[http][operator]") {
  HttpRig rig;
  const auto answer = rig.put("/v1/operator/raft/transfer-leadership?id=b");
  CHECK(answer.status == 200);
  CHECK(answer.body.text() == R"({"From":{"ID":"a","Address":"10.0.0.1:4647"},"To":{"ID":"b","Address":""},"Noop":false,"Err":null})");
  CHECK(rig.get("/v1/operator/raft/transfer-leadership").status == 405);
}

TEST_CASE("the log is printed an entry a line, without the secrets of clients", "[http][operator]") {
  HttpRig rig;
  core::model::NodeRegistered registered;
  registered.node = NodeBuilder(1).build();
  registered.node.secret_id = "hush-hush";
  rig.gateway.log = {entry(3, registered), entry(4, core::model::ClusterCreated{.cluster_id = "c", .region = "global"})};
  const auto all = std::string(rig.get("/v1/operator/log").body.text());
  CHECK(lines_of(all) == 2);
  CHECK(all.find(R"({"Index":3,"Term":2,"Time":"1970-01-01T00:00:01Z","Type":"NodeRegistered","Digest":")") == 0);
  CHECK(all.find("hush-hush") == std::string::npos);
  CHECK(all.find(registered.node.id.text) != std::string::npos);
  CHECK(lines_of(std::string(rig.get("/v1/operator/log?from=4").body.text())) == 1);
  const auto created = std::string(rig.get("/v1/operator/log?type=ClusterCreated,JobRegistered").body.text());
  CHECK(lines_of(created) == 1);
  CHECK(created.find(R"("Type":"ClusterCreated")") != std::string::npos);
}

TEST_CASE("a wrong index or type is refused by name", "[http][operator]") {
  HttpRig rig;
  CHECK(rig.get("/v1/operator/log?from=abc").body.text() == "Invalid from: \"abc\" is not an index");
  CHECK(rig.get("/v1/operator/log?from=abc").status == 400);
  CHECK(rig.get("/v1/operator/log?type=Nonsense").body.text() == "Invalid type: there is no event \"Nonsense\"");
}
