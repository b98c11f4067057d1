// SPDX-License-Identifier: MPL-2.0
// What became of a write that had a name. The state remembers it for the next limits::kRequestKeptEntries
// entries of the log, so that whoever lost the answer may ask again: the first outcome stands, and nothing is
// done twice.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/id.h"
#include "core/base/ordinal.h"
#include "core/base/request_id.h"
#include "core/base/result.h"

namespace core::model {

struct SettledRequest {
  RequestId id;
  Index index;                           // of the entry that settled it
  std::shared_ptr<const Error> refused;  // null: it was carried out
  std::vector<EvalId> evals;             // that came with it
  // Of what it wrote; 0 where it wrote no such thing.
  Index eval_create_index, job_modify_index, node_modify_index;
};
using RequestPtr = std::shared_ptr<const SettledRequest>;

}  // namespace core::model
