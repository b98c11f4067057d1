// SPDX-License-Identifier: MPL-2.0
#include "agent/client/drivers/task_config.h"

#include <algorithm>

#include "core/base/integer.h"

namespace agent::client {
namespace {

using core::Errc;
using core::Error;
using core::Result;
namespace json = core::json;

Error bad(const std::string& key, std::string_view wanted) {
  return {Errc::invalid, "failed to decode driver config: \"" + key + "\" must be " + std::string(wanted)};
}

// The text of a scalar: 5 and "5" are one.
std::optional<std::string> scalar(json::Value v) {
  switch (v.kind()) {
    case json::Kind::string: return std::string(v.string());
    case json::Kind::number: return v.text();
    case json::Kind::boolean: return v.boolean() ? "true" : "false";
    default: return std::nullopt;
  }
}

}  // namespace

Result<std::vector<std::string>> split_shell_words(std::string_view line) {
  std::vector<std::string> words;
  std::optional<std::string> word;
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool space = c == ' ' || c == '\t' || c == '\n';
    if (quote == 0 && space) {
      if (word) words.push_back(std::move(*word));
      word.reset();
      continue;
    }
    if (!word) word.emplace();
    if (c == '\\' && quote != '\'') {
      if (++i == line.size()) return Error{Errc::invalid, "couldn't parse args " + std::string(line) + ": ends in a backslash"};
      *word += line[i];
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == quote) {
      quote = 0;
    } else {
      *word += c;
    }
  }
  if (quote != 0) return Error{Errc::invalid, "couldn't parse args " + std::string(line) + ": a quote is not closed"};
  if (word) words.push_back(std::move(*word));
  return words;
}

const json::Raw* TaskConfig::find(const std::string& key) const {
  const auto it = task_.config.find(key);
  return it == task_.config.end() || it->second.text.empty() || it->second.text == "null" ? nullptr : &it->second;
}

core::Status TaskConfig::only(std::initializer_list<std::string_view> known) const {
  for (const auto& [key, value] : task_.config)
    if (std::find(known.begin(), known.end(), key) == known.end())
      return Error{Errc::invalid, "failed to decode driver config: unknown option \"" + key + "\""};
  return core::ok_status();
}

Result<std::string> TaskConfig::text(const std::string& key, std::string_view fallback) const {
  const auto* raw = find(key);
  if (raw == nullptr) return std::string(fallback);
  TRY(const auto document, json::parse(raw->text));
  const auto value = scalar(document.root());
  if (!value) return bad(key, "text");
  return env_.replace(*value);
}

Result<bool> TaskConfig::boolean(const std::string& key, bool fallback) const {
  TRY(const auto value, text(key, fallback ? "true" : "false"));
  if (value == "true" || value == "1") return true;
  if (value == "false" || value == "0") return false;
  return bad(key, "true or false");
}

Result<std::int64_t> TaskConfig::number(const std::string& key, std::int64_t fallback) const {
  TRY(const auto value, text(key, std::to_string(fallback)));
  if (const auto number = core::parse_integer<std::int64_t>(value)) return *number;
  return bad(key, "a whole number");
}

Result<core::Duration> TaskConfig::duration(const std::string& key, core::Duration fallback) const {
  if (find(key) == nullptr) return fallback;
  TRY(const auto value, text(key));
  const auto parsed = core::parse_duration(value);
  if (!parsed.ok()) return bad(key, "a duration like \"30s\"");
  return *parsed;
}

Result<std::vector<std::string>> TaskConfig::words(const std::string& key) const {
  const auto* raw = find(key);
  if (raw == nullptr) return std::vector<std::string>();
  TRY(const auto document, json::parse(raw->text));
  const auto root = document.root();
  std::vector<std::string> out;
  if (root.kind() == json::Kind::array) {
    for (std::size_t i = 0; i < root.size(); ++i) {
      const auto item = scalar(root.element(i));
      if (!item) return bad(key, "a list of texts");
      out.push_back(env_.replace(*item));
    }
    return out;
  }
  const auto line = scalar(root);
  if (!line) return bad(key, "a list of texts");
  TRY(out, split_shell_words(*line));
  for (auto& word : out) word = env_.replace_shell_style(env_.replace(word));
  return out;
}

}  // namespace agent::client
