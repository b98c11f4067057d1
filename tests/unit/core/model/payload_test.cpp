// SPDX-License-Identifier: MPL-2.0
#include "core/model/payload.h"

#include <catch2/catch.hpp>
#include <variant>

#include "tests/support/builders.h"

namespace {

using core::Errc;
using namespace core::model;

JobRegistered registration() {
  JobRegistered event;
  event.job = test::JobBuilder("web").build();
  event.job.groups.front().tasks.front().env["KEY"] = "value";
  return event;
}
const std::string* task_name_of(const Event& event) {
  return &std::get<JobRegistered>(event).job.groups.front().tasks.front().name;
}

}  // namespace

TEST_CASE("an event that is taken from its payload is the one it was made of, and later it is decoded", "[core][model]") {
  Event event = registration();
  const auto* const name = task_name_of(event);
  const auto payload = to_payload(std::move(event));
  const auto first = take_event(JobRegistered::kType, payload);
  REQUIRE(first.ok());
  CHECK(task_name_of(*first) == name);
  const auto second = take_event(JobRegistered::kType, payload);
  REQUIRE(second.ok());
  CHECK(task_name_of(*second) != name);
  CHECK(core::same_fields(std::get<JobRegistered>(*first), std::get<JobRegistered>(*second)));
}

TEST_CASE("bytes that came from elsewhere are decoded", "[core][model]") {
  const Event event = registration();
  const auto bytes = std::make_shared<const core::Bytes>(encode_payload(event));
  const auto taken = take_event(JobRegistered::kType, bytes);
  REQUIRE(taken.ok());
  CHECK(core::same_fields(std::get<JobRegistered>(*taken), std::get<JobRegistered>(event)));
  CHECK(take_event(JobRegistered::kType, std::make_shared<const core::Bytes>("{")).error().code == Errc::corrupt);
}

TEST_CASE("an event is not given out as one of another type", "[core][model]") {
  const auto payload = to_payload(registration());
  const auto taken = take_event(NodeRegistered::kType, payload);
  CHECK((!taken.ok() || std::holds_alternative<NodeRegistered>(*taken)));
}
