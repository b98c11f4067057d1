// SPDX-License-Identifier: MPL-2.0
// The world of a history.
#pragma once

#include "tests/support/world.h"

namespace sim {

using test::World;

}  // namespace sim
