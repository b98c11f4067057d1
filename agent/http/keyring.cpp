// SPDX-License-Identifier: MPL-2.0
// /v1/agent/keyring/*: the keys of gossip, on all servers that live.
#include "agent/http/routes.h"
#include "core/base/fields.h"

namespace agent::http {
namespace {

using core::server::KeyringOp;

struct Wish {
  std::string key;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) { visit("Key", self.key); }
};

core::Result<Wish> wish_in(const Call& call) {
  TRY(const auto document, call.body());
  Wish wish;
  TRY(core::decode(document.root(), wish));
  return wish;
}

// Messages are of servers that failed; an answer says that none did.
std::string to_json(const core::server::KeyringReport& report) {
  core::json::Writer w;
  w.begin_object();
  w.key("Messages");
  w.begin_object();
  w.end_object();
  w.key("Keys");
  w.begin_object();
  for (const auto& [key, servers] : report.keys) {
    w.key(key);
    w.uint64(servers);
  }
  w.end_object();
  w.key("NumNodes");
  w.uint64(report.servers);
  w.end_object();
  return w.take();
}

}  // namespace

void agent_keyring(const Call& call) {
  constexpr std::string_view kPrefix = "/v1/agent/keyring/";
  if (!call.api().self.keyring) return call.fail(501, "Invalid method");
  const auto op = core::from_word<KeyringOp>(std::string_view(call.request().path).substr(kPrefix.size()));
  if (!op) return call.fail(404, "resource not found");
  if (*op == KeyringOp::list ? !call.is(net::http::Method::get) : !call.writes()) return call.invalid_method();
  Wish wish;
  if (*op != KeyringOp::list) {
    auto given = wish_in(call);
    if (!given.ok()) return call.fail(400, given.error().detail);
    wish = std::move(*given);
  }
  call.api().self.keyring(*op, wish.key, [call](const core::Result<core::server::KeyringReport>& report) {
    if (!report.ok()) return call.fail(report.error());
    call.ok(to_json(*report));
  });
}

}  // namespace agent::http
