// SPDX-License-Identifier: MPL-2.0
#include "agent/client/drivers/mock.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "agent/client/drivers/processes.h"
#include "agent/client/drivers/task_config.h"
#include "agent/client/executor/posix.h"
#include "core/base/fields.h"
#include "net/uv/timer.h"

namespace agent::client {
namespace {

namespace cc = core::client;
using core::Duration;
using core::Errc;
using core::Error;
using core::Result;
using namespace std::chrono_literals;

struct Script {
  Duration run_for{};        // 0: until it is killed
  bool for_ever = false;     // no run_for was given
  Duration start_block_for{}, kill_after{}, output_every{};
  std::int64_t exit_code = 0, exit_signal = 0, output_repeat = 0;
  std::string exit_error, start_error, signal_error, out, err;
  bool start_error_recoverable = false;
};

Result<Script> read_script(const TaskSpec& spec) {
  const TaskConfig config(*spec.task, spec.env);
  Script script;
  TRY(script.run_for, config.duration("run_for", 0s));
  script.for_ever = !config.has("run_for");
  TRY(script.start_block_for, config.duration("start_block_for", 0s));
  TRY(script.kill_after, config.duration("kill_after", 0s));
  TRY(script.exit_code, config.number("exit_code", 0));
  TRY(script.exit_signal, config.number("exit_signal", 0));
  TRY(script.exit_error, config.text("exit_err_msg"));
  TRY(script.start_error, config.text("start_error"));
  TRY(script.start_error_recoverable, config.boolean("start_error_recoverable", false));
  TRY(script.signal_error, config.text("signal_error"));
  TRY(script.out, config.text("stdout_string"));
  TRY(script.err, config.text("stderr_string"));
  TRY(script.output_repeat, config.number("stdout_repeat", 0));
  TRY(script.output_every, config.duration("stdout_repeat_duration", 0s));
  return script;
}

struct Handle {
  core::WallTime started_at;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) { visit("StartedAt", self.started_at); }
};

class MockTask final : public RunningTask {
 public:
  MockTask(net::uv::Loop& loop, const TaskSpec& spec, Script script, Tell tell)
      : loop_(loop), id_(spec.id), run_(spec.run), script_(std::move(script)), logs_(spec.dirs.logs + "/" + spec.task->name),
        tell_(std::move(tell)), output_(loop, [this] { print_again(); }), timer_(loop, [this] { next(); }) {}

  void begin() {
    stage_ = Stage::starting;
    timer_.arm(loop_.now() + script_.start_block_for);
  }
  void resume(core::WallTime started_at) {
    stage_ = Stage::attaching;
    started_at_ = started_at;
    timer_.arm(loop_.now());
  }
  void kill(int signal, Duration grace) override {
    if (stage_ != Stage::running) return;
    stage_ = Stage::killed;
    signal_ = script_.kill_after > grace ? SIGKILL : signal;
    timer_.arm(loop_.now() + std::min(script_.kill_after, grace));
  }
  core::Status signal(int) override {
    if (!script_.signal_error.empty()) return Error{Errc::rejected, script_.signal_error};
    return core::ok_status();
  }
  Result<TaskUse> use() const override { return TaskUse{}; }

 private:
  enum class Stage { starting, attaching, running, killed, over };

  void next() {
    switch (stage_) {
      case Stage::starting: return start();
      case Stage::attaching:
        await_end();
        return say(cc::TaskAttached{id_, run_, handle()});
      case Stage::running: return end({script_.exit_code, script_.exit_signal, false, script_.exit_error});
      case Stage::killed: return end({128 + signal_, signal_, false, ""});
      case Stage::over: return;
    }
  }
  void start() {
    if (!script_.start_error.empty()) {
      stage_ = Stage::over;
      return say(cc::TaskStartFailed{id_, run_, Error{Errc::rejected, script_.start_error}, false, script_.start_error_recoverable});
    }
    started_at_ = loop_.wall();
    print();
    await_end();
    say(cc::TaskStarted{id_, run_, handle()});
  }
  void await_end() {
    stage_ = Stage::running;
    if (script_.for_ever) return;
    timer_.arm(loop_.now() + std::max<Duration>(0s, script_.run_for - (loop_.wall() - started_at_)));
  }
  void end(cc::ExitResult result) {
    stage_ = Stage::over;
    output_.disarm();
    say(cc::TaskExited{id_, run_, std::move(result)});
  }
  void print_again() {
    --script_.output_repeat;
    print();
  }
  void print() {
    for (const auto& [kind, text] : {std::pair<std::string, const std::string&>{"stdout", script_.out}, {"stderr", script_.err}}) {
      if (text.empty()) continue;
      const auto path = logs_ + "." + kind + ".0";
      const posix::Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0644));
      if (file.number() >= 0) (void)!::write(file.number(), text.data(), text.size());
    }
    if (script_.output_repeat > 0) output_.arm(loop_.now() + script_.output_every);
  }
  core::json::Raw handle() const { return {core::to_json(Handle{started_at_})}; }
  void say(cc::Input input) {
    const auto tell = tell_;  // whoever is told may destroy us
    tell(std::move(input));
  }

  net::uv::Loop& loop_;
  cc::TaskId id_;
  std::uint64_t run_;
  Script script_;
  std::string logs_;  // directory and task name
  Tell tell_;
  Stage stage_ = Stage::over;
  core::WallTime started_at_;
  std::int64_t signal_ = 0;
  net::uv::Timer output_;
  net::uv::Timer timer_;
};

}  // namespace

core::model::DriverInfo Mock::fingerprint() {
  core::model::DriverInfo info;
  info.detected = info.healthy = options_.enabled;
  info.health_description = options_.enabled ? "Healthy" : "disabled";
  if (options_.enabled) info.attributes["driver.mock_driver"] = "1";
  return info;
}

std::unique_ptr<RunningTask> Mock::start(TaskSpec spec, Tell tell) {
  auto script = read_script(spec);
  if (!script.ok()) return refuse(loop_, spec, script.error(), true, std::move(tell));
  auto task = std::make_unique<MockTask>(loop_, spec, std::move(*script), std::move(tell));
  task->begin();
  return task;
}

std::unique_ptr<RunningTask> Mock::attach(TaskSpec spec, const core::json::Raw& handle, Tell tell) {
  auto script = read_script(spec);
  const auto known = core::from_json<Handle>(handle.text);
  if (!script.ok() || !known.ok()) return not_running(loop_, cc::TaskNeverStarted{spec.id, spec.run}, std::move(tell));
  auto task = std::make_unique<MockTask>(loop_, spec, std::move(*script), std::move(tell));
  task->resume(known->started_at);
  return task;
}

}  // namespace agent::client
