// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "agent/client/executor/posix.h"
#include "agent/http/file_source.h"
#include "core/base/base64.h"
#include "tests/unit/agent/http/rig.h"

using namespace test;

namespace {

struct FsRig : HttpRig {
  FsRig() { REQUIRE(agent::client::posix::make_directories(root() + "/alloc/logs", 0755).ok()); }
  std::string root() const { return node.dir.path() + "/a1"; }
  void write(const std::string& path, const std::string& text) const { std::ofstream(root() + "/" + path, std::ios::app) << text; }
  std::string body(const std::string& target) { return get(target).body.text(); }
};

// What frames carry, one after the other.
std::string data_of(const std::string& frames) {
  std::string out;
  for (std::string_view rest = frames; !rest.empty();) {
    auto frame = core::json::parse(rest, {.allow_trailing = true});
    REQUIRE(frame.ok());
    rest.remove_prefix(frame->end_offset());
    if (const auto data = frame->root().find("Data"); data.present) out += core::from_base64(data.value.string()).value();
  }
  return out;
}

}  // namespace

TEST_CASE("files of an allocation are listed, described and read", "[http][fs]") {
  FsRig rig;
  rig.write("alloc/hello", "hello world");
  const auto list = rig.body("/v1/client/fs/ls/a1?path=/alloc");
  CHECK(list.find(R"("Name":"hello","IsDir":false,"Size":11,"FileMode":"-rw-r--r--")") != std::string::npos);
  CHECK(list.find(R"("Name":"logs","IsDir":true)") != std::string::npos);
  const auto stat = rig.body("/v1/client/fs/stat/a1?path=alloc/hello");
  CHECK(stat.find(R"("ContentType":"text/plain; charset=utf-8")") != std::string::npos);
  const auto cat = rig.get("/v1/client/fs/cat/a1?path=/alloc/hello");
  CHECK(cat.body.text() == "hello world");
  CHECK(cat.headers.find("X-Content-Type-Options") == "nosniff");
  CHECK(cat.headers.find("Access-Control-Allow-Origin") == "*");
  CHECK(rig.body("/v1/client/fs/readat/a1?path=/alloc/hello&offset=6&limit=3") == "wor");
  CHECK(rig.body("/v1/client/fs/readat/a1?path=/alloc/hello&offset=6&limit=-1") == "world");
  CHECK(rig.body("/v1/client/fs/readat/a1?path=/alloc/hello&offset=99") == "");
}

TEST_CASE("a large file arrives whole", "[http][fs]") {
  FsRig rig;
  std::string text;
  for (int i = 0; text.size() < 3'000'000; ++i) text += std::to_string(i) + "\n";
  rig.write("alloc/big", text);
  CHECK(rig.body("/v1/client/fs/cat/a1?path=alloc/big") == text);
  CHECK(data_of(rig.body("/v1/client/fs/stream/a1?path=alloc/big&follow=false")) == text);
}

TEST_CASE("nothing outside the allocation and no secret is read", "[http][fs]") {
  FsRig rig;
  std::ofstream(rig.node.dir / "outside") << "not yours";
  REQUIRE(agent::client::posix::make_directories(rig.root() + "/web/secrets", 0755).ok());
  rig.write("web/secrets/key", "hidden");
  REQUIRE(::symlink("../../outside", (rig.root() + "/alloc/link").c_str()) == 0);
  REQUIRE(::symlink("/etc", (rig.root() + "/alloc/etc").c_str()) == 0);
  REQUIRE(::symlink("../web/secrets", (rig.root() + "/alloc/s").c_str()) == 0);
  const auto path = GENERATE("../outside", "/../outside", "alloc/../../outside", "alloc/link", "alloc/etc/passwd", "web/secrets/key", "web//./secrets/key", "alloc/s/key");
  const auto what = GENERATE("cat", "readat", "stream", "stat");
  CAPTURE(path, what);
  const auto answer = rig.get("/v1/client/fs/" + std::string(what) + "/a1?follow=false&offset=0&path=" + net::http::percent_encode(path));
  const auto text = answer.body.text();
  // A link may be looked at, but not through.
  const bool looked_at = answer.status == 200 && text.find(R"("FileMode":"L)") != std::string::npos;
  CHECK((answer.status != 200 || looked_at));
  CHECK(text.find("not yours") == std::string::npos);
  CHECK(text.find("hidden") == std::string::npos);
}

