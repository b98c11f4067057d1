// SPDX-License-Identifier: MPL-2.0
// How long a server that was killed takes to serve again when its log or its state is large, and how long
// writes wait while a large snapshot is taken. Minutes each, and gigabytes of disk and memory.
#pragma once

namespace bench {

// 1,000,000 log entries behind the newest snapshot: with the state database, and without it.
void long_log();
// 1,000,000 allocations.
void large_state();

}  // namespace bench
