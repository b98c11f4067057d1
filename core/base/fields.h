// SPDX-License-Identifier: MPL-2.0
// Walks a struct's field list. A struct says its fields once,
//   template <class Self, class Visit> static void fields(Self& self, Visit&& visit) {
//     visit("Attempts", self.attempts);  visit("Delay", self.delay); }
// and JSON out, JSON in and equality follow from it.
//
// JSON rules are those of the Nomad API: names match whatever their case, unknown names are ignored,
// null means absent (the member keeps its value), empty lists and maps are written as null, durations
// and WallTimes are integer nanoseconds (a Go duration string is read too), Timestamps RFC 3339 or null.
#pragma once

#include <concepts>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "core/base/id.h"
#include "core/base/json.h"
#include "core/base/ordinal.h"
#include "core/base/time.h"

namespace core {

namespace detail {
struct AnyVisit {
  template <class T>
  void operator()(const char*, T&) const {}
};
}  // namespace detail

template <class T>
concept HasFields = requires(T& t, detail::AnyVisit v) { T::fields(t, v); };

// An enum that is text in JSON says its words by `constexpr auto words(E)`, found by ADL: an array of
// string_view in the order of the enumerators.
template <class E>
concept HasWords = std::is_enum_v<E> && requires(E e) { words(e); };

template <HasWords E>
constexpr std::string_view to_word(E e) { return words(e)[static_cast<std::size_t>(e)]; }
template <HasWords E>
std::optional<E> from_word(std::string_view word) {
  const auto all = words(E{});
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i] == word) return static_cast<E>(i);
  return std::nullopt;
}

enum class Zeros { keep, omit };  // omit: leave out members that are zero, empty or null

// ---- out -------------------------------------------------------------------------------------

inline void encode(json::Writer& w, bool v) { w.boolean(v); }
template <std::signed_integral T>
void encode(json::Writer& w, T v) { w.int64(v); }
template <std::unsigned_integral T>
  requires(!std::same_as<T, bool>)
void encode(json::Writer& w, T v) { w.uint64(v); }
inline void encode(json::Writer& w, double v) { w.number(v); }
inline void encode(json::Writer& w, const std::string& v) { w.string(v); }
inline void encode(json::Writer& w, Duration v) { w.int64(v.count()); }
inline void encode(json::Writer& w, WallTime v) { w.int64(v.ns); }
inline void encode(json::Writer& w, Timestamp v) { v.at.set() ? w.string(format_rfc3339(v.at)) : w.null(); }
inline void encode(json::Writer& w, const json::Raw& v) { v.text.empty() ? w.null() : w.raw(v.text); }
template <class Tag>
void encode(json::Writer& w, const Id<Tag>& v) { w.string(v.text); }
template <class Tag>
void encode(json::Writer& w, Ordinal<Tag> v) { w.uint64(v.value); }
template <HasWords E>
void encode(json::Writer& w, E v) { w.string(to_word(v)); }
template <HasFields T>
void encode(json::Writer& w, const T& v, Zeros zeros = Zeros::keep);
template <class T>
void encode(json::Writer& w, const std::optional<T>& v);
template <class T>
void encode(json::Writer& w, const std::vector<T>& v);
template <class K, class T>
void encode(json::Writer& w, const std::map<K, T>& v);
template <class T>
void encode(json::Writer& w, const std::shared_ptr<const T>& v) { v ? encode(w, *v) : w.null(); }

template <class T>
void encode(json::Writer& w, const std::optional<T>& v) { v ? encode(w, *v) : w.null(); }

template <class T>
void encode(json::Writer& w, const std::vector<T>& v) {
  if (v.empty()) return w.null();
  w.begin_array();
  for (const auto& item : v) encode(w, item);
  w.end_array();
}

