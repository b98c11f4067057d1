// SPDX-License-Identifier: MPL-2.0
// What an agent and a task's supervisor say to each other over their unix socket, and what the
// supervisor leaves on disk for an agent that comes later. Agents and supervisors of one version talk
// to each other across an agent's restart, and of neighbouring versions across an upgrade: every
// message starts with a version, and the files are text.
//
// A message is u32 length, then that many bytes: u8 version, u8 kind, body.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace agent::client {

// Inside a task's control directory, which only the agent's user may enter.
inline constexpr const char* kControlSocket = "control";
inline constexpr const char* kLockFile = "lock";    // locked while a supervisor lives
inline constexpr const char* kBegunFile = "begun";  // written before the task's first instruction
inline constexpr const char* kExitFile = "exit";    // written, durably, before anybody is told

struct Identity {  // nothing: the agent's own
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::vector<std::uint32_t> groups;
};

struct Bind {
  std::string from;  // on the host
  std::string to;    // inside the task's root, "/bin"
  bool read_only = true;
};

// A root, process ids and mounts of the task's own.
struct Isolation {
  std::string root;                // a directory of the host
  std::vector<Bind> binds;
  bool private_pids = true;
  bool private_ipc = true;
  std::uint64_t capabilities = 0;  // bits that the task may ever have
};

struct CgroupLimits {
  std::uint64_t cpu_shares = 0;         // 0: none of these limits are set
  std::uint64_t memory_bytes = 0;       // the task is killed beyond it
  std::uint64_t memory_soft_bytes = 0;  // reclaimed first beyond it; 0: none
};

// Everything a supervisor needs to know. It is told once, and never on a disk or a command line,
// because the environment may hold secrets.
struct Launch {
  std::uint64_t run = 0;
  std::string control_dir;
  std::string command;             // looked up as find_command() says
  std::vector<std::string> args;   // without argv[0]
  std::vector<std::string> env;    // "KEY=value"
  std::string task_dir;            // where it starts and where commands are looked for; "/" if isolated
  std::string logs_dir;
  std::string log_name;            // files are <log_name>.stdout.0 ...
  std::uint32_t log_files_max = 10;
  std::uint64_t log_file_bytes_max = 10 << 20;
  std::optional<Identity> user;
  std::optional<Isolation> isolation;
  std::string cgroup;              // name below "nomad/"; empty: none
  std::optional<CgroupLimits> limits;
};

// ---- from the agent
struct Stop {  // by `signal`, and by SIGKILL after `grace_ms`
  std::int32_t signal = 0;
  std::uint32_t grace_ms = 0;
};
struct Deliver {
  std::int32_t signal = 0;
};
// ---- from the supervisor
struct Begun {
  std::uint64_t run = 0;
  std::int32_t pid = 0;               // of the task, as the host counts
  std::uint64_t start_ticks = 0;      // since boot: with the pid it names one process
};
struct Refused {  // the task could not be started; nothing runs
  bool recoverable = false;
  std::string why;
};
struct Ended {
  std::uint64_t run = 0;
  std::int32_t exit_code = 0;
  std::int32_t signal = 0;
  bool oom_killed = false;
};
using Message = std::variant<Launch, Stop, Deliver, Begun, Refused, Ended>;

inline constexpr std::size_t kMessageBytesMax = 8 << 20;  // arguments and environment may reach 2 MiB each

core::Bytes encode(const Message& message);
// One message without its length. Errc::corrupt for anything else.
core::Result<Message> decode_message(core::ByteView bytes);
// Takes the first complete message off `buffer`; nothing if there is none yet.
core::Result<std::optional<Message>> take_message(core::Bytes& buffer);

// The files' text. `begun` also says which boot it was, since process ids mean nothing after another.
std::string begun_text(const Begun& begun, std::string_view boot_id);
core::Result<Begun> parse_begun(std::string_view text, std::string_view boot_id);
std::string ended_text(const Ended& ended);
core::Result<Ended> parse_ended(std::string_view text);

}  // namespace agent::client
