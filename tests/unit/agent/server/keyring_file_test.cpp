// SPDX-License-Identifier: MPL-2.0
#include "agent/server/keyring_file.h"

#include <catch2/catch.hpp>

#include <sys/stat.h>

#include "store/env_posix.h"
#include "store/replace_file.h"
#include "tests/support/temp_dir.h"

using namespace agent::server;
using core::Errc;
using net::secure::Keyring;
using net::secure::parse_key;

namespace {

const std::string kKey = "pUqJrVyVRj5jsiYEkM/tFQYfWyJIv4s3XkvDwy7Cu5s=", kOther = "cg8StVXbQJ0gPvMd9o7yrg==";

class Lines final : public core::Sink {
 public:
  bool enabled(core::Level) const override { return true; }
  void write(core::Level level, std::string_view text) override { (level == core::Level::warn ? warnings : others) += std::string(text) + "\n"; }
  std::string warnings, others;
};

struct Rig {
  test::TempDir dir;
  store::PosixEnv env;
  Lines lines;
  core::Result<std::optional<Keyring>> open(const std::string& configured) {
    return open_keyring(env, dir.path(), configured, core::Logger(lines, "gossip"));
  }
  void put(const std::string& text) { REQUIRE(store::replace_file(env, keyring_path(dir.path()), text).ok()); }
};

}  // namespace

TEST_CASE("a server without a key and without a keyring has none, and no file is made", "[agent][keyring]") {
  Rig rig;
  const auto keys = rig.open("");
  REQUIRE(keys.ok());
  CHECK_FALSE(keys->has_value());
  CHECK_FALSE(*rig.env.exists(keyring_path(rig.dir.path())));
}

TEST_CASE("the configured key begins the keyring, which nobody else may read", "[agent][keyring]") {
  Rig rig;
  const auto begun = rig.open(kOther);
  REQUIRE((begun.ok() && begun->has_value()));
  CHECK((*begun)->primary() == *parse_key(kOther));
  CHECK(rig.lines.warnings.empty());
  struct stat seen {};
  REQUIRE(::stat(keyring_path(rig.dir.path()).c_str(), &seen) == 0);
  CHECK((seen.st_mode & 0777) == 0600);
  CHECK(keyring_path(rig.dir.path()).ends_with("/serf.keyring"));

  SECTION("and is there without being configured") {
    const auto again = rig.open("");
    REQUIRE((again.ok() && again->has_value()));
    CHECK((*again)->primary() == *parse_key(kOther));
    CHECK(rig.lines.warnings.empty());
  }
  SECTION("and counts when another one is configured later, which is warned of without either key") {
    const auto again = rig.open(kKey);
    REQUIRE((again.ok() && again->has_value()));
    CHECK((*again)->keys().size() == 1);
    CHECK((*again)->primary() == *parse_key(kOther));
    CHECK(rig.lines.warnings.find("keyring exists but encrypt given, using keyring") != std::string::npos);
    for (const auto& key : {kKey, kOther}) CHECK((rig.lines.warnings + rig.lines.others).find(key) == std::string::npos);
  }
}

TEST_CASE("a keyring is a JSON array with the primary key first, each key as it was given", "[agent][keyring]") {
  Keyring keys(*parse_key(kOther));
  keys.add(*parse_key(kKey));
  CHECK(encode(keys) == "[\"" + kOther + "\",\"" + kKey + "\"]\n");
  const auto read = decode_keyring(encode(keys));
  REQUIRE(read.ok());
  CHECK(read->keys() == keys.keys());
  // As Nomad's servers write it.
  const auto spread = decode_keyring("[\n  \"" + kKey + "\",\n  \"" + kOther + "\",\n  \"" + kKey + "\"\n]");
  REQUIRE(spread.ok());
  CHECK(spread->keys().size() == 2);
  CHECK(spread->primary() == *parse_key(kKey));
}

TEST_CASE("more keys than a keyring takes are not read", "[agent][keyring]") {
  Keyring keys(*parse_key(kOther));
  for (std::size_t i = 1; i < kKeyringKeysMax; ++i) keys.add(*parse_key(net::secure::generate_key()));
  CHECK(decode_keyring(encode(keys)).ok());
  keys.add(*parse_key(kKey));
  CHECK_FALSE(decode_keyring(encode(keys)).ok());
}

TEST_CASE("a damaged keyring is one clear error that names the file and shows no key", "[agent][keyring]") {
  const auto text = GENERATE_COPY(as<std::string>(), "", "[]", "null", "{}", "[7]", kKey, "[\"" + kKey + "\"", "[\"" + kKey + "\",\"AAAA\"]",
                                  "[\"" + kKey + "\",\"" + kOther.substr(1) + "\"]", "[[\"" + kKey + "\"]]", std::string(70'000, ' '));
  CAPTURE(text);
  Rig rig;
  rig.put(text);
  const auto keys = rig.open(kKey);
  REQUIRE_FALSE(keys.ok());
  CHECK(keys.error().code == Errc::invalid);
  CHECK(keys.error().detail.starts_with(keyring_path(rig.dir.path()) + ": "));
  CHECK(keys.error().detail.find(kKey.substr(0, 20)) == std::string::npos);
  CHECK(keys.error().detail.find(kOther.substr(1, 10)) == std::string::npos);
}
