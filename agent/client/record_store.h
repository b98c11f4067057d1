// SPDX-License-Identifier: MPL-2.0
// core::client's records in the client database: put together in one transaction, read back at start.
#pragma once

#include <vector>

#include "core/base/log.h"
#include "core/client/records.h"
#include "store/client_state/client_db.h"

namespace agent::client {

// Durable on return. Blocking.
core::Status put_records(store::client_state::ClientDb& db, const std::vector<core::client::Record>& records);
// A document that does not decode is logged and left out: one of them must not keep a node from its
// other work. What ran for it is ended by end_orphans().
core::Result<core::client::Restored> restore_records(store::client_state::ClientDb& db, core::Logger& log);

}  // namespace agent::client
