// SPDX-License-Identifier: MPL-2.0
#include "store/replace_file.h"

#include <catch2/catch.hpp>

#include "tests/support/faulty_disk.h"

using core::Bytes;
using test::FaultyDisk;

namespace {

const std::string kPath = "/srv/members";

void put(FaultyDisk& disk, const Bytes& content) { REQUIRE(store::replace_file(disk, kPath, content).ok()); }

// What the next start finds, or nothing.
std::optional<Bytes> found(const FaultyDisk& disk) {
  for (const auto& path : disk.files())
    if (path == kPath) return disk.contents(path);
  return std::nullopt;
}

}  // namespace

TEST_CASE("a file replaced whole holds all of the old or all of the new, whenever the power goes", "[store]") {
  const Bytes before(5000, 'a'), after(9000, 'b');
  const auto how = GENERATE(from_range(std::begin(test::kCrashes), std::end(test::kCrashes)));
  core::Rng rng(7);
  FaultyDisk disk;
  REQUIRE(disk.make_directories("/srv").ok());
  put(disk, before);
  std::vector<std::optional<Bytes>> seen;
  disk.set_hook([&](const FaultyDisk::Operation&) {
    seen.push_back(found(*disk.after_crash(how, rng)));
    return std::nullopt;
  });
  put(disk, after);
  CHECK(seen.size() >= 5);
  for (const auto& content : seen) CHECK((content == before || content == after));
  disk.crash(how, rng);
  CHECK(found(disk) == after);
}

TEST_CASE("a file that could not be replaced is as it was", "[store]") {
  FaultyDisk disk;
  REQUIRE(disk.make_directories("/srv").ok());
  put(disk, "old");
  const auto failing = GENERATE(FaultyDisk::Operation::Kind::write, FaultyDisk::Operation::Kind::sync, FaultyDisk::Operation::Kind::rename);
  disk.set_hook([&](const FaultyDisk::Operation& operation) -> std::optional<core::Error> {
    if (operation.kind == failing) return core::Error{core::Errc::io, "injected"};
    return std::nullopt;
  });
  CHECK(store::replace_file(disk, kPath, "new").error().code == core::Errc::io);
  disk.set_hook(nullptr);
  CHECK(found(disk) == "old");
  put(disk, "new");  // what the failure left behind is in nobody's way
  CHECK(found(disk) == "new");
}
