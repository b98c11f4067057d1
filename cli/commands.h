// SPDX-License-Identifier: MPL-2.0
// Every command's function, one file a topic. The two spellings of a command share one function body
// and differ in Style: v0.1.2 prints whole ids and its own columns, v1.1.0 short ids and more of them.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace cli {

using Arguments = std::vector<std::string>;
enum class Style { v0_1_2, v1_1_0 };

// cmd_agent.cpp
int agent(const Context& context, Arguments arguments);
int agent_info(const Context& context, Arguments arguments);
// cmd_job_run.cpp, cmd_job_status.cpp, cmd_job_file.cpp
int job_run(const Context& context, Arguments arguments, Style style);
int job_stop(const Context& context, Arguments arguments, Style style);
int job_status(const Context& context, Arguments arguments, Style style);
int job_inspect(const Context& context, Arguments arguments);
int job_validate(const Context& context, Arguments arguments, Style style);
int job_init(const Context& context, Arguments arguments);
// cmd_job_history.cpp
int job_history(const Context& context, Arguments arguments);
int job_eval(const Context& context, Arguments arguments);
// cmd_alloc.cpp, cmd_alloc_logs.cpp, cmd_alloc_fs.cpp, cmd_eval.cpp
int alloc_status(const Context& context, Arguments arguments, Style style);
int alloc_logs(const Context& context, Arguments arguments);
int alloc_fs(const Context& context, Arguments arguments);
// cmd_alloc_control.cpp
int alloc_stop(const Context& context, Arguments arguments);
int alloc_restart(const Context& context, Arguments arguments);
int alloc_signal(const Context& context, Arguments arguments);
int eval_monitor(const Context& context, Arguments arguments);
int eval_status(const Context& context, Arguments arguments);
// cmd_node.cpp
int node_status(const Context& context, Arguments arguments, Style style);
int node_drain(const Context& context, Arguments arguments, Style style);
int node_eligibility(const Context& context, Arguments arguments);
// cmd_operator.cpp, cmd_operator_raft.cpp
int operator_salvage(const Context& context, Arguments arguments);
int operator_log(const Context& context, Arguments arguments);  // cmd_operator_log.cpp
int operator_raft_list_peers(const Context& context, Arguments arguments);
int operator_raft_remove_peer(const Context& context, Arguments arguments);
int operator_raft_transfer_leadership(const Context& context, Arguments arguments);
// cmd_operator_keyring.cpp
int operator_keygen(const Context& context, Arguments arguments);
int operator_metrics(const Context& context, Arguments arguments);
int operator_keyring(const Context& context, Arguments arguments);
// cmd_operator_snapshot.cpp
int operator_snapshot_save(const Context& context, Arguments arguments);
int operator_snapshot_inspect(const Context& context, Arguments arguments);
int operator_snapshot_restore(const Context& context, Arguments arguments);
int operator_snapshot_state(const Context& context, Arguments arguments);
// cmd_server.cpp
int server_members(const Context& context, Arguments arguments, Style style);
// cmd_server_join.cpp
int server_join(const Context& context, Arguments arguments, Style style);
int server_force_leave(const Context& context, Arguments arguments, Style style);
int client_config(const Context& context, Arguments arguments, Style style);
int system_gc(const Context& context, Arguments arguments);
int version(const Context& context, Arguments arguments);

}  // namespace cli
