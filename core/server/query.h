// SPDX-License-Identifier: MPL-2.0
// What may be asked of the state, and how fresh the answer must be. The answer is the API's JSON text
// as the state keeps it, so that nobody between disk and client decodes it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/fields.h"
#include "core/model/shape.h"
#include "core/server/types.h"

namespace core::server {

enum class Ask {
  jobs, job, job_versions, job_summary, job_allocs, job_evals, nodes, node, node_allocs, evals, eval, eval_allocs,
  allocs, alloc, deployments, job_deployments, job_deployment
};
constexpr std::array<std::string_view, 17> words(Ask) {
  return {"jobs", "job", "job-versions", "job-summary", "job-allocs", "job-evals", "nodes", "node", "node-allocs",
          "evals", "eval", "eval-allocs", "allocs", "alloc", "deployments", "job-deployments", "job-deployment"};
}

struct Query {
  static constexpr const char* kName = "State.Query";
  Ask ask = Ask::jobs;
  std::string id;                // of the one object; empty for lists
  std::string ns = "default";    // "*": all namespaces, for lists
  std::string prefix;            // of ids, for lists
  bool stale = false;            // any server may answer; otherwise only the leader
  std::uint64_t min_index = 0;   // block until the answer's index is over this ...
  Duration wait{};               // ... or this has passed
  std::uint64_t per_page = 0;    // 0: all
  std::string next_token;        // first id of the wanted page
  bool resources = false;        // add resources to stubs
  bool task_states = true;       // allocation stubs carry task states
  model::Shape shape = model::Shape::current;  // as which clients decode it
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Ask", self.ask);
    visit("ID", self.id);
    visit("Namespace", self.ns);
    visit("Prefix", self.prefix);
    visit("Stale", self.stale);
    visit("MinIndex", self.min_index);
    visit("Wait", self.wait);
    visit("PerPage", self.per_page);
    visit("NextToken", self.next_token);
    visit("Resources", self.resources);
    visit("TaskStates", self.task_states);
    visit("Shape", self.shape);
  }
};

struct QueryAnswer {
  std::shared_ptr<const std::string> json;  // null when the object is missing
  Index index;
  bool known_leader = true;
  Duration last_contact{};  // since this server heard from the leader; 0 on the leader
  std::string next_token;
};

// A query's answer on the wire.
struct QueryReply {
  bool found = false;
  std::string json;
  Index index;
  bool known_leader = true;
  Duration last_contact{};
  std::string next_token;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Found", self.found);
    visit("JSON", self.json);
    visit("Index", self.index);
    visit("KnownLeader", self.known_leader);
    visit("LastContact", self.last_contact);
    visit("NextToken", self.next_token);
  }
};

// Who leads, and who votes: RPC addresses.
struct AskStatus {
  static constexpr const char* kName = "Status.Peers";
  bool stale = false;  // do not wait for a leader
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) { visit("Stale", self.stale); }
};
struct ClusterStatus {
  std::string leader;  // empty: none
  std::vector<std::string> peers;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Leader", self.leader);
    visit("Peers", self.peers);
  }
};

// What a blocking query waits for.
WatchKey watch_key(const Query& query);

}  // namespace core::server
