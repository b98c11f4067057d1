// SPDX-License-Identifier: MPL-2.0
// The list of commands: one line each, both spellings.
#include "cli/commands.h"

#include <array>

#include "cli/help.h"

namespace cli {
namespace {

template <int (*run)(const Context&, Arguments, Style)>
int old_style(const Context& context, Arguments arguments) { return run(context, std::move(arguments), Style::v0_1_2); }
template <int (*run)(const Context&, Arguments, Style)>
int new_style(const Context& context, Arguments arguments) { return run(context, std::move(arguments), Style::v1_1_0); }

constexpr bool kHidden = true;

constexpr std::array kCommands{
    Command{"agent", "Runs a Nomad agent", help::kAgent, agent},
    Command{"agent-info", "Shows what an agent counts about itself", help::kAgentInfo, agent_info},
    Command{"alloc-status", "Shows an allocation", help::kAllocStatus, old_style<alloc_status>},
    Command{"alloc fs", "Shows the files of an allocation", help::kAllocFs, alloc_fs, kHidden},
    Command{"alloc logs", "Prints what a task wrote", help::kAllocLogs, alloc_logs, kHidden},
    Command{"alloc restart", "Starts tasks anew where they run", help::kAllocRestart, alloc_restart, kHidden},
    Command{"alloc signal", "Sends tasks a signal", help::kAllocSignal, alloc_signal, kHidden},
    Command{"alloc stop", "Stops an allocation and places another", help::kAllocStop, alloc_stop, kHidden},
    Command{"alloc status", "Shows an allocation", help::kAllocStatus, new_style<alloc_status>, kHidden},
    Command{"client-config", "Shows or changes a client's servers", help::kClientConfig, old_style<client_config>},
    Command{"eval-monitor", "Follows an evaluation until it is done", help::kEvalMonitor, eval_monitor},
    Command{"eval status", "Shows an evaluation", help::kEvalStatus, eval_status, kHidden},
    Command{"eval-status", "Shows an evaluation", help::kEvalStatus, eval_status, kHidden},
    Command{"fs", "Shows the files of an allocation", help::kAllocFs, alloc_fs, kHidden},
    Command{"init", "Writes an example job file", help::kInit, job_init},
    Command{"inspect", "Prints a job as JSON", help::kInspect, job_inspect, kHidden},
    Command{"job eval", "Evaluates a job anew", help::kJobEval, job_eval, kHidden},
    Command{"job history", "Shows the versions of a job", help::kJobHistory, job_history, kHidden},
    Command{"job init", "Writes an example job file", help::kInit, job_init, kHidden},
    Command{"job inspect", "Prints a job as JSON", help::kInspect, job_inspect, kHidden},
    Command{"job run", "Registers a job and follows its placement", help::kRun, new_style<job_run>, kHidden},
    Command{"job status", "Lists jobs, or shows one", help::kStatus, new_style<job_status>, kHidden},
    Command{"job stop", "Stops a job", help::kStop, new_style<job_stop>, kHidden},
    Command{"job validate", "Checks a job file", help::kValidate, new_style<job_validate>, kHidden},
    Command{"keygen", "Makes a key for gossip", help::kKeygen, operator_keygen, kHidden},
    Command{"keyring", "Shows or changes the keys of gossip", help::kOperatorKeyring, operator_keyring, kHidden},
    Command{"logs", "Prints what a task wrote", help::kAllocLogs, alloc_logs, kHidden},
    Command{"node config", "Shows or changes a client's servers", help::kClientConfig, new_style<client_config>, kHidden},
    Command{"node drain", "Moves work off a node", help::kNodeDrain, new_style<node_drain>, kHidden},
    Command{"node eligibility", "Says whether a node takes new work", help::kEligibility, node_eligibility, kHidden},
    Command{"node status", "Lists nodes, or shows one", help::kNodeStatus, new_style<node_status>, kHidden},
    Command{"node-drain", "Moves work off a node", help::kNodeDrain, old_style<node_drain>},
    Command{"node-status", "Lists nodes, or shows one", help::kNodeStatus, old_style<node_status>},
    Command{"operator keygen", "Makes a key for gossip", help::kKeygen, operator_keygen, kHidden},
    Command{"operator keyring", "Shows or changes the keys of gossip", help::kOperatorKeyring, operator_keyring, kHidden},
    Command{"operator log", "Prints what was committed", help::kOperatorLog, operator_log, kHidden},
    Command{"operator metrics", "Prints what an agent counted", help::kOperatorMetrics, operator_metrics, kHidden},
    Command{"operator raft list-peers", "Lists the voters", help::kRaftListPeers, operator_raft_list_peers, kHidden},
    Command{"operator raft remove-peer", "Takes a server out of the cluster", help::kRaftRemovePeer, operator_raft_remove_peer, kHidden},
    Command{"operator raft transfer-leadership", "Makes another server the leader", help::kRaftTransferLeadership, operator_raft_transfer_leadership, kHidden},
    Command{"operator salvage", "Saves what is intact of a damaged log", help::kOperatorSalvage, operator_salvage, kHidden},
    Command{"operator snapshot inspect", "Checks and shows a snapshot", help::kSnapshotInspect, operator_snapshot_inspect, kHidden},
    Command{"operator snapshot restore", "Brings a snapshot's state back", help::kSnapshotRestore, operator_snapshot_restore, kHidden},
    Command{"operator snapshot save", "Saves the cluster's state", help::kSnapshotSave, operator_snapshot_save, kHidden},
    Command{"operator snapshot state", "Prints the state in a snapshot", help::kSnapshotState, operator_snapshot_state, kHidden},
    Command{"run", "Registers a job and follows its placement", help::kRun, old_style<job_run>},
    Command{"server force-leave", "Declares a server gone", help::kServerForceLeave, new_style<server_force_leave>, kHidden},
    Command{"server join", "Makes servers know each other", help::kServerJoin, new_style<server_join>, kHidden},
    Command{"server members", "Lists the servers", help::kMembers, new_style<server_members>, kHidden},
    Command{"server-force-leave", "Declares a server gone", help::kServerForceLeave, old_style<server_force_leave>},
    Command{"server-join", "Makes servers know each other", help::kServerJoin, old_style<server_join>},
    Command{"server-members", "Lists the servers", help::kMembers, old_style<server_members>},
    Command{"status", "Lists jobs, or shows one", help::kStatus, old_style<job_status>},
    Command{"stop", "Stops a job", help::kStop, old_style<job_stop>},
    Command{"system gc", "Forgets what is finished", help::kSystemGc, system_gc, kHidden},
    Command{"validate", "Checks a job file", help::kValidate, old_style<job_validate>},
    Command{"version", "Prints the version", help::kVersion, version},
};

}  // namespace

std::span<const Command> commands() { return kCommands; }

}  // namespace cli
