// SPDX-License-Identifier: MPL-2.0
#include "tests/unit/core/jobspec/jobs.h"

using namespace test::jobspec;

namespace {

struct Example {
  const char* text;
  const char* message;
};

bool mentions(const std::string& said, std::string_view what) { return said.find(what) != std::string::npos; }

}  // namespace

TEST_CASE("an error shows file, line, columns, and the line with a caret", "[jobspec][diagnostics]") {
  CHECK(refusal("job \"j\" {\n\tgroup \"g\" {\n\t\tcuont = 1\n\t}\n}") ==
        "test.nomad:3,3-8: Unsupported argument; An argument named \"cuont\" is not expected here. Did you "
        "mean \"count\"?\n"
        "  3 | \t\tcuont = 1\n"
        "    | \t\t^^^^^");
}

TEST_CASE("columns count characters", "[jobspec][diagnostics]") {
  CHECK(mentions(refusal("job \"j\" { name = \"\xC3\xA9\" foo = 1 }"),
                 "test.nomad:1,22-25: Unsupported argument"));
}

TEST_CASE("several errors are reported at once, in order", "[jobspec][diagnostics]") {
  const auto syntax = refusal("job \"j\" {\n a = ;\n b = ]\n c = 1\n}\n");
  CHECK(mentions(syntax, "test.nomad:2,6-7: Invalid token"));
  CHECK(mentions(syntax, "test.nomad:3,6-7: Invalid expression"));
  const auto schema = refusal("job \"j\" {\n priority = \"x\"\n wrong = 1\n group \"g\" {\n bogus {}\n }\n}");
  CHECK(
      mentions(schema, "test.nomad:2,13-16: Unsuitable value type; Unsuitable value: a number is required"));
  CHECK(mentions(schema, "test.nomad:3,2-7: Unsupported argument"));
  CHECK(mentions(
      schema, "test.nomad:5,2-7: Unsupported block type; Blocks of type \"bogus\" are not expected here."));
}

TEST_CASE("no more than twenty errors are shown, the rest counted", "[jobspec][diagnostics]") {
  std::string text = "job \"j\" {\n";
  for (int i = 0; i < 50; ++i) text += "bad" + std::to_string(i) + " = 1\n";
  const auto said = refusal(text + "}");
  CHECK(mentions(said, "\"bad19\""));
  CHECK(!mentions(said, "\"bad20\""));
  CHECK(mentions(said, "... and 30 more errors"));
}

TEST_CASE("what is wrong is said where it is", "[jobspec][diagnostics]") {
  const auto example = GENERATE(
      Example{"", "'job' stanza not found"},
      Example{"job {}",
              "test.nomad:1,1-4: Missing name for job; All job blocks must have a label with a name."},
      Example{"job \"a\" \"b\" {}", "test.nomad:1,9-12: Extraneous label for job"},
      Example{"job \"a\" {}\njob \"b\" {}",
              "test.nomad:2,5-8: Duplicate job block; only one 'job' block allowed"},
      Example{"job \"a\" {", "Unclosed configuration block"},
      Example{"job \"a\" {}\n}", "test.nomad:2,1-2: Argument or block definition required"},
      Example{"job \"a\" = {}", "Invalid block definition"},
      Example{"job \"a\" {\n name = \"x\n}", "test.nomad:2,9-11: Unterminated template string"},
      Example{"job \"a\" {\n name = \"${x\"\n}", "Unterminated template string"},
      Example{"job \"a\" {\n name = <<E\nx\n}", "The heredoc is not closed"},
      Example{"job \"a\" {\n name = <<\nx\n}", "A heredoc needs a marker"},
      Example{"/* job", "Unterminated comment"},
      Example{"job \"a\" { priority = 10MB }", "A number may not be followed by letters"},
      Example{"job \"a\" { name = \"${attr.x y}\" }", "Extra characters after interpolation expression"},
      Example{"job \"a\" { name = \"%{ if true }\" }", "Unclosed template directive"},
      Example{"job \"a\" { name = \"%{ endif }\" }", "Unexpected template directive"},
      Example{"job \"a\" { name = \"%{ what }\" }", "Invalid template directive"},
      Example{"job \"a\" { name = (1 }", "Unbalanced parentheses"},
      Example{"job \"a\" { name = [1 2] }", "Missing item separator"},
      Example{"job \"a\" { name = {a = 1 b = 2} }", "Missing attribute separator"},
      Example{"job \"a\" { name = true ? 1 }", "Missing false expression"},
      Example{"job \"a\" { name = ; }", "test.nomad:1,18-19: Invalid token"},
      Example{"job \"a\" {\n name = \"x\"\n name = \"y\"\n}", "test.nomad:3,2-6: Attribute redefined"},
      Example{"job \"a\" {\n update {}\n update {}\n}", "only one 'update' block allowed per job"},
      Example{"job \"a\" {\n group \"g\" {}\n group \"g\" {}\n}",
              "test.nomad:3,8-11: Duplicate group; group 'g' defined more than once"},
      Example{"job \"a\" {\n priority { }\n}", "Argument definition required"},
      Example{"job \"a\" {\n update = 7\n}", "test.nomad:2,2-8: Unsupported argument"},
      Example{"job \"a\" {\n group \"g\" { count = 1.5 }\n}", "a whole number is required"},
      Example{"job \"a\" {\n group \"g\" { shutdown_delay = \"xx\" }\n}",
              "Unsuitable duration value: time: invalid duration \"xx\""},
      Example{"job \"a\" {\n datacenters = [[1]]\n}", "string required"},
      Example{"job \"a\" {\n group \"g\" {\n network {\n port \"a-b\" {}\n}\n}\n}",
              "Port label does not conform to naming requirements ^[a-zA-Z0-9_]+$"},
      Example{"job \"a\" {\n group \"g\" {\n network {\n port \"ab\" {}\n port \"AB\" {}\n}\n}\n}",
              "Found a port label collision: `AB` overlaps with previous `ab`"},
      Example{"foo = 1\njob \"a\" {}", "test.nomad:1,1-4: Unsupported argument"},
      Example{"job \"a\" {\n dynamic \"group\" { for_each = 1\n content {} }\n}",
              "Invalid dynamic for_each value"},
      Example{"job \"a\" {\n dynamic \"group\" { for_each = [1] }\n}", "Missing content block"},
      Example{"job \"a\" {\n dynamic \"group\" {\n for_each = [1]\n content {}\n}\n}",
              "Invalid dynamic block labels"},
      Example{"{\"job\": {\"a\": {}},}", "Trailing comma in object"},
      Example{"{\"job\": {\"a\": {\"x\": [1,]}}}", "Trailing comma in array"},
      Example{"{\"job\": {\"a\": {\"datacenters\" [1]}}}", "Missing property value colon"},
      Example{"{\"job\": {\"a\": {}}} x", "Extraneous data after value"},
      Example{"{\"job\": {\"a\": {\"nope\": 1}}}", "test.nomad:1,16-22: Unsupported argument"});
  CAPTURE(example.text);
  const auto said = refusal(example.text);
  CAPTURE(said);
  CHECK(mentions(said, example.message));
}
