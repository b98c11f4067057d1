// SPDX-License-Identifier: MPL-2.0
// A snapshot on its way through the log: its pieces are part of the state, so that a server which falls
// behind meanwhile gets them with a snapshot of its own.
#include "core/base/base64.h"
#include "store/state/apply.h"

namespace store::state {

using core::Errc;
using core::Error;

Status apply(model::SnapshotPieceSent event, Draft& draft, Applied&) {
  auto bytes = core::from_base64(event.bytes);
  if (!bytes) return Error{Errc::invalid, "a piece of a snapshot is not base64"};
  if (event.offset == 0) draft.drop_pieces();
  const auto& coming = draft.books().restore;
  const auto expected = coming.name == event.restore ? coming.size : 0;
  if (event.offset != expected)
    return Error{Errc::conflict, "a piece of a snapshot begins at " + std::to_string(event.offset) + " where " +
                                     std::to_string(expected) + " comes next"};
  if (!bytes->empty()) draft.add_piece({.restore = std::move(event.restore), .offset = event.offset, .bytes = std::move(*bytes)});
  return core::ok_status();
}

Status apply(model::SnapshotRestored event, Draft& draft, Applied&) {
  const auto& coming = draft.books().restore;
  if (coming.name == event.restore && coming.size == event.size) return core::ok_status();
  return Error{Errc::conflict, "another restore came between, or not all of the snapshot has come"};
}

}  // namespace store::state
