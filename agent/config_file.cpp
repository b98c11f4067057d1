// SPDX-License-Identifier: MPL-2.0
#include "agent/config_file.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>

#include "agent/config_read.h"
#include "core/base/limits.h"
#include "core/jobspec/reader.h"

namespace agent::config {
namespace {

core::Error failed(std::string_view action, const std::string& path, int code) {
  std::string words = std::strerror(code);
  if (!words.empty()) words[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(words[0])));
  return core::Error{code == ENOENT ? core::Errc::not_found : core::Errc::io,
                     std::string(action) + " " + path + ": " + words};
}

core::Result<std::string> read_file(const std::string& path) {
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) return failed("open", path, errno == 0 ? EIO : errno);
  std::string text;
  std::array<char, 64 * core::limits::kKiB> buffer;
  while (in.read(buffer.data(), buffer.size()) || in.gcount() > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(in.gcount()));
    if (text.size() > core::limits::kHclBytesMax)
      return core::Error{core::Errc::too_large,
                         path + " is larger than " + std::to_string(core::limits::kHclBytesMax) + " bytes"};
  }
  if (in.bad()) return failed("read", path, EIO);
  return text;
}

core::Result<Config> load_file(const std::string& path) {
  TRY(const auto text, read_file(path));
  auto layer = parse(text, path);
  if (layer.ok()) layer->files.push_back(path);
  return layer;
}

bool is_setting(std::string_view name) {
  const bool of_editor =
      name.ends_with('~') || name.starts_with(".#") || (name.starts_with('#') && name.ends_with('#'));
  return !of_editor && (name.ends_with(".hcl") || name.ends_with(".json"));
}

core::Result<Texts> settings_in(const std::string& directory) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(directory.c_str()), ::closedir);
  if (open == nullptr) return failed("open", directory, errno);
  Texts names;
  while (const auto* entry = ::readdir(open.get())) {
    struct stat info;
    const auto path = directory + (directory.ends_with('/') ? "" : "/") + entry->d_name;
    if (is_setting(entry->d_name) && ::stat(path.c_str(), &info) == 0 && !S_ISDIR(info.st_mode))
      names.push_back(path);
  }
  std::sort(names.begin(), names.end());
  return names;
}

core::Result<Config> load_directory(const std::string& directory) {
  TRY(const auto paths, settings_in(directory));
  Config merged;
  for (const auto& path : paths) {
    auto layer = load_file(path);
    if (!layer.ok()) return core::within("Error loading " + path, std::move(layer).error());
    merge(merged, *layer);
  }
  return merged;
}

// What Consul's own tools read.
core::Result<Config> of_environment() {
  const auto value = [](const char* name) {
    const char* text = std::getenv(name);
    return std::string(text != nullptr ? text : "");
  };
  Config out;
  out.consul.address = value("CONSUL_HTTP_ADDR");
  out.consul.token.text = value("CONSUL_HTTP_TOKEN");
  out.consul.auth.text = value("CONSUL_HTTP_AUTH");
  out.consul.ns = value("CONSUL_NAMESPACE");
  if (const auto ssl = value("CONSUL_HTTP_SSL"); !ssl.empty()) {
    auto assigned = core::jobspec::assign(core::jobspec::Value(ssl), out.consul.ssl);
    if (!assigned.ok()) return core::within("CONSUL_HTTP_SSL", std::move(assigned).error());
  }
  return out;
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

}  // namespace

core::Result<Config> load_path(const std::string& path) {
  struct stat info;
  auto layer = ::stat(path.c_str(), &info) != 0 ? core::Result<Config>(failed("stat", path, errno))
               : S_ISDIR(info.st_mode)          ? load_directory(path)
                                                : load_file(path);
  if (!layer.ok()) return core::within("Error loading configuration from " + path, std::move(layer).error());
  return layer;
}

core::Result<Config> load(const Flags& flags) {
  Config config = flags.dev ? dev_preset() : defaults();
  bool consul = false;
  const auto lay = [&](const Config& layer) {
    merge(config, layer);
    consul = consul || !layer.consul.address.empty();
  };
  TRY(const auto environment, of_environment());
  lay(environment);
  for (const auto& path : flags.config_paths) {
    TRY(const auto layer, load_path(path));
    lay(layer);
  }
  lay(flags.layer);
  config.consul.configured = consul;
  if (config.node_name.empty()) config.node_name = host_name();
  complete(config);
  TRY(validate(config));
  return config;
}

}  // namespace agent::config
