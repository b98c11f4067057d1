// SPDX-License-Identifier: MPL-2.0
#include "tests/unit/core/jobspec/jobs.h"

using namespace test::jobspec;

TEST_CASE("names nobody defines stay text for run time", "[jobspec][evaluate]") {
  const auto text =
      GENERATE(R"(${attr.kernel.name})", R"(${node.unique.id})", R"(${meta.rack})", R"(${NOMAD_PORT_http})",
               R"(${env["a.b"]})", R"(${attr.unique.network.ip-address})", R"(${device.attr.memory})",
               R"(${BASE}-${TASK})");
  CHECK(evaluated('"' + std::string(text) + '"') == text);
  CHECK(evaluated("\"<" + std::string(text) + ">\"") == "<" + std::string(text) + ">");
}

TEST_CASE("run-time names can stand outside of text and pass through functions", "[jobspec][evaluate]") {
  CHECK(evaluated("attr.kernel.name") == "${attr.kernel.name}");
  CHECK(evaluated(R"(format("%s:%d", NOMAD_IP_http, 80))") == "${NOMAD_IP_http}:80");
}

TEST_CASE("operators by precedence", "[jobspec][evaluate]") {
  CHECK(evaluated("1 + 2 * 3 - 4 / 8") == "6.5");
  CHECK(evaluated("(1 + 2) * 3 % 5") == "4");
  CHECK(evaluated("-2 + 1") == "-1");
  CHECK(evaluated("1 < 2 && 2 >= 2 || false") == "true");
  CHECK(evaluated("!(1 == 1) || \"a\" != \"b\"") == "true");
  CHECK(evaluated("0.1 + 0.2") == "0.3");
  CHECK(evaluated("1 == \"1\"") == "false");
  CHECK(evaluated("[1, {a = 2}] == [1, {a = 2}]") == "true");
  CHECK(evaluated("false ? 1 : true ? 2 : 3") == "2");
}

TEST_CASE("collections and what is read from them", "[jobspec][evaluate]") {
  CHECK(evaluated("[1, 2, 3][1]") == "2");
  CHECK(evaluated("{ a = { b = [\"c\"] } }.a[\"b\"].0") == "c");
  CHECK(evaluated("{ (\"k\") = 1, \"q r\" : 2\n z = 3 }[\"q r\"]") == "2");
  CHECK(evaluated("join(\",\", [{n = 1}, {n = 2}][*].n)") == "1,2");
  CHECK(evaluated("join(\",\", [{n = [1]}, {n = [2]}].*.n[0])") == "1");
  CHECK(evaluated("join(\",\", \"x\"[*])") == "x");
}

TEST_CASE("for expressions", "[jobspec][evaluate]") {
  CHECK(evaluated("join(\",\", [for x in [1, 2, 3] : x * 2 if x != 2])") == "2,6");
  CHECK(evaluated("join(\",\", [for i, x in [\"a\", \"b\"] : \"${i}${x}\"])") == "0a,1b");
  CHECK(evaluated("jsonencode({for k, v in {a = 1, b = 2} : upper(k) => v + 1})") == R"({"A":2,"B":3})");
  CHECK(evaluated("jsonencode({for v in [\"x\", \"yy\", \"z\"] : length(v) => v...})") ==
        R"({"1":["x","z"],"2":["yy"]})");
  CHECK(refusal("job \"j\" {\n meta = {for v in [1, 2] : \"k\" => v}\n}").find("Duplicate object key") !=
        std::string::npos);
}

TEST_CASE("template directives", "[jobspec][evaluate]") {
  CHECK(evaluated(R"("%{ if 1 < 2 }yes%{ else }no%{ endif }")") == "yes");
  CHECK(evaluated(R"("%{ if false }yes%{ endif }")").empty());
  CHECK(evaluated(R"("%{ for i, x in ["a", "b"] }${i}=${x};%{ endfor }")") == "0=a;1=b;");
  CHECK(evaluated("<<EOT\n%{ for x in [1, 2] ~}\nn${x}\n%{ endfor ~}\nend\nEOT\n") == "n1\nn2\nend\n");
  CHECK(evaluated(R"("a ${~ "b" ~} c")") == "abc");
}

TEST_CASE("a template of one interpolation keeps its type", "[jobspec][evaluate]") {
  CHECK(parsed("variable \"dcs\" { default = [\"a\", \"b\"] }\njob \"j\" { datacenters = \"${var.dcs}\" }")
            .datacenters.size() == 2);
  CHECK(refusal("job \"j\" { name = \"x${[1]}\" }").find("Invalid template interpolation value") !=
        std::string::npos);
}

TEST_CASE("locals refer to variables and to each other in any order", "[jobspec][evaluate]") {
  const auto head = R"(
    locals {
      full = "${local.name}-${var.env}"
      name = "web"
    }
    variable "env" { default = "prod" })";
  CHECK(evaluated("local.full", head) == "web-prod");
}

TEST_CASE("locals in a circle are an error with a place", "[jobspec][evaluate]") {
  const auto said = refusal("locals {\n a = local.b\n b = local.a\n}\njob \"j\" {}");
  CHECK(said.find("Cycle in locals") != std::string::npos);
  CHECK(said.find("test.nomad:") == 0);
}

TEST_CASE("errors of evaluation name the place and what is near", "[jobspec][evaluate]") {
  CHECK(refusal("variable \"color\" { default = 1 }\njob \"j\" {\n  name = var.colour\n}")
            .find("test.nomad:3,10-20: Unsupported attribute; No variable \"colour\" is declared. Did you "
                  "mean \"color\"?") == 0);
  CHECK(refusal("job \"j\" { name = uper(\"x\") }").find("Did you mean \"upper\"?") != std::string::npos);
  CHECK(refusal("job \"j\" { priority = 1 / 0 }").find("Division by zero") != std::string::npos);
  CHECK(refusal("job \"j\" { name = [1][3] }").find("Invalid index") != std::string::npos);
  CHECK(refusal("job \"j\" { name = {a = 1}.b }").find("no attribute named \"b\"") != std::string::npos);
  CHECK(refusal("job \"j\" { name = upper() }").find("Not enough function arguments") != std::string::npos);
  CHECK(refusal("job \"j\" { name = upper([]) }")
            .find("Call to function \"upper\" failed: argument 1 must be a string") != std::string::npos);
}

TEST_CASE("try and can look before they leap", "[jobspec][evaluate]") {
  CHECK(evaluated("try({a = 1}.b, \"none\")") == "none");
  CHECK(evaluated("can({a = 1}.b)") == "false");
  CHECK(evaluated("can({a = 1}.a)") == "true");
  CHECK(refusal("job \"j\" { name = try([][0]) }").find("no argument could be evaluated") !=
        std::string::npos);
}
