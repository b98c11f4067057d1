// SPDX-License-Identifier: MPL-2.0
// The tables of state.db and their numbered migrations. docs/state-schema.md says what every table,
// column and view means; a test holds the two together.
#pragma once

#include <cstdint>

#include "store/sqlite.h"

namespace store::state {

inline constexpr std::int32_t kApplicationId = 0x6e6d7374;  // "nmst"
inline constexpr std::int32_t kSchemaVersion = 4;

// Brings the schema of an open database to kSchemaVersion, in one transaction: an empty one is given its tables as they
// are now, that of an older release goes through the versions between. Errc::unsupported for a file that a later
// release wrote.
core::Status migrate(Connection& db);

}  // namespace store::state
