// SPDX-License-Identifier: MPL-2.0
// What stands between method and version in a request: the path, percent-decoded, and the query.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"

namespace net::http {

// "?a=1&stale&a=2": parameters in order, decoded; a name may come without a value, or repeatedly.
class Query {
 public:
  Query() = default;
  // Escapes that are none drop their parameter, as Go's parser does; '+' is a space.
  explicit Query(std::string_view raw);

  // Present at all: `?stale`, `?stale=` and `?stale=no` alike.
  bool has(std::string_view name) const { return get(name).has_value(); }
  // The first value, empty for a bare name; good while the query lives.
  std::optional<std::string_view> get(std::string_view name) const;
  std::vector<std::string_view> all(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& parameters() const { return parameters_; }

 private:
  std::vector<std::pair<std::string, std::string>> parameters_;
};

struct Target {
  std::string path;       // decoded; starts with '/', or is "*"
  std::string raw_query;  // without the '?', as it came
};

// "/v1/job/a%2Fb?pretty", "http://host/path" (the host is dropped), "*". Errc::invalid for anything else.
core::Result<Target> parse_target(std::string_view text);
// "a%2Fb" to "a/b"; nothing if a '%' is not followed by two hex digits.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);
// Escapes all but unreserved characters, and '/' if asked to keep it.
std::string percent_encode(std::string_view text, bool keep_slash = false);
// Without "//", "/./" and "/../", never above "/"; a final slash is kept.
std::string clean_path(std::string_view path);

}  // namespace net::http
