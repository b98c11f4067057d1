// SPDX-License-Identifier: MPL-2.0
// The nodes of one view as arrays, so that every node can be looked at for every placement. Built once
// and used for many evaluations: while a batch is scheduled over a view that plans are laid over, the
// fleet is told which plan came to it and looks again at the nodes it touched.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/model/plan.h"
#include "core/model/view.h"
#include "core/sched/ports.h"

namespace core::sched {

using HostIndex = std::uint32_t;

struct Host {
  model::NodePtr node;
  model::Amount capacity, used;
  std::uint32_t computed_class;  // into Fleet::classes(), as the next two are into their lists
  std::uint32_t node_class;
  std::uint32_t datacenter;
  bool takes_work;
};

class Fleet {
 public:
  // `view` must outlive the fleet; only its allocations may change meanwhile.
  explicit Fleet(const model::StateView& view);

  // The plan became part of the view.
  void refresh(const model::Plan& plan);

  const model::StateView& view() const { return view_; }
  const std::vector<Host>& hosts() const { return hosts_; }  // in id order
  std::optional<HostIndex> find(const NodeId& id) const;
  // Computed classes; each node without one is a class of its own, whose name is empty.
  const std::vector<std::string>& classes() const { return classes_.names; }
  const std::vector<std::string>& node_classes() const { return node_classes_.names; }
  const std::vector<std::string>& datacenters() const { return datacenters_.names; }

  // Ports and bandwidth of a host with all that runs there.
  PortIndex ports(HostIndex host) const;

 private:
  struct Names {  // text as small numbers
    std::vector<std::string> names;
    std::map<std::string, std::uint32_t, std::less<>> index;
    std::uint32_t intern(const std::string& name);
  };
  std::uint32_t computed_class(const model::Node& node);
  void refresh(const NodeId& node);

  const model::StateView& view_;
  std::vector<Host> hosts_;
  Names classes_, node_classes_, datacenters_;
};

}  // namespace core::sched
