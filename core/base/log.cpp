// SPDX-License-Identifier: MPL-2.0
#include "core/base/log.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace core {
namespace {

constexpr std::array<std::string_view, 5> kLevels{"TRACE", "DEBUG", "INFO", "WARN", "ERROR"};

bool needs_quotes(std::string_view value) {
  return value.empty() || value.find_first_of(" \t\n\r\"=") != std::string_view::npos;
}

void append_value(std::string& out, std::string_view value) {
  if (!needs_quotes(value)) {
    out += value;
    return;
  }
  out += '"';
  for (const char c : value) {
    if (c == '\n') out += "\\n";
    else if (c == '\r') out += "\\r";
    else if (c == '\t') out += "\\t";
    else if (c == '"') out += "\\\"";
    else out += c;
  }
  out += '"';
}

}  // namespace

std::string_view to_string(Level level) { return kLevels[static_cast<std::size_t>(level)]; }

Result<Level> parse_level(std::string_view word) {
  std::string upper(word);
  std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return std::toupper(c); });
  if (upper == "ERR") upper = "ERROR";
  for (std::size_t i = 0; i < kLevels.size(); ++i)
    if (kLevels[i] == upper) return static_cast<Level>(i);
  return Error{Errc::invalid, "Invalid log level: " + std::string(word) + ". Valid log levels are: [TRACE DEBUG INFO WARN ERR]"};
}

Logger Logger::named(std::string_view subsystem) const {
  if (sink_ == nullptr) return {};
  return Logger(*sink_, subsystem);
}

void Logger::write(Level level, std::string_view sentence, std::initializer_list<Pair> pairs) const {
  std::string text = subsystem_ + ": " + std::string(sentence);
  const char* separator = ": ";
  for (const auto& pair : pairs) {
    text += separator;
    text += pair.key;
    text += '=';
    append_value(text, pair.value);
    separator = " ";
  }
  sink_->write(level, text);
}

}  // namespace core
