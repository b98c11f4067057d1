// SPDX-License-Identifier: MPL-2.0
// The servers a client was told of, by address or by name. Names are looked up off the loop and all
// their addresses count. They are looked up again from time to time, since a name may come to mean
// others; what was found stays until something else is.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/log.h"
#include "net/uv/resolver.h"
#include "net/uv/timer.h"

namespace agent::client {

class ServerNames {
 public:
  ServerNames(net::uv::Loop& loop, core::Logger logger);

  // Replaces all. Errc::invalid for what is neither "host" nor "host:port"; then nothing changes.
  core::Status set(const std::vector<std::string>& texts);
  // In the order of the names; names that could not be looked up yet have none.
  std::vector<net::uv::Address> addresses() const;
  // No address is known yet, but a first lookup is under way.
  bool looking() const;
  // Called when that ends.
  void on_known(std::function<void()> fn) { on_known_ = std::move(fn); }

 private:
  struct Name {
    net::uv::HostPort host;
    std::vector<net::uv::Address> addresses;
    std::optional<net::uv::Resolve> lookup;  // under way
    bool numeric = false;
    bool tried = false;
    bool failed = false;  // and said so
  };
  void look_up();
  void answered(std::size_t at, core::Result<std::vector<net::uv::Address>> result);

  net::uv::Loop& loop_;
  core::Logger log_;
  std::function<void()> on_known_;
  core::Duration retry_{};
  std::vector<Name> names_;
  net::uv::Timer again_;
};

}  // namespace agent::client
