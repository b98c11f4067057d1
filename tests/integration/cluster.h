// SPDX-License-Identifier: MPL-2.0
// Real agents for integration tests: each a process of the binary named by NOMAD_BIN, in a directory
// and on ports of its own, on loopback unless it is told otherwise. Whatever a test starts is gone when it ends.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/json.h"

namespace integration {

// A directory that is removed with everything in it.
class Directory {
 public:
  Directory();
  ~Directory();
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  const std::string& path() const { return path_; }
  // Writes a file in it and returns its path.
  std::string file(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

struct Ran {
  int code = -1;
  std::string out, err;
};
// Runs a program to its end; a program that takes over a minute is killed and has code -1.
Ran run(const std::vector<std::string>& command, const std::vector<std::string>& environment = {}, const std::string& input = "");
// The binary under test, with arguments.
std::vector<std::string> nomad(std::vector<std::string> arguments);

struct HttpAnswer {
  int status = 0;  // 0: no connection
  std::string body;
  std::uint64_t index = 0;
  std::string headers = {};  // as they came
};

struct Ports {
  int http = 0, rpc = 0, serf = 0;
};
// Three free ports in a row, not given out before in this process.
Ports free_ports();

class Agent {
 public:
  struct Options {
    std::vector<std::string> arguments;  // "agent" and the ports are added
    std::string config;                  // HCL beside them
    std::string data_dir;
    Ports ports;                         // picked when 0
    std::string host = "127.0.0.1";      // where it answers HTTP
    std::chrono::seconds patience{30};   // how long get(), put() and remove() wait for an answer
  };
  explicit Agent(Options options);
  ~Agent();
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  void start();
  void signal(int number);
  // Waits for the process to end and returns its exit code, or minus the signal that killed it.
  int wait();
  bool running();
  pid_t pid() const { return pid_; }
  const Ports& ports() const { return options_.ports; }
  std::string address() const;
  // All that it printed so far.
  std::string log() const;
  // Waits until it has printed this.
  bool says(std::string_view text) const;
  // How often it has printed this.
  std::size_t said(std::string_view text) const;
  // From now on it answers HTTP there.
  void move(std::string host) { options_.host = std::move(host); }
  // Rewrites what stands beside the ports in its file; a running agent looks at it on SIGHUP.
  void configure(std::string config);

  HttpAnswer get(const std::string& target) const;
  HttpAnswer put(const std::string& target, const std::string& body) const;
  HttpAnswer remove(const std::string& target) const;
  // nomad <arguments> against this agent.
  Ran cli(std::vector<std::string> arguments, const std::string& input = "") const;
  // Rows of "a|b" from the state database.
  std::string sql(const std::string& query) const;

 private:
  HttpAnswer send(int method, const std::string& target, const std::string& body) const;
  std::string write_config() const;

  Options options_;
  Directory directory_;
  pid_t pid_ = -1;
};

// Whether something is missing that a test cannot do without; says so.
bool skipped(const std::string& missing);

// Polls until the condition holds; false after the deadline.
bool await(const std::function<bool()>& condition, std::chrono::milliseconds deadline = std::chrono::seconds(20));

}  // namespace integration
