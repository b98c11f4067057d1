// SPDX-License-Identifier: MPL-2.0
// /v1/client/allocation: what an allocation's tasks use, and what may be done to them on their node.
#include <algorithm>
#include <charconv>

#include "agent/client/drivers/signals.h"
#include "agent/http/own_node.h"
#include "agent/http/routes.h"
#include "core/base/fields.h"

namespace agent::http {
namespace {

using core::model::AllocPtr;
using core::model::TaskState;
using core::model::TaskStatus;
namespace json = core::json;

constexpr std::string_view kNoIndex = R"({"Index":0})";

// ---- use -----------------------------------------------------------------------------------------

struct CpuStats {
  double system_mode = 0, user_mode = 0, total_ticks = 0;
  std::uint64_t throttled_periods = 0, throttled_time = 0;
  double percent = 0;
  std::vector<std::string> measured;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("SystemMode", self.system_mode);
    visit("UserMode", self.user_mode);
    visit("TotalTicks", self.total_ticks);
    visit("ThrottledPeriods", self.throttled_periods);
    visit("ThrottledTime", self.throttled_time);
    visit("Percent", self.percent);
    visit("Measured", self.measured);
  }
};

struct MemoryStats {
  std::uint64_t rss = 0, cache = 0, swap = 0, usage = 0, max_usage = 0, kernel_usage = 0, kernel_max_usage = 0;
  std::vector<std::string> measured;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("RSS", self.rss);
    visit("Cache", self.cache);
    visit("Swap", self.swap);
    visit("Usage", self.usage);
    visit("MaxUsage", self.max_usage);
    visit("KernelUsage", self.kernel_usage);
    visit("KernelMaxUsage", self.kernel_max_usage);
    visit("Measured", self.measured);
  }
};

struct ResourceUsage {
  CpuStats cpu;
  MemoryStats memory;
  std::vector<std::string> devices;  // none are known
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("CpuStats", self.cpu);
    visit("MemoryStats", self.memory);
    visit("DeviceStats", self.devices);
  }
};

struct TaskUsage {
  ResourceUsage usage;
  std::int64_t timestamp = 0;
  std::map<std::string, ResourceUsage> pids;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("ResourceUsage", self.usage);
    visit("Timestamp", self.timestamp);
    visit("Pids", self.pids);
  }
};

double mhz_of_core(const core::model::Node& node) {
  const auto text = node.attributes.find("cpu.frequency").value_or("");
  std::int64_t mhz = 0;
  std::from_chars(text.data(), text.data() + text.size(), mhz);
  return static_cast<double>(mhz);
}

ResourceUsage usage_of(const client::TaskUse& use, UseRates::Rates rates, double mhz) {
  ResourceUsage out;
  const double all = rates.user + rates.system;
  out.cpu = {.system_mode = 100 * rates.system, .user_mode = 100 * rates.user, .total_ticks = all * mhz,
             .throttled_periods = use.throttled_periods, .throttled_time = use.throttled_ns, .percent = 100 * all,
             .measured = {"System Mode", "User Mode", "Percent"}};
  out.memory = {.rss = use.rss_bytes, .cache = use.cache_bytes, .swap = use.swap_bytes, .usage = use.memory_bytes,
                .max_usage = use.memory_max_bytes, .kernel_usage = use.kernel_bytes, .kernel_max_usage = use.kernel_max_bytes,
                .measured = {"RSS"}};
  if (!use.by_cgroup) return out;
  out.cpu.measured = {"Throttled Periods", "Throttled Time", "Percent", "System Mode", "User Mode"};
  out.memory.measured = {"RSS", "Cache", "Swap", "Usage"};
  if (use.memory_max_bytes > 0) out.memory.measured.emplace_back("Max Usage");
  if (use.kernel_bytes > 0) out.memory.measured.emplace_back("Kernel Usage");
  if (use.kernel_max_bytes > 0) out.memory.measured.emplace_back("Kernel Max Usage");
  return out;
}

void add(ResourceUsage& sum, const ResourceUsage& one) {
  sum.cpu.system_mode += one.cpu.system_mode;
  sum.cpu.user_mode += one.cpu.user_mode;
  sum.cpu.total_ticks += one.cpu.total_ticks;
  sum.cpu.throttled_periods += one.cpu.throttled_periods;
  sum.cpu.throttled_time += one.cpu.throttled_time;
  sum.cpu.percent += one.cpu.percent;
  sum.cpu.measured = one.cpu.measured;
  sum.memory.rss += one.memory.rss;
  sum.memory.cache += one.memory.cache;
  sum.memory.swap += one.memory.swap;
  sum.memory.usage += one.memory.usage;
  sum.memory.max_usage += one.memory.max_usage;
  sum.memory.kernel_usage += one.memory.kernel_usage;
  sum.memory.kernel_max_usage += one.memory.kernel_max_usage;
  sum.memory.measured = one.memory.measured;
}

