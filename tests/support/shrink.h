// SPDX-License-Identifier: MPL-2.0
// Makes what fails smaller while it still fails (delta debugging, Zeller and Hildebrandt 2002). Asks a
// caller's predicate again and again and is as deterministic as that is. The predicate is taken to hold of
// what is handed in, and holds of what is returned. It need not be monotone: then the result is small, not
// smallest.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace test {

// Leaves out halves, quarters and so on down to single items. Unless `tries` runs out first, none of those
// returned can be left out alone. Their order stays.
std::vector<std::size_t> shrink_list(std::vector<std::size_t> items, const std::function<bool(const std::vector<std::size_t>&)>& fails,
                                     std::size_t tries);
// Bisects between 0 and `number` until the two sides are no further than `step` apart.
std::int64_t shrink_number(std::int64_t number, std::int64_t step, const std::function<bool(std::int64_t)>& fails);

}  // namespace test
