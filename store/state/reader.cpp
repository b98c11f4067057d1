// SPDX-License-Identifier: MPL-2.0
#include "store/state/reader.h"

#include "store/state/reader_list.h"
#include "store/state/rows.h"
#include "store/state/schema.h"

namespace store::state {
namespace {

using core::Errc;
using core::Error;

constexpr std::size_t kUuidBytes = 36;

bool is_hyphen_place(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

// U+007A 'z', as Go prints a byte that is not hexadecimal.
std::string go_byte(char c) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  return std::string("U+00") + kHex[byte >> 4] + kHex[byte & 15] + " '" + c + "'";
}

}  // namespace

Result<Connection> open_reader(const std::string& path) {
  return Connection::open(path, {.access = Access::read_only, .application_id = kApplicationId});
}

Result<raft::SnapshotMeta> read_meta(Connection& db) {
  TRY(const auto position, load_position(db));
  return position.meta();
}

Result<Index> read_index(Connection& db) {
  TRY(const auto position, load_position(db));
  return position.index();
}

Result<Index> table_index(Connection& db, Table table) {
  TRY(const auto found, db.get_integer("SELECT last_index FROM table_index WHERE name = ?1", core::to_word(table)));
  return Index{static_cast<std::uint64_t>(found.value_or(0))};
}

Result<Index> last_index(Connection& db, Table table) {
  TRY(const auto index, table_index(db, table));
  return at_least_one(index);
}

Range prefix_range(std::string_view prefix, std::string_view next_token) {
  // No text in UTF-8 has a byte 0xff: whatever begins with the prefix is below it.
  return {.from = std::string(std::max(prefix, next_token)), .below = std::string(prefix) + '\xff'};
}

Result<std::string> uuid_prefix(std::string_view what, std::string_view prefix) {
  std::string out;
  for (const char c : prefix) {
    if (c == '-') continue;
    const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c;
    const bool hex = (lower >= '0' && lower <= '9') || (lower >= 'a' && lower <= 'f');
    if (!hex)
      return Error{Errc::rejected, std::string(what) +
                                       " lookup failed: index error: Invalid UUID: encoding/hex: invalid byte: " +
                                       go_byte(c)};
    if (is_hyphen_place(out.size())) out += '-';
    out += lower;
  }
  if (out.size() > kUuidBytes)
    return Error{Errc::rejected, std::string(what) + " lookup failed: index error: Invalid UUID length"};
  return out;
}

Result<Answer> shaped(Answer answer, Shape shape) {
  if (shape == Shape::v0_1_2 && answer.found) {
    TRY(answer.json, model::to_v0_1_2(answer.json));
  }
  return answer;
}

Answer missing(Index index) { return {.json = {}, .index = at_least_one(index), .found = false}; }

}  // namespace store::state
