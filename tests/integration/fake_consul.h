// SPDX-License-Identifier: MPL-2.0
// As much of a Consul agent's HTTP API as agents use, in a process of its own, so that it can be killed. It keeps
// nothing: what was registered is gone when it is.
#pragma once

#include <sys/types.h>

#include <string>

namespace integration {

class FakeConsul {
 public:
  enum class Mood { sound, babbling };  // babbling: answers everything, with what Consul would never say

  // On a free port. Serves whoever shows this token.
  explicit FakeConsul(std::string token);
  ~FakeConsul();
  FakeConsul(const FakeConsul&) = delete;
  FakeConsul& operator=(const FakeConsul&) = delete;

  void start(Mood mood = Mood::sound);
  void stop();
  std::string address() const;
  // HCL of an agent that uses it; `more` goes into the block.
  std::string config(const std::string& more = "") const;
  // What it would show who asks /v1/agent/services.
  std::string services() const;
  // How many services it has, of these names.
  std::size_t registered(const std::string& name) const;
  // Questions that begin with this since it was started.
  std::size_t asked(const std::string& target) const;

 private:
  std::string get(const std::string& target) const;

  std::string token_;
  int port_;
  pid_t pid_ = -1;
};

}  // namespace integration
