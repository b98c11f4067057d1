// SPDX-License-Identifier: MPL-2.0
// A scene on disk with a reader beside it, and JSON to look into.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "store/state/reader.h"
#include "tests/support/printers.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/store/state/scene.h"

namespace test {

inline store::Connection opened_reader(const std::string& path) {
  auto opened = store::state::open_reader(path);
  INFO((opened.ok() ? std::string() : opened.error().detail));
  REQUIRE(opened.ok());
  return std::move(opened).value();
}

struct Reading {
  TempDir directory;
  std::string path = directory / "state.db";
  Scene scene{path};
  store::Connection reader = opened_reader(path);
};

// The text of a value with members in order of name, so that equal objects are equal texts.
inline std::string sorted(core::json::Value v) {
  using core::json::Kind;
  if (v.kind() == Kind::array) {
    std::string out = "[";
    for (std::size_t i = 0; i < v.size(); ++i) out += sorted(v.element(i)) + "\n";
    return out + "]";
  }
  if (v.kind() != Kind::object) return v.text();
  std::vector<std::string> members;
  for (std::size_t i = 0; i < v.size(); ++i) members.push_back(std::string(v.name(i)) + ": " + sorted(v.member(i)));
  std::sort(members.begin(), members.end());
  std::string out = "{";
  for (const auto& member : members) out += member + "\n";
  return out + "}";
}

class Json {
 public:
  explicit Json(const std::string& text) : document_(parse(text)) {}
  core::json::Value root() const { return document_.root(); }
  std::string sorted() const { return test::sorted(root()); }
  std::size_t size() const { return root().size(); }
  // The compact text of a member; "(absent)" if there is none.
  std::string member(std::string_view name) const { return member_of(root(), name); }
  std::string member(std::size_t element, std::string_view name) const { return member_of(root().element(element), name); }
  std::vector<std::string> column(std::string_view name) const {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < size(); ++i) out.push_back(member(i, name));
    return out;
  }

 private:
  static core::json::Document parse(const std::string& text) {
    auto document = core::json::parse(text, {.bytes = text.size()});
    INFO(text);
    REQUIRE(document.ok());
    return std::move(document).value();
  }
  static std::string member_of(core::json::Value object, std::string_view name) {
    for (std::size_t i = 0; i < object.size(); ++i)
      if (object.name(i) == name) return object.member(i).text();
    return "(absent)";
  }
  core::json::Document document_;
};

inline store::state::Answer good(core::Result<store::state::Answer> answer) {
  INFO((answer.ok() ? std::string() : answer.error().detail));
  REQUIRE(answer.ok());
  return std::move(answer).value();
}
inline Json parsed(core::Result<store::state::Answer> answer) { return Json(good(std::move(answer)).json); }

using Names = std::vector<std::string>;

}  // namespace test
