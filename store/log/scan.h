// SPDX-License-Identifier: MPL-2.0
// Reads a whole segment at start: verifies every entry, finds where the log ends in it, and tells a
// torn write from damage.
//
// The last batch may never have been acknowledged; whatever is left of it may be cut. Everything
// before it was acknowledged. So when an entry cannot be read, the bytes behind it are searched for
// proof that it was durable once: a record of a later batch, or a seal. With proof it is damage,
// without it is a torn write.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "store/log/segment.h"

namespace store::log {

struct Damage {
  std::string path;
  std::uint64_t offset = 0;
  Index index;    // the first entry that cannot be read
  Index durable;  // entries up to this one were durable
  std::string what;

  Error error() const;  // for people: where, what, and what they can do
};

struct Scan {
  Segment segment;  // holds the entries before the damage or the end
  std::optional<Damage> damage;
  std::uint64_t dirty_end = 0;  // behind this offset all is zero
  std::uint64_t last_batch = 0;  // where the batch begins that the last entry was written with
  bool torn = false;            // there is something behind the last entry that is no seal of it
};

// Up to where the records and seals that can be recognised in these bytes prove the log to have been
// durable. 0: they prove nothing.
Index proven_durable(ByteView bytes, const Digest& salt);

// `must_reach`: the last entry that a newer segment builds on; what lies behind it is void. Nothing
// for the newest segment. `on_entry` sees each entry once verified; its payload is only lent.
Result<Scan> scan_segment(Env& env, std::unique_ptr<File> file, const SegmentHeader& header,
                          std::optional<Index> must_reach,
                          const std::function<Status(const Entry&)>& on_entry);

}  // namespace store::log