void stats(const Call& call, OwnNode& own, const AllocPtr& alloc) {
  const auto wanted = call.request().query.get("task").value_or("");
  const auto mhz = mhz_of_core(own.node.node());
  const auto now = own.loop.wall();
  const auto states = own.node.task_states(alloc->id);
  ResourceUsage sum;
  json::Writer tasks;
  tasks.begin_object();
  for (const auto& [name, use] : own.node.use(alloc->id)) {
    if (!wanted.empty() && wanted != name) continue;
    const auto state = states.find(name);
    const auto age = state == states.end() ? core::Duration::zero() : core::Duration(now.ns - state->second.started_at.at.ns);
    const auto rates = own.rates.of({alloc->id, name}, {use.cpu_user_ns, use.cpu_system_ns}, age, own.loop.now());
    TaskUsage task{.usage = usage_of(use, rates, mhz), .timestamp = now.ns, .pids = {}};
    add(sum, task.usage);
    for (const auto& [pid, rss] : use.pids) {
      ResourceUsage process;
      process.memory.rss = rss;
      process.memory.measured = {"RSS"};
      task.pids.emplace(std::to_string(pid), std::move(process));
    }
    tasks.key(name);
    core::encode(tasks, task);
  }
  tasks.end_object();
  json::Writer w;
  w.begin_object();
  w.key("ResourceUsage");
  core::encode(w, sum);
  w.key("Tasks");
  w.raw(tasks.view());
  w.key("Timestamp");
  w.int64(now.ns);
  w.end_object();
  call.ok(w.take());
}

// ---- wishes --------------------------------------------------------------------------------------

// A member of a body that may be missing altogether.
core::Result<std::string> word(const Call& call, const char* name) {
  if (call.request().body.empty()) return std::string();
  TRY(const auto document, call.body());
  if (document.root().kind() != json::Kind::object) return core::Error{core::Errc::invalid, "expected an object"};
  const auto found = document.root().find(name);
  if (!found.present || found.value.is_null()) return std::string();
  if (found.value.kind() != json::Kind::string) return core::Error{core::Errc::invalid, std::string(name) + ": expected a string"};
  return std::string(found.value.string());
}

// Errc::rejected unless the task (or with no name: some task) runs now.
core::Status check_runs(OwnNode& own, const core::AllocId& alloc, const std::string& task) {
  const auto states = own.node.task_states(alloc);
  if (!task.empty() && !states.contains(task)) return core::Error{core::Errc::rejected, "Could not find task runner for task: " + task};
  const bool runs = std::any_of(states.begin(), states.end(), [&](const auto& item) {
    return (task.empty() || item.first == task) && item.second.state == TaskStatus::running;
  });
  if (!runs) return core::Error{core::Errc::rejected, "Task not running"};
  return core::ok_status();
}

void restart(const Call& call, OwnNode& own, const AllocPtr& alloc) {
  if (!call.writes()) return call.invalid_method();
  auto task = word(call, "TaskName");
  if (!task.ok()) return call.fail(task.error());
  if (const auto runs = check_runs(own, alloc->id, *task); !runs.ok()) return call.fail(runs.error());
  own.node.ask(core::client::RestartAsked{.alloc = alloc->id, .task = std::move(*task)});
  call.ok(std::string(kNoIndex));
}

void signal(const Call& call, OwnNode& own, const AllocPtr& alloc) {
  if (!call.writes()) return call.invalid_method();
  auto task = word(call, "Task");
  auto name = word(call, "Signal");
  if (!task.ok()) return call.fail(task.error());
  if (!name.ok()) return call.fail(name.error());
  if (!client::signal_number(*name)) return call.fail(500, "Signal " + *name + " is not supported");
  if (const auto runs = check_runs(own, alloc->id, *task); !runs.ok()) return call.fail(runs.error());
  own.node.ask(core::client::SignalAsked{.alloc = alloc->id, .task = std::move(*task), .signal = std::move(*name)});
  call.ok(std::string(kNoIndex));
}

void collect(const Call& call, OwnNode& own, const AllocPtr& alloc) {
  if (!call.is(net::http::Method::get) && !call.is(net::http::Method::put)) return call.invalid_method();
  const auto states = own.node.task_states(alloc->id);
  const bool over = alloc->server_terminal() || std::all_of(states.begin(), states.end(), [](const auto& item) {
    return item.second.state == TaskStatus::dead;
  });
  if (!over) return call.fail(500, "No such allocation on client, or allocation not eligible for GC");
  own.node.ask(core::client::CollectAsked{.alloc = alloc->id});
  call.ok_empty({});
}

struct Action {
  std::string_view name;
  void (*handle)(const Call&, OwnNode&, const AllocPtr&);
};
constexpr Action kActions[] = {{"stats", stats}, {"restart", restart}, {"signal", signal}, {"gc", collect}};

}  // namespace

void client_allocation(const Call& plain) {
  const auto call = plain.for_any_origin();
  if (!begin_client_call(call)) return;
  const auto [id, name] = split(call.request().rest(), {"/stats", "/restart", "/signal", "/gc"});
  const auto action = std::find_if(std::begin(kActions), std::end(kActions), [&](const Action& a) { return a.name == name; });
  if (action == std::end(kActions)) return call.fail(404, "resource not found");
  if (action->handle == stats && !call.is(net::http::Method::get)) return call.invalid_method();
  with_alloc(call, core::AllocId{id}, action->handle);
}

}  // namespace agent::http
