// SPDX-License-Identifier: MPL-2.0
// /v1/client/stats and /v1/client/gc: the node as a whole.
#include "agent/http/own_node.h"
#include "agent/http/routes.h"

namespace agent::http {
namespace {

namespace json = core::json;
using client::CpuUse;
using client::DiskUse;
using client::HostUseNow;

void number(json::Writer& w, const char* name, std::uint64_t value) {
  w.key(name);
  w.uint64(value);
}
void percent(json::Writer& w, const char* name, double value) {
  w.key(name);
  w.number(value);
}

void write_memory(json::Writer& w, const client::MemoryUse& memory) {
  w.begin_object();
  number(w, "Total", memory.total);
  number(w, "Available", memory.available);
  number(w, "Used", memory.used);
  number(w, "Free", memory.free);
  w.end_object();
}

void write_cpu(json::Writer& w, const CpuUse& cpu) {
  w.begin_object();
  w.key("CPU");
  w.string(cpu.name);
  percent(w, "User", cpu.user);
  percent(w, "System", cpu.system);
  percent(w, "Idle", cpu.idle);
  percent(w, "Total", cpu.total);
  w.end_object();
}

void write_disk(json::Writer& w, const DiskUse& disk) {
  w.begin_object();
  w.key("Device");
  w.string(disk.device);
  w.key("Mountpoint");
  w.string(disk.mountpoint);
  number(w, "Size", disk.size);
  number(w, "Used", disk.used);
  number(w, "Available", disk.available);
  percent(w, "UsedPercent", disk.used_percent);
  percent(w, "InodesUsedPercent", disk.inodes_percent);
  w.end_object();
}

std::string host_json(const HostUseNow& now, double mhz_total, core::WallTime at) {
  json::Writer w;
  w.begin_object();
  w.key("Memory");
  write_memory(w, now.memory);
  double busy = 0;
  w.key("CPU");
  w.begin_array();
  for (const auto& cpu : now.cpus) {
    write_cpu(w, cpu);
    busy += cpu.total / 100;
  }
  w.end_array();
  w.key("DiskStats");
  w.begin_array();
  for (const auto& disk : now.disks) write_disk(w, disk);
  w.end_array();
  w.key("AllocDirStats");
  write_disk(w, now.alloc_disk);
  w.key("DeviceStats");
  w.null();
  number(w, "Uptime", now.uptime_s);
  w.key("Timestamp");
  w.int64(at.ns);
  percent(w, "CPUTicksConsumed", now.cpus.empty() ? 0 : busy / static_cast<double>(now.cpus.size()) * mhz_total);
  w.end_object();
  return w.take();
}

}  // namespace

void client_stats(const Call& plain) {
  const auto any = plain.for_any_origin();
  if (!begin_client_call(any)) return;
  if (!any.is(net::http::Method::get)) return any.invalid_method();
  with_node(any, [](const Call& call, OwnNode& own) {
    const auto submitted = own.files.submit(
        [host = own.host, root = own.node.alloc_root(), mhz = static_cast<double>(own.node.node().resources.cpu), at = own.loop.wall()]() -> core::Result<std::string> {
          TRY(const auto now, host->look(root));
          return host_json(now, mhz, at);
        },
        [call](core::Result<std::string> answer) { answer.ok() ? call.ok(std::move(*answer)) : call.fail(answer.error()); });
    if (!submitted.ok()) call.fail(submitted.error());
  });
}

void client_gc(const Call& call) {
  if (!begin_client_call(call)) return;
  if (!call.is(net::http::Method::get) && !call.is(net::http::Method::put)) return call.invalid_method();
  with_node(call, [](const Call& c, OwnNode& own) {
    own.node.ask(core::client::CollectAsked{});
    c.ok_empty({});
  });
}

}  // namespace agent::http
