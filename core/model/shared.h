// SPDX-License-Identifier: MPL-2.0
// A value that copies of an object have in common: to copy it is to count. What changes often is then cheap to
// copy with all that does not. Read as through a pointer, never null; written only as a whole.
#pragma once

#include <memory>
#include <utility>

#include "core/base/fields.h"

namespace core::model {

template <class T>
class Shared {
 public:
  Shared() = default;  // T{}, and costs nothing
  Shared(T value) : value_(std::make_shared<const T>(std::move(value))) {}

  const T& operator*() const { return value_ ? *value_ : nothing(); }
  const T* operator->() const { return &**this; }
  // Makes this one another; copies keep theirs.
  template <class Change>
  void change(Change&& change) {
    T value = **this;
    change(value);
    *this = Shared(std::move(value));
  }

  // As fields.h asks it.
  bool empty() const
    requires requires(const T& t) { t.empty(); }
  {
    return (**this).empty();
  }
  friend bool operator==(const Shared& a, const Shared& b) { return a.value_ == b.value_ || detail::equal(*a, *b); }

 private:
  static const T& nothing() {
    static const T none{};
    return none;
  }
  std::shared_ptr<const T> value_;
};

template <class T>
void encode(json::Writer& w, const Shared<T>& v) {
  core::encode(w, *v);
}

template <class T>
Status decode(json::Value v, Shared<T>& out) {
  T value{};
  TRY(core::decode(v, value));
  out = Shared<T>(std::move(value));
  return Unit{};
}

}  // namespace core::model
