// SPDX-License-Identifier: MPL-2.0
// What must hold of all members together, one truth a function. Each returns the first breach as a sentence, or nothing.
#pragma once

#include <string>

#include "tests/sim/gossip/hosts.h"
#include "tests/sim/gossip/ledger.h"

namespace sim::gossip {

// After healing, all that run believe the same of everybody, and it is so: who runs is alive, at its address and with
// its own incarnation; who does not, is not. Who is to be forgotten and does not run may be or may not be.
std::string check_agreement(const Hosts& hosts);
// Whom a leader at this member takes out of Raft's configuration, somebody wanted to leave.
std::string check_departures(const Hosts& hosts, Hosts::Member leader);
// The events that a member told say what its table says.
std::string check_told(const Hosts& hosts, const Ledger& ledger);
// Where nothing happens nobody is suspected, there is no news left to tell, and tables hold nobody else.
std::string check_idle(const Hosts& hosts);

}  // namespace sim::gossip
