// SPDX-License-Identifier: MPL-2.0
#include "agent/server/member_file.h"

#include <utility>

#include "core/base/limits.h"
#include "store/replace_file.h"

namespace agent::server {
namespace {

constexpr const char* kName = "members";
constexpr std::size_t kBytesMax =
    core::limits::kGossipMembersMax * (core::limits::kGossipNameBytesMax + core::limits::kGossipIpBytesMax + 32);

core::Result<core::Bytes> read_all(store::Env& env, const std::string& path) {
  TRY(auto file, env.open(path, store::Open::read));
  TRY(const auto size, file->size());
  if (size > kBytesMax) return core::Error{core::Errc::too_large, path + ": too large for a list of members"};
  return file->read_exactly(0, static_cast<std::size_t>(size));
}

}  // namespace

MemberFile::MemberFile(net::uv::Loop& loop, store::Env& env, std::string directory, core::Logger logger)
    : env_(env),
      directory_(std::move(directory)),
      path_(directory_ + "/" + kName),
      log_(std::move(logger)),
      worker_(loop, {.name = "gossip", .queue_max = 1}) {}

core::gossip::Remembered MemberFile::read() {
  if (const auto made = env_.make_directories(directory_); !made.ok())
    LOG(log_, warn, "members cannot be remembered", {"error", made.error()});
  const auto there = env_.exists(path_);
  if (!there.ok() || !*there) return {};
  const auto text = read_all(env_, path_);
  auto remembered = text.ok() ? core::gossip::decode_remembered(*text) : core::Result<core::gossip::Remembered>(text.error());
  if (remembered.ok()) return std::move(*remembered);
  LOG(log_, warn, "the list of members known before is of no use", {"path", path_}, {"error", remembered.error()});
  return {};
}

void MemberFile::write(core::Bytes text) {
  next_ = std::move(text);
  if (!writing_) write_next();
}

void MemberFile::write_next() {
  const auto submitted =
      worker_.submit([this, text = std::exchange(next_, {})]() mutable { return store::replace_file(env_, path_, text); },
                     lifetime_.guard([this](const core::Status& written) {
                       writing_ = false;
                       if (!written.ok()) LOG(log_, warn, "members cannot be remembered", {"error", written.error()});
                       if (!next_.empty()) write_next();
                     }));
  writing_ = submitted.ok();
}

}  // namespace agent::server
