// SPDX-License-Identifier: MPL-2.0
#include "core/sched/regex.h"

#include <re2/re2.h>

namespace core::sched {
namespace {

// Enough for any sensible pattern, and for the lazily built automaton of one search.
constexpr std::int64_t kPatternBytesMax = 1 << 20;

RE2::Options options() {
  RE2::Options out;
  out.set_log_errors(false);
  out.set_max_mem(kPatternBytesMax);
  return out;
}

}  // namespace

struct Regex::Compiled {
  explicit Compiled(std::string_view pattern) : re({pattern.data(), pattern.size()}, options()) {}
  RE2 re;
};

Regex::Regex(std::string_view pattern) : compiled_(std::make_unique<Compiled>(pattern)) {}
Regex::~Regex() = default;
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;

bool Regex::valid() const { return compiled_->re.ok(); }

bool Regex::search(std::string_view text) const {
  return valid() && RE2::PartialMatch({text.data(), text.size()}, compiled_->re);
}

}  // namespace core::sched
