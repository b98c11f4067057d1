// SPDX-License-Identifier: MPL-2.0
#include "core/sched/version.h"

#include <algorithm>

#include "core/base/integer.h"
#include "core/sched/text.h"

namespace core::sched {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_label_char(char c) { return is_digit(c) || is_alpha(c) || c == '-' || c == '~'; }

// Dot-separated labels, none empty: the form of pre-releases and build metadata.
bool is_labels(std::string_view text) {
  if (text.empty() || text.front() == '.' || text.back() == '.') return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_label_char(text[i]) && text[i] != '.') return false;
    if (text[i] == '.' && text[i - 1] == '.') return false;
  }
  return true;
}

std::optional<std::uint64_t> number(std::string_view text) { return parse_integer<std::uint64_t>(text); }

// SemVer 2 §11.4: numbers by value and below words, words by character.
std::strong_ordering compare_label(std::string_view a, std::string_view b) {
  const auto x = number(a), y = number(b);
  if (x && y) return *x <=> *y;
  if (x || y) return x ? std::strong_ordering::less : std::strong_ordering::greater;
  return a <=> b;
}

std::strong_ordering compare_pre_release(std::string_view a, std::string_view b) {
  if (a == b) return std::strong_ordering::equal;
  if (a.empty() || b.empty()) return a.empty() ? std::strong_ordering::greater : std::strong_ordering::less;
  const auto x = split(a, '.'), y = split(b, '.');
  for (std::size_t i = 0; i < x.size() && i < y.size(); ++i)
    if (const auto order = compare_label(x[i], y[i]); order != 0) return order;
  return x.size() <=> y.size();
}

}  // namespace

std::strong_ordering Version::compare(const Version& other) const {
  for (std::size_t i = 0; i < std::max(segments.size(), other.segments.size()); ++i) {
    const auto a = i < segments.size() ? segments[i] : 0;
    const auto b = i < other.segments.size() ? other.segments[i] : 0;
    if (a != b) return a <=> b;
  }
  return compare_pre_release(pre_release, other.pre_release);
}

std::optional<Version> parse_version(std::string_view text, VersionRule rule) {
  text = trim(text);
  if (!text.empty() && text.front() == 'v') text.remove_prefix(1);
  if (const auto plus = text.find('+'); plus != std::string_view::npos) {
    if (!is_labels(text.substr(plus + 1))) return std::nullopt;
    text = text.substr(0, plus);
  }
  const auto core_end = std::find_if_not(text.begin(), text.end(), [](char c) { return is_digit(c) || c == '.'; });
  const auto core_size = static_cast<std::size_t>(core_end - text.begin());
  auto rest = text.substr(core_size);
  Version out;
  for (const auto piece : split(text.substr(0, core_size), '.')) {
    const auto value = number(piece);
    if (!value) return std::nullopt;
    out.segments.push_back(*value);
  }
  out.written = out.segments.size();
  out.segments.resize(std::max<std::size_t>(3, out.segments.size()));
  if (rest.empty()) return out;
  if (rest.front() == '-') rest.remove_prefix(1);
  else if (rule == VersionRule::semver || !(is_alpha(rest.front()) || rest.front() == '~')) return std::nullopt;
  if (!is_labels(rest)) return std::nullopt;
  out.pre_release = rest;
  return out;
}

std::optional<VersionConstraint> VersionConstraint::parse(std::string_view text, VersionRule rule) {
  static constexpr std::pair<std::string_view, Op> kOps[] = {
      {">=", Op::greater_equal}, {"<=", Op::less_equal}, {"!=", Op::not_equal}, {"~>", Op::pessimistic},
      {"=", Op::equal},          {">", Op::greater},     {"<", Op::less}};
  VersionConstraint out;
  out.rule_ = rule;
  for (auto piece : split(text, ',')) {
    piece = trim(piece);
    auto op = Op::equal;
    for (const auto& [word, meaning] : kOps)
      if (piece.starts_with(word)) {
        op = meaning;
        piece.remove_prefix(word.size());
        break;
      }
    if (op == Op::pessimistic && rule == VersionRule::semver) return std::nullopt;
    auto version = parse_version(piece, rule);
    if (!version) return std::nullopt;
    out.parts_.push_back({op, std::move(*version)});
  }
  return out;
}

bool VersionConstraint::allows(const Version& version) const {
  return std::all_of(parts_.begin(), parts_.end(), [&](const Part& part) { return allows(part, version); });
}

bool VersionConstraint::allows(const Part& part, const Version& version) const {
  const auto order = version.compare(part.version);
  if (part.op == Op::equal) return order == 0;
  if (part.op == Op::not_equal) return order != 0;
  // A range is about releases: a pre-release is in it only if the range names one of the same release.
  if (rule_ == VersionRule::loose && !version.pre_release.empty() &&
      (part.version.pre_release.empty() || version.segments != part.version.segments))
    return false;
  switch (part.op) {
    case Op::greater: return order > 0;
    case Op::less: return order < 0;
    case Op::greater_equal: return order >= 0;
    case Op::less_equal: return order <= 0;
    default: break;
  }
  if (!part.version.pre_release.empty() && version.pre_release.empty()) return false;
  if (order < 0 || version.segments.size() < part.version.written) return false;
  return std::equal(part.version.segments.begin(), part.version.segments.begin() + part.version.written - 1,
                    version.segments.begin());
}

}  // namespace core::sched
