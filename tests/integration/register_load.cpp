// SPDX-License-Identifier: MPL-2.0
#include "tests/integration/register_load.h"

#include <random>

namespace integration {
namespace {

constexpr int kClients = 4, kKeys = 6;

std::string job(const std::string& id, std::uint64_t value) {
  return R"({"Job":{"ID":")" + id + R"(","Name":")" + id + R"(","Type":"batch","Datacenters":["dc1"],"Meta":{"value":")" + std::to_string(value) +
         R"("},"TaskGroups":[{"Name":"g","Count":0,"Tasks":[{"Name":"t","Driver":"raw_exec","Config":{"command":"/bin/true"},)" +
         R"("Resources":{"CPU":20,"MemoryMB":16}}]}]}})";
}

// The value that a job's answer carries; 0: there is no job; nothing: no answer that says.
std::optional<std::uint64_t> value_in(const HttpAnswer& answer) {
  if (answer.status == 404) return 0;
  const auto at = answer.body.find("\"value\":\"");
  if (answer.status != 200 || at == std::string::npos) return std::nullopt;
  return std::stoull(answer.body.substr(at + 9));
}

std::string key_of(int number) { return "register-" + std::to_string(number); }

}  // namespace

RegisterLoad::RegisterLoad(HostedServers& servers, std::vector<int> through) : servers_(servers), through_(std::move(through)) {
  if (through_.empty())
    for (int i = 0; i < servers_.size(); ++i) through_.push_back(i);
  for (int i = 0; i < kClients; ++i) clients_.emplace_back([this, i] { work(i); });
}

void RegisterLoad::stop() {
  stopping_ = true;
  for (auto& client : clients_)
    if (client.joinable()) client.join();
}

bool RegisterLoad::goes_on(std::uint64_t more) const {
  const auto enough = acknowledged_ + more;
  return await([&] { return acknowledged_ >= enough; }, std::chrono::seconds(60));
}

std::optional<std::string> RegisterLoad::contradiction() {
  stop();
  for (int number = 0; number < kKeys; ++number) {
    const auto key = key_of(number);
    const bool readable = await([&] {
      bool any = false;
      for (const int i : through_) any = read(servers_[i], key) || any;
      return any;
    });
    if (!readable) return key + " cannot be read";
  }
  return integration::contradiction(history_.all());
}

void RegisterLoad::work(int number) {
  std::mt19937 random(static_cast<unsigned>(number));
  while (!stopping_) {
    auto& server = servers_[through_[random() % through_.size()]];
    const auto key = key_of(static_cast<int>(random() % kKeys));
    if (random() % 2 == 0) write(server, key);
    else read(server, key);
  }
}

void RegisterLoad::write(Agent& server, const std::string& key) {
  Operation operation{.key = key, .write = true, .value = ++last_value_, .called = Operation::Time::clock::now(), .returned = {}};
  const auto answer = server.put("/v1/jobs", job(key, operation.value));
  // Without a 200 it may have happened.
  if (answer.status == 200) operation.returned = Operation::Time::clock::now();
  ++(operation.returned ? acknowledged_ : not_acknowledged_);
  history_.add(std::move(operation));
}

bool RegisterLoad::read(Agent& server, const std::string& key) {
  Operation operation{.key = key, .write = false, .value = 0, .called = Operation::Time::clock::now(), .returned = {}};
  const auto value = value_in(server.get("/v1/job/" + key));
  if (!value) return false;
  operation.value = *value;
  operation.returned = Operation::Time::clock::now();
  history_.add(std::move(operation));
  return true;
}

}  // namespace integration
