// SPDX-License-Identifier: MPL-2.0
// A server whose directory is damaged and that has others to ask: instead of starting it mends itself over
// RPC (agent/server/mender.h says how), and answers others that do the same. It takes no part in Raft
// meanwhile, so that nothing it lost can be voted away.
//
//   look ─> ask one server after the other ─> mended: look again
//     └─> nothing left to ask: done            nobody has it: wait, ever longer, and begin with another
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/config.h"
#include "agent/server/mender.h"
#include "agent/server/rpc_options.h"
#include "core/base/log.h"
#include "net/rpc/client_pool.h"
#include "net/rpc/dispatcher.h"
#include "net/rpc/server.h"
#include "net/uv/lifetime.h"
#include "net/uv/resolver.h"
#include "net/uv/timer.h"
#include "net/uv/worker.h"
#include "store/env_posix.h"

namespace agent::server {

class Mending {
 public:
  // Called once, later: the start may be tried again, or why it is not worth it.
  using Done = std::function<void(core::Status)>;

  // `refusal`: what the start failed with; the answer too, when there is nobody to ask or nothing to mend.
  // Errors besides: in_use (the directory, the port), io.
  static core::Result<std::unique_ptr<Mending>> begin(net::uv::Loop& loop, const config::Config& config, const core::Error& refusal, Done done,
                                                      core::Logger logger);

 private:
  Mending(net::uv::Loop& loop, const config::Config& config, Credentials credentials, core::Error refusal, Done done, core::Logger logger);
  core::Result<std::vector<std::string>> peers(const config::Config& config);
  void serve();
  template <class Ask>
  void serve(net::rpc::Method method);

  void look();
  void resolve(const std::string& peer);
  void ask(std::size_t nth);
  void answered(std::size_t nth, const net::uv::Address& by, const core::Result<core::Bytes>& body);
  struct Step {
    Mender::Took took;
    std::optional<LossQuestion> next;
  };
  void took(std::size_t nth, const net::uv::Address& by, core::Result<Step> step);
  void nobody();
  void end(core::Status status);

  net::uv::Loop& loop_;
  core::Error refusal_;
  Done done_;
  core::Logger log_;
  store::PosixEnv env_;
  std::string directory_;
  std::unique_ptr<store::Lock> lock_;
  std::shared_ptr<Mender> mender_;  // used on the worker, once that has begun
  std::string damage_;
  std::optional<LossQuestion> question_;
  std::vector<std::string> peers_;
  std::map<std::string, net::uv::Address> addresses_;  // of those whose names resolved
  std::map<std::string, net::uv::Resolve> lookups_;    // of this round
  std::size_t round_ = 0;
  core::Duration pause_;
  core::Instant told_at_{};
  net::rpc::Dispatcher dispatcher_;
  net::rpc::ClientPool pool_;
  net::rpc::Server listener_;
  net::uv::Timer timer_;
  net::uv::Worker worker_;
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::server
