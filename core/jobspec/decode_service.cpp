// SPDX-License-Identifier: MPL-2.0
// service with its checks and its connect stanza.
#include "core/jobspec/decode_parts.h"

namespace core::jobspec {
namespace {

json::Raw read_check_restart(BodyReader& in) {
  json::Raw out;
  in.block("check_restart", [&](BodyReader& block) {
    ApiObject object(block);
    object.whole("limit", "Limit").duration("grace", "Grace").boolean("ignore_warnings", "IgnoreWarnings");
    out = raw(std::move(object).value());
  });
  return out;
}

// A header has one value or several: {s: [s]}.
json::Raw read_header(BodyReader& in) {
  Value::Map header;
  for (auto& [name, value] : in.free_form("header"))
    header.emplace(name, value.list() != nullptr ? value : Value(Value::List{value}));
  return header.empty() ? json::Raw{} : raw(Value(std::move(header)));
}

void read_check(BodyReader& in, model::ServiceCheck& out) {
  in.attribute("name", out.name);
  in.attribute("type", out.type);
  in.attribute("command", out.command);
  in.attribute("args", out.args);
  in.attribute("path", out.path);
  in.attribute("protocol", out.protocol);
  in.attribute("port", out.port_label);
  in.attribute("method", out.method);
  in.attribute("body", out.body);
  in.attribute("address_mode", out.address_mode);
  in.attribute("initial_status", out.initial_status);
  in.attribute("interval", out.interval);
  in.attribute("timeout", out.timeout);
  in.attribute("tls_skip_verify", out.tls_skip_verify);
  in.attribute("grpc_service", out.grpc_service);
  in.attribute("grpc_use_tls", out.grpc_use_tls);
  in.attribute("task", out.task_name);
  in.attribute("expose", out.expose);
  in.attribute("success_before_passing", out.success_before_passing);
  in.attribute("failures_before_critical", out.failures_before_critical);
  in.attribute("on_update", out.on_update);
  out.header = read_header(in);
  out.check_restart = read_check_restart(in);
}

void read_upstream(ApiObject& out) {
  out.text("destination_name", "DestinationName").whole("local_bind_port", "LocalBindPort");
  out.text("datacenter", "Datacenter").text("local_bind_address", "LocalBindAddress");
  out.block("mesh_gateway", "MeshGateway", [](ApiObject& gateway) { gateway.text("mode", "Mode"); });
}

void read_expose_path(ApiObject& out) {
  out.text("path", "Path")
      .text("protocol", "Protocol")
      .whole("local_path_port", "LocalPathPort")
      .text("listener_port", "ListenerPort");
}

void read_proxy(ApiObject& out) {
  out.text("local_service_address", "LocalServiceAddress").whole("local_service_port", "LocalServicePort");
  out.blocks("upstreams", "Upstreams", read_upstream);
  out.block("expose", "ExposeConfig",
            [](ApiObject& expose) { expose.blocks("path", "Path", read_expose_path); });
  out.free_form("config", "Config");
}

void read_sidecar_service(ApiObject& out) {
  out.list("tags", "Tags")
      .text("port", "Port")
      .boolean("disable_default_tcp_check", "DisableDefaultTCPCheck");
  out.block("proxy", "Proxy", read_proxy);
}

void read_sidecar_task(ApiObject& out) {
  out.text("name", "Name").text("driver", "Driver").text("user", "User");
  out.free_form("config", "Config").map("env", "Env").map("meta", "Meta");
  out.duration("kill_timeout", "KillTimeout")
      .duration("shutdown_delay", "ShutdownDelay")
      .text("kill_signal", "KillSignal");
  out.block("logs", "LogConfig", [](ApiObject& logs) {
    logs.whole("max_files", "MaxFiles").whole("max_file_size", "MaxFileSizeMB");
  });
  out.in().block("resources", [&](BodyReader& block) {
    model::Resources resources;
    read_resources(block, resources, "connect sidecar");
    const auto parsed = json::parse(core::to_json(resources));
    ASSERT(parsed.ok());
    out.set("Resources", from_json(parsed->root()));
  });
}

void read_gateway_proxy(ApiObject& out) {
  out.duration("connect_timeout", "ConnectTimeout")
      .boolean("envoy_gateway_bind_tagged_addresses", "EnvoyGatewayBindTaggedAddresses");
  out.boolean("envoy_gateway_no_default_bind", "EnvoyGatewayNoDefaultBind")
      .text("envoy_dns_discovery_type", "EnvoyDNSDiscoveryType");
  out.free_form("config", "Config");
  Value::Map addresses;
  out.in().labelled("envoy_gateway_bind_addresses", [&](const Label& label, BodyReader& block) {
    ApiObject address(block);
    address.text("address", "Address").whole("port", "Port");
    addresses.insert_or_assign(label.text, std::move(address).value());
  });
  if (!addresses.empty()) out.set("EnvoyGatewayBindAddresses", Value(std::move(addresses)));
}

void read_ingress(ApiObject& out) {
  out.block("tls", "TLS", [](ApiObject& tls) { tls.boolean("enabled", "Enabled"); });
  out.blocks("listener", "Listeners", [](ApiObject& listener) {
    listener.whole("port", "Port").text("protocol", "Protocol");
    listener.blocks("service", "Services",
                    [](ApiObject& service) { service.text("name", "Name").list("hosts", "Hosts"); });
  });
}

void read_linked_service(ApiObject& out) {
  out.text("name", "Name")
      .text("ca_file", "CAFile")
      .text("cert_file", "CertFile")
      .text("key_file", "KeyFile")
      .text("sni", "SNI");
}

void read_gateway(ApiObject& out) {
  out.block("proxy", "Proxy", read_gateway_proxy);
  out.block("ingress", "Ingress", read_ingress);
  out.block("terminating", "Terminating",
            [](ApiObject& terminating) { terminating.blocks("service", "Services", read_linked_service); });
  out.block("mesh", "Mesh", [](ApiObject&) {});
}

}  // namespace

void read_service(BodyReader& in, std::vector<model::Service>& out) {
  auto& service = out.emplace_back();
  in.attribute("name", service.name);
  in.attribute("port", service.port_label);
  in.attribute("tags", service.tags);
  in.attribute("canary_tags", service.canary_tags);
  in.attribute("address_mode", service.address_mode);
  in.attribute("provider", service.provider);
  in.attribute("task", service.task_name);
  in.attribute("on_update", service.on_update);
  in.attribute("enable_tag_override", service.enable_tag_override);
  in.ignore("id");
  in.map("meta", service.meta);
  in.map("canary_meta", service.canary_meta);
  in.blocks("check", [&](BodyReader& check) { read_check(check, service.checks.emplace_back()); });
  const auto restart = read_check_restart(in);
  for (auto& check : service.checks)
    if (check.check_restart.text.empty()) check.check_restart = restart;
  in.block("connect", [&](BodyReader& connect) {
    ApiObject object(connect);
    object.boolean("native", "Native");
    object.block("sidecar_service", "SidecarService", read_sidecar_service);
    object.block("sidecar_task", "SidecarTask", read_sidecar_task);
    object.block("gateway", "Gateway", read_gateway);
    service.connect = raw(std::move(object).value());
  });
}

}  // namespace core::jobspec