namespace detail {
inline std::string_view key_text(const std::string& k) { return k; }
template <class Tag>
std::string_view key_text(const Id<Tag>& k) { return k.text; }
inline void set_key(std::string& k, std::string_view text) { k = text; }
template <class Tag>
void set_key(Id<Tag>& k, std::string_view text) { k.text = text; }

inline bool is_zero(const Timestamp& v) { return !v.at.set(); }
inline bool is_zero(const json::Raw& v) { return v.text.empty(); }
template <class T>
bool is_zero(const T& v) {
  if constexpr (requires { v.empty(); }) return v.empty();
  else if constexpr (requires { v.has_value(); }) return !v.has_value();
  else if constexpr (std::is_enum_v<T>) return to_word(v).empty();
  else if constexpr (HasFields<T>) {
    bool zero = true;
    T::fields(v, [&](const char*, const auto& member) { zero = zero && is_zero(member); });
    return zero;
  } else if constexpr (requires { v == nullptr; }) return v == nullptr;
  else return v == T{};
}
}  // namespace detail

template <class K, class T>
void encode(json::Writer& w, const std::map<K, T>& v) {
  if (v.empty()) return w.null();
  w.begin_object();
  for (const auto& [k, item] : v) {
    w.key(detail::key_text(k));
    encode(w, item);
  }
  w.end_object();
}

// ---- equality --------------------------------------------------------------------------------

namespace detail {
template <class T>
bool equal(const T& a, const T& b);
template <class T>
bool equal(const std::vector<T>& a, const std::vector<T>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!equal(a[i], b[i])) return false;
  return true;
}
template <class K, class T>
bool equal(const std::map<K, T>& a, const std::map<K, T>& b) {
  if (a.size() != b.size()) return false;
  auto other = b.begin();
  for (const auto& [k, item] : a) {
    if (k != other->first || !equal(item, other->second)) return false;
    ++other;
  }
  return true;
}
template <class T>
bool equal(const std::optional<T>& a, const std::optional<T>& b) {
  return a.has_value() == b.has_value() && (!a || equal(*a, *b));
}

// Calls visit(name, member of a, member of b) for each field, as long as it returns true. A pointer that began in `a`
// must not end in `b`: the optimizer takes them for different objects, and what was just written to `b` for unread.
template <HasFields T, class Visit>
void each_pair(const T& a, const T& b, Visit&& visit) {
  bool go_on = true;
  T::fields(a, [&](const char* name, const auto& member) {
    using Member = std::remove_cvref_t<decltype(member)>;
    if (!go_on) return;
    const auto offset = reinterpret_cast<const char*>(&member) - reinterpret_cast<const char*>(&a);
    const auto* other = reinterpret_cast<const Member*>(reinterpret_cast<const char*>(&b) + offset);
    go_on = visit(name, member, *other);
  });
}

template <class T>
bool equal(const T& a, const T& b) {
  if constexpr (HasFields<T>) {
    bool same = true;
    each_pair(a, b, [&](const char*, const auto& x, const auto& y) { return same = equal(x, y); });
    return same;
  } else {
    return a == b;
  }
}
}  // namespace detail

// Give a struct with a field list its equality: friend bool operator==(const T&, const T&) by this.
template <HasFields T>
bool same_fields(const T& a, const T& b) { return detail::equal(a, b); }

// The members only, for objects that add some of their own.
template <HasFields T>
void encode_members(json::Writer& w, const T& v, Zeros zeros = Zeros::keep) {
  static const T kDefault{};
  const bool compact = w.compact();
  detail::each_pair(v, kDefault, [&](const char* name, const auto& member, const auto& usual) {
    if (compact ? detail::equal(member, usual) : zeros == Zeros::omit && detail::is_zero(member)) return true;
    w.key(name);
    encode(w, member);
    return true;
  });
}

template <HasFields T>
void encode(json::Writer& w, const T& v, Zeros zeros) {
  w.begin_object();
  encode_members(w, v, zeros);
  w.end_object();
}

template <class T>
std::string to_json(const T& v) {
  json::Writer w;
  encode(w, v);
  return w.take();
}
// The shortest text that decodes to the same value.
template <class T>
std::string to_compact_json(const T& v) {
  json::Writer w(true);
  encode(w, v);
  return w.take();
}

// ---- in --------------------------------------------------------------------------------------

