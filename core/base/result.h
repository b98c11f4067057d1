// SPDX-License-Identifier: MPL-2.0
// What the world does to us (bad input, peer gone, disk full) comes back as a value, never as an
// exception. `Errc` is for branching, `Error::detail` for people: it says where and what.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "core/base/assert.h"

namespace core {

enum class Errc {
  invalid,      // the caller's input is wrong                        (HTTP 400)
  rejected,     // well formed, but a rule of the cluster forbids it   (HTTP 500, as Nomad answers)
  denied,       // not allowed                                         (HTTP 403)
  not_found,    // no such object                                      (HTTP 404)
  conflict,     // the object changed or exists already                (HTTP 409)
  too_large,    // over a limit of limits.h                            (HTTP 413)
  busy,         // a bounded queue is full; try again later            (HTTP 429)
  unsupported,  // this agent cannot do that                           (HTTP 501)
  no_leader,    // nobody orders writes at the moment; nothing was done (HTTP 500)
  unknown_fate, // the write may or may not have happened
  timeout,      // a deadline passed
  unavailable,  // peer gone, connection broken, shutting down
  corrupt,      // bytes are not what was written
  io,           // the operating system failed us
  no_space,     // the disk is full
  permission,   // the operating system refused
  in_use,       // address or directory taken by someone else
};

// The enumerator's own spelling, for logs and RPC frames.
std::string_view to_string(Errc code);
// The inverse; nothing for an unknown word.
std::optional<Errc> errc_from(std::string_view word);

struct Error {
  Errc code = Errc::invalid;
  std::string detail;

  friend bool operator==(const Error&, const Error&) = default;
};

// Same code, with "<where>: " put before the detail.
Error within(std::string_view where, Error error);

template <class T>
class [[nodiscard]] Result {
 public:
  using Value = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { ASSERT(ok()); return *std::get_if<0>(&state_); }
  const T& value() const& { ASSERT(ok()); return *std::get_if<0>(&state_); }
  T value() && { ASSERT(ok()); return std::move(*std::get_if<0>(&state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& { ASSERT(!ok()); return *std::get_if<1>(&state_); }
  Error error() && { ASSERT(!ok()); return std::move(*std::get_if<1>(&state_)); }

 private:
  std::variant<T, Error> state_;
};

struct Unit {
  friend bool operator==(const Unit&, const Unit&) = default;
};
using Status = Result<Unit>;
inline Status ok_status() { return Unit{}; }

}  // namespace core

// TRY(expression)              returns the error to our caller, else drops the value
// TRY(const auto name, expr)   returns the error to our caller, else binds the value
#define TRY(...) CORE_TRY_PICK(__VA_ARGS__, CORE_TRY_BIND, CORE_TRY_BIND, CORE_TRY_BIND, CORE_TRY_BIND, CORE_TRY_DROP, _)(__VA_ARGS__)
#define CORE_TRY_PICK(_1, _2, _3, _4, _5, chosen, ...) chosen
#define CORE_TRY_JOIN_(a, b) a##b
#define CORE_TRY_JOIN(a, b) CORE_TRY_JOIN_(a, b)
#define CORE_TRY_DROP(expression)                                        \
  do {                                                                   \
    auto core_try_result = (expression);                                 \
    if (!core_try_result.ok()) return std::move(core_try_result).error(); \
  } while (false)
#define CORE_TRY_BIND(declaration, ...) \
  CORE_TRY_BIND_(CORE_TRY_JOIN(core_try_result_, __LINE__), declaration, __VA_ARGS__)
#define CORE_TRY_BIND_(name, declaration, ...)     \
  auto name = (__VA_ARGS__);                       \
  if (!name.ok()) return std::move(name).error();  \
  declaration = std::move(name).value()
