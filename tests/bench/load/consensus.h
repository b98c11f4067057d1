// SPDX-License-Identifier: MPL-2.0
// What agreement costs: commits a second, how long it takes to come about, and how long nobody can write when the
// leader changes.
#pragma once

namespace bench {

// One server, and three on this machine.
void commits();
void commits_of_three();
// kill -9 of the leader until the next acknowledged write.
void failover();
// An operator moves leadership while users write.
void hand_over();
// Three servers that find each other by gossip.
void form();
// The leader leaves for good while users write through the others.
void leave_of_leader();

}  // namespace bench
