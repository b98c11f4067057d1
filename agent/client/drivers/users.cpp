// SPDX-License-Identifier: MPL-2.0
#include "agent/client/drivers/users.h"

#include <grp.h>
#include <pwd.h>

#include <charconv>
#include <vector>

namespace agent::client {

core::Result<Identity> find_user(const std::string& name) {
  std::uint32_t number = 0;
  const auto end = name.data() + name.size();
  const auto read = std::from_chars(name.data(), end, number);
  const bool numeric = read.ec == std::errc() && read.ptr == end;
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> room(16 << 10);
  if (numeric) ::getpwuid_r(number, &entry, room.data(), room.size(), &found);
  else ::getpwnam_r(name.c_str(), &entry, room.data(), room.size(), &found);
  if (found == nullptr && numeric) return Identity{number, number, {}};
  if (found == nullptr) return core::Error{core::Errc::not_found, "unknown user \"" + name + "\""};
  int count = 64;
  std::vector<gid_t> groups(64);
  if (::getgrouplist(found->pw_name, found->pw_gid, groups.data(), &count) < 0) {
    groups.resize(static_cast<std::size_t>(count));
    ::getgrouplist(found->pw_name, found->pw_gid, groups.data(), &count);
  }
  groups.resize(static_cast<std::size_t>(count));
  return Identity{found->pw_uid, found->pw_gid, {groups.begin(), groups.end()}};
}

}  // namespace agent::client
