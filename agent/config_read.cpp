// SPDX-License-Identifier: MPL-2.0
#include "agent/config_read.h"

#include "core/jobspec/parser.h"

namespace agent::config {

using core::jobspec::BodyReader;
using core::jobspec::Label;

namespace {

void read_ports(BodyReader& in, Ports& out) {
  in.attribute("http", out.http);
  in.attribute("rpc", out.rpc);
  in.attribute("serf", out.serf);
}

void read_addresses(BodyReader& in, Addresses& out) {
  in.attribute("http", out.http);
  in.attribute("rpc", out.rpc);
  in.attribute("serf", out.serf);
}

void read_logging(BodyReader& in, Config& out) {
  in.attribute("log_level", out.log_level);
  in.attribute("log_json", out.log_json);
  in.attribute("log_file", out.log_file);
  in.attribute("log_rotate_bytes", out.log_rotate_bytes);
  in.attribute("log_rotate_duration", out.log_rotate_duration);
  in.attribute("log_rotate_max_files", out.log_rotate_max_files);
  in.attribute("enable_syslog", out.enable_syslog);
  in.attribute("syslog_facility", out.syslog_facility);
}

void read_top(BodyReader& in, Config& out) {
  in.attribute("region", out.region);
  in.attribute("datacenter", out.datacenter);
  in.attribute("name", out.node_name);
  in.attribute("data_dir", out.data_dir);
  in.attribute("plugin_dir", out.plugin_dir);
  in.attribute("bind_addr", out.bind_addr);
  in.attribute("enable_debug", out.enable_debug);
  in.attribute("leave_on_interrupt", out.leave_on_interrupt);
  in.attribute("leave_on_terminate", out.leave_on_terminate);
  in.attribute("disable_update_check", out.disable_update_check);
  in.attribute("disable_anonymous_signature", out.disable_anonymous_signature);
  in.attribute("compat", out.compat);
  in.map("http_api_response_headers", out.http_api_response_headers);
  in.ignore("interfaces");
  read_logging(in, out);
}

core::json::Raw free_form(BodyReader& in, std::string_view name) {
  auto members = in.free_form(name);
  if (members.empty()) return {};
  return {core::jobspec::to_json(core::jobspec::Value(std::move(members)))};
}

void read_blocks(BodyReader& in, Config& out) {
  in.block("ports", [&](BodyReader& block) { read_ports(block, out.ports); });
  in.block("addresses", [&](BodyReader& block) { read_addresses(block, out.addresses); });
  in.block("advertise", [&](BodyReader& block) { read_addresses(block, out.advertise); });
  in.block("server", [&](BodyReader& block) { read_server(block, out.server); });
  in.block("client", [&](BodyReader& block) { read_client(block, out.client); });
  in.block("telemetry", [&](BodyReader& block) { read_telemetry(block, out.telemetry); });
  in.block("acl", [&](BodyReader& block) { read_acl(block, out.acl); });
  in.block("tls", [&](BodyReader& block) { read_tls(block, out.tls); });
  in.block("consul", [&](BodyReader& block) { read_consul(block, out.consul); });
  in.block("vault", [&](BodyReader& block) { read_vault(block, out.vault); });
  in.block("autopilot", [&](BodyReader& block) { read_autopilot(block, out.autopilot); });
  in.block("limits", [&](BodyReader& block) { read_limits(block, out.limits); });
  in.block("atlas", [&](BodyReader& block) { read_atlas(block, out.atlas); });
  in.block("atlas_rendezvous", [&](BodyReader& block) { read_atlas_rendezvous(block, out.atlas_rendezvous); });
  in.labelled("plugin", [&](const Label& label, BodyReader& block) {
    auto& plugin = out.plugins.emplace_back();
    plugin.name = label.text;
    read_plugin(block, plugin);
  });
  out.sentinel = free_form(in, "sentinel");
  out.audit = free_form(in, "audit");
}

}  // namespace

core::Result<Config> parse(std::string_view text, std::string_view filename) {
  using core::jobspec::Grammar;
  const core::jobspec::Source source{.name = std::string(filename), .text = std::string(text)};
  const auto grammar = core::jobspec::looks_like_json(text) ? Grammar::json_literal() : Grammar::hcl1();
  core::jobspec::Diagnostics diagnostics;
  const auto body = core::jobspec::parse_body(source, grammar, diagnostics);
  if (!diagnostics.ok()) return diagnostics.to_error();
  const core::jobspec::Outside nothing;
  core::jobspec::Evaluator evaluator(source, grammar, diagnostics, nothing);
  const core::jobspec::Scope scope;
  BodyReader in(evaluator, body, scope);
  Config out;
  read_top(in, out);
  read_blocks(in, out);
  in.finish();
  if (!diagnostics.ok()) return diagnostics.to_error();
  return out;
}

}  // namespace agent::config
