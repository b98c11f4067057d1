// SPDX-License-Identifier: MPL-2.0
#include "cli/output.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace cli {
namespace {

// Code points: continuation bytes of UTF-8 take no column.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string joined(std::vector<Row> rows, std::string_view empty, std::string_view separator) {
  std::vector<std::size_t> widths;
  for (auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (row[i].empty()) row[i] = empty;
      if (widths.size() <= i) widths.push_back(0);
      widths[i] = std::max(widths[i], width(row[i]));
    }
  std::string out;
  for (const auto& row : rows) {
    if (!out.empty()) out += '\n';
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += row[i];
      if (i + 1 == row.size()) break;
      out.append(widths[i] - width(row[i]), ' ');
      out += separator;
    }
  }
  return out;
}

}  // namespace

std::string table(const std::vector<Row>& rows, std::string_view empty) { return joined(rows, empty, "  "); }

std::string key_values(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::vector<Row> rows;
  for (const auto& [key, value] : entries) rows.push_back({key, value});
  return joined(std::move(rows), "<none>", " = ");
}

std::string shown_id(std::string_view id, bool whole) { return std::string(whole ? id : id.substr(0, kShortId)); }

std::string relative_time(core::WallTime then, core::WallTime now) {
  if (!then.set()) return "";
  const bool past = then <= now;
  auto seconds = std::chrono::round<std::chrono::seconds>(past ? now - then : then - now).count();
  constexpr std::array<std::pair<std::int64_t, std::string_view>, 6> kUnits{
      {{31'536'000, "y"}, {2'592'000, "mo"}, {86'400, "d"}, {3'600, "h"}, {60, "m"}, {1, "s"}}};
  std::string out;
  int shown = 0;
  for (const auto& [size, name] : kUnits) {
    const auto count = seconds / size;
    seconds %= size;
    if (shown == 1 && count == 0) break;
    if (count == 0) continue;
    out += std::to_string(count) + std::string(name);
    if (++shown == 2) break;
  }
  if (out.empty()) out = "0s";
  return out + (past ? " ago" : " from now");
}

std::string absolute_time(core::WallTime then) {
  if (!then.set()) return "";
  constexpr std::int64_t kSecond = 1'000'000'000;
  return core::format_rfc3339({then.ns / kSecond * kSecond});
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::array<const char*, 7> kUnits{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
  char text[64];
  std::snprintf(text, sizeof text, unit > 0 && value < 10 ? "%.1f %s" : "%.0f %s", value, kUnits[unit]);
  return text;
}

std::string wrapped(std::string_view text, std::size_t columns) {
  std::string out;
  std::size_t at = 0;
  while (!text.empty()) {
    const auto space = text.find(' ');
    const auto word = text.substr(0, space);
    if (at > 0 && at + 1 + word.size() > columns) {
      out += '\n';
      at = 0;
    } else if (at > 0) {
      out += ' ';
      ++at;
    }
    out += word;
    at += word.size();
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
  }
  return out;
}

}  // namespace cli
