// SPDX-License-Identifier: MPL-2.0
// Where objects come from. Every process begins with glibc's malloc and small ones keep it: commands, clients, the
// supervisors of tasks. A server makes and drops a few hundred objects a write, many of them on another thread than
// the one that made them, and takes them from mimalloc where that is installed (docs/decisions/0009).
#pragma once

#include <cstddef>

namespace agent {

// From now on all that `new` makes comes from mimalloc; what was made before is still freed as it was. False if it
// is not installed. REQUIRES: no other thread runs yet.
bool use_server_heap();
// What that heap holds of memory; 0 if it is not in use.
std::size_t server_heap_bytes();

}  // namespace agent
