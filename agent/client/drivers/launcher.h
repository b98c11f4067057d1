// SPDX-License-Identifier: MPL-2.0
// The agent's side of `nomad executor`: started when the first task is, and again if it has died.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/log.h"
#include "net/uv/pipe.h"
#include "net/uv/process.h"

namespace agent::client {

class Launcher {
 public:
  struct Options {
    std::string file = "/proc/self/exe";
    std::vector<std::string> args = {"nomad", "executor"};
  };

  Launcher(net::uv::Loop& loop, Options options, core::Logger logger);

  // A new supervisor: it gets copies of both descriptors and waits for its Launch on the first.
  core::Status launch(const net::uv::Descriptor& connection, const net::uv::Descriptor& lock);

 private:
  core::Status start();
  core::Status send(int connection, int lock);

  net::uv::Loop& loop_;
  Options options_;
  core::Logger log_;
  net::uv::Descriptor socket_{-1};
  std::optional<net::uv::Process> process_;
};

}  // namespace agent::client
