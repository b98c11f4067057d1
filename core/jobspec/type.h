// SPDX-License-Identifier: MPL-2.0
// Type constraints of variables: string, number, bool, any, list(T), set(T), map(T), tuple([T...]),
// object({name = T}) with optional(T). They are kept as the expressions they are written as.
#pragma once

#include "core/jobspec/ast.h"

namespace core::jobspec {

// An error that says what is wrong with the constraint.
Status check_type(const Expr& type);
// The value as one of that type; converts scalars ("1" to 1), sorts sets. REQUIRES: check_type(type).
Result<Value> convert(const Value& value, const Expr& type);
// The type's name if it is a plain word: "string".
std::string_view plain_type(const Expr& type);

}  // namespace core::jobspec
