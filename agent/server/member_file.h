// SPDX-License-Identifier: MPL-2.0
// The file in which a server remembers whom it knew (core/gossip/rejoin.h). Written off the loop, some time
// after something changed; a start without it, or with one that is damaged, only knows nobody.
#pragma once

#include <string>

#include "core/base/log.h"
#include "core/gossip/rejoin.h"
#include "net/uv/lifetime.h"
#include "net/uv/worker.h"
#include "store/env.h"

namespace agent::server {

class MemberFile {
 public:
  // `env` outlives it.
  MemberFile(net::uv::Loop& loop, store::Env& env, std::string directory, core::Logger logger);

  // What is there now; blocks. Nothing remembered if there is no file.
  core::gossip::Remembered read();
  // Replaces it. While one is being written only the newest of those that follow waits.
  void write(core::Bytes text);

 private:
  void write_next();

  store::Env& env_;
  std::string directory_, path_;
  core::Logger log_;
  std::string next_;
  bool writing_ = false;
  net::uv::Worker worker_;
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::server
