// SPDX-License-Identifier: MPL-2.0
// What the blocks `atlas` and `atlas_rendezvous` may say.
#pragma once

#include <string_view>

#include "agent/config.h"

namespace agent::config {

// "<org>/<name>": 1 to 128 letters, digits and . _ - /
bool is_infrastructure(std::string_view text);

// The first rule that is broken.
core::Status check_atlas(const Config& config);

}  // namespace agent::config
