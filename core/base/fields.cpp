// SPDX-License-Identifier: MPL-2.0
#include "core/base/fields.h"

#include <limits>
#include <utility>

namespace core {
namespace detail {

Error mismatch(std::string_view wanted, json::Value v) {
  return Error{Errc::invalid, "expected " + std::string(wanted) + ", found " + std::string(to_string(v.kind()))};
}

Error unknown_word(std::string_view word) {
  return Error{Errc::invalid, "unknown value \"" + std::string(word) + "\""};
}

Error within_element(std::size_t index, Error error) { return within("[" + std::to_string(index) + "]", std::move(error)); }

Status decode_between(json::Value v, std::int64_t least, std::int64_t greatest, std::int64_t& out) {
  if (v.kind() != json::Kind::number) return mismatch("a whole number", v);
  TRY(const auto n, v.int64());
  if (n < least || n > greatest) return Error{Errc::invalid, "the number is out of range"};
  out = n;
  return Unit{};
}

Status decode_up_to(json::Value v, std::uint64_t greatest, std::uint64_t& out) {
  if (v.kind() != json::Kind::number) return mismatch("a whole number", v);
  TRY(const auto n, v.uint64());
  if (n > greatest) return Error{Errc::invalid, "the number is out of range"};
  out = n;
  return Unit{};
}

Members::Members(json::Value object) : object_(object), status_(Unit{}) {
  if (object.kind() != json::Kind::object) status_ = mismatch("an object", object);
}

std::optional<json::Value> Members::find(std::string_view name) {
  if (!status_.ok()) return std::nullopt;
  const auto found = object_.find(name, hint_);
  hint_ = found.next_hint;
  if (!found.present || found.value.is_null()) return std::nullopt;
  return found.value;
}

void Members::failed(std::string_view name, Error error) { status_ = within(name, std::move(error)); }

}  // namespace detail

Status decode(json::Value v, bool& out) {
  if (v.kind() != json::Kind::boolean) return detail::mismatch("a boolean", v);
  out = v.boolean();
  return Unit{};
}

Status decode(json::Value v, double& out) {
  if (v.kind() != json::Kind::number) return detail::mismatch("a number", v);
  out = v.number();
  return Unit{};
}

Status decode(json::Value v, std::string& out) {
  if (v.kind() != json::Kind::string) return detail::mismatch("a string", v);
  out = v.string();
  return Unit{};
}

Status decode(json::Value v, Duration& out) {
  if (v.kind() == json::Kind::string) {
    TRY(out, parse_duration(v.string()));
    return Unit{};
  }
  if (v.kind() != json::Kind::number) return detail::mismatch("a duration (nanoseconds or text like \"30s\")", v);
  TRY(const auto ns, v.int64());
  out = Duration(ns);
  return Unit{};
}

Status decode(json::Value v, WallTime& out) { return decode(v, out.ns); }

Status decode(json::Value v, Timestamp& out) {
  if (v.kind() != json::Kind::string) return detail::mismatch("an RFC 3339 time", v);
  TRY(out.at, parse_rfc3339(v.string()));
  return Unit{};
}

Status decode(json::Value v, json::Raw& out) {
  out.text = v.text();
  return Unit{};
}

}  // namespace core
