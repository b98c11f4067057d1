// SPDX-License-Identifier: MPL-2.0
// A snapshot's database made into the state of a cluster that goes on: opened in memory, found sound, and
// moved to where the log stands now. Deterministic, so that every server ends with the same.
//
// Everything in it counts as changed by the entry that restores it: whoever waits for a change, or knows an
// object by its index, sees that it is another. If the snapshot's own indexes are ahead of the log's, the
// state's jump behind them (`index_offset`), so that no client ever sees an index fall.
#pragma once

#include <string_view>

#include "store/sqlite.h"
#include "store/state/books.h"

namespace store::state {

// The pieces that have come, as one. REQUIRES: they are in `db`.
core::Result<core::Bytes> joined_pieces(Connection& db, std::string_view restore);

// Errc::corrupt: not the bytes that were digested, or no sound state database. Errc::rejected: of another
// region than `region` (empty: any). Errc::unsupported: a later release wrote it.
core::Result<Connection> open_image(core::ByteView database, std::string_view digest, std::string_view region);

// Puts the state in `image` at the log's position `at`.
core::Status move_to(Connection& image, const Position& at);

}  // namespace store::state
