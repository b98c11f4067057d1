// SPDX-License-Identifier: MPL-2.0
#include "agent/discovery/consul_finder.h"

#include <utility>

namespace agent::discovery {

void ConsulFinder::find(net::uv::Done<Addresses> done) {
  ASSERT(!search_);
  done_ = std::move(done);
  search_.emplace(rules_, rng_);
  go_on();
}

void ConsulFinder::go_on() {
  auto target = search_->next();
  if (target)
    return consul_.get(std::move(*target), lifetime_.guard([this](const core::Result<core::Bytes>& body) {
      search_->answered(body);
      go_on();
    }));
  const auto outcome = search_->outcome();
  search_.reset();
  std::exchange(done_, nullptr)(outcome);
}

}  // namespace agent::discovery
