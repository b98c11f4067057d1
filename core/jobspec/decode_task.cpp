// SPDX-License-Identifier: MPL-2.0
// task and the stanzas only tasks have.
#include "core/jobspec/decode_parts.h"

namespace core::jobspec {
namespace {

void read_config(BodyReader& in, model::Task& out) {
  for (const auto& [key, value] : in.free_form("config")) out.config.insert_or_assign(key, raw(value));
}

void read_template(BodyReader& in, json::Raw& out) {
  ApiObject object(in);
  object.text("source", "SourcePath").text("destination", "DestPath").text("data", "EmbeddedTmpl");
  object.text("change_mode", "ChangeMode").text("change_signal", "ChangeSignal").duration("splay", "Splay");
  object.text("perms", "Perms").text("left_delimiter", "LeftDelim").text("right_delimiter", "RightDelim");
  object.boolean("env", "Envvars").duration("vault_grace", "VaultGrace");
  append_raw(out, std::move(object).value());
}

void read_artifact(BodyReader& in, json::Raw& out) {
  ApiObject object(in);
  object.text("source", "GetterSource").text("destination", "RelativeDest").text("mode", "GetterMode");
  object.map("options", "GetterOptions").map("headers", "GetterHeaders");
  append_raw(out, std::move(object).value());
}

void read_volume_mount(BodyReader& in, json::Raw& out) {
  ApiObject object(in);
  object.text("volume", "Volume").text("destination", "Destination").boolean("read_only", "ReadOnly");
  object.text("propagation_mode", "PropagationMode");
  append_raw(out, std::move(object).value());
}

void read_stanzas(BodyReader& in, model::Task& out) {
  in.block("restart", [&](BodyReader& block) { read_restart(block, out.restart_policy.emplace()); });
  in.block("logs", [&](BodyReader& block) {
    auto& logs = out.log_config.emplace();
    block.attribute("max_files", logs.max_files);
    block.attribute("max_file_size", logs.max_file_size_mb);
  });
  in.block("lifecycle", [&](BodyReader& block) {
    auto& lifecycle = out.lifecycle.emplace();
    block.attribute("hook", lifecycle.hook);
    block.attribute("sidecar", lifecycle.sidecar);
  });
  in.block("vault", [&](BodyReader& block) { out.vault = raw(read_vault(block)); });
  in.block("dispatch_payload", [&](BodyReader& block) {
    ApiObject object(block);
    object.text("file", "File");
    out.dispatch_payload = raw(std::move(object).value());
  });
  in.block("csi_plugin", [&](BodyReader& block) {
    ApiObject object(block);
    object.text("id", "ID").text("type", "Type").text("mount_dir", "MountDir");
    out.csi_plugin_config = raw(std::move(object).value());
  });
}

}  // namespace

void read_task(BodyReader& in, std::string_view name, model::Task& out) {
  out.name = name;
  in.attribute("name", out.name);
  in.attribute("driver", out.driver);
  in.attribute("user", out.user);
  in.attribute("kill_timeout", out.kill_timeout);
  in.attribute("kill_signal", out.kill_signal);
  in.attribute("shutdown_delay", out.shutdown_delay);
  in.attribute("leader", out.leader);
  in.attribute("kind", out.kind);
  read_config(in, out);
  in.map("env", out.env);
  in.map("meta", out.meta);
  read_constraints(in, out.constraints);
  read_affinities(in, out.affinities);
  in.block(
      "resources", [&](BodyReader& block) { read_resources(block, out.resources.emplace(), out.name); },
      " for task '" + out.name + "'");
  in.blocks("service", [&](BodyReader& block) { read_service(block, out.services); });
  in.blocks("template", [&](BodyReader& block) { read_template(block, out.templates); });
  in.blocks("artifact", [&](BodyReader& block) { read_artifact(block, out.artifacts); });
  in.blocks("volume_mount", [&](BodyReader& block) { read_volume_mount(block, out.volume_mounts); });
  in.labelled("scaling", [&](const Label& label, BodyReader& block) {
    const bool known = label.text == "cpu" || label.text == "mem";
    if (!known)
      block.error(label.range, "Invalid scaling policy name",
                  "The label of a task's scaling block is \"cpu\" or \"mem\".");
    append_raw(out.scaling_policies, read_scaling(block, "vertical_" + label.text));
  });
  read_stanzas(in, out);
}

}  // namespace core::jobspec
