// SPDX-License-Identifier: MPL-2.0
// The keys of gossip on all servers that live, whatever their region: an operation asked of one server is carried
// out by each of them. docs/protocols/keys.md says how keys are rotated.
//
//   ask ──> list of every server ──> all can? ──> the operation, of every server ──> report
//
// First everybody is asked what it has, and a change that one of them would refuse, or that one does not answer
// for, is made nowhere. Servers that failed or left are not asked. Nothing here tells a key to the log.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "agent/server/own_keyring.h"
#include "core/gossip/types.h"
#include "core/server/keyring.h"

namespace agent::server {

class Keyrings {
 public:
  struct Server {
    std::string name;
    core::gossip::Endpoint at;
  };
  struct Links {
    std::string self;          // our name
    std::uint64_t life = 0;    // higher than in any earlier life
    std::function<std::vector<Server>()> servers;  // those that live, and ourselves
    // Asks another server, sealed; its answer() says the rest.
    std::function<void(const core::gossip::Endpoint& to, core::Bytes question, core::Duration timeout, net::uv::Done<core::Bytes>)> ask;
  };
  // `own` outlives this; null: the cluster has no key.
  Keyrings(net::uv::Loop& loop, OwnKeyring* own, Links links, core::Logger logger)
      : loop_(loop), own_(own), links_(std::move(links)), log_(std::move(logger)) {}

  // Errors in Nomad's words: how many servers refused or did not answer; why is logged.
  void ask(core::server::KeyringOp op, const std::string& key, net::uv::Done<core::server::KeyringReport> done);
  // What another server asks of this one. An error: not a question.
  void answer(core::ByteView question, net::uv::Done<core::Bytes> done);

 private:
  struct Party {
    Server server;
    std::uint64_t life = 0;
  };
  struct Round {
    core::server::KeyringOp wanted;
    std::string key;
    std::vector<Party> parties;
    net::uv::Done<core::server::KeyringReport> done;
    core::server::KeyringOp now = core::server::KeyringOp::list;
    std::size_t begun = 0, ended = 0, refused = 0, silent = 0;
    core::server::KeyringReport report = {};
  };
  void begin_some(std::uint64_t number);
  void begin(std::uint64_t number, std::size_t party);
  void on_answer(std::uint64_t number, std::size_t party, const core::Result<core::server::KeyringAnswer>& answer);
  void conclude(std::uint64_t number);
  void answer_to(const core::server::KeyringQuestion& question, net::uv::Done<core::server::KeyringAnswer> done);

  net::uv::Loop& loop_;
  OwnKeyring* own_;
  Links links_;
  core::Logger log_;
  std::uint64_t next_ = 1;
  std::map<std::uint64_t, Round> rounds_;
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::server
