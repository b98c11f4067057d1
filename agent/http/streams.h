// SPDX-License-Identifier: MPL-2.0
// What answers that read disks work with on any agent: one thread for all of them.
#pragma once

#include "net/uv/loop.h"
#include "net/uv/worker.h"

namespace agent::http {

struct Streams {
  explicit Streams(net::uv::Loop& on) : loop(on), worker(on, {.name = "files"}) {}
  net::uv::Loop& loop;
  net::uv::Worker worker;
};

}  // namespace agent::http
