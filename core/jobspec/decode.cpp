// SPDX-License-Identifier: MPL-2.0
#include "core/jobspec/decode.h"

#include <set>

#include "core/jobspec/decode_parts.h"
#include "core/jobspec/parser.h"

namespace core::jobspec {

// ---- ApiObject -----------------------------------------------------------------------------------

Value ApiObject::to_value(const std::vector<std::string>& v) {
  Value::List out;
  for (const auto& text : v) out.emplace_back(text);
  return Value(std::move(out));
}

ApiObject& ApiObject::set(std::string_view api, Value value) {
  members_.insert_or_assign(std::string(api), std::move(value));
  return *this;
}

ApiObject& ApiObject::map(std::string_view name, std::string_view api) {
  std::map<std::string, std::string> read;
  in_.map(name, read);
  Value::Map out;
  for (const auto& [key, text] : read) out.emplace(key, Value(text));
  return read.empty() ? *this : set(api, Value(std::move(out)));
}

ApiObject& ApiObject::free_form(std::string_view name, std::string_view api) {
  auto read = in_.free_form(name);
  return read.empty() ? *this : set(api, Value(std::move(read)));
}

ApiObject& ApiObject::block(std::string_view name, std::string_view api, const Fill& fill) {
  in_.block(name, [&](BodyReader& in) {
    ApiObject inner(in);
    fill(inner);
    set(api, std::move(inner).value());
  });
  return *this;
}

ApiObject& ApiObject::blocks(std::string_view name, std::string_view api, const Fill& fill) {
  Value::List out;
  in_.blocks(name, [&](BodyReader& in) {
    ApiObject inner(in);
    fill(inner);
    out.push_back(std::move(inner).value());
  });
  return out.empty() ? *this : set(api, Value(std::move(out)));
}

void append_raw(json::Raw& list, std::string_view item) {
  if (list.text.empty())
    list.text = "[";
  else
    list.text.back() = ',';
  list.text += item;
  list.text += ']';
}

// ---- job -----------------------------------------------------------------------------------------

namespace {

void read_job_stanzas(BodyReader& in, model::Job& out) {
  in.block("periodic", [&](BodyReader& block) {
    ApiObject object(block);
    object.set("Enabled", Value(true)).set("SpecType", Value(std::string("cron")));
    object.boolean("enabled", "Enabled")
        .text("cron", "Spec")
        .boolean("prohibit_overlap", "ProhibitOverlap")
        .text("time_zone", "TimeZone");
    out.periodic = raw(std::move(object).value());
  });
  in.block("parameterized", [&](BodyReader& block) {
    ApiObject object(block);
    object.text("payload", "Payload")
        .list("meta_required", "MetaRequired")
        .list("meta_optional", "MetaOptional");
    out.parameterized = raw(std::move(object).value());
  });
  in.block("multiregion", [&](BodyReader& block) {
    ApiObject object(block);
    object.block("strategy", "Strategy", [](ApiObject& s) {
      s.whole("max_parallel", "MaxParallel").text("on_failure", "OnFailure");
    });
    Value::List regions;
    block.labelled("region", [&](const Label& label, BodyReader& region) {
      ApiObject inner(region);
      inner.set("Name", Value(label.text))
          .whole("count", "Count")
          .list("datacenters", "Datacenters")
          .map("meta", "Meta");
      regions.push_back(std::move(inner).value());
    });
    object.set("Regions", Value(std::move(regions)));
    out.multiregion = raw(std::move(object).value());
  });
}

Inherited read_inherited(BodyReader& in, model::Job& out) {
  Inherited inherited;
  in.block(
      "update",
      [&](BodyReader& block) {
        out.update = default_update();
        read_update(block, out.update);
        inherited.update = out.update;
      },
      " per job");
  in.block("migrate", [&](BodyReader& block) { read_migrate(block, inherited.migrate.emplace()); });
  in.block("reschedule", [&](BodyReader& block) { read_reschedule(block, inherited.reschedule.emplace()); });
  in.block("vault", [&](BodyReader& block) { inherited.vault = raw(read_vault(block)); });
  return inherited;
}

// The API's JSON starts with a member "Job"; HCL as JSON with "job".
bool is_api_job(const Body& file) {
  for (const auto& attribute : file.attributes)
    if (attribute.name == "Job" && attribute.value->as<ObjectExpr>() != nullptr) return true;
  return false;
}

Result<model::Job> api_job(std::string_view text, std::string_view filename) {
  const auto document = json::parse(text);
  if (!document.ok()) return within(filename, document.error());
  auto job = model::job_from_api(document->root().find("Job").value);
  if (!job.ok()) return within(filename, std::move(job).error());
  return job;
}

Grammar grammar_of(std::string_view text, bool hcl1) {
  if (looks_like_json(text)) return hcl1 ? Grammar::json_literal() : Grammar::json_templates();
  return hcl1 ? Grammar::hcl1() : Grammar::hcl2();
}

void read_file(BodyReader& in, const Options& options, std::deque<Source>& sources, Diagnostics& diagnostics,
               model::Job& job) {
  if (!options.hcl1) read_variables(in, options.inputs, sources, diagnostics);
  std::size_t jobs = 0;
  in.labelled("job", [&](const Label& label, BodyReader& block) {
    if (++jobs > 1) {
      (void)block.rest();
      return in.error(label.range, "Duplicate job block", "only one 'job' block allowed");
    }
    read_job(block, label.text, job);
  });
  in.finish();
  if (jobs == 0 && diagnostics.ok()) diagnostics.error("Missing job block", "'job' stanza not found");
}

}  // namespace

void read_job(BodyReader& in, std::string_view name, model::Job& out) {
  out.id.text = out.name = name;
  in.attribute("id", out.id);
  in.attribute("name", out.name);
  in.attribute("namespace", out.ns);
  in.attribute("region", out.region);
  in.attribute("type", out.type);
  in.attribute("priority", out.priority);
  in.attribute("all_at_once", out.all_at_once);
  in.attribute("datacenters", out.datacenters);
  in.attribute("vault_token", out.vault_token);
  in.attribute("consul_token", out.consul_token);
  in.map("meta", out.meta);
  read_constraints(in, out.constraints);
  read_affinities(in, out.affinities);
  read_spreads(in, out.spreads);
  read_job_stanzas(in, out);
  const auto inherited = read_inherited(in, out);
  std::set<std::string> names;
  const auto add = [&](BodyReader& block, const Label& label, model::TaskGroup group) {
    if (!names.insert(group.name).second)
      block.error(label.range, "Duplicate group", "group '" + group.name + "' defined more than once");
    out.groups.push_back(std::move(group));
  };
  in.labelled("task", [&](const Label& label, BodyReader& block) {
    model::Task task;
    read_task(block, label.text, task);
    add(block, label, group_of(std::move(task), inherited));
  });
  in.labelled("group", [&](const Label& label, BodyReader& block) {
    model::TaskGroup group;
    read_group(block, label.text, inherited, group);
    add(block, label, std::move(group));
  });
}

Result<model::Job> parse_job(std::string_view text, std::string_view filename, const Options& options) {
  const Source source{.name = std::string(filename), .text = std::string(text)};
  const auto grammar = grammar_of(text, options.hcl1);
  Diagnostics diagnostics;
  const auto body = parse_body(source, grammar, diagnostics);
  if (grammar.json && is_api_job(body)) return api_job(text, filename);
  if (!diagnostics.ok()) return diagnostics.to_error();
  std::deque<Source> sources;
  Evaluator evaluator(source, grammar, diagnostics, options.outside);
  const Scope scope;
  BodyReader in(evaluator, body, scope);
  model::Job job;
  read_file(in, options, sources, diagnostics, job);
  if (!diagnostics.ok()) return diagnostics.to_error();
  return job;
}

}  // namespace core::jobspec
