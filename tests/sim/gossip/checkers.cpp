// SPDX-License-Identifier: MPL-2.0
#include "tests/sim/gossip/checkers.h"

#include <map>
#include <tuple>

#include "agent/server/departed.h"

namespace sim::gossip {
namespace {

using core::gossip::Member;
using core::gossip::MemberTable;
using core::gossip::Standing;

std::string words(const Member* m) {
  if (m == nullptr) return "unknown";
  return std::string(to_string(m->standing())) + " (incarnation " + std::to_string(m->incarnation.value) + ", intent " +
         std::to_string(m->status_time.value) + ", identity " + std::to_string(m->identity.value % 1000) + ")";
}

bool same(const Member* a, const Member* b) {
  if (a == nullptr || b == nullptr) return a == b;
  const auto of = [](const Member& m) { return std::tuple(m.identity, m.incarnation, m.standing(), m.status_time, m.endpoint); };
  return of(*a) == of(*b);
}

bool may_be_forgotten(const Hosts& hosts, Hosts::Member member) {
  return hosts.host(member).to_forget && hosts.host(member).fate != Hosts::Fate::running;
}

std::string check_truth(const Hosts& hosts, Hosts::Member by, Hosts::Member about) {
  const auto& gossip = hosts.gossip();
  const auto* seen = gossip.gossip(by).members().find(gossip.name(about));
  const bool right = hosts.runs(about) ? same(seen, &gossip.gossip(about).self()) : seen == nullptr || !seen->lives();
  return right ? "" : gossip.name(about) + (hosts.runs(about) ? " runs" : " does not run") + " and is, at " + gossip.name(by) + ", " + words(seen) +
                     (hosts.runs(about) ? ", by its own account " + words(&gossip.gossip(about).self()) : "");
}

std::string compare(const Hosts& hosts, Hosts::Member a, Hosts::Member b) {
  const auto& gossip = hosts.gossip();
  const auto& ours = gossip.gossip(a).members();
  const auto& theirs = gossip.gossip(b).members();
  if (ours.digest() == theirs.digest()) return "";
  for (Hosts::Member about = 0; about < hosts.size(); ++about) {
    const auto* here = ours.find(gossip.name(about));
    const auto* there = theirs.find(gossip.name(about));
    const bool gone = (here == nullptr || !here->lives()) && (there == nullptr || !there->lives());
    if (!same(here, there) && !(gone && may_be_forgotten(hosts, about)))
      return gossip.name(about) + " is " + words(here) + " at " + gossip.name(a) + " and " + words(there) + " at " + gossip.name(b);
  }
  return "";
}

}  // namespace

std::string check_agreement(const Hosts& hosts) {
  std::optional<Hosts::Member> first;
  for (Hosts::Member member = 0; member < hosts.size(); ++member) {
    if (hosts.host(member).fate == Hosts::Fate::leaving) return hosts.gossip().name(member) + " is still leaving";
    if (!hosts.runs(member)) continue;
    if (!first) {
      first = member;
      for (Hosts::Member about = 0; about < hosts.size(); ++about)
        if (auto wrong = check_truth(hosts, member, about); !wrong.empty()) return wrong;
    }
    if (auto wrong = compare(hosts, *first, member); !wrong.empty()) return wrong;
  }
  return "";
}

std::string check_departures(const Hosts& hosts, Hosts::Member leader) {
  core::raft::Configuration configuration;
  std::map<core::ServerId, Hosts::Member> members;
  for (Hosts::Member member = 0; member < hosts.size(); ++member) {
    configuration.put({.id = Hosts::server_id(member), .address = {}, .voter = true});
    members.emplace(Hosts::server_id(member), member);
  }
  const auto& gossip = hosts.gossip();
  while (const auto gone = agent::server::departed(gossip.gossip(leader).members(), configuration)) {
    const auto member = members.at(*gone);
    if (!hosts.host(member).asked_to_go) return gossip.name(leader) + " takes " + gossip.name(member) + " out, and nobody wanted it to leave";
    configuration.erase(*gone);
  }
  return "";
}

std::string check_told(const Hosts& hosts, const Ledger& ledger) {
  for (Hosts::Member member = 0; member < hosts.size(); ++member) {
    if (!hosts.runs(member)) continue;
    const auto& told = ledger.told_to(member);
    const auto& members = hosts.gossip().gossip(member).members();
    std::string wrong;
    members.for_each([&](const Member& m) {
      const auto it = told.find(m.name);
      if (it == told.end() || it->second.standing != m.standing()) wrong = hosts.gossip().name(member) + " was not told that " + m.name + " is " + words(&m);
    });
    if (wrong.empty() && told.size() != members.size()) wrong = hosts.gossip().name(member) + " was told of members that it does not know";
    if (!wrong.empty()) return wrong;
  }
  return "";
}

std::string check_idle(const Hosts& hosts) {
  for (Hosts::Member member = 0; member < hosts.size(); ++member) {
    if (!hosts.runs(member)) continue;
    const auto counts = hosts.gossip().gossip(member).counts();
    const auto& name = hosts.gossip().name(member);
    if (counts.members > hosts.size()) return name + " knows of " + std::to_string(counts.members) + " members";
    std::string suspect;
    hosts.gossip().gossip(member).members().for_each([&](const Member& m) {
      if (m.condition == core::gossip::Condition::suspect) suspect = m.name;
    });
    if (!suspect.empty()) return name + " suspects " + suspect;
    if (counts.broadcasts_queued > 0) return name + " has " + std::to_string(counts.broadcasts_queued) + " pieces of news that nobody needs";
  }
  return "";
}

}  // namespace sim::gossip
