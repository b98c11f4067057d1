// SPDX-License-Identifier: MPL-2.0
// `nomad executor`: the process from which supervisors are forked. An agent starts one for itself,
// over a socket given as descriptor 3, and sends it two descriptors for each task: the connection that
// the new supervisor will talk on, and the lock that it is to hold.
//
// Forking from one small process is what keeps supervisors small: they share its memory, and neither
// load nor link anything. What a supervisor leaves behind that was killed comes to this process, and is
// killed too, whatever session it fled to and with or without control groups. It ends when its agent
// does; the supervisors go on.
#pragma once

namespace agent::client {

// To be called first thing in main, before anything is initialised, when argv[1] is "executor".
int executor_main(int argc, char** argv);

}  // namespace agent::client
