// SPDX-License-Identifier: MPL-2.0
#include "tests/integration/jobs.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>

#include "core/base/fields.h"

namespace integration {
namespace {

struct Stub {
  std::string id, status, client_status;
  std::uint64_t create_index = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("ID", self.id);
    visit("Status", self.status);
    visit("ClientStatus", self.client_status);
    visit("CreateIndex", self.create_index);
  }
};

std::vector<Stub> list(const Agent& agent, const std::string& target) {
  const auto answer = agent.get(target);
  if (answer.status != 200) return {};
  auto stubs = core::from_json<std::vector<Stub>>(answer.body);
  return stubs.ok() ? *stubs : std::vector<Stub>{};
}

}  // namespace

bool ready(const Agent& agent, int nodes) {
  return await([&] {
    int count = 0;
    for (const auto& node : list(agent, "/v1/nodes")) count += node.status == "ready";
    return count == nodes;
  });
}

std::string sleeper(const std::string& id, int count, const std::string& resources) {
  return "job \"" + id + "\" {\n  datacenters = [\"dc1\"]\n  group \"g\" {\n    count = " + std::to_string(count) +
         "\n    task \"t\" {\n      driver = \"raw_exec\"\n      config {\n        command = \"/bin/sleep\"\n        args = "
         "[\"100000\"]\n      }\n      resources {\n        cpu = 20\n        " + resources + "\n      }\n    }\n  }\n}\n";
}

std::string command_job(const std::string& id, const std::string& command) {
  return "job \"" + id + "\" {\n  datacenters = [\"dc1\"]\n  type = \"batch\"\n  group \"g\" {\n    task \"t\" {\n      driver = "
         "\"raw_exec\"\n      config {\n        command = \"/bin/sh\"\n        args = [\"-c\", \"" + command +
         "\"]\n      }\n      resources {\n        cpu = 20\n        memory = 16\n      }\n    }\n  }\n}\n";
}

std::string api_job(const std::string& id, const std::string& command, int disk_mb) {
  const auto type = command.starts_with("exit") ? "batch" : "service";
  return R"({"Job":{"ID":")" + id + R"(","Name":")" + id + R"(","Type":")" + type +
         R"(","Datacenters":["dc1"],"TaskGroups":[{"Name":"g","Count":1,"EphemeralDisk":{"SizeMB":)" + std::to_string(disk_mb) + R"(},"Tasks":[{"Name":"t","Driver":"raw_exec",)" +
         R"("Config":{"command":"/bin/sh","args":["-c",")" + command + R"( # )" + id + R"(-marker"]},)" +
         R"("LogConfig":{"MaxFiles":1,"MaxFileSizeMB":1},"Resources":{"CPU":20,"MemoryMB":16}}]}]}})";
}

std::string client_status(const Agent& agent, const std::string& job) {
  Stub newest;
  for (const auto& alloc : list(agent, "/v1/job/" + job + "/allocations"))
    if (alloc.create_index >= newest.create_index) newest = alloc;
  return newest.client_status;
}

namespace {

pid_t parent_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string stat;
  std::getline(file, stat);
  const auto name_end = stat.rfind(") ");  // then a letter and the parent
  return name_end == std::string::npos ? 0 : static_cast<pid_t>(std::atoi(stat.c_str() + name_end + 4));
}

}  // namespace

// A child that the shell forks looks like the shell until it becomes another program.
pid_t task_pid(const std::string& marker) {
  std::istringstream found(run({"pgrep", "-f", "^/bin/sh -c .*" + marker}).out);
  const std::set<pid_t> shells{std::istream_iterator<pid_t>(found), {}};
  pid_t newest = 0;
  for (const auto pid : shells)
    if (!shells.contains(parent_of(pid))) newest = pid;
  return newest;
}

}  // namespace integration
