// SPDX-License-Identifier: MPL-2.0
// Events as entries of the log carry them. The server that proposes an event has it in its hands: it hands it
// on beside the bytes, so that its own state machine need not decode what was encoded a moment before. A third
// of the work of applying a job's registration was that decoding.
#pragma once

#include <cstdint>
#include <memory>

#include "core/model/event.h"

namespace core::model {

// The event's bytes. They keep the event until it is taken or they go.
std::shared_ptr<const Bytes> to_payload(Event event);

// The event that the payload was made of, the first time; later, and of any other bytes, it is decoded.
// Errors are decode_event's. One thread at a time may take from a payload; others may read it meanwhile.
Result<Event> take_event(std::uint16_t type, const std::shared_ptr<const Bytes>& payload);

}  // namespace core::model
