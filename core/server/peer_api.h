// SPDX-License-Identifier: MPL-2.0
// What servers ask of each other beside Raft's own messages: who are you, may I join, please carry out
// this command, which was asked of me while you lead, and what do you have of what I lost. Bodies are JSON
// of the field lists.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/fields.h"
#include "core/raft/types.h"

namespace core::server {

// Both the question and its answer: each side says who it is.
struct Greeting {
  static constexpr const char* kName = "Server.Greet";
  ServerId id;
  std::string address;       // "host:port" of its RPC, as others should dial it
  std::uint64_t expect = 0;  // bootstrap_expect; 0: it only ever joins
  bool founded = false;      // it belongs to a cluster, or holds entries of one
  bool knows_you = false;    // in an answer: who asked is in its configuration, at the address that was given
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("ID", self.id);
    visit("Address", self.address);
    visit("Expect", self.expect);
    visit("Founded", self.founded);
    visit("KnowsYou", self.knows_you);
  }
};

// "Take me in", or "my address is another one now". Answered once that is committed.
struct JoinCluster {
  static constexpr const char* kName = "Server.Join";
  ServerId id;
  std::string address;
  bool passed_on = false;  // by a server that does not lead: it is not passed on again
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("ID", self.id);
    visit("Address", self.address);
    visit("PassedOn", self.passed_on);
  }
};

// A server by its id or, when that is empty, by the address in the configuration.
struct ServerName {
  ServerId id;
  std::string address;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("ID", self.id);
    visit("Address", self.address);
  }
};

// An operator wants a server out of the cluster. Answered once that is committed.
struct RemoveServer {
  static constexpr const char* kName = "Server.Remove";
  ServerName which;
  bool passed_on = false;  // as in JoinCluster
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Which", self.which);
    visit("PassedOn", self.passed_on);
  }
};

// An operator wants another leader: the one named or, when none is, the voter that is most up to date.
// Answered with HandedOver.
struct HandOver {
  static constexpr const char* kName = "Server.HandOver";
  ServerName to;
  bool passed_on = false;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("To", self.to);
    visit("PassedOn", self.passed_on);
  }
};
struct HandedOver {
  ServerName from, to;  // `to` is empty while nobody is known to lead yet
  bool noop = false;    // it led already
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("From", self.from);
    visit("To", self.to);
    visit("Noop", self.noop);
  }
};

// A command in its RPC form, and the name of the request if it may come twice. Only a leader carries it
// out; others answer Errc::no_leader.
struct Forwarded {
  static constexpr const char* kName = "Server.Forward";
  std::uint16_t method = 0;
  std::string body;
  RequestId request;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Method", self.method);
    visit("Body", self.body);
    visit("RequestHigh", self.request.high);
    visit("RequestLow", self.request.low);
  }
};

// Entries of the asker's log are damaged. Answered with an append (core/raft/messages.h) that holds those
// from `first` on that the other has, none after `last`, at least one; Errc::not_found if it lacks `first`.
// Of the append's fields only the entries and the previous index count: the asker's own chain proves them.
struct FetchEntries {
  static constexpr const char* kName = "Server.FetchEntries";
  Index first, last;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("First", self.first);
    visit("Last", self.last);
  }
};

// The asker lacks a snapshot. Answered with an install message that holds the piece at `offset` of the one
// named, or, while `index` is 0, of the newest, if that ends at entry `at_least` or later. Errc::not_found.
struct FetchSnapshot {
  static constexpr const char* kName = "Server.FetchSnapshot";
  Index at_least;
  Index index;
  Term term;
  std::uint64_t offset = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("AtLeast", self.at_least);
    visit("Index", self.index);
    visit("Term", self.term);
    visit("Offset", self.offset);
  }
};

}  // namespace core::server
