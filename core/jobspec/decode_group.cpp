// SPDX-License-Identifier: MPL-2.0
// group.
#include <set>

#include "core/jobspec/decode_parts.h"

namespace core::jobspec {
namespace {

// What the group says of itself changes what the job says for all.
template <class T>
void read_over(BodyReader& in, std::string_view name, const std::optional<T>& inherited,
               std::optional<T>& out, T initial, void (*read)(BodyReader&, T&)) {
  in.block(name, [&](BodyReader& block) { read(block, out.emplace(inherited.value_or(initial))); });
  if (!out) out = inherited;
}

Value read_volume(const Label& label, BodyReader& in) {
  ApiObject out(in);
  out.set("Name", Value(label.text))
      .text("type", "Type")
      .text("source", "Source")
      .boolean("read_only", "ReadOnly");
  out.text("access_mode", "AccessMode")
      .text("attachment_mode", "AttachmentMode")
      .boolean("per_alloc", "PerAlloc");
  out.block("mount_options", "MountOptions",
            [](ApiObject& options) { options.text("fs_type", "FSType").list("mount_flags", "MountFlags"); });
  return std::move(out).value();
}

void read_volumes(BodyReader& in, model::TaskGroup& out) {
  Value::Map volumes;
  in.labelled("volume", [&](const Label& label, BodyReader& block) {
    volumes.insert_or_assign(label.text, read_volume(label, block));
  });
  if (!volumes.empty()) out.volumes = raw(Value(std::move(volumes)));
}

void read_stanzas(BodyReader& in, model::TaskGroup& out) {
  in.block("restart", [&](BodyReader& block) { read_restart(block, out.restart_policy.emplace()); });
  in.block("ephemeral_disk", [&](BodyReader& block) {
    auto& disk = out.ephemeral_disk.emplace();
    block.attribute("sticky", disk.sticky);
    block.attribute("migrate", disk.migrate);
    block.attribute("size", disk.size_mb);
  });
  in.block("network", [&](BodyReader& block) { read_network(block, out.networks); });
  in.blocks("service", [&](BodyReader& block) { read_service(block, out.services); });
  in.block("scaling", [&](BodyReader& block) { out.scaling = raw(read_scaling(block, "horizontal")); });
  in.block("consul", [&](BodyReader& block) {
    ApiObject object(block);
    object.text("namespace", "Namespace");
    out.consul = raw(std::move(object).value());
  });
}

void read_tasks(BodyReader& in, const json::Raw& vault, model::TaskGroup& out) {
  std::set<std::string> names;
  in.labelled("task", [&](const Label& label, BodyReader& block) {
    if (!names.insert(label.text).second)
      block.error(label.range, "Duplicate task", "task '" + label.text + "' defined more than once");
    auto& task = out.tasks.emplace_back();
    read_task(block, label.text, task);
    if (task.vault.text.empty()) task.vault = vault;
  });
}

}  // namespace

void read_group(BodyReader& in, std::string_view name, const Inherited& inherited, model::TaskGroup& out) {
  out.name = name;
  in.attribute("name", out.name);
  in.attribute("count", out.count);
  in.attribute("shutdown_delay", out.shutdown_delay);
  in.attribute("stop_after_client_disconnect", out.stop_after_client_disconnect);
  in.map("meta", out.meta);
  read_constraints(in, out.constraints);
  read_affinities(in, out.affinities);
  read_spreads(in, out.spreads);
  read_over(in, "update", inherited.update, out.update, default_update(), read_update);
  read_over(in, "migrate", inherited.migrate, out.migrate, model::MigrateStrategy{}, read_migrate);
  read_over(in, "reschedule", inherited.reschedule, out.reschedule_policy, model::ReschedulePolicy{},
            read_reschedule);
  read_stanzas(in, out);
  read_volumes(in, out);
  auto vault = inherited.vault;
  in.block("vault", [&](BodyReader& block) { vault = raw(read_vault(block)); });
  read_tasks(in, vault, out);
}

model::TaskGroup group_of(model::Task task, const Inherited& inherited) {
  model::TaskGroup group;
  group.name = task.name;
  group.count = 1;
  group.update = inherited.update;
  group.migrate = inherited.migrate;
  group.reschedule_policy = inherited.reschedule;
  if (task.vault.text.empty()) task.vault = inherited.vault;
  group.tasks.push_back(std::move(task));
  return group;
}

}  // namespace core::jobspec
