// SPDX-License-Identifier: MPL-2.0
#include "core/sched/version.h"

#include <catch2/catch.hpp>

using namespace core::sched;

namespace {

bool allows(const char* constraint, const char* version, VersionRule rule = VersionRule::loose) {
  const auto wanted = VersionConstraint::parse(constraint, rule);
  const auto have = parse_version(version, rule);
  REQUIRE(wanted);
  REQUIRE(have);
  return wanted->allows(*have);
}

// -1, 0 or 1.
int order(const char* a, const char* b) {
  const auto order = parse_version(a, VersionRule::semver)->compare(*parse_version(b, VersionRule::semver));
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

}  // namespace

TEST_CASE("versions compare segment by segment, missing ones being zero", "[sched][version]") {
  CHECK(order("1.2", "1.2.0") == 0);
  CHECK(order("v1.2.3", "1.2.3") == 0);
  CHECK(order("1.10.0", "1.9.9") > 0);
  CHECK(order("2", "1.99.99") > 0);
  CHECK(order("1.2.3.4", "1.2.3") > 0);
  CHECK(order("1.0.0+build1", "1.0.0+build2") == 0);
}

TEST_CASE("pre-releases come before their release, in SemVer's order", "[sched][version]") {
  const char* ascending[] = {"1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
                             "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0"};
  for (std::size_t i = 1; i < std::size(ascending); ++i) {
    CAPTURE(ascending[i]);
    CHECK(order(ascending[i - 1], ascending[i]) < 0);
  }
}

TEST_CASE("all parts of a constraint must hold", "[sched][version]") {
  CHECK(allows(">= 1.2, < 2.0", "1.9.5"));
  CHECK_FALSE(allows(">= 1.2, < 2.0", "2.0.0"));
  CHECK_FALSE(allows(">= 1.2, < 2.0", "1.1.9"));
  CHECK(allows("!= 1.3", "1.4"));
  CHECK(allows("1.4", "1.4.0"));
  CHECK(allows("=1.4", "1.4.0"));
}

TEST_CASE("the pessimistic operator lets only the last written segment grow", "[sched][version]") {
  CHECK(allows("~> 1.2", "1.9"));
  CHECK_FALSE(allows("~> 1.2", "2.0"));
  CHECK_FALSE(allows("~> 1.2", "1.1"));
  CHECK(allows("~> 1.2.3", "1.2.9"));
  CHECK_FALSE(allows("~> 1.2.3", "1.3.0"));
}

TEST_CASE("a loose range has no pre-releases unless it names one of the same release", "[sched][version]") {
  CHECK_FALSE(allows("> 1.0", "1.1.0-beta"));
  CHECK(allows(">= 1.1.0-alpha", "1.1.0-beta"));
  CHECK_FALSE(allows(">= 1.1.0-alpha", "1.2.0-beta"));
  CHECK(allows(">= 1.1.0-alpha", "1.1.0"));
  CHECK(allows("> 1.0", "1.1.0-beta", VersionRule::semver));
}

TEST_CASE("semver wants a hyphen and knows no pessimistic operator", "[sched][version]") {
  CHECK(parse_version("1.2.3beta", VersionRule::loose));
  CHECK_FALSE(parse_version("1.2.3beta", VersionRule::semver));
  CHECK(parse_version("1.2.3-beta", VersionRule::semver));
  CHECK_FALSE(VersionConstraint::parse("~> 1.2", VersionRule::semver));
}

TEST_CASE("what is no version is none", "[sched][version]") {
  for (const auto* text : {"", "v", "one", "1..2", "1.", ".1", "1.2-", "1.2+", "1.2-a..b", "-1", "99999999999999999999999"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_version(text, VersionRule::loose));
  }
  CHECK_FALSE(VersionConstraint::parse(">=", VersionRule::loose));
  CHECK_FALSE(VersionConstraint::parse("1.2,", VersionRule::loose));
}

TEST_CASE("kernel versions of distributions are versions", "[sched][version]") {
  CHECK(parse_version("5.10.0-8-amd64", VersionRule::loose));
  CHECK(allows(">= 5.10.0-1", "5.10.0-8-amd64"));
}
