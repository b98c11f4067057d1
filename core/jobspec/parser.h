// SPDX-License-Identifier: MPL-2.0
// Tokens to a tree. After a syntax error parsing goes on at the next line, so that several errors
// are found at once; the tree is of use only if there were none.
//
// Bounded by limits.h: size of the source, nesting, number of blocks.
#pragma once

#include "core/jobspec/ast.h"
#include "core/jobspec/lexer.h"

namespace core::jobspec {

// A whole file. With a JSON grammar the file is one object; its members become attributes.
Body parse_body(const Source& source, Grammar grammar, Diagnostics& diagnostics);

// A single expression, as given to -var. Null after an error.
ExprPtr parse_expression(const Source& source, Diagnostics& diagnostics);

// True if the first character that is not blank is '{': JSON, by the rule of Nomad and Consul.
bool looks_like_json(std::string_view text);

}  // namespace core::jobspec
