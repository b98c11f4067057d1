// SPDX-License-Identifier: MPL-2.0
// A client machine as the servers know it: who it is, what it offers, whether work may go there.
// The field list is what events carry; encode_api() adds the forms that API clients of both
// generations read.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/fields.h"
#include "core/model/resources.h"
#include "core/model/shape.h"
#include "core/model/shared.h"
#include "core/model/string_map.h"

namespace core::model {

enum class NodeStatus { initializing, ready, down };
constexpr std::array<std::string_view, 3> words(NodeStatus) { return {"initializing", "ready", "down"}; }
enum class Eligibility { eligible, ineligible };
constexpr std::array<std::string_view, 2> words(Eligibility) { return {"eligible", "ineligible"}; }

struct DriverInfo {
  std::map<std::string, std::string> attributes;
  bool detected = false, healthy = false;
  std::string health_description;
  Timestamp update_time;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Attributes", self.attributes);
    visit("Detected", self.detected);
    visit("Healthy", self.healthy);
    visit("HealthDescription", self.health_description);
    visit("UpdateTime", self.update_time);
  }
  friend bool operator==(const DriverInfo& a, const DriverInfo& b) { return same_fields(a, b); }
};

using Drivers = std::map<std::string, DriverInfo>;

struct NodeEvent {
  std::string message, subsystem;
  std::map<std::string, std::string> details;
  Timestamp timestamp;
  Index create_index;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Message", self.message);
    visit("Subsystem", self.subsystem);
    visit("Details", self.details);
    visit("Timestamp", self.timestamp);
    visit("CreateIndex", self.create_index);
  }
};
inline constexpr std::size_t kNodeEventsKept = 10;

struct DrainStrategy {
  Duration deadline{};  // > 0: time allowed; 0: no deadline; < 0: at once
  bool ignore_system_jobs = false;
  Timestamp force_deadline, started_at;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Deadline", self.deadline);
    visit("IgnoreSystemJobs", self.ignore_system_jobs);
    visit("ForceDeadline", self.force_deadline);
    visit("StartedAt", self.started_at);
  }
};

struct Node {
  NodeId id;
  std::string secret_id;  // shared by a client and the servers only; never in an answer
  std::string datacenter, name, http_addr, node_class;
  StringMap attributes, meta, links;
  Resources resources;                // the whole machine
  Resources reserved;                 // what is not for tasks; networks hold reserved ports
  Shared<Drivers> drivers;
  std::string computed_class;         // equal for nodes that every non-unique constraint sees alike
  Eligibility eligibility = Eligibility::eligible;
  std::optional<DrainStrategy> drain;
  NodeStatus status = NodeStatus::initializing;
  std::string status_description;
  WallTime status_updated_at;
  std::vector<Shared<NodeEvent>> events;  // newest kNodeEventsKept
  Index create_index, modify_index;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("ID", self.id);
    visit("SecretID", self.secret_id);
    visit("Datacenter", self.datacenter);
    visit("Name", self.name);
    visit("HTTPAddr", self.http_addr);
    visit("NodeClass", self.node_class);
    visit("Attributes", self.attributes);
    visit("Meta", self.meta);
    visit("Links", self.links);
    visit("Resources", self.resources);
    visit("Reserved", self.reserved);
    visit("Drivers", self.drivers);
    visit("ComputedClass", self.computed_class);
    visit("SchedulingEligibility", self.eligibility);
    visit("DrainStrategy", self.drain);
    visit("Status", self.status);
    visit("StatusDescription", self.status_description);
    visit("StatusUpdatedAt", self.status_updated_at);
    visit("Events", self.events);
    visit("CreateIndex", self.create_index);
    visit("ModifyIndex", self.modify_index);
  }
  // May new work be placed here?
  bool takes_work() const {
    return status == NodeStatus::ready && eligibility == Eligibility::eligible && !drain;
  }
  // Must the work here move elsewhere? Nomad's "tainted".
  bool tainted() const { return status == NodeStatus::down || drain.has_value(); }
};
using NodePtr = std::shared_ptr<const Node>;

// Capacity for tasks: resources less reserved.
Amount capacity(const Node& node);
// "v1:<digest>" over datacenter, class, drivers and every attribute and meta entry whose key does not
// start with "unique."
std::string compute_class(const Node& node);
// Why the registration is refused, if it is (Nomad's texts).
Status validate(const Node& node);
// The API's Node object and its list stub, as JSON text. SecretID is always "".
std::string node_to_api(const Node& node, Shape shape = Shape::current);
// `with_resources` adds NodeResources and ReservedResources, as ?resources=true asks.
std::string node_stub_to_api(const Node& node, bool with_resources = false);

}  // namespace core::model
