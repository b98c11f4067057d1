// SPDX-License-Identifier: MPL-2.0
// All settings of an agent, as one plain value. It is built in layers, each a Config of what one
// source says: defaults or the dev preset, configuration files in order, flags. A member that is zero
// or empty is "not given" there, so that merge() needs no second bookkeeping; what must be told from
// false or 0 is an optional.
//
// load() (config_file.h) does all of it. The parts here neither read files nor the environment.
#pragma once

#include "agent/config_client.h"
#include "agent/config_server.h"
#include "agent/config_services.h"

namespace agent::config {

struct Ports {
  std::int64_t http = 0, rpc = 0, serf = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("HTTP", self.http);
    visit("RPC", self.rpc);
    visit("Serf", self.serf);
  }
};

struct Addresses {  // empty: bind_addr; for advertise: as bound
  std::string http, rpc, serf;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("HTTP", self.http);
    visit("RPC", self.rpc);
    visit("Serf", self.serf);
  }
};

struct Version {  // filled in by whoever knows what was built
  std::string revision, version, prerelease, metadata;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Revision", self.revision);
    visit("Version", self.version);
    visit("VersionPrerelease", self.prerelease);
    visit("VersionMetadata", self.metadata);
  }
};

struct Config {
  std::string region, datacenter, node_name, data_dir, plugin_dir, bind_addr;
  std::string log_level, log_file;
  bool log_json = false;
  std::int64_t log_rotate_bytes = 0, log_rotate_max_files = 0;
  core::Duration log_rotate_duration{};
  bool enable_debug = false, leave_on_interrupt = false, leave_on_terminate = false, enable_syslog = false;
  std::string syslog_facility;
  Switch disable_update_check;
  bool disable_anonymous_signature = false;
  TextMap http_api_response_headers;
  Ports ports;
  Addresses addresses, advertise;
  Server server;
  Client client;
  Acl acl;
  Telemetry telemetry;
  Consul consul;
  Vault vault;
  Tls tls;
  Autopilot autopilot;
  Limits limits;
  std::vector<Plugin> plugins;
  core::json::Raw sentinel, audit;
  Atlas atlas;
  AtlasRendezvous atlas_rendezvous;
  std::string compat;  // answers for clients of v0.1: "auto", "off" or "v0.1.2"
  bool dev_mode = false, dev_connect = false;
  Texts files;  // what was read, in order
  Version version;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Region", self.region);
    visit("Datacenter", self.datacenter);
    visit("NodeName", self.node_name);
    visit("DataDir", self.data_dir);
    visit("PluginDir", self.plugin_dir);
    visit("LogLevel", self.log_level);
    visit("LogJson", self.log_json);
    visit("LogFile", self.log_file);
    visit("LogRotateBytes", self.log_rotate_bytes);
    visit("LogRotateDuration", self.log_rotate_duration);
    visit("LogRotateMaxFiles", self.log_rotate_max_files);
    visit("BindAddr", self.bind_addr);
    visit("EnableDebug", self.enable_debug);
    visit("Ports", self.ports);
    visit("Addresses", self.addresses);
    visit("AdvertiseAddrs", self.advertise);
    visit("Client", self.client);
    visit("Server", self.server);
    visit("ACL", self.acl);
    visit("Telemetry", self.telemetry);
    visit("LeaveOnInt", self.leave_on_interrupt);
    visit("LeaveOnTerm", self.leave_on_terminate);
    visit("EnableSyslog", self.enable_syslog);
    visit("SyslogFacility", self.syslog_facility);
    visit("DisableUpdateCheck", self.disable_update_check);
    visit("DisableAnonymousSignature", self.disable_anonymous_signature);
    visit("Consul", self.consul);
    visit("Vault", self.vault);
    visit("TLSConfig", self.tls);
    visit("HTTPAPIResponseHeaders", self.http_api_response_headers);
    visit("Sentinel", self.sentinel);
    visit("Autopilot", self.autopilot);
    visit("Plugins", self.plugins);
    visit("Limits", self.limits);
    visit("Audit", self.audit);
    visit("Atlas", self.atlas);
    visit("AtlasRendezvous", self.atlas_rendezvous);
    visit("Compat", self.compat);
    visit("DevMode", self.dev_mode);
    visit("DevConnect", self.dev_connect);
    visit("Files", self.files);
    visit("Version", self.version);
  }
};

// What applies when nothing is said.
Config defaults();
// Over the defaults: a server and a client in one, on loopback, that keep nothing.
Config dev_preset();

// Lays `over` on `base`. Text replaces if not empty, numbers if not zero, true wins over false, lists
// grow, maps and named blocks merge by key, optionals replace if given.
void merge(Config& base, const Config& over);

// What follows from other settings where nothing is said: directories under data_dir, the deny list of
// old option names.
void complete(Config& config);
// Whom a server joins: server_join, or the older keys where they say more.
ServerJoin joining(const Server& server);

// The first rule that is broken, in Nomad's words. REQUIRES: complete()d.
core::Status validate(const Config& config);
// What is set and read but does nothing in this release, one sentence each.
Texts without_effect(const Config& config);

// The one warning about an agent that is open to a network without a key; nothing: it is not. `keyring`: its server
// has keys of its own.
std::optional<std::string> unprotected(const Config& config, bool keyring);

// What a reload finds changed and cannot apply to a running agent: names as in /v1/agent/self.
Texts needing_restart(const Config& running, Config fresh);

// The value of `config` in /v1/agent/self: Go's field names, secrets as "<redacted>".
std::string to_json(const Config& config);

}  // namespace agent::config
