// SPDX-License-Identifier: MPL-2.0
#include "core/model/eval.h"

namespace core::model {
namespace {

// A v0.1.2 monitor waits until it reads one of the words it knows.
EvalStatus v0_1_2_status(EvalStatus status) {
  if (status == EvalStatus::blocked) return EvalStatus::complete;
  if (status == EvalStatus::canceled) return EvalStatus::failed;
  return status;
}

}  // namespace

std::string eval_to_api(const Evaluation& eval, Shape shape) {
  json::Writer w;
  const auto status = shape == Shape::current ? eval.status : v0_1_2_status(eval.status);
  if (status == eval.status) {
    encode(w, eval, Zeros::omit);
  } else {
    auto shown = eval;
    shown.status = status;
    encode(w, shown, Zeros::omit);
  }
  return w.take();
}

}  // namespace core::model
