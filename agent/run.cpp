// SPDX-License-Identifier: MPL-2.0
#include "agent/run.h"

#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <utility>

#include "agent/agent.h"
#include "agent/client/executor/executor.h"
#include "agent/heap.h"
#include "agent/log_sink.h"
#include "agent/metrics/telemetry.h"
#include "agent/scratch.h"
#include "agent/server/keyring_file.h"
#include "agent/server/mending.h"
#include "core/base/version.h"
#include "net/uv/signal.h"
#include "net/uv/timer.h"

namespace agent {
namespace {

using namespace std::chrono_literals;

// How long a graceful leave may take before the agent goes anyway.
constexpr core::Duration kLeaveTimeout = 5s;
// How long tasks that are not to outlive the agent may take to die.
constexpr core::Duration kStopTimeout = 30s;

std::string addresses(const config::Config& c, const config::Addresses& specific, bool advertised) {
  const auto one = [&](const char* name, const std::string& host, std::int64_t port) {
    const auto shown = host.empty() ? c.bind_addr + ":" + std::to_string(port) : advertised ? host : host + ":" + std::to_string(port);
    return std::string(name) + ": " + shown;
  };
  auto out = one("HTTP", specific.http, c.ports.http);
  if (c.server.enabled) out += "; " + one("RPC", specific.rpc, c.ports.rpc) + "; " + one("Serf", specific.serf, c.ports.serf);
  return out;
}

std::string atlas(const config::Atlas& atlas) {
  const std::string row = "(Infrastructure: '" + atlas.infrastructure + "' Join: " + (atlas.join ? "true" : "false") + ")";
  return atlas.endpoint.empty() ? row + ", no endpoint: nobody is looked for" : row;
}

void print_banner(const Console& console, const config::Config& c) {
  const auto yes_no = [](bool value) { return std::string(value ? "true" : "false"); };
  std::map<std::string, std::string> rows{
      {"Advertise Addrs", addresses(c, c.advertise, true)}, {"Bind Addrs", addresses(c, c.addresses, false)},
      {"Client", yes_no(c.client.enabled)},                 {"Log Level", c.log_level},
      {"Region", c.region + " (DC: " + c.datacenter + ")"}, {"Server", yes_no(c.server.enabled)},
      {"Version", std::string(core::kVersion)}};
  if (!c.atlas.infrastructure.empty()) rows.emplace("Atlas", atlas(c.atlas));
  console.out("==> Nomad agent configuration:\n");
  for (const auto& [key, value] : rows) console.out("    " + std::string(18 - key.size(), ' ') + key + ": " + value);
  console.out("\n==> Nomad agent started! Log data will stream in below:\n");
}

// One run of the agent, from start to the exit code.
class Run {
 public:
  // `loaded`: as read; `config`: with what was decided since.
  Run(config::Flags flags, config::Config loaded, config::Config config, const Console& console)
      : flags_(std::move(flags)),
        loaded_(std::move(loaded)),
        config_(std::move(config)),
        console_(console),
        sink_({.level = *core::parse_level(config_.log_level), .json = config_.log_json, .plain = false}, [this] { return loop_.wall(); }),
        log_(sink_, "agent"),
        deadline_(loop_, [this] { end(1); }) {}

  int go() {
    auto telemetry = metrics::Telemetry::start(loop_, config_.telemetry, config_.node_name, log_.named("telemetry"));
    if (!telemetry.ok()) return console_.err("==> Error initializing telemetry: " + telemetry.error().detail), 1;
    telemetry_ = std::move(*telemetry);
    console_.out("==> Starting Nomad agent...");
    if (config_.server.enabled && !config_.atlas.infrastructure.empty() && !config_.atlas.endpoint.empty())
      console_.out("==> Connecting to Atlas: " + config_.atlas.infrastructure);
    start();
    if (!ended_) loop_.run();
    mending_.reset();
    agent_.reset();
    signals_.clear();
    if (started_) LOG(log_, info, "shutdown complete");
    return code_;
  }

 private:
  // Not before the loop is about to run: until then a signal ends the process by itself.
  void heed_signals() {
    if (!signals_.empty()) return;
    const auto on = [this](int number, void (Run::*handle)()) {
      signals_.push_back(std::make_unique<net::uv::Signal>(loop_, number, [this, handle] { (this->*handle)(); }));
    };
    ::signal(SIGPIPE, SIG_IGN);
    on(SIGINT, &Run::interrupt);
    on(SIGTERM, &Run::terminate);
    on(SIGHUP, &Run::reload);
    on(SIGUSR1, &Run::dump_metrics);
  }

  void start() {
    auto started = Agent::start(loop_, config_, *telemetry_, [this](const core::Error& error) { failed(error); }, log_);
    if (!started.ok()) return refused(started.error());
    agent_ = std::move(*started);
    started_ = true;
    print_banner(console_, config_);
    sink_.release();
    heed_signals();
  }

