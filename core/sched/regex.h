// SPDX-License-Identifier: MPL-2.0
// The `regexp` operand: RE2 syntax, as job files are written for, in time linear in the text whatever
// the pattern. A pattern comes from a user, so its memory is bounded too.
#pragma once

#include <memory>
#include <string_view>

namespace core::sched {

class Regex {
 public:
  explicit Regex(std::string_view pattern);
  ~Regex();
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;

  // The pattern is well formed and not too large.
  bool valid() const;
  // Matches somewhere in `text`; never for a pattern that is not valid.
  bool search(std::string_view text) const;

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace core::sched
