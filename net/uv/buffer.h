// SPDX-License-Identifier: MPL-2.0
// One piece of a write: bytes it owns, or an immutable buffer shared with others (a cached body), kept
// alive until it is written. A view into an owned piece is good while the piece is not moved.
#pragma once

#include <memory>
#include <utility>
#include <variant>

#include "core/base/bytes.h"

namespace net::uv {

using SharedBytes = std::shared_ptr<const core::Bytes>;  // immutable; who lets go last is unknown

class Buffer {
 public:
  Buffer(core::Bytes owned) : bytes_(std::move(owned)) {}
  // REQUIRES: shared is not null.
  Buffer(SharedBytes shared) : bytes_(std::move(shared)) {}

  core::ByteView view() const {
    if (const auto* owned = std::get_if<core::Bytes>(&bytes_)) return *owned;
    return **std::get_if<SharedBytes>(&bytes_);
  }
  std::size_t size() const { return view().size(); }
  // The bytes it owns, to append to; null for a shared piece.
  core::Bytes* owned() { return std::get_if<core::Bytes>(&bytes_); }

 private:
  std::variant<core::Bytes, SharedBytes> bytes_;
};

}  // namespace net::uv
