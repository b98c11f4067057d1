// SPDX-License-Identifier: MPL-2.0
// What each command says of itself for -help; shown also when it is called wrongly.
#pragma once

#include <string_view>

namespace cli::help {

inline constexpr std::string_view kAgent =
    "Usage: nomad agent [options]\n\n"
    "  Runs a Nomad agent until a signal ends it: a server, a client, or with -dev both.\n\n"
    "Options:\n"
    "  -dev                    Server and client in one, on loopback, for trying things out.\n"
    "  -server, -client        Enable the role.\n"
    "  -config=<path>          A file, or a directory of *.hcl and *.json; may be repeated.\n"
    "  -data-dir=<path>        Where state is kept.\n"
    "  -bind=<addr>            The address to listen on; default 127.0.0.1.\n"
    "  -region, -dc, -node     Names of the region, the datacenter and this agent.\n"
    "  -bootstrap-expect=<n>   How many servers make the first cluster.\n"
    "  -servers=<a:p,b:p>      Servers a client registers with.\n"
    "  -meta k=v, -node-class  What constraints may look at.\n"
    "  -log-level=<level>      TRACE, DEBUG, INFO, WARN or ERR.\n"
    "  All flags and the keys they stand for: docs/configuration.md.";

inline constexpr std::string_view kAgentInfo =
    "Usage: nomad agent-info [options]\n\n  Shows what the agent counts about itself.";

inline constexpr std::string_view kAllocFs =
    "Usage: nomad alloc fs [options] <allocation> [<path>]\n\n"
    "  Lists a directory of an allocation, or prints a file. The path begins at the\n"
    "  allocation's own directory.\n\n"
    "Options:\n"
    "  -stat     Say what the path is instead of showing what is in it.\n"
    "  -H        Sizes in bytes.\n"
    "  -f        Go on as the file grows.\n"
    "  -tail     Only the end of the file: 10 lines,\n"
    "  -n=<n>    so many lines,\n"
    "  -c=<n>    or so many bytes.\n"
    "  -job      Take an allocation of the job of that name.\n"
    "  -verbose  Whole ids.";

inline constexpr std::string_view kAllocLogs =
    "Usage: nomad alloc logs [options] <allocation> [<task>]\n\n"
    "  Prints what a task wrote to its standard output. The task may be left out when\n"
    "  there is only one.\n\n"
    "Options:\n"
    "  -stderr       Its standard error instead.\n"
    "  -task=<name>  Another way to name the task.\n"
    "  -f            Go on as more comes.\n"
    "  -tail         Only the end: 10 lines,\n"
    "  -n=<n>        so many lines,\n"
    "  -c=<n>        or so many bytes.\n"
    "  -job          Take an allocation of the job of that name.\n"
    "  -verbose      Whole ids.";

inline constexpr std::string_view kAllocRestart =
    "Usage: nomad alloc restart [options] <allocation> [<task>]\n\n"
    "  Starts the allocation's running tasks, or one of them, anew on the same node.";

inline constexpr std::string_view kAllocSignal =
    "Usage: nomad alloc signal [options] <allocation> [<task>]\n\n"
    "  Sends the allocation's running tasks, or one of them, a signal.\n\n"
    "Options:\n"
    "  -s=<signal>  Which; default SIGKILL.";

inline constexpr std::string_view kAllocStop =
    "Usage: nomad alloc stop [options] <allocation>\n\n"
    "  Stops an allocation; another is placed instead.\n\n"
    "Options:\n"
    "  -detach   Print the evaluation's id and return.\n"
    "  -verbose  Show whole ids.";

inline constexpr std::string_view kAllocStatus =
    "Usage: nomad alloc-status [options] <allocation>\n\n"
    "  Shows an allocation: where it runs, the state of its tasks and what happened to\n"
    "  them, and why it was placed there.\n\n"
    "Options:\n"
    "  -short    Only the tasks' states.\n"
    "  -stats    What the tasks use now.\n"
    "  -verbose  Whole ids, times, and the placement's metrics.\n"
    "  -json     The allocation as the API gives it.";

inline constexpr std::string_view kClientConfig =
    "Usage: nomad client-config [options]\n\n"
    "  Shows or changes which servers a client talks to.\n\n"
    "Options:\n"
    "  -servers                      Print the servers, one a line.\n"
    "  -update-servers <addr> ...    Replace them.";

inline constexpr std::string_view kEligibility =
    "Usage: nomad node eligibility [options] <node>\n\n"
    "  Says whether new work may be placed on a node.\n\n"
    "Options:\n"
    "  -enable    It may.\n"
    "  -disable   It may not; what runs there stays.";

inline constexpr std::string_view kEvalMonitor =
    "Usage: nomad eval-monitor [options] <evaluation>\n\n"
    "  Follows an evaluation until it is done. Exit code 0: all placed; 2: some could\n"
    "  not be placed; 1: an error.";

inline constexpr std::string_view kEvalStatus =
    "Usage: nomad eval status [options] <evaluation>\n\n"
    "  Shows an evaluation and what it could not place.\n\n"
    "Options:\n"
    "  -monitor  Follow it until it is done.\n"
    "  -verbose  Whole ids and times.\n"
    "  -json     The evaluation as the API gives it.";

inline constexpr std::string_view kInit =
    "Usage: nomad init [file]\n\n  Writes an example job file, example.nomad unless another name is given.";

inline constexpr std::string_view kInspect =
    "Usage: nomad inspect [options] <job>\n\n  Prints the job as the servers hold it, as JSON.";

inline constexpr std::string_view kJobEval =
    "Usage: nomad job eval [options] <job>\n\n"
    "  Has a job evaluated anew and follows the evaluation.\n\n"
    "Options:\n"
    "  -detach   Print the evaluation's id and return.\n"
    "  -verbose  Show whole ids.";

inline constexpr std::string_view kJobHistory =
    "Usage: nomad job history [options] <job>\n\n"
    "  Shows the versions of a job that are kept, newest first.\n\n"
    "Options:\n"
    "  -version=<n>  Only this one.\n"
    "  -full         With the job as it was.\n"
    "  -json         As the API gives it.";

inline constexpr std::string_view kMembers =
    "Usage: nomad server-members [options]\n\n"
    "  Lists the servers that the agent knows.\n\n"
    "Options:\n"
    "  -detailed  Show each member's tags.";

inline constexpr std::string_view kNodeDrain =
    "Usage: nomad node-drain [options] <node>\n\n"
    "  Moves the work off a node, or lets it take work again.\n\n"
    "Options:\n"
    "  -enable            Start draining.\n"
    "  -disable           Stop draining; the node may take work again.\n"
    "  -deadline=<dur>    How long batch work may take to finish; default 1h.\n"
    "  -force             Move everything at once.\n"
    "  -no-deadline       Wait for batch work however long it takes.\n"
    "  -ignore-system     Leave system jobs where they are.\n"
    "  -keep-ineligible   With -disable: do not let new work in yet.\n"
    "  -detach            Return at once.\n"
    "  -yes               Do not ask when the id was abbreviated.";

inline constexpr std::string_view kNodeStatus =
    "Usage: nomad node-status [options] [node]\n\n"
    "  Lists the nodes, or shows one with its allocations. A node may be named by the\n"
    "  beginning of its id.\n\n"
    "Options:\n"
    "  -short    Only what the node itself says.\n"
    "  -allocs   In the list, count running allocations.\n"
    "  -self     The node of the agent that answers.\n"
    "  -stats    What the host uses, by processor and disk.\n"
    "  -verbose  Whole ids, attributes and times.\n"
    "  -json     The node as the API gives it.";

inline constexpr std::string_view kOperatorSalvage =
    "Usage: nomad operator salvage -yes <data-dir>\n\n"
    "  For a server that refuses to start on a damaged log and whose entries no\n"
    "  other server has: ends the log before the damage. What had been acknowledged\n"
    "  behind it is lost. The files as they were are kept beside it. The agent must\n"
    "  be stopped.\n\n"
    "Options:\n"
    "  -yes  Do it.";

inline constexpr std::string_view kSnapshotSave =
    "Usage: nomad operator snapshot save [options] [file]\n\n"
    "  Writes a snapshot of the cluster's state to a file, by default to\n"
    "  nomad-state-<date>-<seconds>.snap. It is complete and proves itself, and can be\n"
    "  read as an SQLite database. A file that exists is not overwritten.\n\n"
    "Options:\n"
    "  -stale  Of the server that answers, though it may be behind or without a leader.";

inline constexpr std::string_view kSnapshotInspect =
    "Usage: nomad operator snapshot inspect <file>\n\n"
    "  Checks all of a snapshot and shows what it is. No agent is needed.";

inline constexpr std::string_view kSnapshotRestore =
    "Usage: nomad operator snapshot restore [options] <file>\n\n"
    "  Makes the state in a snapshot that of the running cluster, on all its servers.\n"
    "  Everything written since the snapshot is lost. The servers stay the members\n"
    "  they are. A damaged file, or one of another region, is refused and changes\n"
    "  nothing.";

inline constexpr std::string_view kSnapshotState =
    "Usage: nomad operator snapshot state <file>\n\n"
    "  Prints the state in a snapshot as JSON: nodes, jobs, evaluations, allocations.\n"
    "  No agent is needed.";

inline constexpr std::string_view kRaftListPeers =
    "Usage: nomad operator raft list-peers [options]\n\n"
    "  Lists the servers that vote on every change.\n\n"
    "Options:\n"
    "  -stale  Answer even without a leader.";

inline constexpr std::string_view kKeygen =
    "Usage: nomad operator keygen [options]\n\n"
    "  Prints a new cluster key: 32 random bytes in base64, for the servers' encrypt\n"
    "  setting or for 'operator keyring -install'.\n\n"
    "Options:\n"
    "  -clients-of=<key>  Instead, the key that clients of a cluster with this one hold:\n"
    "                     their rpc_key setting.";

inline constexpr std::string_view kOperatorMetrics =
    "Usage: nomad operator metrics [options]\n\n"
    "  Prints what an agent counted and measured in the last finished interval.\n\n"
    "Options:\n"
    "  -pretty         Indent the JSON.\n"
    "  -format=<name>  json, or prometheus for its text format.\n"
    "  -json           The same as -format=json.";

inline constexpr std::string_view kOperatorKeyring =
    "Usage: nomad operator keyring [options]\n\n"
    "  Shows or changes the cluster keys of all servers, those of other regions too. A\n"
    "  change that one of them cannot make is made on none. To change the key: install\n"
    "  the new one, give clients theirs, use it, remove the old one.\n\n"
    "Options (one of them):\n"
    "  -list           Show the keys that are installed.\n"
    "  -install=<key>  Take what is sealed with this key, too.\n"
    "  -use=<key>      Seal with this key from now on; it must be installed.\n"
    "  -remove=<key>   Forget this key; not while it is in use.";

inline constexpr std::string_view kOperatorLog =
    "Usage: nomad operator log [options]\n\n"
    "  Prints the committed entries of a server's log as lines of JSON: Index, Term,\n"
    "  Time, Type, Digest (of the whole history up to the entry) and the Event.\n\n"
    "Options:\n"
    "  -from=<index>  Begin there, not with the oldest entry that is kept.\n"
    "  -type=<names>  Only these, parted by commas: JobRegistered, PlansApplied, ...\n"
    "  -f             Go on with what is committed from now on.";

inline constexpr std::string_view kRaftRemovePeer =
    "Usage: nomad operator raft remove-peer [options]\n\n"
    "  Takes a server out of the cluster, one that is gone for good: the others then\n"
    "  need one vote less. A server that is still running stays up, outside of it.\n\n"
    "Options:\n"
    "  -peer-id=<id>            The server's ID, as list-peers shows it.\n"
    "  -peer-address=<ip:port>  Or its address.";

inline constexpr std::string_view kRaftTransferLeadership =
    "Usage: nomad operator raft transfer-leadership [options]\n\n"
    "  Makes another server the leader: the one named, or else the one whose log is\n"
    "  most up to date. No write is lost or refused meanwhile.\n\n"
    "Options:\n"
    "  -peer-id=<id>            The server's ID, as list-peers shows it.\n"
    "  -peer-address=<ip:port>  Or its address.";

inline constexpr std::string_view kServerForceLeave =
    "Usage: nomad server-force-leave [options] <node>\n\n"
    "  Declares a failed server, named <node>.<region>, gone for good.";

inline constexpr std::string_view kServerJoin =
    "Usage: nomad server-join [options] <addr> [<addr>...]\n\n"
    "  Makes the server known to others; one address of theirs is enough.";

inline constexpr std::string_view kRun =
    "Usage: nomad run [options] <file>\n\n"
    "  Registers the job described in a file (HCL or JSON; \"-\" reads standard input), or\n"
    "  a new version of it, and follows the evaluation that places it.\n\n"
    "  Exit code 0: all placed; 2: some could not be placed; 1: an error.\n\n"
    "Options:\n"
    "  -detach           Return as soon as the job is registered.\n"
    "  -check-index=<n>  Register only if the job's modify index is n (0: only if new).\n"
    "  -output           Print the job as JSON and register nothing.\n"
    "  -hcl1             Read the file as HCL 1: no variables or functions.\n"
    "  -var 'k=v', -var-file=<path>  Values for the file's variables.\n"
    "  -preserve-counts  Keep the counts of a registered job's groups.\n"
    "  -verbose          Show whole ids.\n"
    "  -address=<url>    The agent to talk to; default $NOMAD_ADDR or http://127.0.0.1:4646.";

inline constexpr std::string_view kStatus =
    "Usage: nomad status [options] [job]\n\n"
    "  Lists the jobs, or shows one with its evaluations and allocations. A job may be\n"
    "  named by the beginning of its id.\n\n"
    "Options:\n"
    "  -short    Only what the job itself says.\n"
    "  -evals    Show evaluations too.\n"
    "  -verbose  Show whole ids and times.";

inline constexpr std::string_view kStop =
    "Usage: nomad stop [options] <job>\n\n"
    "  Stops a job and follows the evaluation that stops its allocations.\n\n"
    "Options:\n"
    "  -detach   Print the evaluation's id and return.\n"
    "  -purge    Forget the job instead of keeping it as stopped.\n"
    "  -yes      Do not ask when the id was abbreviated.\n"
    "  -verbose  Show whole ids.";

inline constexpr std::string_view kSystemGc =
    "Usage: nomad system gc [options]\n\n  Forgets everything that is finished, however new.";

inline constexpr std::string_view kValidate =
    "Usage: nomad validate [options] <file>\n\n"
    "  Reads a job file and checks it by the rules that servers apply.\n\n"
    "Options:\n"
    "  -hcl1                         Read it as HCL 1.\n"
    "  -var 'k=v', -var-file=<path>  Values for the file's variables.";

inline constexpr std::string_view kVersion =
    "Usage: nomad version\n\n  Prints the version.";

}  // namespace cli::help
