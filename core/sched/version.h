// SPDX-License-Identifier: MPL-2.0
// Version numbers as the `version` and `semver` operands compare them.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core::sched {

// "v1.2.3-beta.1+build": any number of numeric segments, missing ones count as 0; build metadata is
// ignored when comparing.
struct Version {
  std::vector<std::uint64_t> segments;  // at least three
  std::size_t written = 0;              // how many of them the text had
  std::string pre_release;

  std::strong_ordering compare(const Version& other) const;
};

enum class VersionRule {
  loose,  // "1.2.3beta" has a pre-release too; constraints without one never match a pre-release
  semver  // pre-releases need a hyphen and are ordered as SemVer 2 says; no "~>"
};

// Nothing for text that is no version.
std::optional<Version> parse_version(std::string_view text, VersionRule rule);

// ">= 1.2, < 2.0": all parts must hold. "~> 1.2" is at least 1.2, and only its last segment may grow.
class VersionConstraint {
 public:
  // Nothing for text that is no constraint.
  static std::optional<VersionConstraint> parse(std::string_view text, VersionRule rule);
  bool allows(const Version& version) const;

 private:
  enum class Op { equal, not_equal, greater, less, greater_equal, less_equal, pessimistic };
  struct Part {
    Op op;
    Version version;
  };
  bool allows(const Part& part, const Version& version) const;

  VersionRule rule_ = VersionRule::loose;
  std::vector<Part> parts_;
};

}  // namespace core::sched
