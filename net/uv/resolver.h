// SPDX-License-Identifier: MPL-2.0
// Names to addresses through the system's resolver, on libuv's own threads.
#pragma once

#include <memory>
#include <vector>

#include "net/uv/address.h"
#include "net/uv/done.h"
#include "net/uv/loop.h"

namespace net::uv {

// One lookup. `done` gets at least one address, in the system's order of preference, or an error;
// destroying the lookup drops it. A numeric host is answered without asking anybody.
class Resolve {
 public:
  struct State;

  Resolve(Loop& loop, const HostPort& name, Done<std::vector<Address>> done);
  Resolve(Resolve&&) noexcept;
  Resolve& operator=(Resolve&&) noexcept;
  ~Resolve();

 private:
  std::unique_ptr<State> state_;
};

}  // namespace net::uv
