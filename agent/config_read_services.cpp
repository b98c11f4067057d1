// SPDX-License-Identifier: MPL-2.0
#include "agent/config_read.h"

namespace agent::config {

using core::jobspec::BodyReader;

namespace {

constexpr std::string_view kCirconus[] = {"circonus_api_app",
                                          "circonus_api_url",
                                          "circonus_submission_interval",
                                          "circonus_submission_url",
                                          "circonus_check_id",
                                          "circonus_check_force_metric_activation",
                                          "circonus_check_instance_id",
                                          "circonus_check_search_tag",
                                          "circonus_check_tags",
                                          "circonus_check_display_name",
                                          "circonus_broker_id",
                                          "circonus_broker_select_tag"};

void read_certificates(BodyReader& in, std::string& ca_file, std::string& cert_file, std::string& key_file) {
  in.attribute("ca_file", ca_file);
  in.attribute("cert_file", cert_file);
  in.attribute("key_file", key_file);
}

}  // namespace

void read_telemetry(BodyReader& in, Telemetry& out) {
  in.attribute("statsite_address", out.statsite_address);
  in.attribute("statsd_address", out.statsd_address);
  in.attribute("datadog_address", out.datadog_address);
  in.attribute("datadog_tags", out.datadog_tags);
  in.attribute("prometheus_metrics", out.prometheus_metrics);
  in.attribute("disable_hostname", out.disable_hostname);
  in.attribute("use_node_name", out.use_node_name);
  in.attribute("collection_interval", out.collection_interval);
  in.attribute("publish_allocation_metrics", out.publish_allocation_metrics);
  in.attribute("publish_node_metrics", out.publish_node_metrics);
  in.attribute("filter_default", out.filter_default);
  in.attribute("prefix_filter", out.prefix_filter);
  in.attribute("disable_dispatched_job_summary_metrics", out.disable_dispatched_job_summary_metrics);
  in.ignore("circonus_api_token");
  for (const auto key : kCirconus) {
    std::string value;
    if (in.attribute(key, value)) out.circonus.emplace(key, value);
  }
}

void read_acl(BodyReader& in, Acl& out) {
  in.attribute("enabled", out.enabled);
  in.attribute("token_ttl", out.token_ttl);
  in.attribute("policy_ttl", out.policy_ttl);
  in.attribute("replication_token", out.replication_token);
}

void read_tls(BodyReader& in, Tls& out) {
  in.attribute("http", out.http);
  in.attribute("rpc", out.rpc);
  in.attribute("verify_server_hostname", out.verify_server_hostname);
  in.attribute("verify_https_client", out.verify_https_client);
  in.attribute("rpc_upgrade_mode", out.rpc_upgrade_mode);
  in.attribute("tls_cipher_suites", out.cipher_suites);
  in.attribute("tls_min_version", out.min_version);
  in.attribute("tls_prefer_server_cipher_suites", out.prefer_server_cipher_suites);
  read_certificates(in, out.ca_file, out.cert_file, out.key_file);
}

void read_consul(BodyReader& in, Consul& out) {
  in.attribute("address", out.address);
  in.attribute("grpc_address", out.grpc_address);
  in.attribute("server_service_name", out.server_service_name);
  in.attribute("client_service_name", out.client_service_name);
  in.attribute("server_http_check_name", out.server_http_check_name);
  in.attribute("server_serf_check_name", out.server_serf_check_name);
  in.attribute("server_rpc_check_name", out.server_rpc_check_name);
  in.attribute("client_http_check_name", out.client_http_check_name);
  in.attribute("auto_advertise", out.auto_advertise);
  in.attribute("server_auto_join", out.server_auto_join);
  in.attribute("client_auto_join", out.client_auto_join);
  in.attribute("allow_unauthenticated", out.allow_unauthenticated);
  in.attribute("share_ssl", out.share_ssl);
  in.attribute("verify_ssl", out.verify_ssl);
  in.attribute("checks_use_advertise", out.checks_use_advertise);
  in.attribute("ssl", out.ssl);
  in.attribute("timeout", out.timeout);
  in.attribute("token", out.token);
  in.attribute("auth", out.auth);
  in.attribute("namespace", out.ns);
  in.attribute("tags", out.tags);
  read_certificates(in, out.ca_file, out.cert_file, out.key_file);
}

void read_vault(BodyReader& in, Vault& out) {
  in.attribute("enabled", out.enabled);
  in.attribute("address", out.address);
  in.attribute("token", out.token);
  in.attribute("create_from_role", out.create_from_role);
  in.attribute("task_token_ttl", out.task_token_ttl);
  in.attribute("allow_unauthenticated", out.allow_unauthenticated);
  in.attribute("namespace", out.ns);
  in.attribute("ca_path", out.ca_path);
  in.attribute("tls_server_name", out.tls_server_name);
  in.attribute("tls_skip_verify", out.tls_skip_verify);
  read_certificates(in, out.ca_file, out.cert_file, out.key_file);
}

void read_autopilot(BodyReader& in, Autopilot& out) {
  in.attribute("cleanup_dead_servers", out.cleanup_dead_servers);
  in.attribute("last_contact_threshold", out.last_contact_threshold);
  in.attribute("max_trailing_logs", out.max_trailing_logs);
  in.attribute("min_quorum", out.min_quorum);
  in.attribute("server_stabilization_time", out.server_stabilization_time);
  in.attribute("enable_redundancy_zones", out.enable_redundancy_zones);
  in.attribute("disable_upgrade_migration", out.disable_upgrade_migration);
  in.attribute("enable_custom_upgrades", out.enable_custom_upgrades);
}

void read_limits(BodyReader& in, Limits& out) {
  in.attribute("https_handshake_timeout", out.https_handshake_timeout);
  in.attribute("rpc_handshake_timeout", out.rpc_handshake_timeout);
  in.attribute("http_max_conns_per_client", out.http_max_conns_per_client);
  in.attribute("http_request_timeout", out.http_request_timeout);
  in.attribute("rpc_max_conns_per_client", out.rpc_max_conns_per_client);
}

void read_atlas(BodyReader& in, Atlas& out) {
  in.attribute("infrastructure", out.infrastructure);
  in.attribute("token", out.token);
  in.attribute("join", out.join);
  in.attribute("endpoint", out.endpoint);
}

void read_atlas_rendezvous(BodyReader& in, AtlasRendezvous& out) {
  in.attribute("enabled", out.enabled);
  in.attribute("token", out.token);
}

void read_plugin(BodyReader& in, Plugin& out) {
  in.attribute("args", out.args);
  auto config = in.free_form("config");
  if (!config.empty()) out.config.text = core::jobspec::to_json(core::jobspec::Value(std::move(config)));
}

}  // namespace agent::config
