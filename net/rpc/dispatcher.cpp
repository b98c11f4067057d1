// SPDX-License-Identifier: MPL-2.0
#include "net/rpc/dispatcher.h"

#include <utility>

namespace net::rpc {

Dispatcher::Entry& Dispatcher::entry(Method method) {
  if (method >= entries_.size()) entries_.resize(method + 1u);
  auto& entry = entries_[method];
  ASSERT(entry.allowed == 0);
  return entry;
}

const Dispatcher::Entry* Dispatcher::find(Method method) const { return method < entries_.size() ? &entries_[method] : nullptr; }

void Dispatcher::on_request(Method method, Roles allowed, OnRequest handler) {
  auto& added = entry(method);
  added.allowed = allowed;
  added.on_request = std::move(handler);
}

void Dispatcher::on_notice(Method method, Roles allowed, OnNotice handler) {
  auto& added = entry(method);
  added.allowed = allowed;
  added.on_notice = std::move(handler);
}

void Dispatcher::request(Inbound inbound) const {
  const auto* found = find(inbound.method);
  if (found == nullptr || !found->on_request) return inbound.reply.fail({core::Errc::unsupported, "unknown method " + std::to_string(inbound.method)});
  if ((found->allowed & bit(inbound.peer.hello.role)) == 0)
    return inbound.reply.fail({core::Errc::denied, "method " + std::to_string(inbound.method) + " is not for a " + std::string(to_string(inbound.peer.hello.role))});
  found->on_request(std::move(inbound));
}

void Dispatcher::notice(Method method, core::ByteView body, const Peer& peer) const {
  const auto* found = find(method);
  if (found != nullptr && found->on_notice && (found->allowed & bit(peer.hello.role)) != 0) found->on_notice(body, peer);
}

}  // namespace net::rpc
