// SPDX-License-Identifier: MPL-2.0
// What answers in pieces work with on any agent: a thread that reads.
#pragma once

#include "net/uv/loop.h"
#include "net/uv/worker.h"

namespace agent::http {

struct Streams {
  explicit Streams(net::uv::Loop& on) : loop(on), worker(on, {.name = "stream"}) {}
  net::uv::Loop& loop;
  net::uv::Worker worker;
};

}  // namespace agent::http
