// SPDX-License-Identifier: MPL-2.0
// The state database as one file, and back. An image is a complete, compact SQLite file with its place
// in the log inside; store/snapshot makes it durable, proves and keeps it.
#pragma once

#include <functional>
#include <string>

#include "core/raft/types.h"
#include "store/env.h"
#include "store/sqlite.h"

namespace store::state {

// Writes the state that `reader` sees now to a new file, while the applier goes on; what it stands for.
// Not all of the file is synced; see Connection::copy_to for `between`. REQUIRES: no transaction on `reader`;
// no file at `path`.
core::Result<core::raft::SnapshotMeta> write_image(Connection& reader, const std::string& path,
                                                   const std::function<core::Status()>& between = nullptr);

// Is the image sound, down to its rows? What store::snapshot::Snapshots asks before it keeps one. The rows of an image
// that an older release made prove nothing yet.
core::Status check_image(const std::string& path);

// Puts a copy of the image in the place of the state database and makes it durable. A crash in between
// leaves the old database, the new one, or none, and then it is to be done again. REQUIRES: no
// connection to `live` is open.
core::Status restore_image(Env& env, const std::string& image, const std::string& live);

// Puts an empty state database where there is none, with one sync instead of the dozen that making it in
// place takes. A crash leaves it complete or leaves none. REQUIRES: no file at `live`.
core::Status create_empty(Env& env, const std::string& live);

// Moves a state database that was found damaged while it was in use to <live>.damaged, so that the next
// start builds it anew. Connections to it may be open.
core::Status set_aside(Env& env, const std::string& live);

// Removes a state database that is damaged or of another history, with its write-ahead log.
core::Status discard(Env& env, const std::string& live);

}  // namespace store::state
