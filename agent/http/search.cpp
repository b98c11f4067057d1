// SPDX-License-Identifier: MPL-2.0
// /v1/search: ids by their beginning, over all kinds of objects at once. One query a kind; the answer
// goes out when the last has come.
#include <algorithm>
#include <array>
#include <map>
#include <memory>

#include "agent/http/routes.h"
#include "core/base/fields.h"

namespace agent::http {
namespace {

using core::server::Ask;
using core::server::QueryAnswer;

constexpr std::uint64_t kMatchesMax = 20;  // of one kind; more are told as a truncation

struct Context {
  std::string_view name;
  std::optional<Ask> ask;  // unset: there are no objects of that kind here
};
constexpr std::array<Context, 9> kContexts{{{"allocs", Ask::allocs},
                                            {"jobs", Ask::jobs},
                                            {"nodes", Ask::nodes},
                                            {"evals", Ask::evals},
                                            {"deployment", std::nullopt},
                                            {"plugins", std::nullopt},
                                            {"volumes", std::nullopt},
                                            {"scaling_policy", std::nullopt},
                                            {"namespaces", std::nullopt}}};

struct Body {
  std::string prefix, context;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Prefix", self.prefix);
    visit("Context", self.context);
  }
};

struct Stub {
  std::string id;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) { visit("ID", self.id); }
};

// What has come so far; shared by the queries under way.
struct Search {
  Call call;
  std::string prefix;
  std::map<std::string, std::vector<std::string>, std::less<>> matches;
  std::map<std::string, bool, std::less<>> truncated;
  core::Index index;
  bool known_leader = true;
  std::size_t waiting = 0;
  std::optional<core::Error> failed;
};

void answer(const Search& search) {
  if (search.failed) return search.call.fail(*search.failed);
  core::json::Writer w;
  w.begin_object();
  w.key("Matches");
  w.begin_object();
  for (const auto& [context, ids] : search.matches) {
    w.key(context);
    core::encode(w, ids);
  }
  w.end_object();
  w.key("Truncations");
  w.begin_object();
  for (const auto& [context, truncated] : search.truncated) {
    w.key(context);
    w.boolean(truncated);
  }
  w.end_object();
  w.key("Index");
  w.uint64(search.index.value);
  w.key("LastContact");
  w.uint64(0);
  w.key("KnownLeader");
  w.boolean(search.known_leader);
  w.end_object();
  search.call.ok(w.take(), search.index);
}

void take(Search& search, std::string_view context, core::Result<QueryAnswer> found) {
  auto& ids = search.matches[std::string(context)];
  auto& truncated = search.truncated[std::string(context)];
  // Text that cannot begin an id matches none: no error here.
  if (!found.ok() && found.error().code != core::Errc::rejected) search.failed = found.error();
  if (!found.ok() || !found->json) return;
  std::vector<Stub> stubs;
  const auto document = core::json::parse(*found->json);
  if (!document.ok() || !core::decode(document->root(), stubs).ok()) return;
  for (auto& stub : stubs) ids.push_back(std::move(stub.id));
  truncated = !found->next_token.empty();
  search.index = std::max(search.index, found->index);
  search.known_leader = search.known_leader && found->known_leader;
}

void look(const std::shared_ptr<Search>& search, const Context& context) {
  auto query = query_from(search->call.request(), *context.ask, "");
  if (!query.ok()) {
    take(*search, context.name, query.error());
    if (--search->waiting == 0) answer(*search);
    return;
  }
  query->prefix = search->prefix;
  query->per_page = kMatchesMax;
  query->min_index = 0;
  search->call.gateway().query(std::move(*query), [search, name = context.name](auto found) {
    take(*search, name, std::move(found));
    if (--search->waiting == 0) answer(*search);
  });
}

std::string unknown_context(const std::string& given) {
  std::string names;
  for (const auto& context : kContexts) names += (names.empty() ? "" : " ") + std::string(context.name);
  return "context must be one of [" + names + "] or 'all' for all contexts; got \"" + given + "\"";
}

}  // namespace

void search(const Call& call) {
  if (!call.writes()) return call.invalid_method();
  const auto document = call.body();
  if (!document.ok()) return call.fail(document.error());
  Body body;
  if (const auto decoded = core::decode(document->root(), body); !decoded.ok()) return call.fail(decoded.error());
  const bool all = body.context.empty() || body.context == "all";
  std::vector<Context> wanted;
  std::copy_if(kContexts.begin(), kContexts.end(), std::back_inserter(wanted), [&](const Context& c) { return all || c.name == body.context; });
  if (wanted.empty()) return call.fail(500, unknown_context(body.context));
  auto search = std::make_shared<Search>(Search{.call = call, .prefix = std::move(body.prefix), .matches = {}, .truncated = {}, .index = {}, .failed = {}});
  search->waiting = 1;  // so that answers that come at once do not end it early
  for (const auto& context : wanted) {
    search->matches.try_emplace(std::string(context.name));
    search->truncated.try_emplace(std::string(context.name), false);
    if (!context.ask) continue;
    ++search->waiting;
    look(search, context);
  }
  if (--search->waiting == 0) answer(*search);
}

}  // namespace agent::http
