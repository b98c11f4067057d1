// SPDX-License-Identifier: MPL-2.0
#include "agent/http/routes.h"
#include "core/base/fields.h"

namespace agent::http {
namespace {

template <class T>
std::string json_list(const std::vector<T>& items) {
  return items.empty() ? "[]" : core::to_json(items);
}

}  // namespace

void status_leader(const Call& call) {
  if (!call.is(net::http::Method::get)) return call.invalid_method();
  call.gateway().leader(call.request().query.has("stale"), [call](auto address) {
    if (!address.ok()) return call.fail(address.error());
    call.ok(core::to_json(*address));
  });
}

void status_peers(const Call& call) {
  if (!call.is(net::http::Method::get)) return call.invalid_method();
  call.gateway().peers([call](auto peers) {
    if (!peers.ok()) return call.fail(peers.error());
    call.ok(json_list(*peers));
  });
}

void regions(const Call& call) {
  if (!call.is(net::http::Method::get)) return call.invalid_method();
  const auto& self = call.api().self;
  if (!self.regions) return call.pass_on(self.region);
  call.ok(json_list(self.regions()));
}

void system_gc(const Call& call) {
  if (!call.is(net::http::Method::put)) return call.invalid_method();
  call.gateway().command(core::server::CollectGarbage{}, [call](auto answer) {
    if (!answer.ok()) return call.fail(answer.error());
    call.ok_empty({});
  });
}

}  // namespace agent::http
