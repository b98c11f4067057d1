// SPDX-License-Identifier: MPL-2.0
#include "tests/integration/cluster.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

#include "net/http/client.h"

extern char** environ;

namespace integration {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

std::string slurp(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> out;
  for (auto& word : words) out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}

// A child in a process group of its own, with both outputs in files.
pid_t spawn(std::vector<std::string> command, std::vector<std::string> environment, const std::string& in, const std::string& out, const std::string& err) {
  for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, in.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (out == err) posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
  else posix_spawn_file_actions_addopen(&files, STDERR_FILENO, err.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  auto argv = pointers(command);
  auto envp = pointers(environment);
  pid_t pid = -1;
  if (posix_spawnp(&pid, argv[0], &files, nullptr, argv.data(), envp.data()) != 0) pid = -1;
  posix_spawn_file_actions_destroy(&files);
  return pid;
}

int decoded(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status); }

bool port_is_free(int port) {
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  const bool free = ::bind(probe, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(probe);
  return free;
}

// Processes that hold a file below the directory open, by a supervisor's name.
std::vector<pid_t> supervisors_below(const std::string& directory) {
  std::vector<pid_t> found;
  std::error_code gone;
  for (const auto& process : std::filesystem::directory_iterator("/proc", gone)) {
    const auto path = process.path().string();
    if (slurp(path + "/comm") != "nomad-executor\n") continue;
    for (const auto& file : std::filesystem::directory_iterator(path + "/fd", gone)) {
      if (!std::filesystem::read_symlink(file.path(), gone).string().starts_with(directory + "/")) continue;
      found.push_back(static_cast<pid_t>(std::atoi(process.path().filename().c_str())));
      break;
    }
  }
  return found;
}

std::vector<std::string> mounts_below(const std::string& directory) {
  std::vector<std::string> found;
  std::ifstream table("/proc/self/mounts");
  for (std::string device, where, rest; table >> device >> where && std::getline(table, rest);)
    if (where.starts_with(directory + "/")) found.push_back(where);
  return found;
}

// Claims a number among all test processes of this host, until this one ends.
bool claimed(int number) {
  const auto name = "nomad-test-ports-" + std::to_string(number);
  const int claim = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path + 1, sizeof address.sun_path - 2);  // abstract: gone with the process
  if (::bind(claim, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return true;
  ::close(claim);
  return false;
}

}  // namespace

Directory::Directory() {
  char name[] = "/tmp/nomad-test-XXXXXX";
  path_ = ::mkdtemp(name);
}
Directory::~Directory() {
  // Agents leave their tasks running, and the memory that secrets are in.
  for (const auto pid : supervisors_below(path_)) ::kill(pid, SIGTERM);
  await([&] { return supervisors_below(path_).empty(); }, 10s);
  for (const auto& mount : mounts_below(path_)) ::umount2(mount.c_str(), MNT_DETACH);
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}
std::string Directory::file(const std::string& name, const std::string& text) const {
  const auto path = path_ + "/" + name;
  std::ofstream(path) << text;
  return path;
}

Ran run(const std::vector<std::string>& command, const std::vector<std::string>& environment, const std::string& input) {
  Directory directory;
  const auto in = directory.file("in", input);
  const auto out = directory.path() + "/out", err = directory.path() + "/err";
  const auto pid = spawn(command, environment, in, out, err);
  if (pid < 0) return {};
  int status = 0;
  const bool ended = await([&] { return ::waitpid(pid, &status, WNOHANG) == pid; }, 60s);
  if (!ended) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, &status, 0);
    return {-1, slurp(out), slurp(err)};
  }
  return {decoded(status), slurp(out), slurp(err)};
}

std::vector<std::string> nomad(std::vector<std::string> arguments) {
  const char* binary = std::getenv("NOMAD_BIN");
  arguments.insert(arguments.begin(), binary != nullptr ? binary : "build/nomad");
  return arguments;
}

