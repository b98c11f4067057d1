// SPDX-License-Identifier: MPL-2.0
#include "core/server/command_wire.h"

#include "core/base/fields.h"
#include "core/base/limits.h"
#include "core/server/methods.h"

namespace core::server {
namespace {

template <std::size_t I = 0>
Result<Command> decode_as(std::uint16_t method, ByteView body) {
  if constexpr (I == std::variant_size_v<Command>) {
    return Error{Errc::unsupported, "unknown method " + std::to_string(method)};
  } else {
    using T = std::variant_alternative_t<I, Command>;
    if (method != kMethodOf<T>) return decode_as<I + 1>(method, body);
    TRY(auto command, from_json<T>(body, {.bytes = limits::kFrameBytesMax}));
    return Command(std::move(command));
  }
}

}  // namespace

WireCommand to_wire(const Command& command) {
  return std::visit([](const auto& c) { return WireCommand{kMethodOf<std::remove_cvref_t<decltype(c)>>, to_compact_json(c)}; },
                    command);
}

Result<Command> command_from_wire(std::uint16_t method, ByteView body) { return decode_as(method, body); }

}  // namespace core::server
