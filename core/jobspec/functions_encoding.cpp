// SPDX-License-Identifier: MPL-2.0
// base64, CSV, JSON, URL and YAML text.
#include <array>

#include "core/base/base64.h"
#include "core/jobspec/functions.h"

namespace core::jobspec {
namespace {

Result<Value> base64_encode(Args args, const Outside&) {
  TRY(const auto text, text_at(args, 0));
  return Value(core::to_base64(text));
}

Result<Value> base64_decode(Args args, const Outside&) {
  TRY(const auto text, text_at(args, 0));
  auto decoded = core::from_base64(text);
  if (!decoded) return bad_argument("the text is not base64");
  return Value(std::move(*decoded));
}

Result<Value> url_encode(Args args, const Outside&) {
  TRY(const auto text, text_at(args, 0));
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain)
      out += c;
    else if (c == ' ')
      out += '+';
    else
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
  }
  return Value(std::move(out));
}

// RFC 4180: quotes around a cell are doubled inside it.
Result<std::vector<std::vector<std::string>>> csv_rows(std::string_view text) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> row;
  std::string cell;
  bool quoted = false, any = false;
  const auto end_row = [&] {
    if (any) {
      row.push_back(std::exchange(cell, {}));
      rows.push_back(std::exchange(row, {}));
    }
    any = false;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '"' && text.substr(i + 1).starts_with('"')) {
      cell += '"';
      ++i;
    } else if (c == '"' && (quoted || cell.empty())) {
      quoted = !quoted;
      any = true;
    } else if (quoted)
      cell += c;
    else if (c == ',') {
      row.push_back(std::exchange(cell, {}));
      any = true;
    } else if (c == '\n')
      end_row();
    else if (c != '\r') {
      cell += c;
      any = true;
    }
  }
  if (quoted) return bad_argument("a quote is not closed");
  end_row();
  return rows;
}

Result<Value> csv_decode(Args args, const Outside&) {
  TRY(const auto text, text_at(args, 0));
  TRY(const auto rows, csv_rows(text));
  if (rows.empty()) return bad_argument("missing header line");
  std::size_t header_bytes = 0;
  for (const auto& name : rows[0]) header_bytes += name.size() + 2;
  TRY(within_growth(header_bytes * rows.size()));
  Value::List out;
  for (std::size_t r = 1; r < rows.size(); ++r) {
    if (rows[r].size() != rows[0].size())
      return bad_argument("line " + std::to_string(r + 1) + " has a wrong number of fields");
    Value::Map row;
    for (std::size_t i = 0; i < rows[r].size(); ++i) row.insert_or_assign(rows[0][i], Value(rows[r][i]));
    out.emplace_back(std::move(row));
  }
  return Value(std::move(out));
}

// Block style, text in double quotes as JSON writes it, which YAML reads too.
void append_yaml(std::string& out, const Value& value, std::size_t indent) {
  const std::string margin(indent, ' ');
  const bool scalar = value.list() == nullptr && value.map() == nullptr;
  if (scalar || (value.list() != nullptr && value.list()->empty()) ||
      (value.map() != nullptr && value.map()->empty())) {
    out += to_json(value) + "\n";
    return;
  }
  bool first = true;
  const auto nested = [&](std::string_view lead, const Value& item, std::size_t inner) {
    if (!first) out += margin;
    first = false;
    out += lead;
    const bool block =
        (item.list() != nullptr && !item.list()->empty()) || (item.map() != nullptr && !item.map()->empty());
    out += lead == "-" ? " " : block ? "\n" + std::string(inner, ' ') : " ";
    append_yaml(out, item, inner);
  };
  if (const auto* list = value.list())
    for (const auto& item : *list) nested("-", item, indent + 2);
  if (const auto* map = value.map())
    for (const auto& [key, item] : *map) nested(to_json(Value(key)) + ":", item, indent + 2);
}

Result<Value> json_decode(Args args, const Outside&) {
  TRY(const auto text, text_at(args, 0));
  TRY(const auto document, json::parse(text));
  return from_json(document.root());
}

constexpr Function kFunctions[] = {
    {"base64decode", 1, 1, base64_decode},
    {"base64encode", 1, 1, base64_encode},
    {"csvdecode", 1, 1, csv_decode},
    {"jsondecode", 1, 1, json_decode},
    {"jsonencode", 1, 1, [](Args args, const Outside&) -> Result<Value> { return Value(to_json(args[0])); }},
    {"urlencode", 1, 1, url_encode},
    {"yamlencode", 1, 1,
     [](Args args, const Outside&) -> Result<Value> {
       // Each level indents by two: the weight bounds the lines, the depth their indentation.
       TRY(within_growth(args[0].weight() * (1 + 2 * args[0].depth()) / 4));
       std::string out;
       append_yaml(out, args[0], 0);
       return Value(std::move(out));
     }},
};

}  // namespace

std::span<const Function> encoding_functions() { return kFunctions; }

}  // namespace core::jobspec
