// SPDX-License-Identifier: MPL-2.0
#include "net/uv/process.h"

#include <csignal>

#include "net/uv/pipe.h"
#include "tests/support/test_loop.h"

using core::ByteView;
using core::Bytes;
using core::Errc;
using net::uv::Process;
using net::uv::ProcessExit;
using net::uv::ProcessOptions;
using support::TestLoop;

namespace {

ProcessOptions shell(const std::string& script) { return {.file = "/bin/sh", .args = {"sh", "-c", script}}; }

}  // namespace

TEST_CASE("a child's exit status arrives", "[uv][process]") {
  TestLoop t;
  ProcessExit exit;
  auto child = Process::spawn(t.loop, shell("exit 7"), [&](ProcessExit e) {
    exit = e;
    t.stop();
  });
  REQUIRE(child.ok());
  CHECK(child->pid() > 0);
  t.run();
  CHECK(exit == ProcessExit{7, 0});
  const auto late = child->kill(SIGTERM);
  REQUIRE_FALSE(late.ok());
  CHECK(late.error().code == Errc::not_found);
}

TEST_CASE("a killed child says which signal it was", "[uv][process]") {
  TestLoop t;
  ProcessExit exit;
  auto child = Process::spawn(t.loop, {.file = "sleep", .args = {"sleep", "60"}}, [&](ProcessExit e) {
    exit = e;
    t.stop();
  });
  REQUIRE(child.ok());
  REQUIRE(child->kill(SIGKILL).ok());
  t.run();
  CHECK(exit == ProcessExit{0, SIGKILL});
}

TEST_CASE("a child sees its environment, directory and pipes, and only those", "[uv][process]") {
  TestLoop t;
  auto in = net::uv::pipe_to_child(t.loop);
  auto out = net::uv::pipe_from_child(t.loop);
  REQUIRE(in.ok());
  REQUIRE(out.ok());
  auto options = shell("read line; echo $line; pwd; echo $A; echo ${HOME:-none}");
  options.cwd = "/usr";
  options.env = std::vector<std::string>{"A=b c"};
  options.stdio = {in->theirs.number(), out->theirs.number(), -1};
  auto both = std::make_shared<std::function<void()>>(t.stop_after(2));
  Bytes got;
  auto child = Process::spawn(t.loop, options, [&, both](ProcessExit) { (*both)(); });
  REQUIRE(child.ok());
  in->theirs = net::uv::Descriptor(-1);
  out->theirs = net::uv::Descriptor(-1);
  out->ours.read([&](ByteView bytes) { got += bytes; }, [&, both](core::Status) { (*both)(); });
  in->ours.write("from us\n");
  t.run();
  CHECK(got == "from us\n/usr\nb c\nnone\n");
}

TEST_CASE("what cannot be started is an error at once", "[uv][process]") {
  TestLoop t;
  const auto absent = Process::spawn(t.loop, {.file = "/no/such/program", .args = {"x"}}, [](ProcessExit) {});
  REQUIRE_FALSE(absent.ok());
  CHECK(absent.error().code == Errc::not_found);
  const auto not_a_program = Process::spawn(t.loop, {.file = "/etc/passwd", .args = {"x"}}, [](ProcessExit) {});
  REQUIRE_FALSE(not_a_program.ok());
  CHECK(not_a_program.error().code == Errc::permission);
}

TEST_CASE("a socket pair carries bytes both ways between us and a child", "[uv][process]") {
  TestLoop t;
  auto pair = net::uv::socket_pair(t.loop);
  REQUIRE(pair.ok());
  auto options = shell("read line <&3; echo \"$line back\" >&3");
  options.stdio = {-1, -1, -1, pair->theirs.number()};
  Bytes got;
  auto child = Process::spawn(t.loop, options, [](ProcessExit) {});
  REQUIRE(child.ok());
  pair->theirs = net::uv::Descriptor(-1);
  pair->ours.read([&](ByteView bytes) { got += bytes; }, [&](core::Status) { t.stop(); });
  pair->ours.write("there\n");
  t.run();
  CHECK(got == "there back\n");
}
