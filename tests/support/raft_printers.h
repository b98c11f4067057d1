// SPDX-License-Identifier: MPL-2.0
// How Catch2 prints the strong types of core/raft.
#pragma once

#include <catch2/catch.hpp>

#include "core/raft/raft.h"

namespace Catch {

template <class Tag>
struct StringMaker<core::Ordinal<Tag>> {
  static std::string convert(const core::Ordinal<Tag>& o) { return to_string(o); }
};
template <>
struct StringMaker<core::raft::EntryId> {
  static std::string convert(const core::raft::EntryId& id) {
    return to_string(id.term) + "/" + to_string(id.index);
  }
};
template <>
struct StringMaker<core::raft::Role> {
  static std::string convert(core::raft::Role role) { return std::string(core::raft::to_string(role)); }
};
template <class Tag>
struct StringMaker<core::Id<Tag>> {
  static std::string convert(const core::Id<Tag>& id) { return id.text; }
};

}  // namespace Catch
