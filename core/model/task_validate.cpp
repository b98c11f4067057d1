// SPDX-License-Identifier: MPL-2.0
// Tasks, their resources and logs, and the ports of a group and its tasks.
#include <set>

#include "core/model/validation.h"

namespace core::model {
namespace {

constexpr std::int64_t kCpuMin = 1;
constexpr std::int64_t kMemoryMbMin = 10;
constexpr std::int64_t kPortMax = 65535;
// Above any machine; keeps sums of many allocations far from overflow.
constexpr std::int64_t kResourceMax = std::int64_t{1} << 40;

void check_resources(const Resources& r, Faults& faults) {
  if (r.cores > 0 && r.cpu > 0) faults.add("Task can only ask for 'cpu' or 'cores' resource, not both.");
  if (r.cores <= 0 && r.cpu < kCpuMin)
    faults.add("minimum CPU value is " + std::to_string(kCpuMin) + "; got " + std::to_string(r.cpu));
  if (r.memory_mb < kMemoryMbMin)
    faults.add("minimum MemoryMB value is " + std::to_string(kMemoryMbMin) + "; got " + std::to_string(r.memory_mb));
  if (r.cpu > kResourceMax || r.memory_mb > kResourceMax)
    faults.add("maximum CPU or MemoryMB value is " + std::to_string(kResourceMax));
  if (r.memory_max_mb != 0 && r.memory_max_mb < r.memory_mb)
    faults.add("MemoryMaxMB value (" + std::to_string(r.memory_max_mb) + ") should be larger than MemoryMB value (" +
               std::to_string(r.memory_mb) + ")");
  if (r.disk_mb != 0)
    faults.add("Task can't ask for disk resources, they have to be specified at the task group level.");
}

void check_logs(const LogConfig& logs, const TaskGroup& group, Faults& faults) {
  if (logs.max_files < 1) faults.add("minimum number of files is 1; got " + std::to_string(logs.max_files));
  if (logs.max_file_size_mb < 1) faults.add("minimum file size is 1MB; got " + std::to_string(logs.max_file_size_mb));
  if (logs.max_files < 1 || logs.max_file_size_mb < 1 || !group.ephemeral_disk) return;
  const auto disk = group.ephemeral_disk->size_mb;
  const bool fits = logs.max_files < disk && logs.max_file_size_mb < disk && logs.max_files * logs.max_file_size_mb < disk;
  if (!fits)
    faults.add("log storage (" + std::to_string(logs.max_files) + " files of " +
               std::to_string(logs.max_file_size_mb) + " MB) must be less than requested disk capacity (" +
               std::to_string(disk) + " MB)");
}

void check_task_constraints(const Task& task, Faults& faults) {
  check_constraints(task.constraints, faults);
  for (std::size_t i = 0; i < task.constraints.size(); ++i) {
    const auto& operand = task.constraints[i].operand;
    if (operand == "distinct_hosts" || operand == "distinct_property")
      faults.add("Constraint " + std::to_string(i + 1) + " has disallowed Operand at task level: " + operand);
  }
}

class PortBook {  // who has which label and which host port
 public:
  explicit PortBook(Faults& faults) : faults_(faults) {}

  void add(const std::vector<NetworkResource>& networks, const std::string& owner) {
    for (const auto& network : networks) {
      for (const auto& port : network.reserved_ports) {
        add_label(port, owner);
        add_static(port, owner);
      }
      for (const auto& port : network.dynamic_ports) add_label(port, owner);
    }
  }

 private:
  void add_label(const Port& port, const std::string& owner) {
    if (!labels_.emplace(owner, port.label).second)
      faults_.add("Port label " + port.label + " already in use by " + owner);
    if (port.to < -1)
      faults_.add("Port \"" + port.label + "\" cannot be mapped to negative value " + std::to_string(port.to));
    if (port.to > kPortMax)
      faults_.add("Port \"" + port.label + "\" cannot be mapped to a port (" + std::to_string(port.to) +
                  ") greater than " + std::to_string(kPortMax));
  }
  void add_static(const Port& port, const std::string& owner) {
    if (port.value < 1 || port.value > kPortMax)
      return faults_.add("Port " + port.label + " (" + std::to_string(port.value) + ") is not between 1 and " +
                         std::to_string(kPortMax));
    const auto [first, fresh] = taken_.emplace(std::pair{port.host_network, port.value}, owner + ":" + port.label);
    if (!fresh)
      faults_.add("Static port " + std::to_string(port.value) + " already reserved by " + first->second);
  }

  Faults& faults_;
  std::set<std::pair<std::string, std::string>> labels_;
  std::map<std::pair<std::string, std::int64_t>, std::string> taken_;
};

}  // namespace

void check_task(const Task& task, const TaskGroup& group, Faults& faults) {
  if (task.name.empty()) faults.add("Missing task name");
  if (task.name.find_first_of("/\\") != std::string::npos) faults.add("Task name cannot include slashes");
  if (task.name.find('\0') != std::string::npos) faults.add("Task name cannot include null characters");
  if (task.driver.empty()) faults.add("Missing task driver");
  if (task.kill_timeout < Duration::zero()) faults.add("KillTimeout must be a positive value");
  if (task.shutdown_delay < Duration::zero()) faults.add("ShutdownDelay must be a positive value");
  if (task.resources) check_resources(*task.resources, faults);
  else faults.add("Missing task resources");
  if (task.log_config) check_logs(*task.log_config, group, faults);
  else faults.add("Missing Log Config");
  check_task_constraints(task, faults);
  check_affinities(task.affinities, faults);
  if (task.restart_policy) check_restart(*task.restart_policy, faults);
}

// Labels are unique within the group's networks and within each task's; host ports over all of them,
// because the group lands on one node.
void check_ports(const TaskGroup& group, Faults& faults) {
  PortBook book(faults);
  book.add(group.networks, "taskgroup network");
  for (const auto& task : group.tasks)
    if (task.resources) book.add(task.resources->networks, task.name);
}

}  // namespace core::model
