// SPDX-License-Identifier: MPL-2.0
#include "core/model/string_map.h"

#include "core/base/fields.h"

namespace core::model {

StringMap::StringMap(const std::map<std::string, std::string>& entries) {
  if (entries.empty()) return;
  std::size_t bytes = 0;
  for (const auto& [key, value] : entries) bytes += key.size() + value.size();
  Block block;
  block.text.reserve(bytes);
  block.starts.reserve(entries.size() * 2);
  for (const auto& [key, value] : entries) {
    block.starts.push_back(static_cast<std::uint32_t>(block.text.size()));
    block.text += key;
    block.starts.push_back(static_cast<std::uint32_t>(block.text.size()));
    block.text += value;
  }
  block_ = std::make_shared<const Block>(std::move(block));
}

bool operator==(const StringMap& a, const StringMap& b) {
  if (a.block_ == b.block_) return true;
  return a.block_ && b.block_ && *a.block_ == *b.block_;
}

std::string_view StringMap::piece(std::size_t i) const {
  const auto& [text, starts] = *block_;
  const auto end = i + 1 < starts.size() ? starts[i + 1] : text.size();
  return std::string_view(text).substr(starts[i], end - starts[i]);
}

std::pair<std::string_view, std::string_view> StringMap::at(std::size_t i) const {
  ASSERT(i < size());
  return {piece(2 * i), piece(2 * i + 1)};
}

std::optional<std::string_view> StringMap::find(std::string_view key) const {
  std::size_t low = 0;
  std::size_t high = size();
  while (low < high) {
    const auto middle = (low + high) / 2;
    if (piece(2 * middle) < key) low = middle + 1;
    else high = middle;
  }
  if (low == size() || piece(2 * low) != key) return std::nullopt;
  return piece(2 * low + 1);
}

std::map<std::string, std::string> StringMap::to_map() const {
  std::map<std::string, std::string> out;
  for (std::size_t i = 0; i < size(); ++i) out.emplace(at(i).first, at(i).second);
  return out;
}

void encode(json::Writer& w, const StringMap& v) {
  w.begin_object();
  for (std::size_t i = 0; i < v.size(); ++i) {
    w.key(v.at(i).first);
    w.string(v.at(i).second);
  }
  w.end_object();
}

Status decode(json::Value v, StringMap& out) {
  std::map<std::string, std::string> entries;
  TRY(core::decode(v, entries));
  out = StringMap(entries);
  return Unit{};
}

}  // namespace core::model
