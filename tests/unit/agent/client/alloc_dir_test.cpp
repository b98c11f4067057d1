// SPDX-License-Identifier: MPL-2.0
#include "agent/client/alloc_dir.h"

#include <catch2/catch.hpp>

#include <sys/stat.h>

#include <fstream>

#include "agent/client/remove_tree.h"
#include "tests/unit/agent/client/rig.h"

using namespace test;

namespace {

struct DirRig {
  TempDir root;
  AllocDir dir{root / "allocs", root / "control", core::AllocId{"a1"}};
  DirRig() {
    const auto built = dir.build({"web", "db"});
    INFO((built.ok() ? std::string() : built.error().detail));
    REQUIRE(built.ok());
  }
  ~DirRig() { CHECK(dir.destroy().ok()); }
  void write(const std::string& path, const std::string& text) { std::ofstream(dir.path() + "/" + path) << text; }
};

unsigned mode_of(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 ? info.st_mode & 07777 : 0;
}

}  // namespace

TEST_CASE("an allocation's directories are there, and who may write where is settled", "[alloc_dir]") {
  DirRig rig;
  const auto dirs = rig.dir.dirs_of("web");
  CHECK(mode_of(rig.dir.path()) == 0755);
  for (const auto& open : {dirs.shared, dirs.logs, dirs.shared + "/data", dirs.shared + "/tmp", dirs.task, dirs.local, dirs.secrets}) {
    CAPTURE(open);
    CHECK(mode_of(open) == 0777);
  }
  CHECK(mode_of(dirs.task + "/tmp") == 01777);
  CHECK(mode_of(rig.root / "control/a1") == 0700);
  CHECK(dirs.control == rig.root / "control/a1/web");
  CHECK(rig.dir.build({"web", "db"}).ok());
}

TEST_CASE("secrets are kept in memory where the agent is root", "[alloc_dir]") {
  if (!is_root()) {
    std::cout << "skipped: mounting needs root\n";
    return;
  }
  DirRig rig;
  const auto mounts = *posix::read_file("/proc/self/mountinfo");
  CHECK(mounts.find(rig.dir.path() + "/web/secrets") != std::string::npos);
  REQUIRE(rig.dir.destroy().ok());
  CHECK(posix::read_file("/proc/self/mountinfo")->find(rig.dir.path()) == std::string::npos);
}

TEST_CASE("what is destroyed is gone, links in it and all, and nothing else is", "[alloc_dir]") {
  DirRig rig;
  const auto outside = rig.root / "outside";
  std::ofstream(outside) << "keep";
  REQUIRE(::symlink(rig.root.path().c_str(), (rig.dir.path() + "/web/local/up").c_str()) == 0);
  REQUIRE(::symlink(outside.c_str(), (rig.dir.path() + "/alloc/data/file").c_str()) == 0);
  REQUIRE(::mkdir((rig.dir.path() + "/web/local/closed").c_str(), 0000) == 0);
  REQUIRE(rig.dir.destroy().ok());
  CHECK(!posix::exists(rig.dir.path()));
  CHECK(!posix::exists(rig.root / "control/a1"));
  CHECK(*posix::read_file(outside) == "keep");
  CHECK(rig.dir.destroy().ok());
}

TEST_CASE("a task that puts a link in a directory's place does not lead the agent out", "[alloc_dir]") {
  DirRig rig;
  TempDir elsewhere;
  ::chmod(elsewhere.path().c_str(), 0700);
  REQUIRE(::rmdir((rig.dir.path() + "/web/local").c_str()) == 0);
  REQUIRE(::symlink(elsewhere.path().c_str(), (rig.dir.path() + "/web/local").c_str()) == 0);
  CHECK(!rig.dir.build({"web", "db"}).ok());
  CHECK(mode_of(elsewhere.path()) == 0700);
}

TEST_CASE("names that cannot be directories are refused", "[alloc_dir]") {
  DirRig rig;
  for (const char* name : {"", ".", "..", "alloc", "a/b"}) {
    CAPTURE(name);
    CHECK(!rig.dir.build({name}).ok());
  }
}

TEST_CASE("people see an allocation's files", "[alloc_dir]") {
  DirRig rig;
  rig.write("web/local/file.txt", "hello");
  const auto top = rig.dir.list("/");
  REQUIRE(top.ok());
  REQUIRE(top->size() == 3);
  CHECK((*top)[0].name == "alloc");
  CHECK((*top)[0].is_directory);
  CHECK((*top)[0].mode == "drwxrwxrwx");
  const auto file = rig.dir.stat("/web/local/file.txt");
  CAPTURE(file.ok() ? std::string() : file.error().detail);
  REQUIRE(file.ok());
  CHECK(file->name == "file.txt");
  CHECK(file->size == 5);
  CHECK(file->mode[0] == '-');
  CHECK(file->modified.set());
  REQUIRE(rig.dir.open("web/local/file.txt").ok());
  const auto missing = rig.dir.stat("web/local/none");
  REQUIRE(!missing.ok());
  CHECK(missing.error().code == core::Errc::not_found);
  CHECK(!rig.dir.open("web/local").ok());
}

TEST_CASE("no path leads out of an allocation's directory", "[alloc_dir]") {
  DirRig rig;
  REQUIRE(::symlink("/etc", (rig.dir.path() + "/web/local/etc").c_str()) == 0);
  REQUIRE(::symlink("/etc/passwd", (rig.dir.path() + "/web/local/passwd").c_str()) == 0);
  for (const char* path : {"..", "../a2", "web/../../x", "web/local/etc/passwd", "web/local/passwd", "/../../../etc/passwd"}) {
    CAPTURE(path);
    const auto opened = rig.dir.open(path);
    REQUIRE(!opened.ok());
    CHECK(opened.error().code == core::Errc::denied);
    CHECK(opened.error().detail == "Path escapes the alloc directory");
  }
}

TEST_CASE("secrets are not for people, however the path is written", "[alloc_dir]") {
  DirRig rig;
  rig.write("web/secrets/key", "s3cret");
  for (const char* path : {"web/secrets/key", "/web/secrets", "web//secrets/key", "./web/./secrets/key"}) {
    CAPTURE(path);
    const auto opened = rig.dir.list(path);
    REQUIRE(!opened.ok());
    CHECK(opened.error().code == core::Errc::denied);
    CHECK(!rig.dir.open(path).ok());
  }
}

TEST_CASE("a fifo in a file's place does not hold up whoever reads", "[alloc_dir]") {
  DirRig rig;
  REQUIRE(::mkfifo((rig.dir.path() + "/web/local/fifo").c_str(), 0666) == 0);
  CHECK(!rig.dir.open("web/local/fifo").ok());
}

TEST_CASE("how full a disk is can be measured", "[alloc_dir]") {
  TempDir dir;
  const auto measured = measure_disk(dir.path());
  REQUIRE(measured.ok());
  CHECK(measured->used_percent > 0);
  CHECK(measured->used_percent <= 100);
  CHECK(!measure_disk("/no/such").ok());
}
