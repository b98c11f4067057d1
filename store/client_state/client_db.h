// SPDX-License-Identifier: MPL-2.0
// What a client must remember to survive its own restart: who it is, which allocations it holds, the
// state of their tasks and how to reach their running processes. <directory>/state.db.
//
// Every put is durable when it returns, so that it can be written before acting on it. Documents are
// JSON text that this class never looks into. One process at a time; blocking; single-threaded.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/env.h"

namespace store::client_state {

struct Identity {
  std::string node_id;
  std::string secret;
  friend bool operator==(const Identity&, const Identity&) = default;
};
struct StoredAlloc {
  std::string id;
  std::string doc;
  friend bool operator==(const StoredAlloc&, const StoredAlloc&) = default;
};
struct StoredTask {
  std::string alloc_id;
  std::string task;
  std::string state;   // JSON; empty if none was put
  std::string handle;  // JSON: executor process and socket; empty if there is none
  friend bool operator==(const StoredTask&, const StoredTask&) = default;
};

class ClientDb {
 public:
  // Makes directory and file if missing. Errc::in_use if another process has it open. A file that is
  // damaged is moved aside, with a new one in its place: set_aside() then says where it went and why.
  static Result<ClientDb> open(Env& env, const std::string& directory);
  ClientDb(ClientDb&&) noexcept;
  ClientDb& operator=(ClientDb&&) noexcept;
  ~ClientDb();

  const std::optional<std::string>& set_aside() const;

  Result<std::optional<Identity>> identity();
  Status put_identity(const Identity& identity);

  // The newest index of the servers' state that was acted on; 0 at first. Putting an older one is
  // Errc::conflict.
  Result<std::uint64_t> last_index();
  Status put_last_index(std::uint64_t index);

  // By id.
  Result<std::vector<StoredAlloc>> allocs();
  Status put_alloc(std::string_view id, std::string_view doc);
  // With its tasks. Fine if it is not there.
  Status remove_alloc(std::string_view id);

  // By allocation and name.
  Result<std::vector<StoredTask>> tasks();
  Status put_task_state(std::string_view alloc_id, std::string_view task, std::string_view state);
  // An empty handle forgets it: there is no process any more.
  Status put_task_handle(std::string_view alloc_id, std::string_view task, std::string_view handle);

  // Anything else worth keeping: dynamic node metadata, eligibility asked for while cut off.
  Result<std::optional<std::string>> value(std::string_view key);
  Status put_value(std::string_view key, std::string_view text);
  Status remove_value(std::string_view key);

  // What `puts` puts becomes durable together, or, if it returns an error, not at all.
  Status together(const std::function<Status()>& puts);

 private:
  struct State;
  explicit ClientDb(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace store::client_state
