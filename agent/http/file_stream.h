// SPDX-License-Identifier: MPL-2.0
// Sends what a FileSource reads, and follows it if asked to. All streams share one worker thread; one
// that waits for more costs a timer, which looks more seldom the longer nothing came.
//
//   begin ─> read on the worker ─> frames to the client ─┬─> more: read on
//              ^                                         ├─> the client is slow: wait until it has caught up
//              └───────── timer <── follows, at the end ─┘─> at the end: finish
#pragma once

#include <memory>

#include "agent/http/api.h"
#include "agent/http/file_source.h"
#include "net/uv/timer.h"
#include "net/uv/worker.h"

namespace agent::http {

struct StreamOptions {
  bool follow = false;  // go on at the end
  bool plain = false;   // the bytes alone, without frames around them
  net::http::Response head;
};

// Answers the call: with the source's error if there is nothing to read, else with the stream.
// `loop` and `worker` outlive the HTTP server.
void stream_file(const Call& call, net::uv::Loop& loop, net::uv::Worker& worker, std::unique_ptr<FileSource> source,
                 StreamOptions options);

}  // namespace agent::http