namespace detail {
Error mismatch(std::string_view wanted, json::Value v);
Error unknown_word(std::string_view word);
Error within_element(std::size_t index, Error error);
Status decode_between(json::Value v, std::int64_t least, std::int64_t greatest, std::int64_t& out);
Status decode_up_to(json::Value v, std::uint64_t greatest, std::uint64_t& out);

// The members of one object asked for by name, and the first error found in one of them.
class Members {
 public:
  explicit Members(json::Value object);
  // The member, unless it is absent or null or an error was found before.
  std::optional<json::Value> find(std::string_view name);
  void failed(std::string_view name, Error error);
  Status result() && { return std::move(status_); }

 private:
  json::Value object_;
  std::size_t hint_ = 0;
  Status status_;
};
}  // namespace detail

Status decode(json::Value v, bool& out);
template <std::integral T>
  requires(!std::same_as<T, bool>)
Status decode(json::Value v, T& out) {
  using Limits = std::numeric_limits<T>;
  std::conditional_t<std::signed_integral<T>, std::int64_t, std::uint64_t> wide{};
  Status status = Unit{};
  if constexpr (std::signed_integral<T>) status = detail::decode_between(v, Limits::min(), Limits::max(), wide);
  else status = detail::decode_up_to(v, Limits::max(), wide);
  if (status.ok()) out = static_cast<T>(wide);
  return status;
}
Status decode(json::Value v, double& out);
Status decode(json::Value v, std::string& out);
Status decode(json::Value v, Duration& out);
Status decode(json::Value v, WallTime& out);
Status decode(json::Value v, Timestamp& out);
Status decode(json::Value v, json::Raw& out);
template <class Tag>
Status decode(json::Value v, Id<Tag>& out) { return decode(v, out.text); }
template <class Tag>
Status decode(json::Value v, Ordinal<Tag>& out) { return decode(v, out.value); }
template <HasWords E>
Status decode(json::Value v, E& out) {
  if (v.kind() != json::Kind::string) return detail::mismatch("a string", v);
  const auto found = from_word<E>(v.string());
  if (!found) return detail::unknown_word(v.string());
  out = *found;
  return Unit{};
}
template <HasFields T>
Status decode(json::Value v, T& out);
template <class T>
Status decode(json::Value v, std::optional<T>& out);
template <class T>
Status decode(json::Value v, std::vector<T>& out);
template <class K, class T>
Status decode(json::Value v, std::map<K, T>& out);
template <class T>
Status decode(json::Value v, std::shared_ptr<const T>& out) {
  auto made = std::make_shared<T>();
  TRY(decode(v, *made));
  out = std::move(made);
  return Unit{};
}

template <class T>
Status decode(json::Value v, std::optional<T>& out) {
  return decode(v, out.emplace());
}

template <class T>
Status decode(json::Value v, std::vector<T>& out) {
  if (v.kind() != json::Kind::array) return detail::mismatch("an array", v);
  out.clear();
  out.resize(v.size());
  for (std::size_t i = 0; i < out.size(); ++i)
    if (const auto element = v.element(i); !element.is_null())
      if (auto status = decode(element, out[i]); !status.ok())
        return detail::within_element(i, std::move(status).error());
  return Unit{};
}

template <class K, class T>
Status decode(json::Value v, std::map<K, T>& out) {
  if (v.kind() != json::Kind::object) return detail::mismatch("an object", v);
  out.clear();
  for (std::size_t i = 0; i < v.size(); ++i) {
    K k;
    detail::set_key(k, v.name(i));
    const auto [place, first] = out.try_emplace(std::move(k));
    if (!first) place->second = T{};  // of two members of one name the later counts
    if (const auto member = v.member(i); !member.is_null())
      if (auto status = decode(member, place->second); !status.ok())
        return within(v.name(i), std::move(status).error());
  }
  return Unit{};
}

template <HasFields T>
Status decode(json::Value v, T& out) {
  detail::Members members(v);
  T::fields(out, [&](const char* name, auto& member) {
    const auto found = members.find(name);
    if (!found) return;
    if (auto status = decode(*found, member); !status.ok()) members.failed(name, std::move(status).error());
  });
  return std::move(members).result();
}

// Parses text and decodes it; errors carry line and column, or the field's path.
template <class T>
Result<T> from_json(std::string_view text, json::ParseLimits limits = {}) {
  TRY(const auto document, json::parse(text, limits));
  T out{};
  TRY(decode(document.root(), out));
  return out;
}

}  // namespace core
