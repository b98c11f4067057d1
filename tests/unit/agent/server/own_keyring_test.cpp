// SPDX-License-Identifier: MPL-2.0
#include "agent/server/own_keyring.h"

#include <filesystem>

#include "agent/server/keyring_file.h"
#include "store/env_posix.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_loop.h"

using namespace agent::server;
using core::Errc;
using core::server::KeyringOp;
using net::secure::Key;
using net::secure::Keyring;

namespace {

Key fresh_key() { return *net::secure::parse_key(net::secure::generate_key()); }

struct Rig {
  support::TestLoop t;
  test::TempDir dir;
  store::PosixEnv env;
  const Key first = fresh_key(), second = fresh_key();
  Keyring in_use{first};
  std::vector<std::vector<Key>> told;
  OwnKeyring own{t.loop, env, keyring_path(dir.path()), in_use, [this](const Keyring& keys) { told.push_back(keys.keys()); }, core::Logger()};

  core::Status change(KeyringOp op, const Key& key) {
    std::optional<core::Status> out;
    own.change(op, key, [&](core::Status status) {
      out = std::move(status);
      t.stop();
    });
    CHECK_FALSE(out);
    t.run();
    return *out;
  }
  // What the next start would find.
  Keyring kept() {
    const auto keys = open_keyring(env, dir.path(), "", core::Logger());
    REQUIRE((keys.ok() && keys->has_value()));
    return **keys;
  }
};

}  // namespace

TEST_CASE("what was told as done is on disk, primary key first", "[agent][keyring]") {
  Rig rig;
  REQUIRE(rig.change(KeyringOp::install, rig.second).ok());
  CHECK(rig.kept().keys() == std::vector{rig.first, rig.second});
  REQUIRE(rig.change(KeyringOp::use, rig.second).ok());
  CHECK(rig.kept().keys() == std::vector{rig.second, rig.first});
  REQUIRE(rig.change(KeyringOp::remove, rig.first).ok());
  CHECK(rig.kept().keys() == std::vector{rig.second});
  CHECK(rig.in_use.keys() == std::vector{rig.second});
  CHECK(rig.told == std::vector<std::vector<Key>>{{rig.first, rig.second}, {rig.second, rig.first}, {rig.second}});
}

TEST_CASE("a keyring that is full takes no further key, and those it has can be used", "[agent][keyring]") {
  Rig rig;
  while (rig.in_use.keys().size() < kKeyringKeysMax) rig.in_use.add(fresh_key());
  CHECK(rig.change(KeyringOp::install, rig.second).error() == core::Error{Errc::busy, "the keyring is full; remove a key first"});
  CHECK(rig.change(KeyringOp::install, rig.first).ok());
  CHECK(rig.change(KeyringOp::use, rig.in_use.keys().back()).ok());
  CHECK(rig.kept().keys() == rig.in_use.keys());
}

TEST_CASE("to install a key again or remove one that is not there changes nothing and is done", "[agent][keyring]") {
  Rig rig;
  REQUIRE(rig.change(KeyringOp::install, rig.second).ok());
  CHECK(rig.change(KeyringOp::install, rig.second).ok());
  CHECK(rig.change(KeyringOp::install, rig.first).ok());
  CHECK(rig.change(KeyringOp::remove, fresh_key()).ok());
  CHECK(rig.kept().keys() == std::vector{rig.first, rig.second});
  CHECK(rig.told.size() == 1);
}

TEST_CASE("what may not be is refused and changes nothing", "[agent][keyring]") {
  Rig rig;
  REQUIRE(rig.change(KeyringOp::install, rig.second).ok());
  CHECK(rig.change(KeyringOp::use, fresh_key()).error().detail == "requested key is not in the keyring");
  CHECK(rig.change(KeyringOp::remove, rig.first).error().detail == "removing the primary key is not allowed");
  CHECK(rig.in_use.keys() == std::vector{rig.first, rig.second});
  CHECK(rig.kept().keys() == rig.in_use.keys());
}

TEST_CASE("a key that cannot be written down is not used", "[agent][keyring]") {
  Rig rig;
  std::filesystem::create_directory(keyring_path(rig.dir.path()) + ".new");
  const auto installed = rig.change(KeyringOp::install, rig.second);
  REQUIRE_FALSE(installed.ok());
  CHECK(installed.error().detail.starts_with("keyring not written: "));
  CHECK(rig.in_use.keys() == std::vector{rig.first});
}

TEST_CASE("changes that are asked for at once are made in their order", "[agent][keyring]") {
  Rig rig;
  std::vector<int> done;
  const auto told = [&](int which, bool ok) {
    return [&rig, &done, which, ok](const core::Status& status) {
      CHECK(status.ok() == ok);
      done.push_back(which);
      if (which == 4) rig.t.stop();
    };
  };
  rig.own.change(KeyringOp::use, rig.second, told(1, false));
  rig.own.change(KeyringOp::install, rig.second, told(2, true));
  rig.own.change(KeyringOp::use, rig.second, told(3, true));
  rig.own.change(KeyringOp::remove, rig.first, told(4, true));
  rig.t.run();
  CHECK(done == std::vector{1, 2, 3, 4});
  CHECK(rig.kept().keys() == std::vector{rig.second});
}

TEST_CASE("too many changes at once are refused, and the others are made", "[agent][keyring]") {
  Rig rig;
  int busy = 0, made = 0;
  for (int i = 0; i < 80; ++i)
    rig.own.change(KeyringOp::install, rig.second, [&](const core::Status& status) {
      ++(status.ok() ? made : busy);
      if (!status.ok()) CHECK(status.error().code == Errc::busy);
      if (made + busy == 80) rig.t.stop();
    });
  rig.t.run();
  CHECK(made == 64);
  CHECK(busy == 16);
}
