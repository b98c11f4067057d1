// SPDX-License-Identifier: MPL-2.0
// A command: its name ("job run"), what it says of itself, and what it does. The list is in
// commands.cpp; dispatch picks the longest name that the arguments begin with.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/output.h"

namespace cli {

// What a command may use of the process: tests give their own.
struct Context {
  Ui& ui;
  std::function<std::string(const char*)> env;  // "" when unset
  std::function<core::WallTime()> now;
};

struct Command {
  std::string_view name;
  std::string_view synopsis;
  std::string_view help;  // all of it, as -help prints
  int (*run)(const Context& context, std::vector<std::string> arguments);
  bool hidden = false;    // not in the list of commands
};

std::span<const Command> commands();
// Runs what the arguments (without the program's name) ask for; returns the exit code.
int dispatch(const Context& context, const std::vector<std::string>& arguments);

// Parsed by a command itself; both print and return exit code 1.
int usage_error(const Context& context, std::string_view message, std::string_view help);
int fail(const Context& context, std::string_view message);
// Asks `question` where the user named an object by the beginning of its id. Nothing: go on. Else the
// exit code; `cancelled` is said when the answer is no.
std::optional<int> unless_confirmed(const Context& context, std::string_view question, std::string_view cancelled);

}  // namespace cli
