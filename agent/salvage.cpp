// SPDX-License-Identifier: MPL-2.0
#include "agent/run.h"
#include "store/env_posix.h"
#include "store/log/repair.h"
#include "store/snapshot/snapshots.h"
#include "store/state/image.h"

namespace agent {

core::Result<Salvaged> salvage(const std::string& data_dir) {
  store::PosixEnv env;
  const auto directory = data_dir + "/server";
  TRY(const bool there, env.exists(directory + "/log"));
  if (!there) return core::Error{core::Errc::not_found, data_dir + ": no server has its log here"};
  TRY(const auto lock, env.lock(directory + "/lock"));
  TRY(auto snapshots, store::snapshot::Snapshots::open(env, directory + "/snapshots", store::state::check_image));
  TRY(const auto newest, snapshots.newest_valid());
  TRY(auto salvaged, store::log::salvage(env, directory, newest ? std::optional(newest->meta) : std::nullopt));
  return Salvaged{std::move(salvaged.reasons), salvaged.kept_up_to, std::move(salvaged.copies)};
}

}  // namespace agent
