// SPDX-License-Identifier: MPL-2.0
#include "net/uv/process.h"

#include <utility>

#include "net/uv/error.h"
#include "net/uv/native.h"

namespace net::uv {

struct Process::State {
  uv_process_t handle{};
  bool detached = false;
  bool exited = false;
  std::function<void(ProcessExit)> on_exit;

  void finish(std::int64_t status, int signal) {
    exited = true;
    if (!detached) on_exit({signal == 0 ? status : 0, signal});
  }
};

namespace {

// The null-terminated vector execve wants; the strings stay ours.
std::vector<char*> to_vector(const std::vector<std::string>& words) {
  std::vector<char*> out;
  for (const auto& word : words) out.push_back(const_cast<char*>(word.c_str()));
  out.push_back(nullptr);
  return out;
}

std::vector<uv_stdio_container_t> to_stdio(const std::vector<int>& descriptors) {
  std::vector<uv_stdio_container_t> out;
  for (const int fd : descriptors) {
    uv_stdio_container_t slot{};
    slot.flags = fd < 0 ? UV_IGNORE : UV_INHERIT_FD;
    slot.data.fd = fd;
    out.push_back(slot);
  }
  return out;
}

}  // namespace

core::Result<Process> Process::spawn(Loop& loop, const ProcessOptions& options, std::function<void(ProcessExit)> on_exit) {
  ASSERT(!options.args.empty());
  auto args = to_vector(options.args);
  std::vector<char*> env;
  if (options.env) env = to_vector(*options.env);
  auto stdio = to_stdio(options.stdio);
  uv_process_options_t native{};
  native.exit_cb = [](uv_process_t* p, std::int64_t status, int signal) { static_cast<State*>(p->data)->finish(status, signal); };
  native.file = options.file.c_str();
  native.args = args.data();
  native.env = options.env ? env.data() : nullptr;
  native.cwd = options.cwd.empty() ? nullptr : options.cwd.c_str();
  native.stdio = stdio.data();
  native.stdio_count = static_cast<int>(stdio.size());
  if (options.detached) native.flags |= UV_PROCESS_DETACHED;
  if (options.uid) native.flags |= UV_PROCESS_SETUID;
  if (options.gid) native.flags |= UV_PROCESS_SETGID;
  native.uid = options.uid.value_or(0);
  native.gid = options.gid.value_or(0);

  Owned<State> state(new State);
  state->on_exit = std::move(on_exit);
  state->handle.data = state.get();
  const int status = uv_spawn(&loop.state().loop, &state->handle, &native);  // initialises the handle even when it fails
  state->handle.data = state.get();
  if (status < 0) return error_from(status, "start " + options.file);
  return Process(std::move(state));
}

Process::Process(Owned<State> state) : state_(std::move(state)) {}
Process::Process(Process&&) noexcept = default;
Process& Process::operator=(Process&&) noexcept = default;
Process::~Process() = default;

int Process::pid() const { return uv_process_get_pid(&state_->handle); }

core::Status Process::kill(int signal) {
  // The number may belong to another process by now.
  if (state_->exited) return core::Error{core::Errc::not_found, "process has exited"};
  const int status = uv_process_kill(&state_->handle, signal);
  if (status < 0) return error_from(status, "signal process " + std::to_string(pid()));
  return core::ok_status();
}

}  // namespace net::uv
