// SPDX-License-Identifier: MPL-2.0
// Consul's catalog as a source: carries out one ConsulSearch at a time.
#pragma once

#include <optional>

#include "agent/discovery/http_service.h"
#include "agent/discovery/consul_search.h"
#include "agent/discovery/source.h"
#include "net/uv/lifetime.h"

namespace agent::discovery {

class ConsulFinder {
 public:
  // `consul` outlives it.
  ConsulFinder(HttpService& consul, ConsulSearch::Rules rules, core::Rng rng) : consul_(consul), rules_(std::move(rules)), rng_(rng) {}

  // REQUIRES: the last one is over.
  void find(net::uv::Done<Addresses> done);

 private:
  void go_on();

  HttpService& consul_;
  ConsulSearch::Rules rules_;
  core::Rng rng_;
  std::optional<ConsulSearch> search_;
  net::uv::Done<Addresses> done_;
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::discovery