Ports free_ports() {
  static int next = 21000;
  for (;; next += 3)
    if (claimed(next) && port_is_free(next) && port_is_free(next + 1) && port_is_free(next + 2)) {
      const Ports ports{next, next + 1, next + 2};
      next += 3;
      return ports;
    }
}

Agent::Agent(Options options) : options_(std::move(options)) {
  if (options_.ports.http == 0) options_.ports = free_ports();
}

Agent::~Agent() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGINT);
  int status = 0;
  if (await([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; }, 10s)) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, &status, 0);
}

std::string Agent::write_config() const {
  const auto& ports = options_.ports;
  return directory_.file("agent.hcl", "ports {\n  http = " + std::to_string(ports.http) + "\n  rpc = " +
                                                       std::to_string(ports.rpc) + "\n  serf = " + std::to_string(ports.serf) +
                                                       "\n}\n" + options_.config);
}

void Agent::configure(std::string config) {
  options_.config = std::move(config);
  write_config();
}

void Agent::start() {
  const auto config = write_config();
  auto command = nomad({"agent", "-config", config});
  if (!options_.data_dir.empty()) command.insert(command.end(), {"-data-dir", options_.data_dir});
  command.insert(command.end(), options_.arguments.begin(), options_.arguments.end());
  pid_ = spawn(std::move(command), {}, "/dev/null", directory_.path() + "/log", directory_.path() + "/log");
}

void Agent::signal(int number) { ::kill(pid_, number); }

int Agent::wait() {
  int status = 0;
  const bool ended = await([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; }, 30s);
  if (!ended) return -1000;
  pid_ = -1;
  return decoded(status);
}

bool Agent::running() { return pid_ > 0 && ::kill(pid_, 0) == 0 && ::waitpid(pid_, nullptr, WNOHANG) == 0; }

std::string Agent::address() const { return "http://" + options_.host + ":" + std::to_string(options_.ports.http); }
std::string Agent::log() const { return slurp(directory_.path() + "/log"); }
bool Agent::says(std::string_view text) const {
  return await([&] { return log().find(text) != std::string::npos; });
}
std::size_t Agent::said(std::string_view text) const {
  std::size_t count = 0;
  const auto all = log();
  for (auto at = all.find(text); at != std::string::npos; at = all.find(text, at + text.size())) ++count;
  return count;
}

HttpAnswer Agent::send(int method, const std::string& target, const std::string& body) const {
  const auto url = net::http::parse_url(address(), 4646);
  net::http::Outgoing request{.method = static_cast<net::http::Method>(method), .target = target};
  request.body = body;
  request.timeout = options_.patience;
  const auto response = net::http::fetch(*url, std::move(request));
  if (!response.ok()) return {};
  HttpAnswer answer{.status = response->status, .body = response->body.text(), .index = 0, .headers = std::string(response->headers.wire())};
  if (const auto index = response->headers.find("X-Nomad-Index"))
    std::from_chars(index->data(), index->data() + index->size(), answer.index);
  return answer;
}

HttpAnswer Agent::get(const std::string& target) const { return send(static_cast<int>(net::http::Method::get), target, ""); }
HttpAnswer Agent::put(const std::string& target, const std::string& body) const {
  return send(static_cast<int>(net::http::Method::put), target, body);
}
HttpAnswer Agent::remove(const std::string& target) const { return send(static_cast<int>(net::http::Method::delete_), target, ""); }

Ran Agent::cli(std::vector<std::string> arguments, const std::string& input) const {
  return run(nomad(std::move(arguments)), {"NOMAD_ADDR=" + address()}, input);
}

std::string Agent::sql(const std::string& query) const {
  return run({"sqlite3", "-readonly", options_.data_dir + "/server/state.db", query}).out;
}

bool skipped(const std::string& missing) {
  if (!missing.empty()) std::cout << "skipped: " << missing << "\n";
  return !missing.empty();
}

bool await(const std::function<bool()>& condition, std::chrono::milliseconds deadline) {
  const auto until = Clock::now() + deadline;
  for (;;) {
    if (condition()) return true;
    if (Clock::now() >= until) return false;
    std::this_thread::sleep_for(10ms);
  }
}

}  // namespace integration
