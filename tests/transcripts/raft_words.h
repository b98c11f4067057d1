// SPDX-License-Identifier: MPL-2.0
// Raft's values in the words of a transcript: terms and indexes as "term/index".
#pragma once

#include <string>

#include "core/raft/raft.h"

namespace transcripts {

std::string words(const core::raft::EntryId& id);
// "2/7" and its payload or kind.
std::string words(const core::raft::Entry& entry);
std::string words(const core::raft::Message& message);
std::string words(const core::raft::Configuration& configuration);
// What the save writes, without what it lets leave.
std::string words(const core::raft::Save& save);
std::string words(const core::raft::Outcome& outcome);

}  // namespace transcripts
