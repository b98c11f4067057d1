// SPDX-License-Identifier: MPL-2.0
// A task and what hangs on it: constraints, services, logs, restart policy. JSON is the API's form.
// Members that are kept for their owner but not acted on here are json::Raw.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/fields.h"
#include "core/model/resources.h"

namespace core::model {

struct Constraint {
  std::string ltarget;
  std::string rtarget;
  std::string operand;  // empty means "="
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("LTarget", self.ltarget);
    visit("RTarget", self.rtarget);
    visit("Operand", self.operand);
  }
  friend bool operator==(const Constraint& a, const Constraint& b) { return same_fields(a, b); }
};

struct Affinity {
  std::string ltarget;
  std::string rtarget;
  std::string operand;
  std::int64_t weight = 50;  // -100..100, not 0
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("LTarget", self.ltarget);
    visit("RTarget", self.rtarget);
    visit("Operand", self.operand);
    visit("Weight", self.weight);
  }
  friend bool operator==(const Affinity& a, const Affinity& b) { return same_fields(a, b); }
};

struct SpreadTarget {
  std::string value;
  std::int64_t percent = 0;  // 0..100
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Value", self.value);
    visit("Percent", self.percent);
  }
  friend bool operator==(const SpreadTarget& a, const SpreadTarget& b) { return same_fields(a, b); }
};
struct Spread {
  std::string attribute;
  std::int64_t weight = 50;  // 0..100
  std::vector<SpreadTarget> targets;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Attribute", self.attribute);
    visit("Weight", self.weight);
    visit("SpreadTarget", self.targets);
  }
  friend bool operator==(const Spread& a, const Spread& b) { return same_fields(a, b); }
};

// Members are unset until canonicalize() fills them by job type.
struct RestartPolicy {
  std::optional<std::int64_t> attempts;
  std::optional<Duration> interval;
  std::optional<Duration> delay;
  std::optional<std::string> mode;  // "fail" or "delay"
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Attempts", self.attempts);
    visit("Interval", self.interval);
    visit("Delay", self.delay);
    visit("Mode", self.mode);
  }
  friend bool operator==(const RestartPolicy& a, const RestartPolicy& b) { return same_fields(a, b); }
};

struct ServiceCheck {
  std::string name, type, command, path, protocol, port_label, method, body, address_mode, initial_status;
  std::string grpc_service, task_name, on_update;
  std::vector<std::string> args;
  Duration interval{};
  Duration timeout{};
  bool expose = false, tls_skip_verify = false, grpc_use_tls = false;
  std::int64_t success_before_passing = 0, failures_before_critical = 0;
  json::Raw header, check_restart;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Name", self.name);
    visit("Type", self.type);
    visit("Command", self.command);
    visit("Args", self.args);
    visit("Path", self.path);
    visit("Protocol", self.protocol);
    visit("PortLabel", self.port_label);
    visit("AddressMode", self.address_mode);
    visit("Interval", self.interval);
    visit("Timeout", self.timeout);
    visit("InitialStatus", self.initial_status);
    visit("Method", self.method);
    visit("Body", self.body);
    visit("Expose", self.expose);
    visit("TLSSkipVerify", self.tls_skip_verify);
    visit("GRPCService", self.grpc_service);
    visit("GRPCUseTLS", self.grpc_use_tls);
    visit("TaskName", self.task_name);
    visit("SuccessBeforePassing", self.success_before_passing);
    visit("FailuresBeforeCritical", self.failures_before_critical);
    visit("OnUpdate", self.on_update);
    visit("Header", self.header);
    visit("CheckRestart", self.check_restart);
  }
  friend bool operator==(const ServiceCheck& a, const ServiceCheck& b) { return same_fields(a, b); }
};

struct Service {
  std::string name, task_name, port_label, address_mode, provider, on_update;
  bool enable_tag_override = false;
  std::vector<std::string> tags, canary_tags;
  std::vector<ServiceCheck> checks;
  std::map<std::string, std::string> meta, canary_meta;
  json::Raw connect;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Name", self.name);
    visit("TaskName", self.task_name);
    visit("PortLabel", self.port_label);
    visit("AddressMode", self.address_mode);
    visit("Provider", self.provider);
    visit("Tags", self.tags);
    visit("CanaryTags", self.canary_tags);
    visit("Checks", self.checks);
    visit("Meta", self.meta);
    visit("CanaryMeta", self.canary_meta);
    visit("EnableTagOverride", self.enable_tag_override);
    visit("OnUpdate", self.on_update);
    visit("Connect", self.connect);
  }
  friend bool operator==(const Service& a, const Service& b) { return same_fields(a, b); }
};

struct LogConfig {
  std::int64_t max_files = 10;
  std::int64_t max_file_size_mb = 10;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("MaxFiles", self.max_files);
    visit("MaxFileSizeMB", self.max_file_size_mb);
  }
  friend bool operator==(const LogConfig& a, const LogConfig& b) { return same_fields(a, b); }
};

struct Lifecycle {
  std::string hook;  // "prestart", "poststart" or "poststop"
  bool sidecar = false;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Hook", self.hook);
    visit("Sidecar", self.sidecar);
  }
  friend bool operator==(const Lifecycle& a, const Lifecycle& b) { return same_fields(a, b); }
};

struct Task {
  std::string name;
  std::string driver;
  std::string user;
  std::map<std::string, json::Raw> config;  // the driver's own; any JSON
  std::map<std::string, std::string> env;
  std::vector<Constraint> constraints;
  std::vector<Affinity> affinities;
  std::optional<Resources> resources;  // always set after canonicalize()
  std::map<std::string, std::string> meta;
  std::vector<Service> services;
  json::Raw vault, templates, artifacts, volume_mounts, dispatch_payload, scaling_policies, csi_plugin_config;
  std::optional<RestartPolicy> restart_policy;  // the group's where unset
  std::optional<Lifecycle> lifecycle;
  Duration kill_timeout = 5s;
  std::string kill_signal;
  std::optional<LogConfig> log_config;
  bool leader = false;
  Duration shutdown_delay{};
  std::string kind;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Name", self.name);
    visit("Driver", self.driver);
    visit("User", self.user);
    visit("Config", self.config);
    visit("Env", self.env);
    visit("Constraints", self.constraints);
    visit("Affinities", self.affinities);
    visit("Resources", self.resources);
    visit("Meta", self.meta);
    visit("Services", self.services);
    visit("Vault", self.vault);
    visit("Templates", self.templates);
    visit("Artifacts", self.artifacts);
    visit("RestartPolicy", self.restart_policy);
    visit("DispatchPayload", self.dispatch_payload);
    visit("Lifecycle", self.lifecycle);
    visit("KillTimeout", self.kill_timeout);
    visit("KillSignal", self.kill_signal);
    visit("LogConfig", self.log_config);
    visit("Leader", self.leader);
    visit("ShutdownDelay", self.shutdown_delay);
    visit("VolumeMounts", self.volume_mounts);
    visit("ScalingPolicies", self.scaling_policies);
    visit("Kind", self.kind);
    visit("CSIPluginConfig", self.csi_plugin_config);
  }
  friend bool operator==(const Task& a, const Task& b) { return same_fields(a, b); }
};

}  // namespace core::model
