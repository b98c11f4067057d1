// SPDX-License-Identifier: MPL-2.0
#include "tests/support/paged_bytes.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/base/assert.h"

namespace test {
namespace {

// Calls `each` with the pieces of [offset, offset + size) that lie in one page: its number, where the piece begins in
// it and in the whole, and how long it is.
template <class Each>
void by_page(std::uint64_t offset, std::uint64_t size, Each each) {
  for (std::uint64_t done = 0; done < size;) {
    const auto within = static_cast<std::size_t>((offset + done) % PagedBytes::kPageBytes);
    const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(PagedBytes::kPageBytes - within, size - done));
    each(static_cast<std::size_t>((offset + done) / PagedBytes::kPageBytes), within, static_cast<std::size_t>(done), piece);
    done += piece;
  }
}

}  // namespace

char* PagedBytes::page(std::size_t number, bool whole) {
  auto& at = pages_[number];
  if (at && at.use_count() == 1) return at->data();
  const auto before = std::exchange(at, std::make_shared_for_overwrite<Page>());
  if (whole) return at->data();
  if (before) *at = *before;
  else at->fill('\0');
  return at->data();
}

void PagedBytes::resize(std::uint64_t size) {
  if (const auto kept = size % kPageBytes; size < size_ && kept != 0)
    if (const auto last = static_cast<std::size_t>(size / kPageBytes); pages_[last])
      std::fill(page(last, false) + kept, page(last, false) + kPageBytes, '\0');
  pages_.resize(static_cast<std::size_t>((size + kPageBytes - 1) / kPageBytes));
  size_ = size;
}

void PagedBytes::put(std::uint64_t offset, core::ByteView bytes) {
  if (size_ < offset + bytes.size()) resize(offset + bytes.size());
  by_page(offset, bytes.size(), [&](std::size_t number, std::size_t within, std::size_t done, std::size_t piece) {
    std::memcpy(page(number, piece == kPageBytes) + within, bytes.data() + done, piece);
  });
}

void PagedBytes::share(const PagedBytes& other, std::uint64_t offset, std::uint64_t size) {
  ASSERT(size_ == other.size_);
  by_page(offset, size, [&](std::size_t number, std::size_t, std::size_t, std::size_t) { pages_[number] = other.pages_[number]; });
}

std::size_t PagedBytes::read(std::uint64_t offset, char* into, std::size_t size) const {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(size, size_ - std::min(offset, size_)));
  by_page(offset, count, [&](std::size_t number, std::size_t within, std::size_t done, std::size_t piece) {
    if (pages_[number]) std::memcpy(into + done, pages_[number]->data() + within, piece);
    else std::memset(into + done, 0, piece);
  });
  return count;
}

core::Bytes PagedBytes::text(std::uint64_t offset, std::uint64_t size) const {
  core::Bytes out(static_cast<std::size_t>(std::min(size, size_ - std::min(offset, size_))), '\0');
  read(offset, out.data(), out.size());
  return out;
}

}  // namespace test
