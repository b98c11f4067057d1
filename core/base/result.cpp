// SPDX-License-Identifier: MPL-2.0
#include "core/base/result.h"

#include <array>
#include <utility>

namespace core {
namespace {

constexpr std::array<std::pair<Errc, std::string_view>, 17> kNames{{
    {Errc::invalid, "invalid"},         {Errc::rejected, "rejected"},
    {Errc::denied, "denied"},           {Errc::not_found, "not_found"},
    {Errc::conflict, "conflict"},       {Errc::too_large, "too_large"},
    {Errc::busy, "busy"},               {Errc::unsupported, "unsupported"},
    {Errc::no_leader, "no_leader"},     {Errc::unknown_fate, "unknown_fate"},
    {Errc::timeout, "timeout"},         {Errc::unavailable, "unavailable"},
    {Errc::corrupt, "corrupt"},         {Errc::io, "io"},
    {Errc::no_space, "no_space"},       {Errc::permission, "permission"},
    {Errc::in_use, "in_use"},
}};

}  // namespace

std::string_view to_string(Errc code) {
  for (const auto& [value, name] : kNames)
    if (value == code) return name;
  UNREACHABLE();
}

std::optional<Errc> errc_from(std::string_view word) {
  for (const auto& [value, name] : kNames)
    if (name == word) return value;
  return std::nullopt;
}

Error within(std::string_view where, Error error) {
  error.detail = std::string(where) + ": " + error.detail;
  return error;
}

}  // namespace core
