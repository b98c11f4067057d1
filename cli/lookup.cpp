// SPDX-License-Identifier: MPL-2.0
#include "cli/lookup.h"

#include <algorithm>

#include "cli/output.h"
#include "core/base/fields.h"
#include "core/base/id.h"

namespace cli {
namespace {

using core::Errc;
using core::Error;

struct Stub {
  std::string id, name, status;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("ID", self.id);
    visit("Name", self.name);
    visit("Status", self.status);
  }
};

// Ids of objects are in pairs of hex digits to the server's index; an odd last one is compared here.
std::string even(const Kind& kind, const std::string& typed) {
  if (kind.path == kJobs.path) return typed;
  const auto digits = typed.size() - static_cast<std::size_t>(std::count(typed.begin(), typed.end(), '-'));
  return digits % 2 == 0 ? typed : typed.substr(0, typed.size() - 1);
}

}  // namespace

core::Result<std::string> resolve(const Api& api, const Kind& kind, const std::string& typed) {
  if (kind.path != kJobs.path && core::is_uuid(typed)) return typed;
  if (typed.size() == 1 && kind.path != kJobs.path) return Error{Errc::invalid, "Identifier must contain at least two characters."};
  const auto reply = api.get(kind.path, {{"prefix", even(kind, typed)}});
  if (!reply.ok()) return Error{Errc::unavailable, reply.error().detail};
  std::vector<Stub> stubs;
  if (!reply->body.root().is_null()) TRY(core::decode(reply->body.root(), stubs));
  std::erase_if(stubs, [&](const Stub& stub) { return !stub.id.starts_with(typed); });
  const auto exact = std::find_if(stubs.begin(), stubs.end(), [&](const Stub& stub) { return stub.id == typed; });
  if (exact != stubs.end()) return exact->id;
  if (stubs.size() == 1) return stubs.front().id;
  if (stubs.empty())
    return Error{Errc::not_found, "No " + std::string(kind.noun) + "(s) with prefix or id \"" + typed + "\" found"};
  std::vector<Row> rows{{"ID", "Name", "Status"}};
  for (const auto& stub : stubs) rows.push_back({stub.id, stub.name, stub.status});
  return Error{Errc::conflict, "Prefix matched multiple " + std::string(kind.plural) + "\n\n" + table(rows)};
}

}  // namespace cli
