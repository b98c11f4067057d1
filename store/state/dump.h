// SPDX-License-Identifier: MPL-2.0
// One digest over all that a state database says, for telling whether two servers hold the same state.
// Rows go in by their keys' order and without rowids, so that how a file came about does not show.
#pragma once

#include "core/base/digest.h"
#include "store/sqlite.h"

namespace store::state {

// Reads every table. One consistent state if called inside a transaction.
core::Result<core::Digest> digest_of(Connection& db);

}  // namespace store::state
