// SPDX-License-Identifier: MPL-2.0
// Input meant to exhaust stack, memory or time, and random damage to files that are fine.
#include "core/base/limits.h"
#include "core/base/rng.h"
#include "tests/unit/core/jobspec/jobs.h"

using core::limits::kHclBytesMax;
using namespace test::jobspec;

namespace {

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

bool mentions(const std::string& said, std::string_view what) { return said.find(what) != std::string::npos; }

}  // namespace

TEST_CASE("nesting beyond the limit is an error, whatever nests", "[jobspec][hostile]") {
  const std::size_t n = 100000;
  const auto text = GENERATE_COPY(
      repeat("a {", n), "job \"j\" { x = " + repeat("[", n), "x = " + repeat("(", n),
      "x = " + repeat("{a=", n), "x = " + repeat("-", n) + "1", "x = " + repeat("!", n) + "true",
      "x = \"" + repeat("${\"", n), "x = \"" + repeat("${", n) + "\"",
      "x = <<E\n" + repeat("${\"", n) + "\nE\n", "x = 1" + repeat(" + 1", n),
      "x = a" + repeat("[0]", n) + repeat("[b]", n), "x = a" + repeat("[*]", n), "x = " + repeat("f(", n),
      "x = " + repeat("true ? 1 : ", n) + "2", "x = <<E\n" + repeat("%{ if true }", n) + "\nE\n",
      "x = " + repeat("[for a in ", n), "x = { " + repeat("a \"b\" ", n), R"({"job":)" + repeat("[", n),
      R"({"a":)" + repeat("{\"a\":", n));
  const auto said = refusal(text);
  REQUIRE(!said.empty());
  CHECK((mentions(said, "too deeply") || mentions(said, "Unterminated") || mentions(said, "expected")));
}

TEST_CASE("values do not grow without end", "[jobspec][hostile]") {
  std::string text = "locals {\n a0 = \"xxxxxxxxxxxxxxxx\"\n b0 = [1, 1]\n";
  for (int i = 1; i < 60; ++i) {
    const auto before = std::to_string(i - 1), now = std::to_string(i);
    text += " a" + now + " = \"${local.a" + before + "}${local.a" + before + "}\"\n";
    text += " b" + now + " = [local.b" + before + ", local.b" + before + "]\n";
  }
  const auto said = refusal(text + "}\njob \"j\" {}");
  CHECK((mentions(said, "Value too large") || mentions(said, "Evaluation takes too long")));
}

TEST_CASE("work is bounded", "[jobspec][hostile]") {
  const auto text = GENERATE(
      "x = [for a in range(1000) : length([for b in range(1000) : length([for c in range(1000) : 1 == 2])])]",
      "x = can([for a in range(1000) : length([for b in range(1000) : length([for c in range(1000) : 1])])])",
      "x = [for a in range(100000) : length(local.big)]", "x = range(1000000000000)",
      "x = format(\"%1000000000d\", 1)", "x = indent(1000000000, \"a\\na\")",
      "x = join(local.big, range(100000))", "x = replace(local.big, \"a\", local.big)",
      "x = setproduct(range(1000), range(1000), range(1000))", "x = formatlist(local.big, range(100000))",
      "x = pow(10, 4900) * pow(10, 4900)");
  const std::string big = "big = join(\"\", [for i in range(100000) : \"aaaaaaaaaa\"])\n";
  const auto said = refusal("locals {\n" + big + text + "\n}\njob \"j\" {\n name = jsonencode(local.x)\n}");
  CAPTURE(text, said.substr(0, 300));
  if (std::string_view(text).find("pow") == std::string_view::npos) CHECK(!said.empty());
}

TEST_CASE("a chain of locals longer than the limit is an error", "[jobspec][hostile]") {
  std::string text = "locals {\n z0 = 1\n";
  for (int i = 1; i < 5000; ++i)
    text += " z" + std::to_string(i) + " = [local.z" + std::to_string(i - 1) + "]\n";
  CHECK(mentions(refusal(text + "}\njob \"j\" {}"), "Nested too deeply"));
}

