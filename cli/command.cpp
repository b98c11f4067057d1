// SPDX-License-Identifier: MPL-2.0
#include "cli/command.h"

#include <algorithm>

namespace cli {
namespace {

bool is_any(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}
bool asks_version(std::string_view word) { return is_any(word, {"-v", "-version", "--version"}); }
bool asks_help(std::string_view word) { return is_any(word, {"-h", "-help", "--help"}); }

std::size_t words_in(std::string_view name) {
  return 1 + static_cast<std::size_t>(std::count(name.begin(), name.end(), ' '));
}

std::string begin_of(const std::vector<std::string>& arguments, std::size_t words) {
  std::string out;
  for (std::size_t i = 0; i < std::min(words, arguments.size()); ++i) out += (i > 0 ? " " : "") + arguments[i];
  return out;
}

const Command* find(const std::vector<std::string>& arguments) {
  const Command* best = nullptr;
  for (const auto& command : commands())
    if (begin_of(arguments, words_in(command.name)) == command.name &&
        (best == nullptr || words_in(command.name) > words_in(best->name)))
      best = &command;
  return best;
}

std::string list(std::string_view prefix) {
  std::vector<Row> rows;
  std::size_t longest = 0;
  for (const auto& command : commands()) {
    const bool listed = prefix.empty() ? !command.hidden : command.name.starts_with(prefix);
    if (listed) longest = std::max(longest, command.name.size());
  }
  std::string out;
  for (const auto& command : commands()) {
    if (prefix.empty() ? command.hidden : !command.name.starts_with(prefix)) continue;
    out += "\n    " + std::string(command.name) + std::string(longest - command.name.size() + 4, ' ') + std::string(command.synopsis);
  }
  return out;
}

std::string overview() {
  return "usage: nomad [--version] [--help] <command> [<args>]\n\nAvailable commands are:" + list("");
}

// "nomad job": a word that only begins the names of commands.
bool is_group(const std::string& word) {
  return std::any_of(commands().begin(), commands().end(),
                     [&](const auto& command) { return command.name.starts_with(word + " "); });
}

}  // namespace

int usage_error(const Context& context, std::string_view message, std::string_view help) {
  context.ui.err(message);
  context.ui.out(help);
  return 1;
}

int fail(const Context& context, std::string_view message) {
  context.ui.err(message);
  return 1;
}

std::optional<int> unless_confirmed(const Context& context, std::string_view question, std::string_view cancelled) {
  const auto answer = context.ui.ask(std::string(question) + " [y/N] ");
  if (!answer) return fail(context, "Failed to parse answer: EOF");
  const auto first = answer->empty() ? 'n' : answer->front();
  if (first == 'n' || first == 'N') return context.ui.out(cancelled), 0;
  if (*answer == "y") return std::nullopt;
  if ((first == 'y' || first == 'Y') && answer->size() > 1) return context.ui.out("For confirmation, an exact 'y' is required."), 0;
  context.ui.out("No confirmation detected. For confirmation, an exact 'y' is required.");
  return 1;
}

int dispatch(const Context& context, const std::vector<std::string>& arguments) {
  const auto before_dashes = std::find(arguments.begin(), arguments.end(), "--");
  const auto any = [&](auto asks) { return std::any_of(arguments.begin(), before_dashes, asks); };
  const auto* command = find(arguments);
  if (any(asks_version)) return find({"version"})->run(context, {});
  if (command == nullptr) {
    if (arguments.empty()) return context.ui.err(overview()), 1;
    if (asks_help(arguments[0])) return context.ui.out(overview()), 0;
    if (is_group(arguments[0]))
      return context.ui.err("Usage: nomad " + arguments[0] + " <subcommand> [options] [args]\n\nSubcommands:" + list(arguments[0] + " ")), 1;
    if (arguments[0].starts_with('-'))
      context.ui.err("Invalid flags before the subcommand. If these flags are for\nthe subcommand, please put them after the subcommand.\n");
    return context.ui.err(overview()), 1;
  }
  if (any(asks_help)) return context.ui.out(command->help), 0;
  const auto words = static_cast<std::ptrdiff_t>(words_in(command->name));
  return command->run(context, {arguments.begin() + words, arguments.end()});
}

}  // namespace cli
