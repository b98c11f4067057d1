// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "tests/unit/core/client/node.h"

using namespace test;

TEST_CASE("a new allocation is fetched, recorded, prepared and then started", "[client]") {
  Node node;
  node.join();
  node.feed(Assigned{Index{20}, {{AllocId{"a1"}, Index{10}}}});
  const auto fetch = node.take<Fetch>();
  REQUIRE(fetch);
  CHECK(fetch->allocs == std::vector<AllocId>{{"a1"}});
  node.feed(Fetched{{place(Spec{})}});
  REQUIRE(node.disk.allocs.size() == 1);
  REQUIRE(node.take<PrepareAlloc>());
  CHECK(!node.take<StartTask>());
  node.feed(AllocPrepared{{"a1"}, core::ok_status()});
  CHECK(node.disk.allocs[0].tasks.at("main").phase == Phase::starting);  // on disk before it is done
  CHECK(node.take<StartTask>());
}

TEST_CASE("assignments older than those seen change nothing", "[client]") {
  Node node;
  node.join();
  node.assign({place(Spec{})}, 20);
  node.start();
  node.feed(Assigned{Index{19}, {}});
  CHECK(!node.take<KillTask>());
  CHECK(node.state().state == core::model::TaskStatus::running);

  SECTION("even when the agent that saw them is gone") {
    Node next(node.disk);
    next.join();
    next.feed(AllocPrepared{{"a1"}, core::ok_status()});
    const auto attach = next.take<AttachTask>();
    REQUIRE(attach);
    next.feed(TaskAttached{attach->task, attach->run, attach->handle});
    next.feed(Assigned{Index{19}, {}});
    CHECK(!next.take<KillTask>());
  }
  SECTION("but another cluster's count from anew") {
    node.feed(Registered{10s, "c2"});
    node.feed(Assigned{Index{3}, {}});
    CHECK(node.take<KillTask>());
  }
}

TEST_CASE("a fetched allocation older than its listing is fetched again, after a while", "[client]") {
  Node node;
  node.join();
  node.feed(Assigned{Index{30}, {{AllocId{"a1"}, Index{25}}}});
  REQUIRE(node.take<Fetch>());
  node.feed(Fetched{{place(Spec{}, "a1", 10)}});
  CHECK(!node.take<PrepareAlloc>());
  CHECK(!node.take<Fetch>());
  node.run(1s);
  CHECK(node.take<Fetch>());
}

TEST_CASE("an allocation that the servers no longer know is stopped and removed", "[client]") {
  Node node;
  node.join();
  node.assign({place(Spec{})}, 20);
  node.start();
  node.feed(Assigned{Index{21}, {}});
  REQUIRE(node.take<KillTask>());
  CHECK(!node.take<RemoveAlloc>());
  node.exit(0);
  REQUIRE(node.take<RemoveAlloc>());
  REQUIRE(node.disk.allocs.size() == 1);
  node.feed(AllocRemoved{{"a1"}, core::ok_status()});
  CHECK(node.disk.allocs.empty());
  CHECK(node.client.alloc({"a1"}) == nullptr);
}

TEST_CASE("an allocation that is to stop before it began never runs and is reported complete", "[client]") {
  Node node;
  node.join();
  auto alloc = place(Spec{});
  alloc->desired_status = core::model::DesiredStatus::stop;
  node.assign({alloc}, 20);
  CHECK(!node.take<PrepareAlloc>());
  CHECK(!node.take<StartTask>());
  node.run(200ms);
  const auto report = node.take<Report>();
  REQUIRE(report);
  CHECK(report->updates[0].client_status == core::model::ClientStatus::complete);
}

TEST_CASE("an update stops the tasks only when the servers want them stopped", "[client]") {
  Node node;
  node.join();
  node.assign({place(Spec{})}, 20);
  node.start();
  auto update = place(Spec{}, "a1", 21);
  node.assign({update}, 21);
  CHECK(!node.take<KillTask>());
  auto stop = place(Spec{}, "a1", 22);
  stop->desired_status = core::model::DesiredStatus::stop;
  node.assign({stop}, 22);
  CHECK(node.take<KillTask>());
  CHECK(node.disk.allocs[0].alloc->desired_status == core::model::DesiredStatus::stop);
}

TEST_CASE("an allocation whose group is not in its job fails with a reason", "[client]") {
  Node node;
  node.join();
  auto alloc = place(Spec{});
  alloc->task_group = "db";
  node.assign({alloc}, 20);
  node.run(200ms);
  const auto report = node.take<Report>();
  REQUIRE(report);
  CHECK(report->updates[0].client_status == core::model::ClientStatus::failed);
  CHECK(report->updates[0].client_description == "missing task group 'db'");
}

TEST_CASE("work that must not outlive lost contact is stopped after the time its job allows", "[client]") {
  Spec spec;
  spec.group().stop_after_client_disconnect = 60s;
  Node node;
  node.join();
  node.assign({place(spec)}, 20);
  node.start();
  for (int i = 0; i < 5; ++i) {
    node.run(10s);
    node.feed(HeartbeatAnswered{10s});
  }
  CHECK(!node.take<KillTask>());
  node.run(59s);
  CHECK(!node.take<KillTask>());
  node.run(1s);
  CHECK(node.take<KillTask>());
}

TEST_CASE("what was seen is recorded with the first thing done about it", "[client]") {
  Node node;
  node.join();
  const auto records = [&](const Input& input) { return node.client.step(input, node.now).save.records; };

  SECTION("which is to keep what was fetched") {
    CHECK(records(Assigned{Index{20}, {{AllocId{"a1"}, Index{10}}}}).empty());
    const auto kept = records(Fetched{{place(Spec{})}});
    REQUIRE(kept.size() == 3);
    CHECK(std::get<SeenSaved>(kept[2]).index == Index{20});
  }
  SECTION("or to give up fetching") {
    CHECK(records(Assigned{Index{20}, {{AllocId{"a1"}, Index{10}}}}).empty());
    const auto kept = records(FetchFailed{{core::Errc::no_leader, "No cluster leader"}});
    REQUIRE(kept.size() == 1);
    CHECK(std::get<SeenSaved>(kept[0]).index == Index{20});
  }
  SECTION("or nothing, and then at once") {
    const auto kept = records(Assigned{Index{20}, {}});
    REQUIRE(kept.size() == 1);
    CHECK(std::get<SeenSaved>(kept[0]).index == Index{20});
  }
}
