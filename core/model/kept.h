// SPDX-License-Identifier: MPL-2.0
// A value kept as its compact JSON. For what comes with an object and is next to never looked at: to copy it is to copy
// a text, to read it from JSON that is known to be good costs nothing, and who asks for it pays for the decoding.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "core/base/fields.h"

namespace core::model {

template <HasFields T>
class Kept {
 public:
  Kept() = default;  // T{}
  Kept(const T& value) : text_(to_compact_json(value)) { forget_nothing(); }
  // REQUIRES: the text is what encode() wrote of a T with a compact writer.
  static Kept of(std::string_view text) {
    Kept out;
    out.text_ = text;
    out.forget_nothing();
    return out;
  }

  T value() const {  // T{} for a text that is not understood: of a state that was made by hand
    if (empty()) return {};
    auto decoded = from_json<T>(text_);
    return decoded.ok() ? std::move(decoded).value() : T{};
  }
  std::string_view text() const { return empty() ? kNothing : text_; }
  bool empty() const { return text_.empty(); }
  // There is one compact text of a value.
  friend bool operator==(const Kept&, const Kept&) = default;

  friend void encode(json::Writer& w, const Kept& v) {
    if (w.compact()) w.raw(v.text());
    else core::encode(w, v.value());
  }
  friend Status decode(json::Value v, Kept& out) {
    T value{};
    TRY(core::decode(v, value));
    out = value;
    return Unit{};
  }

 private:
  static constexpr std::string_view kNothing = "{}";
  void forget_nothing() {
    if (text_ == kNothing) text_.clear();
  }
  std::string text_;
};

}  // namespace core::model
