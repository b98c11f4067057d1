// SPDX-License-Identifier: MPL-2.0
#include "core/model/payload.h"

#include <optional>
#include <utility>

namespace core::model {
namespace {

// Travels with the bytes as what deletes them, which is how take_event() knows them again.
struct Maker {
  std::optional<Event> event;
  void operator()(const Bytes* bytes) const { delete bytes; }
};

}  // namespace

std::shared_ptr<const Bytes> to_payload(Event event) {
  auto* const bytes = new Bytes(encode_payload(event));
  return {bytes, Maker{std::move(event)}};
}

Result<Event> take_event(std::uint16_t type, const std::shared_ptr<const Bytes>& payload) {
  auto* const maker = std::get_deleter<Maker>(payload);
  if (maker == nullptr || !maker->event || type_of(*maker->event) != type) return decode_event(type, *payload);
  return *std::exchange(maker->event, std::nullopt);
}

}  // namespace core::model
