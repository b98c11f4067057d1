// SPDX-License-Identifier: MPL-2.0
// operator snapshot save, inspect, restore, state. What was saved is read back and checked before it gets
// its name; what is to be restored is checked before it is sent, and again by the server.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>

#include "agent/run.h"
#include "cli/api.h"
#include "cli/commands.h"
#include "cli/help.h"

namespace cli {
namespace {

constexpr std::string_view kPath = "/v1/operator/snapshot";

std::string default_name(core::WallTime now) {
  const auto seconds = static_cast<std::time_t>(now.ns / 1'000'000'000);
  std::tm day{};
  ::gmtime_r(&seconds, &day);
  char text[16];
  std::strftime(text, sizeof text, "%Y%m%d", &day);
  return std::string("nomad-state-") + text + "-" + std::to_string(seconds) + ".snap";
}

bool exists(const std::string& path) { return std::ifstream(path).good(); }

std::string system_error() { return std::strerror(errno); }

core::Status download(const Api& api, bool stale, const std::string& path) {
  Api::Parameters parameters;
  if (stale) parameters.emplace_back("stale", "true");
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  if (!file) return core::Error{core::Errc::io, "Failed to create \"" + path + "\": " + system_error()};
  const auto got = api.stream(kPath, parameters, [&](std::string_view bytes) { return file.write(bytes.data(), static_cast<std::streamsize>(bytes.size())).good(); });
  if (!got.ok()) return core::Error{got.error().code, "Failed to get snapshot file: " + got.error().detail};
  file.close();
  if (!file) return core::Error{core::Errc::io, "Failed to write \"" + path + "\": " + system_error()};
  const auto checked = ::agent::inspect_snapshot(path);
  if (!checked.ok()) return core::Error{checked.error().code, "Failed to verify the snapshot: " + checked.error().detail};
  return core::ok_status();
}

// The one file a command works on; nothing when the exit code is set.
std::optional<std::string> only_file(const Context& context, Flags& flags, Arguments& arguments, std::string_view help, int& code) {
  const auto words = flags.parse(arguments);
  if (!words.ok()) code = usage_error(context, words.error().detail, help);
  else if (words->size() != 1) code = usage_error(context, "This command takes one argument: <file>", help);
  else return words->front();
  return std::nullopt;
}

}  // namespace

int operator_snapshot_save(const Context& context, Arguments arguments) {
  bool stale = false;
  Flags flags;
  Api api;
  api.add_flags(flags);
  flags.boolean("stale", stale);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kSnapshotSave);
  if (words->size() > 1) return usage_error(context, "This command takes either no arguments or one: <file>", help::kSnapshotSave);
  const auto path = words->empty() ? default_name(context.now()) : words->front();
  if (exists(path)) return fail(context, "Destination file already exists: \"" + path + "\"");
  if (const auto connected = api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  const auto unchecked = path + ".unverified";
  if (const auto saved = download(api, stale, unchecked); !saved.ok()) {
    std::remove(unchecked.c_str());
    return fail(context, saved.error().detail);
  }
  if (std::rename(unchecked.c_str(), path.c_str()) != 0) return fail(context, "Failed to rename \"" + unchecked + "\": " + system_error());
  context.ui.out("State file written to " + path);
  return 0;
}

int operator_snapshot_inspect(const Context& context, Arguments arguments) {
  int code = 0;
  Flags flags;
  const auto path = only_file(context, flags, arguments, help::kSnapshotInspect, code);
  if (!path) return code;
  const auto snapshot = ::agent::inspect_snapshot(*path);
  if (!snapshot.ok()) return fail(context, "Error verifying snapshot: " + snapshot.error().detail);
  context.ui.out(table({{"ID", snapshot->id},
                        {"Size", std::to_string(snapshot->bytes)},
                        {"Index", std::to_string(snapshot->index.value)},
                        {"Term", std::to_string(snapshot->term.value)},
                        {"Version", std::to_string(snapshot->version)}}));
  return 0;
}

int operator_snapshot_restore(const Context& context, Arguments arguments) {
  int code = 0;
  Flags flags;
  Api api;
  api.add_flags(flags);
  const auto path = only_file(context, flags, arguments, help::kSnapshotRestore, code);
  if (!path) return code;
  if (const auto connected = api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  if (const auto sound = ::agent::inspect_snapshot(*path); !sound.ok()) return fail(context, "Error verifying snapshot: " + sound.error().detail);
  std::ifstream file(*path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) return fail(context, "Error reading \"" + *path + "\": " + system_error());
  if (const auto restored = api.upload(kPath, std::move(bytes)); !restored.ok()) return fail(context, "Error restoring snapshot: " + restored.error().detail);
  context.ui.out("Snapshot Restored");
  return 0;
}

int operator_snapshot_state(const Context& context, Arguments arguments) {
  int code = 0;
  Flags flags;
  const auto path = only_file(context, flags, arguments, help::kSnapshotState, code);
  if (!path) return code;
  const auto printed = ::agent::print_state(*path, [&](std::string_view bytes) { context.ui.raw(bytes); });
  if (!printed.ok()) return fail(context, "Error reading snapshot: " + printed.error().detail);
  return 0;
}

}  // namespace cli