TEST_CASE("what cannot be read is refused with a reason", "[http][fs]") {
  FsRig rig;
  struct Case {
    const char* target;
    int status;
    const char* text;
  };
  const auto [target, status, text] = GENERATE(values<Case>({
      {"/v1/client/fs/ls/", 400, "must provide a valid alloc id"},
      {"/v1/client/fs/ls", 400, "must provide a valid alloc id"},
      {"/v1/client/fs/stat/a1", 400, "must provide a file name"},
      {"/v1/client/fs/cat/a1", 400, "must provide a file name"},
      {"/v1/client/fs/cat/a1?path=none", 404, "none"},
      {"/v1/client/fs/ls/a1?path=none", 500, "none"},
      {"/v1/client/fs/cat/a1?path=alloc", 400, "not a regular file"},
      {"/v1/client/fs/readat/a1?path=x", 500, "error parsing offset"},
      {"/v1/client/fs/readat/a1?path=x&offset=z", 500, "error parsing offset"},
      {"/v1/client/fs/stream/a1?path=x&origin=middle", 400, "origin must be start or end"},
      {"/v1/client/fs/logs/a1", 400, "must provide task name"},
      {"/v1/client/fs/logs/a1?task=web", 400, "must provide log type (stdout/stderr)"},
      {"/v1/client/fs/logs/a1?task=no&type=stdout", 400, "unknown task name \"no\""},
      {"/v1/client/fs/logs/a1?task=web&type=stdout", 404, "task \"web\" not started yet. No logs available"},
      {"/v1/client/fs/logs/a1?task=web&type=stdout&follow=perhaps", 500, "invalid syntax"},
      {"/v1/client/fs/ls/a2", 404, "Unknown allocation \"a2\""},
      {"/v1/client/fs/ls/a1?region=moon", 500, "No path to region"},
  }));
  CAPTURE(target);
  const auto answer = rig.http.call(Method::get, target);
  CHECK(answer.status == status);
  CHECK(answer.body.text().find(text) != std::string::npos);
}

TEST_CASE("an allocation of another node has no path from here", "[http][fs]") {
  HttpRig rig(false);
  rig.gateway.answers[Ask::alloc] = R"({"ID":"a1"})";
  const auto answer = rig.get("/v1/client/fs/ls/a1");
  CHECK(answer.status == 404);
  CHECK(answer.body.text() == "No path to node");
  CHECK(rig.get("/v1/client/stats").body.text() == "No local Node and node_id not provided");
  CHECK(rig.get("/v1/client/stats?node_id=n9").body.text() == "Unknown node ID");
}

TEST_CASE("logs come in frames from the start or the end, or plain", "[http][fs]") {
  FsRig rig;
  rig.write("alloc/logs/web.stdout.0", "one\n");
  rig.write("alloc/logs/web.stdout.1", "two\n");
  const std::string logs = "/v1/client/fs/logs/a1?task=web&type=stdout";
  const auto whole = rig.get(logs);
  CHECK(whole.headers.find("Content-Type") == "application/json");
  CHECK(whole.body.text() == R"({"Offset":4,"Data":"b25lCg==","File":"alloc/logs/web.stdout.0"})"
                             R"({"Offset":4,"Data":"dHdvCg==","File":"alloc/logs/web.stdout.1"})");
  CHECK(data_of(rig.body(logs + "&origin=end&offset=6")) == "e\ntwo\n");
  CHECK(data_of(rig.body(logs + "&offset=6")) == "o\n");
  CHECK(rig.body(logs + "&plain=true") == "one\ntwo\n");
}

TEST_CASE("a follower is sent what is written after it began, and that the file went away", "[http][fs]") {
  FsRig rig;
  rig.write("alloc/grow", "old,");
  std::string frames;
  bool wrote = false, removed = false;
  std::optional<net::uv::Timer> timer;
  rig.http.client.stream(
      rig.http.address, {.target = "/v1/client/fs/stream/a1?path=alloc/grow&origin=end&offset=4", .timeout = {}}, {},
      [&](core::ByteView piece) {
        frames += piece;
        if (!std::exchange(wrote, true)) return rig.write("alloc/grow", "new");
        if (data_of(frames) == "old,new" && !std::exchange(removed, true)) REQUIRE(::unlink((rig.root() + "/alloc/grow").c_str()) == 0);
      },
      [&](auto result) {
        CHECK(result.ok());
        rig.http.t.stop();
      });
  rig.http.t.run();
  CHECK(data_of(frames) == "old,new");
  CHECK(frames.find("}{}") != std::string::npos);  // all that was there
  CHECK(frames.find(R"("FileEvent":"file deleted")") != std::string::npos);
}

TEST_CASE("a follower learns that its file was cut", "[http][fs]") {
  FsRig rig;
  rig.write("alloc/cut", "0123456789");
  auto source = agent::http::file_source(rig.node.directory(core::AllocId{"a1"}), "alloc/cut", {});
  const auto all = source->read();
  REQUIRE(all.ok());
  CHECK(all->end);
  REQUIRE(::truncate((rig.root() + "/alloc/cut").c_str(), 2) == 0);
  const auto cut = source->read();
  REQUIRE(cut.ok());
  CHECK(cut->frames.back().event == "file truncated");
  CHECK(source->read()->frames.at(0).data == "01");
}
