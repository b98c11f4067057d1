// SPDX-License-Identifier: MPL-2.0
// The HTTP API over a cluster and a node that answer what a test says, and remember what they were asked.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/http/own_node.h"
#include "agent/http/routes.h"
#include "agent/http/streams.h"
#include "tests/support/http_loopback.h"
#include "tests/support/temp_dir.h"

namespace test {

namespace cs = core::server;
using core::server::Ask;
using net::http::Method;

class FakeGateway final : public agent::Gateway {
 public:
  void command(cs::Command command, net::uv::Done<cs::Answer> done) override {
    commands.push_back(std::move(command));
    done(cs::Answer{});
  }
  void query(cs::Query query, net::uv::Done<cs::QueryAnswer> done) override {
    queries.push_back(query);
    cs::QueryAnswer answer;
    answer.index = core::Index{7};
    if (const auto found = answers.find(query.ask); found != answers.end()) answer.json = std::make_shared<const std::string>(found->second);
    if (const auto refused = errors.find(query.ask); refused != errors.end()) return done(refused->second);
    done(std::move(answer));
  }
  void leader(bool, net::uv::Done<std::string> done) override { done(std::string("127.0.0.1:4647")); }
  void peers(net::uv::Done<std::vector<std::string>> done) override { done(std::vector<std::string>{"127.0.0.1:4647"}); }

  void save_state(bool, net::uv::Done<agent::SavedState> done) override {
    done(core::Error{core::Errc::no_leader, "No cluster leader"});
  }
  void restore_state(core::Bytes snapshot, net::uv::Done<core::Index> done) override {
    if (snapshot != "sound") return done(core::Error{core::Errc::rejected, "no trailer at the end"});
    done(core::Index{9});
  }

  void read_log(core::Index from, net::uv::Done<agent::LogPage> done) override {
    agent::LogPage page{.entries = {}, .committed = log.empty() ? core::Index{} : log.back().id.index};
    for (const auto& entry : log)
      if (entry.id.index >= from) page.entries.push_back(entry);
    done(std::move(page));
  }
  void remove_server(cs::ServerName which, net::uv::Done<core::Unit> done) override {
    removed.push_back(std::move(which));
    done(core::Unit{});
  }
  void hand_over(cs::ServerName to, net::uv::Done<cs::HandedOver> done) override {
    done(cs::HandedOver{.from = {core::ServerId{"a"}, "10.0.0.1:4647"}, .to = std::move(to), .noop = false});
  }

  std::vector<core::raft::Entry> log;
  std::vector<cs::ServerName> removed;
  std::map<Ask, std::string> answers;  // others are missing
  std::map<Ask, core::Error> errors;
  std::vector<cs::Query> queries;
  std::vector<cs::Command> commands;
};

// A node with one allocation "a1" of one task "web".
class FakeNode final : public agent::client::LocalNode {
 public:
  FakeNode() {
    node_.id.text = "n1";
    auto alloc = std::make_shared<core::model::Allocation>();
    alloc->id.text = "a1";
    alloc_ = std::move(alloc);
    states["web"].state = core::model::TaskStatus::running;
  }
  const core::model::Node& node() const override { return node_; }
  core::model::AllocPtr alloc(const core::AllocId& id) const override { return id == alloc_->id ? alloc_ : nullptr; }
  std::map<std::string, core::model::TaskState> task_states(const core::AllocId&) const override { return states; }
  agent::client::AllocDir directory(const core::AllocId& id) const override { return {dir.path(), dir / "control", id}; }
  std::map<std::string, agent::client::TaskUse> use(const core::AllocId&) const override { return uses; }
  const std::string& alloc_root() const override { return dir.path(); }
  void ask(core::client::Input wish) override { wishes.push_back(std::move(wish)); }

  TempDir dir;
  std::map<std::string, core::model::TaskState> states;
  std::map<std::string, agent::client::TaskUse> uses;
  std::vector<core::client::Input> wishes;

 private:
  core::model::Node node_;
  core::model::AllocPtr alloc_;
};

class HttpRig {
 public:
  // With a node of its own, or without.
  explicit HttpRig(bool with_node = true) {
    api.self.region = "global";
    api.self.server = true;
    if (with_node) {
      own.emplace(http.t.loop, node, streams.worker);
      api.own_node = &*own;
    }
  }
  net::http::Response get(const std::string& target) { return http.call(Method::get, target); }
  net::http::Response put(const std::string& target, const std::string& body = "") { return http.call(Method::put, target, body); }
  // As a v0.1.2 client calls: it names only Go.
  net::http::Response get_old(const std::string& target) {
    net::http::Outgoing request{.method = Method::get, .target = target};
    request.headers.add("User-Agent", "Go-http-client/1.1");
    auto response = http.try_call(std::move(request));
    REQUIRE(response.ok());
    return std::move(response).value();
  }

  FakeGateway gateway;
  FakeNode node;
  support::HttpLoopback http{[this](net::http::Request request, net::http::Responder responder) {
    router.dispatch(std::move(request), std::move(responder));
  }};
  agent::http::Streams streams{http.t.loop};
  agent::http::Api api{.gateway = gateway, .self = {}, .streams = streams, .extra_headers = {}};
  net::http::Router router = agent::http::routes(api);
  std::optional<agent::http::OwnNode> own;
};

}  // namespace test
