// SPDX-License-Identifier: MPL-2.0
// core::client's records in the client database: put together in one transaction, read back at start.
#pragma once

#include <vector>

#include "core/client/records.h"
#include "store/client_state/client_db.h"

namespace agent::client {

// Durable on return. Blocking.
core::Status put_records(store::client_state::ClientDb& db, const std::vector<core::client::Record>& records);
// Errc::corrupt when a document does not decode: the allocation is named.
core::Result<core::client::Restored> restore_records(store::client_state::ClientDb& db);

}  // namespace agent::client
