// SPDX-License-Identifier: MPL-2.0
#include "store/state/commit.h"

#include "store/state/rows.h"

namespace store::state {

void Commit::write() {
  if (!writes_) return;
  outcome_ = carry_out();
  if (!outcome_->ok()) return;
  with_older_versions_ = std::move(writes_->with_older_versions);
  writes_.reset();
}

Status Commit::carry_out() {
  TRY(auto transaction, Transaction::begin(db_, Transaction::Kind::write));
  TRY(write_rows(db_, *writes_));
  return transaction.commit();
}

}  // namespace store::state
