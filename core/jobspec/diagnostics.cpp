// SPDX-License-Identifier: MPL-2.0
#include "core/jobspec/diagnostics.h"

#include <algorithm>

#include "core/base/limits.h"

namespace core::jobspec {
namespace {

constexpr std::size_t kShownWidthMax = 160;  // a longer source line is not quoted

struct Place {
  std::size_t line = 1;
  std::size_t column = 1;
};

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

Place place_of(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, offset);
  const auto line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  Place place;
  place.line += static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  for (const char c : before.substr(line_start)) place.column += continues_character(c) ? 0 : 1;
  return place;
}

std::string_view line_around(std::string_view text, std::size_t offset) {
  const auto begin = text.substr(0, offset).rfind('\n') + 1;
  const auto end = text.find('\n', offset);
  auto line = text.substr(begin, end == std::string_view::npos ? end : end - begin);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// The quoted line and the caret line under it. Tabs are kept, so that the caret stays aligned.
void append_excerpt(std::string& out, std::string_view line, const Place& from, std::size_t width) {
  if (line.empty() || line.size() > kShownWidthMax) return;
  const std::string number = std::to_string(from.line);
  out += "  " + number + " | " + std::string(line) + "\n  " + std::string(number.size(), ' ') + " | ";
  std::size_t column = 1;
  for (std::size_t i = 0; i < line.size() && column < from.column; ++i) {
    if (continues_character(line[i])) continue;
    out += line[i] == '\t' ? '\t' : ' ';
    ++column;
  }
  out += std::string(std::max<std::size_t>(width, 1), '^') + "\n";
}

void append(std::string& out, const Diagnostic& d) {
  const auto words = d.detail.empty() ? d.summary : d.summary + "; " + d.detail;
  if (d.source == nullptr) {
    out += "<nil>: " + words + "\n";
    return;
  }
  const std::string_view text = d.source->text;
  const std::size_t begin = std::min<std::size_t>(d.range.begin, text.size());
  const std::size_t end = std::clamp<std::size_t>(d.range.end, begin, text.size());
  const auto from = place_of(text, begin);
  const auto to = place_of(text, end);
  out += d.source->name + ":" + std::to_string(from.line) + "," + std::to_string(from.column) + "-";
  if (to.line != from.line) out += std::to_string(to.line) + ",";
  out += std::to_string(to.column) + ": " + words + "\n";
  const auto width = to.line == from.line ? to.column - from.column : 1;
  append_excerpt(out, line_around(text, begin), from, width);
}

// Levenshtein distance, given up on as soon as it must exceed `limit`.
std::size_t distance(std::string_view a, std::string_view b, std::size_t limit) {
  if (a.size() > b.size() + limit || b.size() > a.size() + limit) return limit + 1;
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

void Diagnostics::error(const Source& source, Range range, std::string summary, std::string detail) {
  ++count_;
  if (entries_.size() < limits::kDiagnosticsMax)
    entries_.push_back({&source, range, std::move(summary), std::move(detail)});
}

void Diagnostics::error(std::string summary, std::string detail) {
  ++count_;
  if (entries_.size() < limits::kDiagnosticsMax)
    entries_.push_back({nullptr, {}, std::move(summary), std::move(detail)});
}

bool Diagnostics::full() const { return entries_.size() >= limits::kDiagnosticsMax; }

std::string Diagnostics::render() const {
  std::string out;
  for (const auto& entry : entries_) append(out, entry);
  if (count_ > entries_.size())
    out += "... and " + std::to_string(count_ - entries_.size()) + " more errors\n";
  if (out.ends_with('\n')) out.pop_back();
  return out;
}

Error Diagnostics::to_error() const {
  ASSERT(!ok());
  return Error{Errc::invalid, render()};
}

std::string_view closest(std::string_view word, const std::vector<std::string_view>& names) {
  constexpr std::size_t kTyposMax = 2;
  if (word.size() > 64) return "";
  std::string_view best;
  std::size_t best_distance = kTyposMax + 1;
  for (const auto name : names) {
    const auto d = distance(word, name, kTyposMax);
    if (d < best_distance && d < word.size()) {
      best_distance = d;
      best = name;
    }
  }
  return best;
}

}  // namespace core::jobspec
