// SPDX-License-Identifier: MPL-2.0
#include "agent/client/node_driver.h"

#include <algorithm>
#include <utility>

#include "agent/client/drivers/signals.h"
#include "agent/client/record_store.h"

extern char** environ;

namespace agent::client {
namespace {

namespace cc = core::client;

// One for each allocation that comes or goes, and one save.
constexpr std::size_t kDiskJobsMax = 65536;

std::map<std::string, std::string> agent_environment() {
  std::map<std::string, std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    if (equals == std::string_view::npos || cc::withheld_from_tasks(text.substr(0, equals))) continue;
    out.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return out;
}

const core::model::Task* find_task(const core::model::Allocation& alloc, std::string_view name) {
  const auto* group = alloc.job->group(alloc.task_group);
  if (group == nullptr) return nullptr;
  const auto it = std::find_if(group->tasks.begin(), group->tasks.end(), [&](const auto& task) { return task.name == name; });
  return it == group->tasks.end() ? nullptr : &*it;
}

bool ends_task(const cc::Input& input) {
  return std::holds_alternative<cc::TaskExited>(input) || std::holds_alternative<cc::TaskStartFailed>(input) ||
         std::holds_alternative<cc::TaskLost>(input) || std::holds_alternative<cc::TaskNeverStarted>(input);
}

}  // namespace

NodeDriver::NodeDriver(net::uv::Loop& loop, Options options, store::client_state::ClientDb db, cc::Restored restored,
                       std::vector<std::unique_ptr<Driver>> drivers, ServerLink& link, core::Logger logger)
    : loop_(loop),
      options_(std::move(options)),
      log_(logger.named("client")),
      db_(std::make_shared<store::client_state::ClientDb>(std::move(db))),
      host_env_(agent_environment()),
      link_(link),
      client_(options_.client, std::move(restored), core::Rng(options_.seed), log_, now()),
      timer_(loop, [this] { tell(cc::Woke{}); }),
      save_soon_(loop, [this] { save(); }),
      disk_(loop, {.name = "client-disk", .queue_max = kDiskJobsMax}),
      removals_(loop, {.name = "client-remove", .queue_max = kDiskJobsMax, .threads = 2}) {
  for (auto& driver : drivers) {
    const std::string name(driver->name());
    drivers_.emplace(name, std::move(driver));
  }
  link_.set_node(options_.node);
}

NodeDriver::~NodeDriver() = default;

void NodeDriver::begin() { tell(cc::Woke{}); }

void NodeDriver::change_node(const std::function<bool(core::model::Node&)>& change) {
  if (!change(options_.node)) return;
  link_.set_node(options_.node);
  tell(cc::NodeChanged{});
}

// Steps never nest: what is told from inside a step's own effects waits its turn.
void NodeDriver::tell(cc::Input input) {
  if (const auto* registered = std::get_if<cc::Registered>(&input)) ttl_ = registered->ttl;
  if (const auto* answered = std::get_if<cc::HeartbeatAnswered>(&input)) ttl_ = answered->ttl;
  inputs_.push_back(std::move(input));
  if (stepping_) return;
  stepping_ = true;
  while (!inputs_.empty()) {
    const auto next = std::move(inputs_.front());
    inputs_.pop_front();
    auto out = client_.step(next, now());
    carry_out(out);
  }
  stepping_ = false;
  if (const auto deadline = client_.next_deadline()) timer_.arm(*deadline);
  else timer_.disarm();
  if (when_empty_ && client_.allocs().empty()) std::exchange(when_empty_, {})();
}

void NodeDriver::carry_out(cc::Output& out) {
  for (const auto& request : out.send) link_.send(request);
  for (auto& record : out.save.records) waiting_.records.push_back(std::move(record));
  for (auto& action : out.save.then) waiting_.then.push_back(std::move(action));
  if (!saving_) save_soon_.schedule();
}

// One save is on its way at a time; what steps add meanwhile, and in one turn of the loop, goes together
// with the next, so that a burst costs a few syncs instead of one each.
void NodeDriver::save() {
  if (saving_) return;
  auto batch = std::exchange(waiting_, {});
  if (batch.records.empty()) return act(batch.then);
  saving_ = true;
  auto actions = std::make_shared<std::vector<cc::Action>>(std::move(batch.then));  // because a job must be copyable
  const auto submitted = disk_.submit(
      [db = db_, records = std::move(batch.records)]() -> core::Status { return put_records(*db, records); },
      lifetime_.guard([this, actions](core::Status saved) {
        saving_ = false;
        if (!saved.ok()) return options_.on_failed(core::within("client state", saved.error()));
        act(*actions);
        save();
      }));
  if (!submitted.ok()) options_.on_failed(core::within("client state", submitted.error()));
}

void NodeDriver::act(std::vector<cc::Action>& actions) {
  for (auto& action : actions) std::visit([this](auto& a) { on(a); }, action);
}

AllocDir NodeDriver::directory(const core::AllocId& id) const {
  return AllocDir(options_.alloc_root, options_.control_root, id);
}

void NodeDriver::on(cc::PrepareAlloc& action) {
  std::vector<std::string> tasks;
  if (const auto* group = action.alloc->job->group(action.alloc->task_group))
    for (const auto& task : group->tasks) tasks.push_back(task.name);
  const auto answer = lifetime_.guard([this, id = action.alloc->id](core::Status built) {
    tell(cc::AllocPrepared{.alloc = id, .status = std::move(built)});
  });
  const auto submitted = disk_.submit(
      [directory = this->directory(action.alloc->id), tasks = std::move(tasks)] { return directory.build(tasks); }, answer);
  if (!submitted.ok()) tell(cc::AllocPrepared{.alloc = action.alloc->id, .status = submitted});
}

void NodeDriver::on(cc::RemoveAlloc& action) {
  const auto answer = lifetime_.guard([this, id = action.alloc](core::Status removed) {
    tell(cc::AllocRemoved{.alloc = id, .status = std::move(removed)});
  });
  const auto submitted = removals_.submit([directory = this->directory(action.alloc)] { return directory.destroy(); }, answer);
  if (!submitted.ok()) tell(cc::AllocRemoved{.alloc = action.alloc, .status = submitted});
}

TaskSpec NodeDriver::spec(const cc::TaskId& id, std::uint64_t run, const core::model::AllocPtr& alloc) {
  const auto* task = find_task(*alloc, id.task);
  ASSERT(task != nullptr);
  const auto* driver = driver_of(alloc, id.task);
  const bool own_root = driver != nullptr && driver->has_own_root();
  auto dirs = directory(alloc->id).dirs_of(id.task);
  const std::string shared = own_root ? "/alloc" : dirs.shared, local = own_root ? "/local" : dirs.local,
                    secrets = own_root ? "/secrets" : dirs.secrets;
  cc::TaskEnv env({.alloc = *alloc, .task = *task, .node = options_.node, .region = options_.region, .alloc_dir = shared,
                   .task_dir = local, .secrets_dir = secrets, .host_env = &host_env_});
  const auto placed = alloc->task_resources.find(id.task);
  return {.id = id, .run = run, .alloc = alloc, .task = task,
          .resources = placed == alloc->task_resources.end() ? task->resources.value_or(core::model::Resources{}) : placed->second,
          .env = std::move(env), .dirs = std::move(dirs)};
}

Driver* NodeDriver::driver_of(const core::model::AllocPtr& alloc, const std::string& task_name) {
  const auto* task = find_task(*alloc, task_name);
  const auto it = task == nullptr ? drivers_.end() : drivers_.find(task->driver);
  return it == drivers_.end() ? nullptr : it->second.get();
}

void NodeDriver::on(cc::StartTask& action) {
  auto* driver = driver_of(action.alloc, action.task.task);
  if (driver == nullptr)
    return tell(cc::TaskStartFailed{.task = action.task, .run = action.run,
                                    .error = {core::Errc::unsupported, "this node does not have the task's driver"},
                                    .invalid = true, .recoverable = false});
  tasks_[action.task] = driver->start(spec(action.task, action.run, action.alloc),
                                      lifetime_.guard([this](cc::Input input) { told_by_task(std::move(input)); }));
}

void NodeDriver::on(cc::AttachTask& action) {
  auto* driver = driver_of(action.alloc, action.task.task);
  if (driver == nullptr)
    return tell(cc::TaskLost{.task = action.task, .run = action.run, .error = {core::Errc::unsupported, "this node does not have the task's driver any more"}});
  tasks_[action.task] = driver->attach(spec(action.task, action.run, action.alloc), action.handle,
                                       lifetime_.guard([this](cc::Input input) { told_by_task(std::move(input)); }));
}

// The object that tells may not die while it does: it goes a turn later.
void NodeDriver::told_by_task(cc::Input input) {
  if (ends_task(input)) {
    const auto id = std::visit([](const auto& in) -> cc::TaskId {
      if constexpr (requires { in.task.alloc; }) return in.task;
      else return {};
    }, input);
    if (auto ended = tasks_.extract(id)) {
      auto last = std::make_shared<std::unique_ptr<RunningTask>>(std::move(ended.mapped()));
      loop_.defer([last] { last->reset(); });
    }
  }
  tell(std::move(input));
}

void NodeDriver::on(cc::KillTask& action) {
  const auto it = tasks_.find(action.task);
  if (it == tasks_.end()) return;  // it has ended meanwhile
  it->second->kill(signal_number(action.signal).value_or(2), action.timeout);
}

void NodeDriver::on(cc::SignalTask& action) {
  const auto it = tasks_.find(action.task);
  const auto number = signal_number(action.signal);
  if (it == tasks_.end() || !number) return;
  if (const auto sent = it->second->signal(*number); !sent.ok())
    LOG(log_, warn, "cannot signal task", {"alloc_id", action.task.alloc}, {"task", action.task.task}, {"error", sent.error()});
}

void NodeDriver::on(cc::Report& action) { link_.send(action); }

void NodeDriver::on(cc::MeasureDisk&) {
  auto measured = measure_disk(options_.alloc_root);
  tell(measured.ok() ? *measured : cc::DiskMeasured{});
}

core::model::AllocPtr NodeDriver::alloc(const core::AllocId& id) const {
  const auto* runner = client_.alloc(id);
  return runner == nullptr ? nullptr : runner->alloc();
}

std::map<std::string, core::model::TaskState> NodeDriver::task_states(const core::AllocId& id) const {
  const auto* runner = client_.alloc(id);
  if (runner == nullptr) return {};
  return runner->report().task_states;
}

std::map<std::string, TaskUse> NodeDriver::use(const core::AllocId& id) const {
  std::map<std::string, TaskUse> out;
  for (auto it = tasks_.lower_bound({id, ""}); it != tasks_.end() && it->first.alloc == id; ++it)
    if (auto used = it->second->use(); used.ok()) out.emplace(it->first.task, std::move(*used));
  return out;
}

void NodeDriver::destroy_all(std::function<void()> done) {
  if (client_.allocs().empty()) return done();
  when_empty_ = std::move(done);
  tell(cc::LeaveAsked{});
}

}  // namespace agent::client
