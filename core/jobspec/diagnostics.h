// SPDX-License-Identifier: MPL-2.0
// What is wrong with a source text and where: "file:line,col-col: summary; detail", followed by the
// source line with a caret under the place. Errors are collected, so that one run shows several.
//
// Places are byte ranges; line and column (in characters, from 1) are found when a message is
// rendered. A Source outlives the Diagnostics that speak of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace core::jobspec {

struct Range {  // bytes [begin, end) of a source
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

struct Source {
  std::string name;  // as the user knows it: a path, or "<value for var.x>"
  std::string text;
};

struct Diagnostic {
  const Source* source = nullptr;  // null: about the input as a whole
  Range range;
  std::string summary;
  std::string detail;
};

class Diagnostics {
 public:
  // Keeps the first kDiagnosticsMax errors and counts the rest.
  void error(const Source& source, Range range, std::string summary, std::string detail = {});
  void error(std::string summary, std::string detail = {});

  bool ok() const { return count_ == 0; }
  std::size_t count() const { return count_; }
  bool full() const;
  const std::vector<Diagnostic>& entries() const { return entries_; }

  std::string render() const;
  // All of it as one error. REQUIRES: !ok().
  Error to_error() const;

 private:
  std::vector<Diagnostic> entries_;
  std::size_t count_ = 0;
};

// The name closest to `word`, or "" if none is close: for "Did you mean".
std::string_view closest(std::string_view word, const std::vector<std::string_view>& names);

}  // namespace core::jobspec
