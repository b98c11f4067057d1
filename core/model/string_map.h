// SPDX-License-Identifier: MPL-2.0
// An immutable sorted map of text to text in one block of memory: what a node's attributes live in.
// A std::map of 40 attributes costs some 5 KB a node; this costs the text and 4 bytes an entry, which
// is what lets a server hold a hundred thousand nodes. Copies share the block.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/json.h"

namespace core::model {

class StringMap {
 public:
  StringMap() = default;
  StringMap(const std::map<std::string, std::string>& entries);

  std::optional<std::string_view> find(std::string_view key) const;
  std::size_t size() const { return block_ ? block_->starts.size() / 2 : 0; }
  bool empty() const { return size() == 0; }
  // Entries in key order. REQUIRES: i < size().
  std::pair<std::string_view, std::string_view> at(std::size_t i) const;
  std::map<std::string, std::string> to_map() const;

  friend bool operator==(const StringMap& a, const StringMap& b);

 private:
  struct Block {
    std::string text;
    std::vector<std::uint32_t> starts;  // of key, value, key, value, ...
    friend bool operator==(const Block&, const Block&) = default;
  };
  std::string_view piece(std::size_t i) const;

  std::shared_ptr<const Block> block_;  // null: empty
};

void encode(json::Writer& w, const StringMap& v);
Status decode(json::Value v, StringMap& out);

}  // namespace core::model
