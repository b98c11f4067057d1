// SPDX-License-Identifier: MPL-2.0
// A task under a supervisor, as the agent sees it: started through the executor, or found again by its
// control directory. Drivers of processes share it.
//
// How a task is found again: the lock file says whether a supervisor lives. If it does, its control
// socket is connected to, and tried again while it is not there yet. If it does not, the exit file
// says how the task ended; without one it is lost, and what it left is killed by its control group
// before anybody is told.
#pragma once

#include <memory>
#include <optional>

#include "agent/client/drivers/driver.h"
#include "agent/client/drivers/launcher.h"
#include "agent/client/executor/wire.h"
#include "net/uv/stream.h"
#include "net/uv/timer.h"
#include "net/uv/unix_socket.h"

namespace agent::client {

class Supervised final : public RunningTask {
 public:
  // Starts it. `launch` is complete.
  static std::unique_ptr<Supervised> start(net::uv::Loop& loop, Launcher& launcher, core::client::TaskId id, Launch launch,
                                           Tell tell);
  // Looks for it. `handle`: what an earlier TaskStarted said, or empty.
  static std::unique_ptr<Supervised> attach(net::uv::Loop& loop, core::client::TaskId id, std::uint64_t run,
                                            std::string control_dir, std::string cgroup, const core::json::Raw& handle, Tell tell);

  void kill(int signal, core::Duration grace) override;
  core::Status signal(int signal) override;
  core::Result<TaskUse> use() const override;

 private:
  Supervised(net::uv::Loop& loop, core::client::TaskId id, std::uint64_t run, std::string control_dir, std::string cgroup, Tell tell);

  core::Result<net::uv::Pipe> begin(Launcher& launcher);
  void look_for(bool was_started);
  void connect();
  void talk(net::uv::Stream stream);
  void on_bytes(core::ByteView bytes);
  void on_message(const Message& message);
  void on_silence();
  void clear_away(core::client::Input last);
  bool tell_recorded_end();
  void say(core::client::Input input);
  void later(std::function<void()> fn);
  std::string control_path(const char* name) const { return control_dir_ + "/" + name; }

  net::uv::Loop& loop_;
  core::client::TaskId id_;
  std::uint64_t run_ = 0;
  std::string control_dir_, cgroup_;
  Tell tell_;
  bool starting_ = false;   // TaskStarted is owed, not TaskAttached
  bool running_ = false;    // it was told that it runs
  bool over_ = false;       // all is told
  std::int32_t pid_ = 0;
  core::Bytes unread_;
  std::vector<core::Bytes> unsent_;  // orders given before there was a connection
  std::unique_ptr<net::uv::Deferred> deferred_;
  std::optional<net::uv::Timer> retry_;
  int clearings_ = 0;
  std::optional<net::uv::UnixConnect> connect_;
  net::uv::Descriptor directory_{-1};
  std::optional<net::uv::Stream> stream_;
};

// A handle says which process it was, for people; the control directory is what finds it.
core::json::Raw handle_of(const Begun& begun);

}  // namespace agent::client
