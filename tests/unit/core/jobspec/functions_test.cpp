// SPDX-License-Identifier: MPL-2.0
#include "core/base/rng.h"
#include "tests/unit/core/jobspec/jobs.h"

using namespace test::jobspec;

namespace {

struct Example {
  const char* expression;
  const char* result;
};

}  // namespace

TEST_CASE("functions give what HCL's give", "[jobspec][functions]") {
  const auto example = GENERATE(
      Example{R"(chomp("a\n\n"))", "a"}, Example{R"(indent(2, "a\nb"))", "a\n  b"},
      Example{R"(lower("ABC"))", "abc"}, Example{R"(replace("a.b.c", ".", "::"))", "a::b::c"},
      Example{R"(join("|", split(",", "a,,b")))", "a||b"}, Example{R"(strrev("aé"))", "éa"},
      Example{R"(substr("hello", 1, 3))", "ell"}, Example{R"(substr("hello", -2, -1))", "lo"},
      Example{R"(title("hello world"))", "Hello World"}, Example{R"(trim("--a--", "-"))", "a"},
      Example{R"(trimspace(" a "))", "a"}, Example{R"(trimprefix("ab", "a"))", "b"},
      Example{R"(trimsuffix("ab", "b"))", "a"},
      Example{R"(format("%5.1f|%-4s|%04d|%x|%q|%v|%t|%%", 3.14159, "ab", 42, 255, "q", [1], true))",
              "  3.1|ab  |0042|ff|\"q\"|[1]|true|%"},
      Example{R"(join(",", formatlist("%s-%d", ["a", "b"], [1, 2])))", "a-1,b-2"}, Example{"abs(-2)", "2"},
      Example{"ceil(1.2)", "2"}, Example{"floor(-1.2)", "-2"}, Example{"log(8, 2)", "3"},
      Example{"max(1, 3, 2)", "3"}, Example{"min([4, 2]...)", "2"}, Example{R"(parseint("ff", 16))", "255"},
      Example{"pow(2, 10)", "1024"}, Example{"signum(-9)", "-1"},
      Example{"jsonencode(chunklist([1, 2, 3], 2))", "[[1,2],[3]]"},
      Example{R"(coalesce(null, "", "x"))", "x"}, Example{"jsonencode(coalescelist([], [1]))", "[1]"},
      Example{R"(jsonencode(compact(["a", "", null])))", R"(["a"])"},
      Example{"jsonencode(concat([1], [2, 3]))", "[1,2,3]"}, Example{R"(contains(["a"], "a"))", "true"},
      Example{"element([1, 2, 3], 4)", "2"}, Example{"jsonencode(flatten([[1, [2]], 3]))", "[1,2,3]"},
      Example{R"(index(["a", "b"], "b"))", "1"}, Example{R"(length("héllo"))", "5"},
      Example{"length({a = 1})", "1"}, Example{"jsonencode(range(3))", "[0,1,2]"},
      Example{"jsonencode(range(1, 10, 4))", "[1,5,9]"}, Example{"jsonencode(range(3, 0))", "[3,2,1]"},
      Example{"jsonencode(reverse([1, 2]))", "[2,1]"}, Example{"jsonencode(slice([1, 2, 3], 1, 2))", "[2]"},
      Example{R"(jsonencode(sort(["b", "a"])))", R"(["a","b"])"},
      Example{"jsonencode(distinct([1, 2, 1]))", "[1,2]"},
      Example{"jsonencode(setunion([2, 1], [3]))", "[1,2,3]"},
      Example{"jsonencode(setintersection([1, 2], [2, 3]))", "[2]"},
      Example{R"(jsonencode(setproduct(["a", "b"], [1, 2])))", R"([["a",1],["a",2],["b",1],["b",2]])"},
      Example{"jsonencode(keys({b = 1, a = 2}))", R"(["a","b"])"},
      Example{R"(lookup({a = 1}, "b", "d"))", "d"},
      Example{"jsonencode(merge({a = 1, b = 1}, {b = 2}))", R"({"a":1,"b":2})"},
      Example{"jsonencode(values({a = 1}))", "[1]"},
      Example{R"(jsonencode(zipmap(["a"], [1])))", R"({"a":1})"},
      Example{R"(base64encode("hello"))", "aGVsbG8="}, Example{R"(base64decode("aGVsbG8="))", "hello"},
      Example{R"(csvdecode("a,b\n1,\"x, \"\"y\"\"\"\n")[0].b)", "x, \"y\""},
      Example{R"(jsondecode("{\"a\": [1, null]}").a[0])", "1"}, Example{R"(urlencode("a b&c"))", "a+b%26c"},
      Example{R"(yamlencode({a = [1, {b = "c"}]}))", "\"a\":\n  - 1\n  - \"b\": \"c\"\n"},
      Example{R"(md5("hello world"))", "5eb63bbbe01eeed093cb22bb8f5acdc3"},
      Example{R"(md5("12345678901234567890123456789012345678901234567890123456789012345678901234567890"))",
              "57edf4a22be3c955ac49da2e2107b67a"},
      Example{R"(sha1("abc"))", "a9993e364706816aba3e25717850c26c9cd0d89d"},
      Example{R"(sha256("abc"))", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      Example{R"(substr(sha512("abc"), 0, 16))", "ddaf35a193617aba"},
      Example{R"(uuidv5("dns", "www.example.com"))", "2ed6657d-e927-568b-95e1-2665a8aea6a2"},
      Example{R"(cidrhost("10.12.127.0/20", 16))", "10.12.112.16"},
      Example{R"(cidrhost("10.0.0.0/8", -1))", "10.255.255.255"},
      Example{R"(cidrhost("fd00:fd12:3456:7890::/72", 34))", "fd00:fd12:3456:7890::22"},
      Example{R"(cidrnetmask("172.16.0.0/12"))", "255.240.0.0"},
      Example{R"(cidrsubnet("172.16.0.0/12", 4, 2))", "172.18.0.0/16"},
      Example{R"(jsonencode(cidrsubnets("10.1.0.0/16", 4, 4, 8, 4)))",
              R"(["10.1.0.0/20","10.1.16.0/20","10.1.32.0/24","10.1.48.0/20"])"},
      Example{R"(formatdate("EEE, DD MMM YYYY hh:mm:ss Z 'o''clock'", "2018-01-02T23:12:01Z"))",
              "Tue, 02 Jan 2018 23:12:01 Z o'clock"},
      Example{R"(timeadd("2017-11-22T00:00:00Z", "10m"))", "2017-11-22T00:10:00Z"},
      Example{R"(basename("/a/b.txt"))", "b.txt"}, Example{R"(dirname("/a/b.txt"))", "/a"},
      Example{R"(jsonencode(convert(["1"], list(number))))", "[1]"});
  CAPTURE(example.expression);
  CHECK(evaluated(example.expression) == example.result);
}

