// SPDX-License-Identifier: MPL-2.0
#include "tests/support/shrink.h"

#include <algorithm>

#include "core/base/assert.h"

namespace test {
namespace {

std::vector<std::size_t> without(const std::vector<std::size_t>& items, std::size_t begin, std::size_t end) {
  std::vector<std::size_t> rest(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(begin));
  rest.insert(rest.end(), items.begin() + static_cast<std::ptrdiff_t>(end), items.end());
  return rest;
}

}  // namespace

std::vector<std::size_t> shrink_list(std::vector<std::size_t> items, const std::function<bool(const std::vector<std::size_t>&)>& fails,
                                     std::size_t tries) {
  for (std::size_t piece = items.size(); piece > 0;) {
    bool shrank = false;
    for (std::size_t begin = 0; begin < items.size();) {
      if (tries-- == 0) return items;
      auto rest = without(items, begin, std::min(begin + piece, items.size()));
      if (fails(rest)) {
        items = std::move(rest);
        shrank = true;
      } else {
        begin += piece;
      }
    }
    // What was needed beside something that is gone by now may not be any more.
    if (piece > 1) piece = std::min(piece / 2, std::max<std::size_t>(1, items.size()));
    else if (!shrank) break;
  }
  return items;
}

std::int64_t shrink_number(std::int64_t number, std::int64_t step, const std::function<bool(std::int64_t)>& fails) {
  ASSERT(step > 0);
  for (std::int64_t passing = 0; number - passing > step;) {
    const auto middle = passing + (number - passing) / 2;
    if (fails(middle)) number = middle;
    else passing = middle;
  }
  return number;
}

}  // namespace test
