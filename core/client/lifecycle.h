// SPDX-License-Identifier: MPL-2.0
// A task's part in its group: what it runs before, beside or after.
#pragma once

#include "core/model/task.h"

namespace core::client {

enum class Role {
  prestart,           // runs to its end before the main tasks begin
  prestart_sidecar,   // begins before the main tasks and runs beside them
  main,
  poststart,          // begins once all main tasks run
  poststart_sidecar,
  poststop,           // runs when all others have ended
};

inline Role role_of(const model::Task& task) {
  if (!task.lifecycle) return Role::main;
  const auto& hook = task.lifecycle->hook;
  if (hook == "prestart") return task.lifecycle->sidecar ? Role::prestart_sidecar : Role::prestart;
  if (hook == "poststart") return task.lifecycle->sidecar ? Role::poststart_sidecar : Role::poststart;
  if (hook == "poststop") return Role::poststop;
  return Role::main;
}

inline bool is_sidecar(Role role) { return role == Role::prestart_sidecar || role == Role::poststart_sidecar; }

}  // namespace core::client
