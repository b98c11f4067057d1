// SPDX-License-Identifier: MPL-2.0
// The bytes of a file in memory, in pages that copies share until one of them changes: a copy costs a pointer a
// page, and what nobody wrote costs nothing.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/bytes.h"

namespace test {

class PagedBytes {
 public:
  static constexpr std::size_t kPageBytes = 4096;

  std::uint64_t size() const { return size_; }
  // What is added is zeros.
  void resize(std::uint64_t size);
  // Over what is there, or behind it; a gap is zeros.
  void put(std::uint64_t offset, core::ByteView bytes);
  // Takes over every page that [offset, offset + size) touches. REQUIRES: both have the same size.
  void share(const PagedBytes& other, std::uint64_t offset, std::uint64_t size);
  // As many of `size` bytes as there are; how many that was.
  std::size_t read(std::uint64_t offset, char* into, std::size_t size) const;
  core::Bytes text(std::uint64_t offset, std::uint64_t size) const;
  core::Bytes text() const { return text(0, size_); }

 private:
  using Page = std::array<char, kPageBytes>;

  // That page to write to, ours alone; `whole`: all of it will be written.
  char* page(std::size_t number, bool whole);

  std::vector<std::shared_ptr<Page>> pages_;  // null: zeros. Behind size_ all is zeros
  std::uint64_t size_ = 0;
};

}  // namespace test
