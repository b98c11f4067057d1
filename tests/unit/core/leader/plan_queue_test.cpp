// SPDX-License-Identifier: MPL-2.0
#include "core/leader/plan_queue.h"

#include <catch2/catch.hpp>

using namespace core::leader;

TEST_CASE("plans go by priority, and in turn among equals", "[leader][plan]") {
  PlanQueue queue;
  const auto push = [&](const char* name, std::int64_t priority) {
    PendingPlan pending;
    pending.token = name;
    pending.plan.priority = priority;
    queue.push(std::move(pending));
  };
  push("a", 50);
  push("b", 70);
  push("c", 50);
  push("d", 70);
  std::string order;
  while (const auto pending = queue.pop()) order += pending->token;
  CHECK(order == "bdac");
  CHECK(queue.size() == 0);
}
