// SPDX-License-Identifier: MPL-2.0
#include "tests/unit/core/jobspec/jobs.h"

using core::jobspec::Options;
using namespace test::jobspec;

namespace {

Options flag(std::string name, std::string value) {
  Options options;
  options.inputs.flags.push_back({std::move(name), std::move(value)});
  return options;
}

}  // namespace

TEST_CASE("flags win over files, files over the environment, that over the default", "[jobspec][variables]") {
  const auto head = "variable \"v\" { default = \"default\" }";
  Options options;
  CHECK(evaluated("var.v", head, options) == "default");
  options.inputs.environment.push_back({"v", "environment"});
  options.inputs.environment.push_back({"unknown", "ignored"});
  CHECK(evaluated("var.v", head, options) == "environment");
  options.inputs.files.push_back({"a.hcl", "v = \"first file\"\nunknown = 1"});
  options.inputs.files.push_back({"b.json", R"({"v": "second file"})"});
  CHECK(evaluated("var.v", head, options) == "second file");
  options.inputs.flags.push_back({"v", "flag"});
  CHECK(evaluated("var.v", head, options) == "flag");
}

TEST_CASE("values given as text are literal or an expression, by the variable's type",
          "[jobspec][variables]") {
  CHECK(evaluated("var.v", "variable \"v\" { type = string }", flag("v", "[1]")) == "[1]");
  CHECK(evaluated("var.v", "variable \"v\" {}", flag("v", "a ${b}")) == "a ${b}");
  CHECK(evaluated("join(\"+\", var.v)", "variable \"v\" { type = list(string) }", flag("v", "[\"a\", 2]")) ==
        "a+2");
  CHECK(evaluated("var.v.port + 1",
                  "variable \"v\" {\n type = object({ port = number, host = optional(string) })\n}",
                  flag("v", "{ port = \"80\" }")) == "81");
  CHECK(evaluated("var.v ? 1 : 2", "variable \"v\" { type = bool }", flag("v", "false")) == "2");
}

TEST_CASE("a value of another type is refused where it stands", "[jobspec][variables]") {
  const auto said = refusal("variable \"v\" { type = number }\njob \"j\" {}", flag("v", "x"));
  CHECK(said.find("<value for var.v from arguments>:1,1-2: Invalid value for variable; The value is not of "
                  "the variable's type: a number is required") == 0);
  Options options;
  options.inputs.files.push_back({"vars.hcl", "\nv = [1, \"x\"]"});
  CHECK(refusal("variable \"v\" { type = list(number) }\njob \"j\" {}", options)
            .find("vars.hcl:2,5-13: Invalid value") == 0);
}

TEST_CASE("a variable without a value is an error even if unused", "[jobspec][variables]") {
  CHECK(refusal("variable \"v\" {}\njob \"j\" {}").find("test.nomad:1,10-13: Unset variable \"v\"") == 0);
}

TEST_CASE("an unknown -var is an error", "[jobspec][variables]") {
  CHECK(refusal("job \"j\" {}", flag("nope", "1"))
            .find("Undefined -var variable; A \"nope\" variable was passed") != std::string::npos);
}

TEST_CASE("validation says its message", "[jobspec][variables]") {
  const auto head = R"(variable "v" {
    default = 3
    validation {
      condition = var.v > 5
      error_message = "The number must be above five."
    }
  })";
  CHECK(refusal(std::string(head) + "\njob \"j\" {}")
            .find("test.nomad:2,15-16: Invalid value for variable \"v\"; The number must be above five.") ==
        0);
  CHECK(evaluated("var.v", head, flag("v", "7")) == "7");
}

TEST_CASE("a variables block declares and sets at once", "[jobspec][variables]") {
  CHECK(evaluated("\"${var.a}${var.b}\"", "variables {\n a = 1\n b = \"x\"\n}") == "1x");
}

TEST_CASE("what is no type is refused", "[jobspec][variables]") {
  const auto type = GENERATE("strin", "list(strin)", "map()", "object([])", "tuple(string)", "1");
  CHECK(refusal("variable \"v\" {\n type = " + std::string(type) + "\n default = 1\n}\njob \"j\" {}")
            .find("test.nomad:2,9-") == 0);
}
