// SPDX-License-Identifier: MPL-2.0
#include "agent/config_file.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

using namespace agent::config;

namespace {

class Directory {
 public:
  Directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "config-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  std::string write(const std::string& name, std::string_view text) const {
    const auto file = path_ + "/" + name;
    std::filesystem::create_directories(std::filesystem::path(file).parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return file;
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Flags with_paths(Texts paths) {
  Flags flags;
  flags.config_paths = std::move(paths);
  return flags;
}

}  // namespace

TEST_CASE("a directory gives its .hcl and .json files in order of name", "[agent][config]") {
  const Directory dir;
  dir.write("b.json", R"({"region": "from-b"})");
  dir.write("a.hcl", "region = \"from-a\"\nname = \"from-a\"");
  for (const auto* skipped : {"c.hcl~", ".#c.hcl", "#c.hcl#", "c.conf", "sub/c.hcl", "d.hcl/e.hcl"})
    dir.write(skipped, "syntax error {");
  const auto config = load_path(dir.path());
  REQUIRE(config.ok());
  CHECK(config->region == "from-b");
  CHECK(config->node_name == "from-a");
  CHECK(config->files == Texts{dir.path() + "/a.hcl", dir.path() + "/b.json"});
}

TEST_CASE("a file is read whatever its name", "[agent][config]") {
  const Directory dir;
  CHECK(load_path(dir.write("x.conf", "region = \"r\"")).value().region == "r");
}

TEST_CASE("paths are read in the order given, flags win", "[agent][config]") {
  const Directory dir;
  const auto first = dir.write(
      "z.hcl", "region = \"first\"\ndatacenter = \"first\"\nserver { enabled = true }\ndata_dir = \"/d\"");
  const auto second = dir.write("a.hcl", "datacenter = \"second\"\nname = \"second\"");
  auto flags = with_paths({first, second});
  REQUIRE(set_flag(flags, "node", "flag").ok());
  const auto config = load(flags);
  REQUIRE(config.ok());
  CHECK(config->region == "first");
  CHECK(config->datacenter == "second");
  CHECK(config->node_name == "flag");
  CHECK(config->bind_addr == "127.0.0.1");
  CHECK(config->files.size() == 2);
}

TEST_CASE("what the environment says of Consul stands behind files and flags", "[agent][config][consul]") {
  Flags flags;
  REQUIRE(set_flag(flags, "dev", "true").ok());
  CHECK_FALSE(load(flags).value().consul.configured);
  ::setenv("CONSUL_HTTP_ADDR", "10.0.0.1:8500", 1);
  ::setenv("CONSUL_HTTP_TOKEN", "sesame", 1);
  const auto by_environment = load(flags);
  REQUIRE(set_flag(flags, "consul-address", "10.0.0.2:8500").ok());
  const auto by_flag = load(flags);
  ::setenv("CONSUL_HTTP_SSL", "perhaps", 1);
  const auto nonsense = load(flags);
  for (const auto* name : {"CONSUL_HTTP_ADDR", "CONSUL_HTTP_TOKEN", "CONSUL_HTTP_SSL"}) ::unsetenv(name);
  REQUIRE(by_environment.ok());
  CHECK(by_environment->consul.address == "10.0.0.1:8500");
  CHECK(by_environment->consul.token.text == "sesame");
  CHECK(by_environment->consul.configured);
  REQUIRE(by_flag.ok());
  CHECK(by_flag->consul.address == "10.0.0.2:8500");
  CHECK(by_flag->consul.configured);
  REQUIRE_FALSE(nonsense.ok());
  CHECK(nonsense.error().detail.starts_with("CONSUL_HTTP_SSL: "));
}

TEST_CASE("a node is named after its host unless told otherwise", "[agent][config]") {
  Flags flags;
  REQUIRE(set_flag(flags, "dev", "true").ok());
  CHECK(!load(flags).value().node_name.empty());
}

TEST_CASE("what cannot be loaded is named", "[agent][config]") {
  const Directory dir;
  const auto missing = dir.path() + "/missing";
  CHECK(load_path(missing).error().detail ==
        "Error loading configuration from " + missing + ": stat " + missing + ": no such file or directory");
  const auto bad = dir.write("bad.hcl", "foo = 1");
  CHECK(load_path(bad).error().detail.find("Error loading configuration from " + bad + ": " + bad +
                                           ":1,1-4: Unsupported argument") == 0);
  CHECK(load_path(dir.path())
            .error()
            .detail.find("Error loading configuration from " + dir.path() + ": Error loading " + bad +
                         ": ") == 0);
}

TEST_CASE("an empty directory is an empty configuration", "[agent][config]") {
  const Directory dir;
  const auto config = load_path(dir.path());
  REQUIRE(config.ok());
  CHECK(config->files.empty());
}

TEST_CASE("what is merged is validated", "[agent][config]") {
  CHECK(load(Flags{}).error().detail == "Must specify either server, client or dev mode for the agent.");
}