  // Damaged data of a server may be mended with what other servers have.
  void refused(core::Error error) {
    if (config_.server.enabled && error.code == core::Errc::corrupt) {
      auto begun = server::Mending::begin(loop_, config_, error, [this](core::Status status) { mended(std::move(status)); }, log_);
      if (begun.ok()) {
        mending_ = std::move(*begun);
        sink_.release();
        return heed_signals();
      }
      if (begun.error().code != core::Errc::corrupt) error.detail += ". Other servers cannot be asked for it: " + begun.error().detail;
    }
    console_.err("==> Error starting agent: " + error.detail);
    end(1);
  }

  void mended(core::Status status) {
    mending_.reset();
    if (status.ok()) return start();
    console_.err("==> Error starting agent: " + status.error().detail);
    end(1);
  }

  void interrupt() { caught("interrupt", config_.leave_on_interrupt); }
  void terminate() { caught("terminated", config_.leave_on_terminate); }

  void caught(std::string_view name, bool graceful) {
    console_.out("==> Caught signal: " + std::string(name));
    if (stopping_ || !agent_) return end(1);
    stopping_ = true;
    LOG(log_, info, "requesting shutdown");
    if (!graceful) return stop(1);
    console_.out("==> Gracefully shutting down agent...");
    if (const auto time = leave_time()) deadline_.arm(loop_.now() + *time);
    agent_->leave([this](core::Result<core::Unit> left) {
      if (!left.ok()) return console_.err("==> Error: " + left.error().detail);
      stop(0);
    });
  }

  // Nothing: it takes as long as it takes.
  std::optional<core::Duration> leave_time() const {
    const auto& drain = config_.client.drain_on_shutdown;
    if (!config_.client.enabled || !drain || drain->force) return kLeaveTimeout;
    if (drain->deadline == core::Duration::zero()) return std::nullopt;
    return 2 * kLeaveTimeout + drain->deadline;
  }

  void stop(int code) {
    deadline_.arm(loop_.now() + kStopTimeout);
    agent_->stop([this, code] { end(code); });
  }

  void end(int code) {
    code_ = code;
    ended_ = true;
    loop_.stop();
  }

  void failed(const core::Error& error) {
    LOG(log_, error, "the agent cannot go on", {"error", error});
    end(1);
  }

  void dump_metrics() {
    auto text = telemetry_->dump();
    if (!text.empty()) text.pop_back();  // the last newline is the console's
    console_.err(text);
  }

  void reload() {
    console_.out("==> Caught signal: hangup");
    console_.out("==> Reloading configuration...");
    const auto fresh = config::load(flags_);
    if (!fresh.ok()) {
      console_.err("==> Failed to reload configs");
      return console_.err("==> " + fresh.error().detail);
    }
    sink_.set_level(*core::parse_level(fresh->log_level));
    config_.leave_on_interrupt = fresh->leave_on_interrupt;
    config_.leave_on_terminate = fresh->leave_on_terminate;
    if (agent_) agent_->reload(*fresh);
    LOG(log_, info, "configuration reloaded", {"log_level", fresh->log_level});
    std::string names;
    for (const auto& name : config::needing_restart(loaded_, *fresh)) names += (names.empty() ? "" : ", ") + name;
    if (!names.empty()) console_.err("==> WARNING: changed, but only a restart applies it: " + names);
  }

  config::Flags flags_;
  config::Config loaded_, config_;
  const Console& console_;
  net::uv::Loop loop_;
  LogSink sink_;
  core::Logger log_;
  std::unique_ptr<metrics::Telemetry> telemetry_;
  std::unique_ptr<server::Mending> mending_;  // before the agent, if its data is damaged
  std::unique_ptr<Agent> agent_;
  std::vector<std::unique_ptr<net::uv::Signal>> signals_;
  net::uv::Timer deadline_;
  bool stopping_ = false, started_ = false, ended_ = false;
  int code_ = 1;
};

}  // namespace

int run(const config::Flags& flags, const Console& console) {
  auto config = config::load(flags);
  if (!config.ok()) {
    console.err("==> " + config.error().detail);
    return 1;
  }
  for (const auto& sentence : config::without_effect(*config)) console.err("==> WARNING: " + sentence);
  if (const auto sentence = config::unprotected(*config, server::has_keyring(config->server.data_dir))) console.err("==> WARNING: " + *sentence);
  if (config->server.enabled && config->server.bootstrap_expect == 1 && !config->dev_mode)
    console.err("==> WARNING: Bootstrap mode enabled! Potentially unsafe operation.");
  std::string files;
  for (const auto& file : config->files) files += (files.empty() ? "" : ", ") + file;
  console.out(files.empty() ? "==> No configuration files loaded" : "==> Loaded configuration from " + files);
  // An agent that is a client too stays small instead.
  if (config->server.enabled && !config->client.enabled) use_server_heap();
  const auto loaded = *config;
  // A dev agent that was given no place keeps its things in one that goes with it.
  Scratch scratch;
  if (config->dev_mode && config->data_dir.empty()) {
    auto made = Scratch::make();
    if (!made.ok()) return console.err("==> " + made.error().detail), 1;
    scratch = std::move(*made);
    config->data_dir = scratch.path();
    config::complete(*config);
  }
  return Run(flags, loaded, std::move(*config), console).go();
}

int run_executor(int argc, char** argv) { return client::executor_main(argc, argv); }

}  // namespace agent
