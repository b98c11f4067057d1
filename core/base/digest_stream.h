// SPDX-License-Identifier: MPL-2.0
// SHA-256 of bytes that come in pieces, for what the outside checks by it.
#pragma once

#include <memory>

#include "core/base/bytes.h"

namespace core {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  void add(ByteView bytes);
  Bytes take();  // REQUIRES: called once, and last

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace core