TEST_CASE("bad arguments are errors with a place", "[jobspec][functions]") {
  const auto expression = GENERATE(
      R"(parseint("zz", 10))", "range(0, 5, 0)", "range(0, 5, -1)", R"(cidrhost("10.0.0.0/33", 1))",
      R"(cidrsubnet("10.0.0.0/30", 4, 1))", R"(cidrsubnets("10.0.0.0/30", 1, 1, 1))", R"(format("%d", "x"))",
      R"(format("%s"))", R"(format("%s", 1, 2))", R"(format("%z", 1))", "element([], 0)", "slice([1], 0, 2)",
      R"(base64decode("a"))", R"(base64decode("!!!!"))", R"(jsondecode("{"))", R"(lookup({}, "a"))",
      R"(zipmap(["a"], []))", R"(timeadd("x", "1s"))", R"(formatdate("QQ", "2018-01-02T23:12:01Z"))",
      R"(uuidv5("nope", "x"))", "uuidv4()", R"(file("x"))", "log(-1, 2)", "pow(10, 100000)");
  CAPTURE(expression);
  CHECK(refusal("job \"j\" {\n name = " + std::string(expression) + "\n}").find("test.nomad:2,9-") == 0);
}

TEST_CASE("files are read only through what is lent", "[jobspec][functions]") {
  core::jobspec::Options options;
  options.outside.read_file = [](const std::string& path) -> core::Result<std::string> {
    if (path == "a.txt") return std::string("content");
    return core::Error{core::Errc::not_found, "no file exists at " + path};
  };
  CHECK(evaluated(R"(file("a.txt"))", "", options) == "content");
  CHECK(evaluated(R"(fileexists("b.txt"))", "", options) == "false");
  CHECK(refusal("job \"j\" { name = file(\"b\") }", options).find("no file exists at b") !=
        std::string::npos);
}

TEST_CASE("random ids come from the generator that is lent", "[jobspec][functions]") {
  core::Rng rng(7), same(7);
  core::jobspec::Options options;
  options.outside.rng = &rng;
  CHECK(evaluated("uuidv4()", "", options) == core::make_uuid(same));
}
