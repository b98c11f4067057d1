// SPDX-License-Identifier: MPL-2.0
#include "cli/args.h"

#include <catch2/catch.hpp>

using cli::Flags;

namespace {

struct Given {
  bool dev = false;
  std::string data_dir;
  std::vector<std::string> meta;
  std::int64_t expect = 0;
  core::Result<std::vector<std::string>> words = std::vector<std::string>{};
};

Given parse(const std::vector<std::string>& arguments) {
  Given given;
  Flags flags;
  flags.boolean("dev", given.dev).text("data-dir", given.data_dir).list("meta", given.meta).number("expect", given.expect);
  given.words = flags.parse(arguments);
  return given;
}

}  // namespace

TEST_CASE("one dash or two, '=' or a space: all spell the same flag", "[cli]") {
  const auto arguments = GENERATE(as<std::vector<std::string>>{}, std::vector<std::string>{"-data-dir=/x"}, std::vector<std::string>{"--data-dir=/x"},
                                  std::vector<std::string>{"-data-dir", "/x"}, std::vector<std::string>{"--data-dir", "/x"});
  const auto given = parse(arguments);
  REQUIRE(given.words.ok());
  CHECK(given.data_dir == "/x");
}

TEST_CASE("a boolean takes a value only behind '='", "[cli]") {
  CHECK(parse({"-dev"}).dev);
  CHECK(!parse({"-dev=false"}).dev);
  const auto given = parse({"-dev", "false"});
  CHECK(given.dev);
  CHECK(*given.words == std::vector<std::string>{"false"});
}

TEST_CASE("parsing stops at the first word that is no flag", "[cli]") {
  const auto given = parse({"-meta", "a=b", "job", "-dev"});
  CHECK(!given.dev);
  CHECK(*given.words == std::vector<std::string>{"job", "-dev"});
  CHECK(*parse({"--", "-dev"}).words == std::vector<std::string>{"-dev"});
}

TEST_CASE("a repeated flag collects its values", "[cli]") {
  CHECK(parse({"-meta", "a=1", "-meta=b=2"}).meta == std::vector<std::string>{"a=1", "b=2"});
}

TEST_CASE("wrong flags are refused in the words of Go's flag package", "[cli]") {
  CHECK(parse({"-nope"}).words.error().detail == "flag provided but not defined: -nope");
  CHECK(parse({"-nope=3"}).words.error().detail == "flag provided but not defined: -nope");
  CHECK(parse({"-data-dir"}).words.error().detail == "flag needs an argument: -data-dir");
  CHECK(parse({"-expect=x"}).words.error().detail == "invalid value \"x\" for flag -expect: parse error");
  CHECK(parse({"-dev=perhaps"}).words.error().detail == "invalid boolean value \"perhaps\" for -dev: parse error");
}

TEST_CASE("a flag is not taken for a longer one that it begins", "[cli]") {
  CHECK(parse({"-data", "/x"}).words.error().detail == "flag provided but not defined: -data");
}
