// SPDX-License-Identifier: MPL-2.0
#include "net/http/target.h"

namespace net::http {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~';
}

}  // namespace

Query::Query(std::string_view raw) {
  while (!raw.empty()) {
    const auto ampersand = raw.find('&');
    const auto part = raw.substr(0, ampersand);
    raw.remove_prefix(ampersand == std::string_view::npos ? raw.size() : ampersand + 1);
    if (part.empty()) continue;
    const auto equals = part.find('=');
    auto name = percent_decode(part.substr(0, equals), true);
    auto value = percent_decode(equals == std::string_view::npos ? std::string_view{} : part.substr(equals + 1), true);
    if (name && value) parameters_.emplace_back(std::move(*name), std::move(*value));
  }
}

std::optional<std::string_view> Query::get(std::string_view name) const {
  for (const auto& [key, value] : parameters_)
    if (key == name) return value;
  return std::nullopt;
}

std::vector<std::string_view> Query::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [key, value] : parameters_)
    if (key == name) values.push_back(value);
  return values;
}

core::Result<Target> parse_target(std::string_view text) {
  const core::Error malformed{core::Errc::invalid, "malformed request target"};
  if (text == "*") return Target{"*", ""};
  if (const auto scheme = text.find("://"); scheme != std::string_view::npos && !text.starts_with('/')) {
    text.remove_prefix(scheme + 3);
    const auto path = text.find_first_of("/?");
    text = path == std::string_view::npos ? std::string_view("/") : text.substr(path);
  }
  const auto question = text.find('?');
  auto path = percent_decode(text.substr(0, question));
  if (!path) return malformed;
  if (path->empty() && question == 0) path = "/";
  if (!path->starts_with('/')) return malformed;
  return Target{std::move(*path), std::string(question == std::string_view::npos ? std::string_view{} : text.substr(question + 1))};
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out.push_back(' ');
    } else if (text[i] != '%') {
      out.push_back(text[i]);
    } else {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    }
  }
  return out;
}

std::string percent_encode(std::string_view text, bool keep_slash) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (unreserved(c) || (keep_slash && c == '/')) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    }
  }
  return out;
}

std::string clean_path(std::string_view path) {
  std::string out;
  bool ends_in_slash = true;
  while (!path.empty()) {
    while (path.starts_with('/')) path.remove_prefix(1);
    const auto part = path.substr(0, path.find('/'));
    path.remove_prefix(part.size());
    ends_in_slash = path.starts_with('/') || part.empty() || part == "." || part == "..";
    if (part == "..") {
      const auto parent = out.rfind('/');
      out.resize(parent == std::string::npos ? 0 : parent);
    } else if (!part.empty() && part != ".") {
      out.append("/").append(part);
    }
  }
  if (out.empty() || ends_in_slash) out.push_back('/');
  return out;
}

}  // namespace net::http
