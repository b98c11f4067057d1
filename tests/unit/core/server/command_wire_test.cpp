// SPDX-License-Identifier: MPL-2.0
#include "core/server/command_wire.h"

#include <catch2/catch.hpp>

#include <set>

#include "core/base/fields.h"
#include "core/server/methods.h"

using namespace core;
using namespace core::server;

namespace {

template <std::size_t I = 0, class Fn>
void for_each_kind(Fn&& fn) {
  if constexpr (I < std::variant_size_v<Command>) {
    fn(Command(std::variant_alternative_t<I, Command>{}));
    for_each_kind<I + 1>(fn);
  }
}

}  // namespace

TEST_CASE("every command has a method of its own and comes back as what it was", "[server][wire]") {
  std::set<std::uint16_t> methods;
  for_each_kind([&](const Command& command) {
    const auto wire = to_wire(command);
    CHECK(wire.method != 0);
    CHECK(methods.insert(wire.method).second);
    const auto back = command_from_wire(wire.method, wire.body);
    REQUIRE(back.ok());
    CHECK(back->index() == command.index());
  });
}

TEST_CASE("a command's fields travel", "[server][wire]") {
  const UpdateNodeStatus sent{.node = NodeId{"n1"}, .secret_id = "s", .status = model::NodeStatus::down};
  const auto wire = to_wire(sent);
  const auto back = command_from_wire(wire.method, wire.body);
  REQUIRE(back.ok());
  const auto& got = std::get<UpdateNodeStatus>(*back);
  CHECK(got.node == sent.node);
  CHECK(got.secret_id == "s");
  CHECK(got.status == model::NodeStatus::down);
}

TEST_CASE("what is no command is refused", "[server][wire]") {
  CHECK(command_from_wire(kMethodOf<Query>, "{}").error().code == Errc::unsupported);
  CHECK(command_from_wire(kMethodOf<RegisterJob>, "{").error().code == Errc::invalid);
  CHECK_FALSE(command_from_wire(kMethodOf<DrainNode>, R"({"NodeID":5})").ok());
}
