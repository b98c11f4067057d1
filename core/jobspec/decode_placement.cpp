// SPDX-License-Identifier: MPL-2.0
// constraint, affinity, spread.
#include "core/jobspec/decode_parts.h"

namespace core::jobspec {
namespace {

// `version = ">= 1.2"` stands for operator and value.
constexpr std::string_view kShorthands[] = {"version",      "semver",           "regexp",
                                            "set_contains", "set_contains_all", "set_contains_any"};

template <class T>
void read_shorthands(BodyReader& in, T& out) {
  for (const auto name : kShorthands)
    if (in.attribute(name, out.rtarget)) out.operand = name;
}

std::optional<model::Constraint> read_constraint(BodyReader& in) {
  model::Constraint c;
  in.attribute("attribute", c.ltarget);
  in.attribute("value", c.rtarget);
  in.attribute("operator", c.operand);
  read_shorthands(in, c);
  if (in.attribute("distinct_property", c.ltarget)) c.operand = "distinct_property";
  for (const std::string_view name : {"is_set", "is_not_set"}) {
    bool wanted = false;
    if (in.attribute(name, wanted) && wanted) c.operand = name;
  }
  bool distinct_hosts = true, hard = true;
  if (in.attribute("distinct_hosts", distinct_hosts)) {
    c.operand = "distinct_hosts";
    c.rtarget = "true";
  }
  // The first releases never enforced a constraint with hard = false.
  in.attribute("hard", hard);
  in.ignore("weight");
  return distinct_hosts && hard ? std::optional(c) : std::nullopt;
}

}  // namespace

void read_constraints(BodyReader& in, std::vector<model::Constraint>& out) {
  in.blocks("constraint", [&](BodyReader& block) {
    if (auto constraint = read_constraint(block)) out.push_back(std::move(*constraint));
  });
}

void read_affinities(BodyReader& in, std::vector<model::Affinity>& out) {
  in.blocks("affinity", [&](BodyReader& block) {
    auto& affinity = out.emplace_back();
    block.attribute("attribute", affinity.ltarget);
    block.attribute("value", affinity.rtarget);
    block.attribute("operator", affinity.operand);
    block.attribute("weight", affinity.weight);
    read_shorthands(block, affinity);
  });
}

void read_spreads(BodyReader& in, std::vector<model::Spread>& out) {
  in.blocks("spread", [&](BodyReader& block) {
    auto& spread = out.emplace_back();
    block.attribute("attribute", spread.attribute);
    block.attribute("weight", spread.weight);
    block.labelled("target", [&](const Label& label, BodyReader& target) {
      auto& added = spread.targets.emplace_back();
      added.value = label.text;
      target.attribute("value", added.value);
      target.attribute("percent", added.percent);
    });
  });
}

}  // namespace core::jobspec
