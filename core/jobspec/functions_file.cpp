// SPDX-License-Identifier: MPL-2.0
// Files and their names. Only what `Outside` lends is read; names are taken apart as text.
#include "core/jobspec/functions.h"

namespace core::jobspec {
namespace {

std::string without_end_slashes(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

Result<Value> base_name(Args args, const Outside&) {
  TRY(const auto given, text_at(args, 0));
  const auto path = without_end_slashes(given);
  if (path.empty()) return Value(std::string("."));
  if (path == "/") return Value(path);
  return Value(path.substr(path.rfind('/') + 1));
}

Result<Value> dir_name(Args args, const Outside&) {
  TRY(const auto path, text_at(args, 0));
  const auto slash = path.rfind('/');
  if (slash == path.npos) return Value(std::string("."));
  return Value(without_end_slashes(path.substr(0, slash + 1)));
}

Result<Value> file(Args args, const Outside& outside) {
  TRY(const auto path, text_at(args, 0));
  if (!outside.read_file) return bad_argument("filesystem function disabled");
  TRY(auto text, outside.read_file(path));
  return Value(std::move(text));
}

Result<Value> file_exists(Args args, const Outside& outside) {
  TRY(const auto path, text_at(args, 0));
  if (!outside.read_file) return bad_argument("filesystem function disabled");
  return Value(outside.read_file(path).ok());
}

constexpr Function kFunctions[] = {
    {"basename", 1, 1, base_name},
    {"dirname", 1, 1, dir_name},
    {"file", 1, 1, file},
    {"fileexists", 1, 1, file_exists},
};

}  // namespace

std::span<const Function> file_functions() { return kFunctions; }

}  // namespace core::jobspec
