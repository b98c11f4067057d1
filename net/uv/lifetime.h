// SPDX-License-Identifier: MPL-2.0
// Guards a completion that may outlive its target: once the Lifetime is gone, the guarded function
// does nothing. Declare it last in the owner, so that it dies first.
#pragma once

#include <memory>
#include <utility>

namespace net::uv {

class Lifetime {
 public:
  Lifetime() : token_(std::make_shared<char>()) {}
  Lifetime(const Lifetime&) = delete;
  Lifetime& operator=(const Lifetime&) = delete;

  template <class Fn>
  auto guard(Fn fn) const {
    return [weak = std::weak_ptr<const char>(token_), fn = std::move(fn)](auto&&... args) mutable {
      if (!weak.expired()) fn(std::forward<decltype(args)>(args)...);
    };
  }
  // Makes everything guarded so far do nothing, while the owner lives on.
  void renew() { token_ = std::make_shared<char>(); }

 private:
  std::shared_ptr<const char> token_;  // shared only so that it can be watched
};

}  // namespace net::uv
