// SPDX-License-Identifier: MPL-2.0
#include "cli/args.h"

#include <getopt.h>

#include <algorithm>

#include "core/base/integer.h"

namespace cli {
namespace {

using core::Errc;
using core::Error;
using core::Status;

Error bad(std::string_view name, const std::string& value, std::string_view why) {
  return Error{Errc::invalid, "invalid value \"" + value + "\" for flag -" + std::string(name) + ": " + std::string(why)};
}

// "-data-dir=x" and "--data-dir" name "data-dir".
std::string name_in(std::string_view word) {
  word.remove_prefix(std::min(word.find_first_not_of('-'), word.size()));
  return std::string(word.substr(0, word.find('=')));
}

}  // namespace

Flags& Flags::custom(std::string_view name, bool takes_value, std::function<Status(const std::string&)> set) {
  flags_.push_back({std::string(name), takes_value, std::move(set)});
  return *this;
}

Flags& Flags::boolean(std::string_view name, bool& target) {
  return custom(name, false, [&target, name = std::string(name)](const std::string& value) -> Status {
    for (const auto yes : {"", "1", "t", "T", "true", "TRUE", "True"})
      if (value == yes) return target = true, core::ok_status();
    for (const auto no : {"0", "f", "F", "false", "FALSE", "False"})
      if (value == no) return target = false, core::ok_status();
    return Error{Errc::invalid, "invalid boolean value \"" + value + "\" for -" + name + ": parse error"};
  });
}

Flags& Flags::text(std::string_view name, std::string& target) {
  return custom(name, true, [&target](const std::string& value) -> Status {
    target = value;
    return core::ok_status();
  });
}

Flags& Flags::list(std::string_view name, std::vector<std::string>& target) {
  return custom(name, true, [&target](const std::string& value) -> Status {
    target.push_back(value);
    return core::ok_status();
  });
}

Flags& Flags::number(std::string_view name, std::int64_t& target) {
  return custom(name, true, [&target, name = std::string(name)](const std::string& value) -> Status {
    const auto number = core::parse_integer<std::int64_t>(value);
    if (!number) return bad(name, value, "parse error");
    target = *number;
    return core::ok_status();
  });
}

Flags& Flags::duration(std::string_view name, core::Duration& target) {
  return custom(name, true, [&target, name = std::string(name)](const std::string& value) -> Status {
    const auto parsed = core::parse_duration(value);
    if (!parsed.ok()) return bad(name, value, "parse error");
    target = *parsed;
    return core::ok_status();
  });
}

core::Result<std::vector<std::string>> Flags::parse(const std::vector<std::string>& arguments) const {
  std::vector<option> options;
  for (const auto& flag : flags_)
    options.push_back({flag.name.c_str(), flag.takes_value ? required_argument : optional_argument, nullptr, 0});
  options.push_back({nullptr, 0, nullptr, 0});
  std::vector<std::string> words{"nomad"};  // getopt skips the program's name
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const auto argc = static_cast<int>(words.size());

  optind = 0;  // glibc: begin anew
  opterr = 0;
  for (;;) {
    const auto at = static_cast<std::size_t>(optind == 0 ? 1 : optind);
    int which = -1;
    const int found = getopt_long_only(argc, argv.data(), "+:", options.data(), &which);
    if (found == -1) break;
    const auto name = at < words.size() ? name_in(words[at]) : "";
    const auto known = std::find_if(flags_.begin(), flags_.end(), [&](const Flag& flag) { return flag.name == name; });
    if (known == flags_.end()) return Error{Errc::invalid, "flag provided but not defined: -" + name};
    if (found == ':') return Error{Errc::invalid, "flag needs an argument: -" + name};
    TRY(known->set(optarg == nullptr ? "" : optarg));
  }
  return std::vector<std::string>(words.begin() + optind, words.end());
}

}  // namespace cli
