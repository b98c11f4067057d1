// SPDX-License-Identifier: MPL-2.0
// How Catch2 shows our strong types when a check fails.
#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "core/base/fields.h"
#include "core/model/resources.h"

namespace Catch {

template <class Tag>
struct StringMaker<core::Ordinal<Tag>> {
  static std::string convert(core::Ordinal<Tag> v) { return std::to_string(v.value); }
};
template <class Tag>
struct StringMaker<core::Id<Tag>> {
  static std::string convert(const core::Id<Tag>& v) { return '"' + v.text + '"'; }
};
template <>
struct StringMaker<core::WallTime> {
  static std::string convert(core::WallTime v) { return v.set() ? core::format_rfc3339(v) : "(no time)"; }
};
template <>
struct StringMaker<core::Instant> {
  static std::string convert(core::Instant v) {
    return "instant " + core::format_duration(v.time_since_epoch());
  }
};
template <>
struct StringMaker<core::Duration> {
  static std::string convert(core::Duration v) { return core::format_duration(v); }
};
template <class E>
requires core::HasWords<E>
struct StringMaker<E> {
  static std::string convert(E v) { return std::string(core::to_word(v)); }
};
template <>
struct StringMaker<core::model::Amount> {
  static std::string convert(const core::model::Amount& v) {
    return "cpu " + std::to_string(v.cpu) + " memory " + std::to_string(v.memory_mb) + " disk " +
           std::to_string(v.disk_mb);
  }
};

}  // namespace Catch
