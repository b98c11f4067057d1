// SPDX-License-Identifier: MPL-2.0
// What can still be read of a damaged log. A record is recognised by its own check wherever it lies, so
// entries behind damage can be found without the chain that leads to them.
//
// Whoever uses such entries holds them against the chain: one whose predecessor's record is lost as
// well may have a damaged payload.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/log/format.h"
#include "store/log/listing.h"

namespace store::log {

// Entries from `first` on as far as they are in one piece, none after `last`, some `bytes_max` of them but
// at least one. Empty if `first` itself cannot be read.
Result<std::vector<Entry>> read_remains(Env& env, const std::string& directory, Index first, Index last,
                                        std::size_t bytes_max);

// All entries behind the one with this index and digest, which is of a snapshot, each verified by the chain.
// None if the log has another entry at that index: it was overruled from there on. Errc::corrupt if one that
// was durable once is not among them, or if that cannot be told.
Result<std::vector<Entry>> remains_behind(Env& env, const std::string& directory, Index index,
                                          const Digest& digest);

// The newest configuration that can be read. It may never have been in force: only good for addresses.
Result<std::optional<core::raft::Configuration>> newest_configuration(Env& env, const std::string& directory);

}  // namespace store::log
