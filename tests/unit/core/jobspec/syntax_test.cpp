// SPDX-License-Identifier: MPL-2.0
#include "tests/unit/core/jobspec/jobs.h"

using namespace test::jobspec;

TEST_CASE("comments of all three kinds are blanks", "[jobspec][lexer]") {
  const auto job = parsed(
      "# one\n// two\n/* three\n * lines */ job /* here */ \"j\" { # end\n type = \"batch\" // tail\n}");
  CHECK(job.type == "batch");
}

TEST_CASE("items may share a line, keys and types may be quoted, commas may trail", "[jobspec][parser]") {
  const auto job = parsed(
      R"("job" "j" { priority = 70 type = "batch" datacenters = ["a", "b",] meta { "a-b.c" = "1" x.y = 2 } })");
  CHECK(job.priority == 70);
  CHECK(job.datacenters.size() == 2);
  CHECK(job.meta == std::map<std::string, std::string>{{"a-b.c", "1"}, {"x.y", "2"}});
}

TEST_CASE("labels may be bare words", "[jobspec][parser]") {
  CHECK(parsed("job my-job.v2 {}").id.text == "my-job.v2");
}

TEST_CASE("a block may be assigned", "[jobspec][parser]") {
  const auto task = task_with("resources = { cpu = 7 \n memory = 8 }\n env = { A = 1, B = true }");
  CHECK(task.resources->cpu == 7);
  CHECK(task.resources->memory_mb == 8);
  CHECK(task.env == std::map<std::string, std::string>{{"A", "1"}, {"B", "true"}});
}

TEST_CASE("repeated map blocks are merged", "[jobspec][decode]") {
  CHECK(task_with("env { A = 1 }\n env { B = 2 }").env.size() == 2);
}

TEST_CASE("keys match whatever their case", "[jobspec][decode]") {
  CHECK(parsed("job \"j\" { ALL_AT_ONCE = true\n Region = \"eu\" }").region == "eu");
}

TEST_CASE("blocks in a driver's config are lists of maps, assigned objects are maps", "[jobspec][decode]") {
  const auto task = task_with(R"(config {
    image = "x"
    port_map { db = 6379 }
    port_map { http = 80 }
    labels = { a = "b" }
    mount "volume" { target = "/t" }
    deep { er { n = 1.5 } }
    args = ["-v", 3, true]
  })");
  CHECK(task.config.at("port_map").text == R"([{"db":6379},{"http":80}])");
  CHECK(task.config.at("labels").text == R"({"a":"b"})");
  CHECK(task.config.at("mount").text == R"([{"volume":[{"target":"/t"}]}])");
  CHECK(task.config.at("deep").text == R"([{"er":[{"n":1.5}]}])");
  CHECK(task.config.at("args").text == R"(["-v",3,true])");
}

TEST_CASE("heredocs keep their lines", "[jobspec][lexer]") {
  CHECK(evaluated("<<EOT\n  a\n b \"q\" \\n\nEOT\n") == "  a\n b \"q\" \\n\n");
  CHECK(evaluated("<<EOT\na\n   EOT\n") == "a\n");
  CHECK(evaluated("<<-EOT\n    a\n\n      ${upper(\"b\")}\n    EOT\n") == "a\n\n  B\n");
  CHECK(evaluated("<<EOT\nEOT\n").empty());
  CHECK(evaluated("upper(<<EOT\nx\nEOT\n)") == "X\n");
}

TEST_CASE("HCL1 heredocs end at a line that begins with the marker", "[jobspec][lexer]") {
  core::jobspec::Options options;
  options.hcl1 = true;
  CHECK(task_with("config { args = [<<A\nx\nA, <<-B\n   y\n   B\n] }", options).config.at("args").text ==
        R"(["x\n","y\n"])");
}

TEST_CASE("escapes are resolved, unknown ones kept", "[jobspec][lexer]") {
  CHECK(evaluated(R"("a\n\t\"\\\u00e9\U0001F600")") == "a\n\t\"\\\xC3\xA9\xF0\x9F\x98\x80");
  CHECK(evaluated(R"("\d+\.")") == "\\d+\\.");
  CHECK(evaluated(R"("$${x} %%{y}")") == "${x} %{y}");
}

TEST_CASE("numbers", "[jobspec][lexer]") {
  CHECK(evaluated("1.5e3") == "1500");
  CHECK(evaluated("-3") == "-3");
  CHECK(evaluated("9223372036854775807") == "9223372036854775807");
  core::jobspec::Options hcl1;
  hcl1.hcl1 = true;
  CHECK(evaluated("010", "", hcl1) == "8");
  CHECK(evaluated("0x10", "", hcl1) == "16");
  CHECK(evaluated("-0.5", "", hcl1) == "-0.5");
}

TEST_CASE("HCL1 has no expressions, and its interpolations are text", "[jobspec][hcl1]") {
  core::jobspec::Options hcl1;
  hcl1.hcl1 = true;
  CHECK(evaluated(R"("${upper("x")} $${y} \"${a "b" {c}}")", "", hcl1) ==
        R"(${upper("x")} $${y} "${a "b" {c}})");
  CHECK(refusal("job \"j\" { priority = 1 + 2 }", hcl1).find("test.nomad:1,24-25") == 0);
  CHECK(refusal("job \"j\" { priority = foo }", hcl1).find("Invalid expression") != std::string::npos);
}

TEST_CASE("a byte order mark and CRLF line ends are taken", "[jobspec][lexer]") {
  CHECK(parsed("\xEF\xBB\xBFjob \"j\" {\r\n  type = \"batch\"\r\n}\r\n").type == "batch");
}

TEST_CASE("text that is not UTF-8 is refused with its place", "[jobspec][lexer]") {
  const auto bad = GENERATE("\xff", "\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82");
  CHECK(refusal("job \"j\" {\n# " + std::string(bad) + "\n}").find("test.nomad:2,3-") == 0);
}
