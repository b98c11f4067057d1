// SPDX-License-Identifier: MPL-2.0
// A restore's pieces are passed on as they are: whether they make a whole is the state machine's to say.
#include "core/server/commands.h"

namespace core::server {

Result<Prepared> prepare(const SendSnapshotPiece& command, Setting&) {
  if (command.piece.restore.empty()) return Error{Errc::invalid, "a piece of a snapshot without the restore it is for"};
  return Prepared(Write{command.piece, {}});
}

Result<Prepared> prepare(const RestoreSnapshot& command, Setting&) {
  if (command.snapshot.restore.empty()) return Error{Errc::invalid, "a restore without a name"};
  return Prepared(Write{command.snapshot, {}});
}

}  // namespace core::server
