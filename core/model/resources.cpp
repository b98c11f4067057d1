// SPDX-License-Identifier: MPL-2.0
#include "core/model/resources.h"

namespace core::model {
namespace {

constexpr std::int64_t kPortMax = 65535;

}  // namespace

Status decode(json::Value v, Port& out) {
  if (v.kind() == json::Kind::string) {
    out.label = v.string();
    return Unit{};
  }
  if (v.kind() == json::Kind::number) {
    TRY(out.value, v.int64());
    out.label = "static_" + std::to_string(out.value);
  } else {
    if (v.kind() != json::Kind::object) return core::detail::mismatch("a port", v);
    Status status = Unit{};
    Port::fields(out, [&](const char* name, auto& member) {
      const auto found = v.find(name);
      if (!status.ok() || !found.present || found.value.is_null()) return;
      status = core::decode(found.value, member);
      if (!status.ok()) status = within(name, std::move(status).error());
    });
    TRY(status);
  }
  if (out.value < 0 || out.value > kPortMax || out.to < -1 || out.to > kPortMax)
    return Error{Errc::invalid, "port number is not in [0, 65535]"};
  return Unit{};
}

Amount& Amount::operator+=(const Amount& other) {
  cpu += other.cpu;
  memory_mb += other.memory_mb;
  disk_mb += other.disk_mb;
  return *this;
}

Amount& Amount::operator-=(const Amount& other) {
  cpu -= other.cpu;
  memory_mb -= other.memory_mb;
  disk_mb -= other.disk_mb;
  return *this;
}

Amount amount(const Resources& resources) {
  return {.cpu = resources.cpu, .memory_mb = resources.memory_mb, .disk_mb = resources.disk_mb};
}

std::string_view over(const Amount& used, const Amount& capacity) {
  if (used.cpu > capacity.cpu) return "cpu";
  if (used.memory_mb > capacity.memory_mb) return "memory";
  if (used.disk_mb > capacity.disk_mb) return "disk";
  return {};
}

}  // namespace core::model
