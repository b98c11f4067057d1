// SPDX-License-Identifier: MPL-2.0
// What v0.1.2 clients read instead of Evaluation.FailedTGAllocs: for each group that found no place an
// allocation of status "failed" on no node, whose metrics say why. None is stored. Its id is that of
// the evaluation with another digit in place of the UUID's version, which says which group it is: so
// an id leads back to the evaluation without a search.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/model/eval.h"

namespace core::model {

// As many groups of one evaluation can be told; the rest are left out.
inline constexpr std::size_t kFailedPlacementsMax = 15;

// The id for the `rank`th group of eval.failed_groups. REQUIRES: the evaluation's id is a version 4
// UUID, rank < kFailedPlacementsMax.
AllocId failed_placement_id(const EvalId& eval, std::size_t rank);
// Which group of which evaluation an id may stand for; nothing for ids of real allocations.
std::optional<std::pair<EvalId, std::size_t>> failed_placement_of(const AllocId& id);
// The API's Allocation and its list stub as JSON text, in v0.1.2's shape. REQUIRES: there is such a group.
std::string failed_placement_to_api(const Evaluation& eval, std::size_t rank, std::string_view job_json);
std::string failed_placement_stub_to_api(const Evaluation& eval, std::size_t rank);

}  // namespace core::model