TEST_CASE("blocks are counted, those dynamic makes too", "[jobspec][hostile]") {
  CHECK(mentions(refusal(repeat("a {}\n", 70000)), "Too many blocks"));
  CHECK(mentions(
      refusal("job \"j\" {\n dynamic \"constraint\" {\n for_each = range(100000)\n content {}\n}\n}"),
      "Too many blocks"));
}

TEST_CASE("sources beyond the limit are refused unread", "[jobspec][hostile]") {
  CHECK(mentions(refusal("job \"j\" {}" + std::string(kHclBytesMax, ' ')), "Source too large"));
}

TEST_CASE("a heredoc as large as a file may be is read", "[jobspec][hostile]") {
  const auto lines = repeat("0123456789abcdef\n", 200000);
  CHECK(evaluated("<<E\n" + lines + "E\n").size() == lines.size());
}

TEST_CASE("constructs that invite quadratic work are read in time", "[jobspec][hostile]") {
  const auto text =
      GENERATE_COPY("x = <<E\n" + repeat("${a}<<X \"${", 100000),
                    "x = \"" + repeat("${a}\\\"", 300000) + "\"", repeat("x = <<E\n", 200000),
                    repeat("\"", 1000000), repeat("/*", 1000000), repeat("a = \"${\"\n", 300000),
                    repeat("$${", 1000000), repeat("x = 1\n", 300000), repeat("a.", 1000000));
  CHECK(!refusal(text).empty());
}

TEST_CASE("damaged files are refused or read, never worse", "[jobspec][hostile]") {
  const std::uint64_t seed = GENERATE(1, 2, 3, 4);
  CAPTURE(seed);
  core::Rng rng(seed);
  const std::string rich = std::string(kLaterExample) + R"(
    variable "v" {
      type = list(string)
      default = ["a"]
    }
    locals { w = [for x in var.v : "${upper(x)}%{ if true }y%{ endif }"] }
    variables { z = <<-E
      text ${local.w[0]}
      E
    })";
  const std::string_view json =
      R"({"job": {"a": {"meta": {"k": "${upper(\"x\")}\u00e9"}, "group": {"g": {"count": 2}}}}})";
  constexpr std::string_view kBytes = "\"'{}[]()=:,.<>-~$%#/*\\\n\t !?&|0a\x80\xff";
  for (int round = 0; round < 1500; ++round) {
    auto text = round % 4 == 0 ? std::string(json) : round % 4 == 1 ? std::string(kFirstExample) : rich;
    for (auto changes = rng.between(1, 6); changes > 0; --changes) {
      const auto at = rng.below(text.size());
      switch (rng.below(4)) {
        case 0:
          text[at] = kBytes[rng.below(kBytes.size())];
          break;
        case 1:
          text.insert(at, 1, kBytes[rng.below(kBytes.size())]);
          break;
        case 2:
          text.erase(at, rng.below(20));
          break;
        case 3:
          text.insert(at, text.substr(rng.below(text.size()), rng.below(60)));
          break;
      }
    }
    core::jobspec::Options options;
    options.hcl1 = rng.chance(300);
    const auto job = parse(text, options);
    if (!job.ok()) CHECK(!job.error().detail.empty());
  }
}

TEST_CASE("what is copied out of shared values is work too", "[jobspec][hostile]") {
  const std::string big =
      "locals {\n big = range(500000)\n one = [join(\"\", formatlist(\"%d\", range(500000)))]\n}\n";
  const auto inside =
      GENERATE("config {\n dynamic \"x\" {\n for_each = range(60000)\n content { a = local.big }\n}\n}",
               "config {\n a = length([for i in range(100000) : length([for s in local.one : 1])])\n}",
               "config {\n dynamic \"x\" {\n for_each = range(60000)\n content {\n dynamic \"y\" {\n "
               "for_each = local.one\n content {}\n}\n}\n}\n}");
  CHECK(mentions(refusal(big + with_task(inside)), "Evaluation takes too long"));
}

TEST_CASE("many blocks of one name are gathered in time", "[jobspec][hostile]") {
  CHECK(task_with("config {\n" + repeat("a {}\n", 60000) + "}").config.at("a").text.size() == 60000 * 3 + 1);
  CHECK(mentions(refusal("job \"j\" {\n" + repeat("group \"g\" {}\n", 60000) + "}"), "more errors"));
}
