// SPDX-License-Identifier: MPL-2.0
// What commands print: tables and key-value blocks in Nomad's layout, times, and the two streams.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/time.h"

namespace cli {

class Ui {
 public:
  virtual ~Ui() = default;
  virtual void out(std::string_view line) = 0;  // stdout, with a newline
  virtual void err(std::string_view line) = 0;  // stderr, with a newline
  // Shows the question on stdout and reads one line of stdin, without its newline; nothing at the end of it.
  virtual std::optional<std::string> ask(std::string_view question) = 0;
  // stdout, as they are; false when nobody reads it any more, as behind `| head`.
  virtual bool raw(std::string_view bytes) = 0;
};

using Row = std::vector<std::string>;
// Columns padded to their widest cell and joined by two spaces; the last cell of a row is not padded.
// `empty` stands for an empty cell. No newline at the end.
std::string table(const std::vector<Row>& rows, std::string_view empty = "<none>");
// "Key  = value" lines with the '=' aligned.
std::string key_values(const std::vector<std::pair<std::string, std::string>>& entries);

inline constexpr std::size_t kShortId = 8;
// The first 8 characters, or all of it.
std::string shown_id(std::string_view id, bool whole);
// "3m12s ago", the two largest units; "0s ago" under a second; "from now" for the future.
std::string relative_time(core::WallTime then, core::WallTime now);
// "2006-01-02T15:04:05Z"; empty for a time that is not set.
std::string absolute_time(core::WallTime then);
// Bytes in IEC units as Nomad prints them: "4.0 KiB", "300 MiB", "0 B".
std::string size_text(std::uint64_t bytes);
// Text wrapped at 78 columns, each line prefixed.
std::string wrapped(std::string_view text, std::size_t width = 78);

}  // namespace cli
