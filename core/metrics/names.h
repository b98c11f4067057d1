// SPDX-License-Identifier: MPL-2.0
// Private to core/metrics: names and times as its texts spell them.
#pragma once

#include <string>

#include "core/base/time.h"
#include "core/metrics/series.h"

namespace core::metrics {

// "2026-11-22 11:21:00 +0000 UTC". REQUIRES: whole seconds.
std::string spell(WallTime t);
// The name with the values of all labels behind it, and nothing in it that a line could be broken at. The
// host's name, if there is one, is the last.
std::string flat_name(const Identity& identity, std::string_view host);
// Appends the part, with '_' for blanks, ':' and '|', and what does not print.
void append_flat(std::string& out, std::string_view part);
// "%.*f".
std::string fixed(double value, int digits);

}  // namespace core::metrics
