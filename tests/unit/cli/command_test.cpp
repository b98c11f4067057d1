// SPDX-License-Identifier: MPL-2.0
#include "cli/command.h"

#include <catch2/catch.hpp>

#include <set>

namespace {

class Recorder final : public cli::Ui {
 public:
  void out(std::string_view line) override { shown += std::string(line) + "\n"; }
  void err(std::string_view line) override { errors += std::string(line) + "\n"; }
  bool raw(std::string_view bytes) override { return shown += bytes, true; }
  std::optional<std::string> ask(std::string_view question) override {
    shown += question;
    return answer;
  }
  std::string shown, errors;
  std::optional<std::string> answer;  // to the next question
};

struct Shell {
  Recorder ui;
  cli::Context context{.ui = ui, .env = [](const char*) { return std::string(); }, .now = [] { return core::WallTime{}; }};
  int run(const std::vector<std::string>& arguments) { return cli::dispatch(context, arguments); }
};

}  // namespace

TEST_CASE("only y means yes", "[cli]") {
  struct Case {
    const char* answer;
    std::optional<int> code;
  };
  const auto [answer, code] = GENERATE(values<Case>({{"y", {}}, {"", 0}, {"n", 0}, {"No", 0}, {"yes", 0}, {"perhaps", 1}}));
  Shell shell;
  shell.ui.answer = answer;
  CHECK(cli::unless_confirmed(shell.context, "Are you sure?", "Cancelling") == code);
  CHECK(shell.ui.shown.starts_with("Are you sure? [y/N] "));
}

TEST_CASE("no answer at all is an error", "[cli]") {
  Shell shell;
  CHECK(cli::unless_confirmed(shell.context, "Are you sure?", "Cancelling") == 1);
  CHECK(shell.ui.errors.find("Failed to parse answer: EOF") != std::string::npos);
}

TEST_CASE("every command has a name of its own, a synopsis and help that names its usage in a screen's width", "[cli]") {
  std::set<std::string_view> names;
  for (const auto& command : cli::commands()) {
    CAPTURE(command.name);
    CHECK(names.insert(command.name).second);
    CHECK(!command.synopsis.empty());
    CHECK(command.help.starts_with("Usage: nomad "));
    for (std::string_view rest = command.help; !rest.empty();) {
      const auto line = rest.substr(0, rest.find('\n'));
      CHECK(line.size() <= 92);
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    }
  }
}

TEST_CASE("every command says its help, and refuses flags that it does not have", "[cli]") {
  for (const auto& command : cli::commands()) {
    if (command.name == "version" || command.name == "init" || command.name == "job init") continue;
    CAPTURE(command.name);
    std::vector<std::string> words;
    for (std::string_view rest = command.name; !rest.empty();) {
      words.emplace_back(rest.substr(0, rest.find(' ')));
      rest.remove_prefix(std::min(rest.size(), words.back().size() + 1));
    }
    Shell shell;
    auto help = words;
    help.emplace_back("-help");
    CHECK(shell.run(help) == 0);
    CHECK(shell.ui.shown.find("Usage: nomad ") != std::string::npos);
    words.emplace_back("-no-such-flag");
    CHECK(shell.run(words) == 1);
    CHECK(shell.ui.errors.find("flag provided but not defined: -no-such-flag") != std::string::npos);
  }
}

TEST_CASE("no command, and one that does not exist, show the list", "[cli]") {
  Shell shell;
  CHECK(shell.run({}) == 1);
  CHECK(shell.ui.errors.find("Available commands are:") != std::string::npos);
  Shell other;
  CHECK(other.run({"frobnicate"}) == 1);
  CHECK(other.ui.errors.find("\n    server-join") != std::string::npos);
}

TEST_CASE("keygen prints 32 random bytes in base64, under both names", "[cli]") {
  std::set<std::string> keys;
  for (const auto& words : {std::vector<std::string>{"keygen"}, {"operator", "keygen"}, {"operator", "keygen"}}) {
    Shell shell;
    CHECK(shell.run(words) == 0);
    CHECK(shell.ui.shown.size() == 44 + 1);
    CHECK(shell.ui.shown.ends_with("=\n"));
    CHECK(keys.insert(shell.ui.shown).second);
  }
}

TEST_CASE("keygen prints the clients' key of a cluster key, always the same one", "[cli]") {
  const std::string cluster = "pUqJrVyVRj5jsiYEkM/tFQYfWyJIv4s3XkvDwy7Cu5s=";
  Shell first, again, other, bad;
  CHECK(first.run({"operator", "keygen", "-clients-of=" + cluster}) == 0);
  CHECK(again.run({"keygen", "-clients-of", cluster}) == 0);
  CHECK(other.run({"keygen", "-clients-of=cg8StVXbQJ0gPvMd9o7yrg=="}) == 0);
  CHECK(first.ui.shown.size() == 44 + 1);
  CHECK(first.ui.shown == again.ui.shown);
  CHECK(first.ui.shown != other.ui.shown);
  CHECK(first.ui.shown != cluster + "\n");
  CHECK(bad.run({"keygen", "-clients-of=AAAA"}) == 1);
  CHECK(bad.ui.errors == "Invalid encryption key: key size must be 16, 24 or 32 bytes\n");
}

TEST_CASE("keyring takes exactly one action", "[cli]") {
  Shell none, two;
  CHECK(none.run({"operator", "keyring"}) == 1);
  CHECK(none.ui.errors == "No actionable argument was passed\nFor additional help try 'nomad operator keyring -help'\n");
  CHECK(none.ui.shown.empty());
  const auto arguments = GENERATE(values<std::vector<std::string>>({{"keyring", "-list", "-use", "k"}, {"keyring", "-install=k", "-remove=k"},
                                                                    {"operator", "keyring", "-list", "-install=k", "-use=k", "-remove=k"}}));
  CHECK(two.run(arguments) == 1);
  CHECK(two.ui.errors == "Only a single action is allowed\nFor additional help try 'nomad operator keyring -help'\n");
}
