// SPDX-License-Identifier: MPL-2.0
// The `client` block. Zero means "not given"; defaults() says what applies then.
#pragma once

#include "agent/config_server.h"

namespace agent::config {

struct Reserved {
  std::int64_t cpu = 0, memory_mb = 0, disk_mb = 0;
  std::string reserved_ports, cores;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("CPU", self.cpu);
    visit("MemoryMB", self.memory_mb);
    visit("DiskMB", self.disk_mb);
    visit("ReservedPorts", self.reserved_ports);
    visit("Cores", self.cores);
  }
};

struct HostVolume {
  static constexpr bool kMergedByName = true;
  std::string name, path;
  bool read_only = false;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Name", self.name);
    visit("Path", self.path);
    visit("ReadOnly", self.read_only);
  }
};

struct HostNetwork {
  std::string name, cidr, interface, reserved_ports;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Name", self.name);
    visit("CIDR", self.cidr);
    visit("Interface", self.interface);
    visit("ReservedPorts", self.reserved_ports);
  }
};

struct TemplateSettings {
  Texts function_denylist;
  bool disable_file_sandbox = false;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("FunctionDenylist", self.function_denylist);
    visit("DisableSandbox", self.disable_file_sandbox);
  }
};

struct DrainOnShutdown {  // before a client leaves
  core::Duration deadline = std::chrono::hours(1);  // 0: as long as it takes
  bool force = false;                               // at once
  bool ignore_system_jobs = false;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Deadline", self.deadline);
    visit("Force", self.force);
    visit("IgnoreSystemJobs", self.ignore_system_jobs);
  }
};

struct Client {
  bool enabled = false;
  std::string state_dir, alloc_dir, node_id, node_class, network_interface;
  Texts servers;
  TextMap options, meta, chroot_env;
  std::int64_t network_speed = 0, cpu_total_compute = 0, memory_total_mb = 0;
  std::string reservable_cores;
  core::Duration max_kill_timeout{};
  std::int64_t client_min_port = 0, client_max_port = 0;
  Reserved reserved;
  core::Duration gc_interval{};
  std::int64_t gc_parallel_destroys = 0, gc_max_allocs = 0;
  double gc_disk_usage_threshold = 0, gc_inode_usage_threshold = 0;
  Switch no_host_uuid;
  bool disable_remote_exec = false;
  TemplateSettings templates;
  ServerJoin join;
  std::optional<DrainOnShutdown> drain_on_shutdown;
  std::vector<HostVolume> host_volumes;
  std::vector<HostNetwork> host_networks;
  Switch bind_wildcard_default_host_network;
  Secret rpc_key;  // our own: what servers with a cluster key give their clients
  std::string cni_path, cni_config_dir, bridge_network_name, bridge_network_subnet, cgroup_parent;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Enabled", self.enabled);
    visit("StateDir", self.state_dir);
    visit("DrainOnShutdown", self.drain_on_shutdown);
    visit("RPCKey", self.rpc_key);
    visit("AllocDir", self.alloc_dir);
    visit("Servers", self.servers);
    visit("NodeID", self.node_id);
    visit("NodeClass", self.node_class);
    visit("Options", self.options);
    visit("Meta", self.meta);
    visit("ChrootEnv", self.chroot_env);
    visit("NetworkInterface", self.network_interface);
    visit("NetworkSpeed", self.network_speed);
    visit("CpuCompute", self.cpu_total_compute);
    visit("MemoryMB", self.memory_total_mb);
    visit("ReservableCores", self.reservable_cores);
    visit("MaxKillTimeout", self.max_kill_timeout);
    visit("ClientMinPort", self.client_min_port);
    visit("ClientMaxPort", self.client_max_port);
    visit("Reserved", self.reserved);
    visit("GCInterval", self.gc_interval);
    visit("GCParallelDestroys", self.gc_parallel_destroys);
    visit("GCDiskUsageThreshold", self.gc_disk_usage_threshold);
    visit("GCInodeUsageThreshold", self.gc_inode_usage_threshold);
    visit("GCMaxAllocs", self.gc_max_allocs);
    visit("NoHostUUID", self.no_host_uuid);
    visit("DisableRemoteExec", self.disable_remote_exec);
    visit("TemplateConfig", self.templates);
    visit("ServerJoin", self.join);
    visit("HostVolumes", self.host_volumes);
    visit("HostNetworks", self.host_networks);
    visit("BindWildcardDefaultHostNetwork", self.bind_wildcard_default_host_network);
    visit("CNIPath", self.cni_path);
    visit("CNIConfigDir", self.cni_config_dir);
    visit("BridgeNetworkName", self.bridge_network_name);
    visit("BridgeNetworkSubnet", self.bridge_network_subnet);
    visit("CgroupParent", self.cgroup_parent);
  }
};

}  // namespace agent::config
