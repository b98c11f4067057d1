// SPDX-License-Identifier: MPL-2.0
// The stanzas of a job, each read by one function. What the model keeps as JSON for its owner
// (templates, volumes, ...) is collected in the API's names by ApiObject.
#pragma once

#include "core/jobspec/reader.h"
#include "core/model/job.h"

namespace core::jobspec {

// JSON in the API's names, made of what a block says. What it does not say is left out.
class ApiObject {
 public:
  explicit ApiObject(BodyReader& in) : in_(in) {}

  ApiObject& text(std::string_view name, std::string_view api) { return member<std::string>(name, api); }
  ApiObject& whole(std::string_view name, std::string_view api) { return member<std::int64_t>(name, api); }
  ApiObject& boolean(std::string_view name, std::string_view api) { return member<bool>(name, api); }
  ApiObject& list(std::string_view name, std::string_view api) {
    return member<std::vector<std::string>>(name, api);
  }
  ApiObject& duration(std::string_view name, std::string_view api) { return member<Duration>(name, api); }
  ApiObject& map(std::string_view name, std::string_view api);
  ApiObject& free_form(std::string_view name, std::string_view api);
  ApiObject& set(std::string_view api, Value value);
  // A block that becomes an object, and blocks that become a list of objects.
  using Fill = std::function<void(ApiObject& out)>;
  ApiObject& block(std::string_view name, std::string_view api, const Fill& fill);
  ApiObject& blocks(std::string_view name, std::string_view api, const Fill& fill);

  BodyReader& in() { return in_; }
  Value value() && { return Value(std::move(members_)); }

 private:
  template <class T>
  ApiObject& member(std::string_view name, std::string_view api) {
    T read{};
    return in_.attribute(name, read) ? set(api, to_value(read)) : *this;
  }
  static Value to_value(const std::string& v) { return Value(v); }
  static Value to_value(std::int64_t v) { return Value(static_cast<Number>(v)); }
  static Value to_value(bool v) { return Value(v); }
  static Value to_value(Duration v) { return Value(static_cast<Number>(v.count())); }
  static Value to_value(const std::vector<std::string>& v);

  BodyReader& in_;
  Value::Map members_;
};

inline json::Raw raw(const Value& value) { return {to_json(value)}; }
// Adds to a list that is kept as JSON.
void append_raw(json::Raw& list, std::string_view json);
inline void append_raw(json::Raw& list, const Value& item) { append_raw(list, to_json(item)); }
// What Nomad takes where an update block says nothing.
model::UpdateStrategy default_update();

// Placement: constraint, affinity, spread.
void read_constraints(BodyReader& in, std::vector<model::Constraint>& out);
void read_affinities(BodyReader& in, std::vector<model::Affinity>& out);
void read_spreads(BodyReader& in, std::vector<model::Spread>& out);

// Policies. A block changes what `out` holds already.
void read_update(BodyReader& in, model::UpdateStrategy& out);
void read_migrate(BodyReader& in, model::MigrateStrategy& out);
void read_restart(BodyReader& in, model::RestartPolicy& out);
void read_reschedule(BodyReader& in, model::ReschedulePolicy& out);
Value read_vault(BodyReader& in);
Value read_scaling(BodyReader& in, std::string_view type);

// Networks, resources, services, tasks, groups.
void read_network(BodyReader& in, std::vector<model::NetworkResource>& out);
void read_resources(BodyReader& in, model::Resources& out, std::string_view task);
void read_service(BodyReader& in, std::vector<model::Service>& out);
void read_task(BodyReader& in, std::string_view name, model::Task& out);

// What a job says for all its groups.
struct Inherited {
  std::optional<model::UpdateStrategy> update;
  std::optional<model::MigrateStrategy> migrate;
  std::optional<model::ReschedulePolicy> reschedule;
  json::Raw vault;
};
void read_group(BodyReader& in, std::string_view name, const Inherited& inherited, model::TaskGroup& out);
// A task that stands in a job without a group is a group of one.
model::TaskGroup group_of(model::Task task, const Inherited& inherited);
void read_job(BodyReader& in, std::string_view name, model::Job& out);

}  // namespace core::jobspec
