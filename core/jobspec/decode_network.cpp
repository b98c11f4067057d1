// SPDX-License-Identifier: MPL-2.0
// network and resources.
#include "core/jobspec/decode_parts.h"

namespace core::jobspec {
namespace {

bool is_port_label(std::string_view label) {
  for (const char c : label)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'))
      return false;
  return !label.empty();
}

std::string upper(std::string text) {
  for (auto& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return text;
}

// Labels become environment variables, so their characters and their case matter.
class Labels {
 public:
  bool add(BodyReader& in, Range range, const std::string& label) {
    if (!is_port_label(label)) {
      in.error(range, "Invalid port label",
               "Port label does not conform to naming requirements ^[a-zA-Z0-9_]+$");
      return false;
    }
    const auto [previous, added] = seen_.emplace(upper(label), label);
    if (!added)
      in.error(
          range, "Duplicate port label",
          "Found a port label collision: `" + label + "` overlaps with previous `" + previous->second + "`");
    return added;
  }

 private:
  std::map<std::string, std::string> seen_;
};

void read_port(const Label& label, BodyReader& in, Labels& labels, model::NetworkResource& out) {
  model::Port port;
  port.label = label.text;
  in.attribute("static", port.value);
  in.attribute("to", port.to);
  in.attribute("host_network", port.host_network);
  if (labels.add(in, label.range, port.label))
    (port.value > 0 ? out.reserved_ports : out.dynamic_ports).push_back(std::move(port));
}

// v0.1: lists of numbers and of labels.
void read_port_lists(BodyReader& in, Labels& labels, model::NetworkResource& out) {
  std::vector<std::int64_t> reserved;
  in.attribute("reserved_ports", reserved);
  for (const auto value : reserved) {
    auto& port = out.reserved_ports.emplace_back();
    port.label = "static_" + std::to_string(value);
    port.value = value;
  }
  std::vector<std::string> dynamic;
  const auto place = in.range_of("dynamic_ports");
  in.attribute("dynamic_ports", dynamic);
  for (const auto& label : dynamic)
    if (labels.add(in, place, label)) out.dynamic_ports.emplace_back().label = label;
}

}  // namespace

void read_network(BodyReader& in, std::vector<model::NetworkResource>& out) {
  auto& network = out.emplace_back();
  in.attribute("mode", network.mode);
  in.attribute("device", network.device);
  in.attribute("cidr", network.cidr);
  in.attribute("ip", network.ip);
  in.attribute("mbits", network.mbits);
  in.block("dns", [&](BodyReader& dns) {
    ApiObject object(dns);
    object.list("servers", "Servers").list("searches", "Searches").list("options", "Options");
    network.dns = raw(std::move(object).value());
  });
  Labels labels;
  in.labelled("port", [&](const Label& label, BodyReader& port) { read_port(label, port, labels, network); });
  read_port_lists(in, labels, network);
}

void read_resources(BodyReader& in, model::Resources& out, std::string_view task) {
  in.attribute("cpu", out.cpu);
  in.attribute("cores", out.cores);
  in.attribute("memory", out.memory_mb);
  in.attribute("memory_max", out.memory_max_mb);
  in.attribute("disk", out.disk_mb);
  in.attribute("iops", out.iops);
  in.block(
      "network", [&](BodyReader& network) { read_network(network, out.networks); },
      " for task '" + std::string(task) + "'");
  in.labelled("device", [&](const Label& label, BodyReader& device) {
    ApiObject object(device);
    object.set("Name", Value(label.text)).text("name", "Name").whole("count", "Count");
    std::vector<model::Constraint> constraints;
    std::vector<model::Affinity> affinities;
    read_constraints(device, constraints);
    read_affinities(device, affinities);
    json::Writer writer;
    writer.begin_object();
    const auto members = std::move(object).value();
    for (const auto& [name, value] : *members.map()) {
      writer.key(name);
      encode(writer, value);
    }
    writer.key("Constraints");
    core::encode(writer, constraints);
    writer.key("Affinities");
    core::encode(writer, affinities);
    writer.end_object();
    append_raw(out.devices, writer.take());
  });
}

}  // namespace core::jobspec
