// SPDX-License-Identifier: MPL-2.0
// Lends core/gossip its hands: packets and streams, a timer, and a file for its next life. Also where
// addresses that an operator or the configuration names become members.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/server/member_file.h"
#include "core/gossip/gossip.h"
#include "net/gossip_socket.h"
#include "net/uv/lifetime.h"
#include "net/uv/timer.h"

namespace agent::server {

class GossipHost {
 public:
  struct Options {
    core::gossip::Config gossip;
    net::uv::Address bind;
    std::optional<net::secure::Keyring> keys;  // nothing: the cluster has none
    std::string cluster;
    std::string directory;  // what is remembered is kept here
  };
  using OnEvents = std::function<void(const std::vector<core::gossip::MemberEvent>&)>;

  // Errors: the port is taken, the address is not ours. `env` outlives it.
  static core::Result<std::unique_ptr<GossipHost>> start(net::uv::Loop& loop, store::Env& env, Options options, OnEvents on_events,
                                                         core::Rng rng, core::Logger logger);

  // Whom the last life of this server knew.
  const std::vector<core::gossip::Remembered::Other>& known_before() const { return known_before_; }
  // How many of these were joined; the first error if none was. Ourselves count.
  void join(std::vector<core::gossip::Endpoint> at, net::uv::Done<std::size_t> done);
  // Calls `done` when the goodbye has had its time; not if it was called before.
  void leave(std::function<void()> done);
  void force_leave(const std::string& name, bool prune);

  // Between the servers, sealed as gossip is and on its port, but nothing gossip knows of. Each question is answered
  // once: by answer(), with nothing if it is not to be.
  using OnQuestion = std::function<void(net::FrameAnswerer::Ticket, core::ByteView question)>;
  void on_question(OnQuestion handler) { on_question_ = std::move(handler); }
  void ask(const core::gossip::Endpoint& to, core::ByteView question, core::Duration timeout, net::uv::Done<core::Bytes> done) {
    socket_->ask_host(to, question, timeout, std::move(done));
  }
  void answer(net::FrameAnswerer::Ticket ticket, const std::optional<core::Bytes>& answer);

  // Null: the cluster has no key, and so none to change.
  net::secure::Keyring* keys() { return encrypted_ ? &socket_->keys() : nullptr; }
  // Higher than in any earlier life of this server.
  std::uint64_t session() const { return session_; }
  const core::gossip::MemberTable& members() const { return gossip_.members(); }
  const core::gossip::Member& self() const { return gossip_.self(); }
  // Section "serf" of an agent's counts.
  std::map<std::string, std::string> stats() const;

 private:
  GossipHost(net::uv::Loop& loop, std::unique_ptr<MemberFile> file, core::gossip::Config config, OnEvents on_events, core::Rng rng,
             core::Logger logger);
  void feed(core::gossip::Input input);
  void carry_out(core::gossip::Output out);
  void tell(const std::vector<core::gossip::MemberEvent>& events);
  void remember();
  void finish(const core::gossip::Joined& joined);

  net::uv::Loop& loop_;
  std::unique_ptr<MemberFile> file_;
  OnEvents on_events_;
  core::Logger log_;
  core::gossip::Gossip gossip_;
  std::uint64_t session_ = 0;
  bool encrypted_ = false;
  std::vector<core::gossip::Remembered::Other> known_before_;
  bool remembers_others_ = false;  // the file names some
  std::deque<core::gossip::Input> inputs_;
  bool stepping_ = false;
  core::gossip::Ticket next_ticket_ = 1;
  struct Join {
    std::size_t ours = 0;  // of the addresses, our own
    net::uv::Done<std::size_t> done;
  };
  std::map<core::gossip::Ticket, Join> joins_;
  std::function<void()> on_left_;
  OnQuestion on_question_;
  net::uv::Address bound_;
  std::unique_ptr<net::GossipSocket> socket_;
  net::uv::Timer timer_, remember_later_;
};

}  // namespace agent::server
