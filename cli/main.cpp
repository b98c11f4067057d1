// SPDX-License-Identifier: MPL-2.0
// The one binary: commands over the HTTP API, the agent, and the small supervisor beside each task.
#include <cstdio>
#include <cstdlib>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "agent/run.h"
#include "cli/command.h"

namespace {

class Terminal final : public cli::Ui {
 public:
  void out(std::string_view line) override { print(stdout, line); }
  void err(std::string_view line) override { print(stderr, line); }
  std::optional<std::string> ask(std::string_view question) override {
    std::fwrite(question.data(), 1, question.size(), stdout);
    std::fflush(stdout);
    std::string line;
    int character = 0;
    while ((character = std::getchar()) != EOF && character != '\n') line += static_cast<char>(character);
    if (character == EOF && line.empty()) return std::nullopt;
    if (line.ends_with('\r')) line.pop_back();
    return line;
  }
  bool raw(std::string_view bytes) override {
    std::fwrite(bytes.data(), 1, bytes.size(), stdout);
    return std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  }

 private:
  static void print(std::FILE* stream, std::string_view line) {
    std::fwrite(line.data(), 1, line.size(), stream);
    std::fputc('\n', stream);
    std::fflush(stream);
  }
};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

core::WallTime wall_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()};
}

}  // namespace

int main(int argc, char** argv) {
  // Before anything else is set up: a supervisor is to stay small.
  if (argc > 1 && std::string_view(argv[1]) == "executor") return agent::run_executor(argc - 1, argv + 1);
  Terminal terminal;
  return cli::dispatch({.ui = terminal, .env = environment, .now = wall_clock},
                       {argv + 1, argv + argc});
}
