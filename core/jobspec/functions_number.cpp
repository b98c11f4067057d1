// SPDX-License-Identifier: MPL-2.0
// Numbers.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/jobspec/functions.h"

namespace core::jobspec {
namespace {

template <class Operation>
Result<Value> of_one(Args args, Operation operation) {
  TRY(const auto n, number_at(args, 0));
  return Value(static_cast<Number>(operation(n)));
}

template <class Better>
Result<Value> best(Args args, Better better) {
  TRY(auto chosen, number_at(args, 0));
  for (std::size_t i = 1; i < args.size(); ++i) {
    TRY(const auto n, number_at(args, i));
    if (better(n, chosen)) chosen = n;
  }
  return Value(chosen);
}

Result<Value> finite(Number n) {
  if (!std::isfinite(n)) return bad_argument("the result is not a number");
  return Value(n);
}

Result<Value> log(Args args, const Outside&) {
  TRY(const auto n, number_at(args, 0));
  TRY(const auto base, number_at(args, 1));
  return finite(std::log(n) / std::log(base));
}

Result<Value> pow(Args args, const Outside&) {
  TRY(const auto n, number_at(args, 0));
  TRY(const auto exponent, number_at(args, 1));
  return finite(std::pow(n, exponent));
}

Result<Value> parse_int(Args args, const Outside&) {
  TRY(const auto text, text_at(args, 0));
  TRY(const auto base, whole_at(args, 1));
  if (base < 2 || base > 36) return bad_argument("the base must be between 2 and 36");
  std::int64_t n = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), n, static_cast<int>(base));
  if (code != std::errc{} || end != text.data() + text.size())
    return bad_argument("\"" + text + "\" is not a whole number in base " + std::to_string(base));
  return Value(static_cast<Number>(n));
}

constexpr Function kFunctions[] = {
    {"abs", 1, 1,
     [](Args args, const Outside&) { return of_one(args, [](Number n) { return std::fabs(n); }); }},
    {"ceil", 1, 1,
     [](Args args, const Outside&) { return of_one(args, [](Number n) { return std::ceil(n); }); }},
    {"floor", 1, 1,
     [](Args args, const Outside&) { return of_one(args, [](Number n) { return std::floor(n); }); }},
    {"log", 2, 2, log},
    {"max", 1, kAnyNumber,
     [](Args args, const Outside&) { return best(args, [](Number a, Number b) { return a > b; }); }},
    {"min", 1, kAnyNumber,
     [](Args args, const Outside&) { return best(args, [](Number a, Number b) { return a < b; }); }},
    {"parseint", 2, 2, parse_int},
    {"pow", 2, 2, pow},
    {"signum", 1, 1,
     [](Args args, const Outside&) {
       return of_one(args, [](Number n) { return n > 0 ? 1 : n < 0 ? -1 : 0; });
     }},
};

}  // namespace

std::span<const Function> number_functions() { return kFunctions; }

}  // namespace core::jobspec
