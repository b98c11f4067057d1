// SPDX-License-Identifier: MPL-2.0
// update, migrate, restart, reschedule, vault, scaling.
#include "core/jobspec/decode_parts.h"

namespace core::jobspec {
namespace {

// A bare number of the first job files means seconds, one of later files nanoseconds. A stagger below
// a millisecond is of no use, so small numbers are seconds.
constexpr std::int64_t kSecondsBelow = 1'000'000;

void read_stagger(BodyReader& in, Duration& out) {
  Value value;
  if (!in.attribute("stagger", value)) return;
  std::int64_t seconds = 0;
  if (value.number() != nullptr && assign(value, seconds).ok() && seconds < kSecondsBelow)
    out = std::chrono::seconds(seconds);
  else if (!assign(value, out).ok())
    in.error("stagger", "Unsuitable value type",
             "invalid stagger time '" + to_text(value).value_or("") + "'");
}

}  // namespace

model::UpdateStrategy default_update() {
  return {.stagger = 30s,
          .max_parallel = 1,
          .health_check = "checks",
          .min_healthy_time = 10s,
          .healthy_deadline = 5min,
          .progress_deadline = 10min};
}

void read_update(BodyReader& in, model::UpdateStrategy& out) {
  read_stagger(in, out.stagger);
  in.attribute("max_parallel", out.max_parallel);
  in.attribute("health_check", out.health_check);
  in.attribute("min_healthy_time", out.min_healthy_time);
  in.attribute("healthy_deadline", out.healthy_deadline);
  in.attribute("progress_deadline", out.progress_deadline);
  in.attribute("auto_revert", out.auto_revert);
  in.attribute("auto_promote", out.auto_promote);
  in.attribute("canary", out.canary);
}

void read_migrate(BodyReader& in, model::MigrateStrategy& out) {
  in.attribute("max_parallel", out.max_parallel);
  in.attribute("health_check", out.health_check);
  in.attribute("min_healthy_time", out.min_healthy_time);
  in.attribute("healthy_deadline", out.healthy_deadline);
}

void read_restart(BodyReader& in, model::RestartPolicy& out) {
  in.attribute("attempts", out.attempts);
  in.attribute("interval", out.interval);
  in.attribute("delay", out.delay);
  in.attribute("mode", out.mode);
}

void read_reschedule(BodyReader& in, model::ReschedulePolicy& out) {
  in.attribute("attempts", out.attempts);
  in.attribute("interval", out.interval);
  in.attribute("delay", out.delay);
  in.attribute("delay_function", out.delay_function);
  in.attribute("max_delay", out.max_delay);
  in.attribute("unlimited", out.unlimited);
}

Value read_vault(BodyReader& in) {
  ApiObject out(in);
  out.list("policies", "Policies").text("namespace", "Namespace").boolean("env", "Env");
  out.text("change_mode", "ChangeMode").text("change_signal", "ChangeSignal");
  return std::move(out).value();
}

Value read_scaling(BodyReader& in, std::string_view type) {
  ApiObject out(in);
  out.set("Type", Value(std::string(type)));
  out.text("type", "Type").whole("min", "Min").whole("max", "Max").boolean("enabled", "Enabled");
  out.free_form("policy", "Policy");
  return std::move(out).value();
}

}  // namespace core::jobspec
