// SPDX-License-Identifier: MPL-2.0
// The built-in functions, by name. They are pure but for what `Outside` lends them. try() and can()
// are not here: they decide whether their arguments are evaluated at all (evaluate.cpp).
#pragma once

#include <span>

#include "core/jobspec/evaluate.h"

namespace core::jobspec {

using Args = std::span<const Value>;

struct Function {
  std::string_view name;
  std::size_t args_min;
  std::size_t args_max;  // kAnyNumber: no bound
  Result<Value> (*call)(Args args, const Outside& outside);
};
inline constexpr std::size_t kAnyNumber = ~std::size_t{0};

// Null if there is no such function.
const Function* find_function(std::string_view name);
// For "Did you mean".
std::vector<std::string_view> function_names();

// One table a family; functions.cpp looks through all of them.
std::span<const Function> text_functions();
std::span<const Function> format_functions();
std::span<const Function> number_functions();
std::span<const Function> list_functions();
std::span<const Function> set_functions();
std::span<const Function> map_functions();
std::span<const Function> encoding_functions();
std::span<const Function> hash_functions();
std::span<const Function> network_functions();
std::span<const Function> time_functions();
std::span<const Function> file_functions();

// Arguments of the wanted kind; the error says which argument is wrong. Pointers look into `args`.
Result<std::string> text_at(Args args, std::size_t i);
Result<Number> number_at(Args args, std::size_t i);
Result<std::int64_t> whole_at(Args args, std::size_t i);
Result<const Value::List*> list_at(Args args, std::size_t i);
Result<const Value::Map*> map_at(Args args, std::size_t i);
// An error if a result of that size is not allowed: to ask before building it.
Status within_growth(std::size_t bytes);
inline Error bad_argument(std::string detail) { return Error{Errc::invalid, std::move(detail)}; }

}  // namespace core::jobspec
