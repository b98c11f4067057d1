// SPDX-License-Identifier: MPL-2.0
#include "core/model/event.h"

#include "core/base/limits.h"

namespace core::model {
namespace {

template <class T>
Result<Event> decode_as(ByteView payload) {
  TRY(auto event, from_json<T>(payload, {.bytes = limits::kEventBytesMax}));
  return Event(std::move(event));
}

template <std::size_t I = 0>
Result<Event> decode_nth(std::uint16_t type, ByteView payload) {
  if constexpr (I == std::variant_size_v<Event>) {
    return Error{Errc::corrupt, "unknown event type " + std::to_string(type)};
  } else {
    using T = std::variant_alternative_t<I, Event>;
    if (T::kType == type) return decode_as<T>(payload);
    return decode_nth<I + 1>(type, payload);
  }
}

template <std::size_t... I>
bool any_is_named(std::string_view name, std::index_sequence<I...>) {
  return ((std::variant_alternative_t<I, Event>::kName == name) || ...);
}

}  // namespace

std::uint16_t type_of(const Event& event) {
  return std::visit([](const auto& e) { return e.kType; }, event);
}

const char* name_of(const Event& event) {
  return std::visit([](const auto& e) { return e.kName; }, event);
}

bool is_event_name(std::string_view name) { return any_is_named(name, std::make_index_sequence<std::variant_size_v<Event>>{}); }

Bytes encode_payload(const Event& event) {
  return std::visit([](const auto& e) { return to_compact_json(e); }, event);
}

Result<Event> decode_event(std::uint16_t type, ByteView payload) {
  auto event = decode_nth(type, payload);
  if (event.ok()) return event;
  auto error = std::move(event).error();
  error.code = Errc::corrupt;
  return error;
}

}  // namespace core::model
