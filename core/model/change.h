// SPDX-License-Identifier: MPL-2.0
// Every fact a write produced. The state machine's apply returns Changes, and everything that reacts to
// state listens to them: the in-memory cluster, brokers, timers, blocking queries, clients' assignments.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "core/model/alloc.h"
#include "core/model/eval.h"
#include "core/model/job.h"
#include "core/model/node.h"
#include "core/model/request.h"

namespace core::model {

struct JobChanged {
  JobPtr job;
};
struct JobRemoved {
  JobKey job;
};
struct NodeChanged {
  NodePtr node;
};
struct NodeRemoved {
  NodeId node;
};
struct EvalChanged {
  EvalPtr eval;
};
struct EvalRemoved {
  EvalId eval;
  JobKey job;
};
struct AllocChanged {
  AllocPtr alloc;
  bool server_side = true;  // false: only what the client reports changed
};
struct AllocRemoved {
  AllocId alloc;
  NodeId node;
  JobKey job;
};

struct RequestSettled {
  RequestPtr request;
};
struct RequestForgotten {
  RequestId request;
};

using Fact = std::variant<JobChanged, JobRemoved, NodeChanged, NodeRemoved, EvalChanged, EvalRemoved, AllocChanged,
                          AllocRemoved, RequestSettled, RequestForgotten>;
struct Change {
  Index index;  // of the log entry that caused it
  Fact fact;
};

}  // namespace core::model
