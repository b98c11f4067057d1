// SPDX-License-Identifier: MPL-2.0
#include "tests/support/paged_bytes.h"

#include <catch2/catch.hpp>

#include <algorithm>

#include "core/base/rng.h"

using core::Bytes;
using test::PagedBytes;

namespace {

constexpr std::uint64_t kBytesMax = 3 * PagedBytes::kPageBytes;

void put(Bytes& text, std::uint64_t offset, const Bytes& bytes) {
  text.resize(std::max<std::size_t>(text.size(), offset + bytes.size()), '\0');
  text.replace(offset, bytes.size(), bytes);
}

}  // namespace

TEST_CASE("paged bytes hold what a string would, and copies go their own ways", "[paged_bytes]") {
  core::Rng rng(GENERATE(range(1, 21)));
  PagedBytes paged, copy;
  Bytes text, text_of_copy;
  for (int step = 0; step < 200; ++step) {
    const auto at = rng.below(kBytesMax);
    switch (rng.below(5)) {
      case 0:
        paged.resize(at);
        text.resize(at, '\0');
        break;
      case 1:
        copy = paged;
        text_of_copy = text;
        break;
      case 2: {  // takes over the pages, not just the bytes
        if (copy.size() != paged.size() || text.empty()) break;
        const auto from = at % text.size(), size = rng.below(text.size() - from + 1);
        copy.share(paged, from, size);
        const auto first = from / PagedBytes::kPageBytes * PagedBytes::kPageBytes;
        const auto end = (from + size + PagedBytes::kPageBytes - 1) / PagedBytes::kPageBytes * PagedBytes::kPageBytes;
        if (size > 0) text_of_copy.replace(first, end - first, text.substr(first, end - first));
        break;
      }
      default: {
        const Bytes bytes(rng.below(2 * PagedBytes::kPageBytes), static_cast<char>('a' + step % 26));
        paged.put(at, bytes);
        put(text, at, bytes);
      }
    }
    REQUIRE(paged.text() == text);
    REQUIRE(copy.text() == text_of_copy);
    REQUIRE(paged.text(at, 100) == (at < text.size() ? text.substr(at, 100) : ""));
  }
}
