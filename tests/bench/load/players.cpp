// SPDX-License-Identifier: MPL-2.0
#include "tests/bench/load/players.h"

#include <memory>

#include "core/base/fields.h"
#include "core/server/methods.h"
#include "net/http/client.h"
#include "net/rpc/client_pool.h"
#include "net/uv/loop.h"
#include "tests/bench/load/measure.h"

namespace bench {
namespace {

namespace cs = core::server;
using namespace std::chrono_literals;

net::rpc::Hello hello() { return {.role = net::rpc::Role::client, .cluster = "global", .name = "load", .version = "0"}; }
net::uv::Address local(int port) { return {"127.0.0.1", static_cast<std::uint16_t>(port)}; }

// Keeps `in_flight` calls going until `count` are answered.
class Driver {
 public:
  using Issue = std::function<void(std::uint64_t number, std::function<void(bool ok)> done)>;
  Driver(net::uv::Loop& loop, std::uint64_t count, Issue issue) : loop_(loop), count_(count), issue_(std::move(issue)) {}

  Rate run(std::size_t in_flight) {
    const auto start = Clock::now();
    for (std::size_t i = 0; i < in_flight && next_ < count_; ++i) next();
    loop_.run();
    const Seconds took = Clock::now() - start;
    return {static_cast<double>(count_) / took.count(), percentile(samples_, 50), percentile(samples_, 99), failed_};
  }

 private:
  void next() {
    const auto started = Clock::now();
    issue_(next_++, [this, started](bool ok) {
      samples_.push_back(Seconds(Clock::now() - started).count() * 1000);
      if (!ok) ++failed_;
      if (++answered_ == count_) return loop_.stop();
      if (next_ < count_) next();
    });
  }

  net::uv::Loop& loop_;
  std::uint64_t count_;
  Issue issue_;
  std::uint64_t next_ = 0, answered_ = 0, failed_ = 0;
  std::vector<double> samples_;
};

}  // namespace

Rate http_load(int port, std::uint64_t count, std::size_t in_flight, const std::function<HttpRequest(std::uint64_t)>& make) {
  net::uv::Loop loop;
  net::http::Client client(loop);
  const net::uv::HostPort server{"127.0.0.1", static_cast<std::uint16_t>(port)};
  Driver driver(loop, count, [&](std::uint64_t number, std::function<void(bool)> done) {
    auto request = make(number);
    net::http::Outgoing out{.method = request.body.empty() ? net::http::Method::get : net::http::Method::put, .target = std::move(request.target)};
    out.body = std::move(request.body);
    client.send(server, std::move(out), [done = std::move(done)](auto response) { done(response.ok() && response->status == 200); });
  });
  return driver.run(in_flight);
}

Rate rpc_load(int port, std::uint64_t count, std::size_t in_flight, const std::function<RpcRequest(std::uint64_t)>& make) {
  net::uv::Loop loop;
  net::rpc::ClientPool pool(loop, {.hello = hello()}, core::Rng(1));
  Driver driver(loop, count, [&](std::uint64_t number, std::function<void(bool)> done) {
    auto request = make(number);
    pool.request({local(port)}, request.method, std::move(request.body), {}, [done = std::move(done)](auto answer) { done(answer.ok()); });
  });
  return driver.run(in_flight);
}

std::string uuid(std::uint64_t number) {
  auto tail = std::to_string(number);
  return "c0ffee00-0000-4000-8000-" + std::string(12 - tail.size(), '0') + tail;
}

core::model::Node node(std::uint64_t number) {
  core::model::Node node;
  node.id = core::NodeId{uuid(number)};
  node.secret_id = uuid(number + 1'000'000'000);
  node.datacenter = "dc1";
  node.name = "node-" + std::to_string(number);
  node.http_addr = "127.0.0.1:4646";
  std::map<std::string, std::string> attributes{
      {"kernel.name", "linux"}, {"kernel.version", "6.1.0-18-amd64"}, {"arch", "amd64"}, {"cpu.arch", "amd64"}, {"cpu.numcores", "16"},
      {"cpu.frequency", "2900"}, {"cpu.modelname", "AMD EPYC 7543 32-Core Processor"}, {"cpu.totalcompute", "46400"},
      {"memory.totalbytes", "67385221120"}, {"os.name", "debian"}, {"os.version", "12"}, {"nomad.version", "0.1.2"},
      {"driver.exec", "1"}, {"driver.raw_exec", "1"}, {"driver.java", "1"}, {"driver.java.version", "17.0.9"}, {"driver.docker", "1"},
      {"driver.docker.version", "24.0.5"}, {"unique.cgroup.mountpoint", "/sys/fs/cgroup"}, {"unique.hostname", node.name},
      {"unique.network.ip-address", "10.0.0.1"}, {"unique.storage.volume", "/dev/nvme0n1p1"}, {"unique.storage.bytestotal", "512110190592"},
      {"unique.storage.bytesfree", "401000000000"}};
  node.attributes = core::model::StringMap(attributes);
  node.resources.cpu = 46400;
  node.resources.memory_mb = 64000;
  node.resources.disk_mb = 400000;
  node.resources.networks.resize(1);
  node.resources.networks[0].device = "eth0";
  node.resources.networks[0].ip = "10.0.0.1";
  node.resources.networks[0].cidr = "10.0.0.1/32";
  node.resources.networks[0].mbits = 10000;
  core::model::Drivers drivers;
  for (const auto* name : {"exec", "raw_exec", "java", "docker"})
    drivers[name] = {.attributes = {}, .detected = true, .healthy = true, .health_description = "Healthy", .update_time = {}};
  node.drivers = std::move(drivers);
  node.status = core::model::NodeStatus::ready;
  return node;
}

void with_clients(int port, std::uint64_t count, const std::function<void()>& then) {
  net::uv::Loop loop;
  std::vector<std::unique_ptr<net::rpc::ClientPool>> pools;
  std::uint64_t subscribed = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    pools.push_back(std::make_unique<net::rpc::ClientPool>(loop, net::rpc::PoolOptions{.hello = hello(), .dial_timeout = 60s}, core::Rng(i)));
    auto* pool = pools.back().get();
    const auto self = node(i);
    pool->request({local(port)}, cs::kMethodOf<cs::RegisterNode>, core::to_compact_json(cs::RegisterNode{self}), {.timeout = 120s},
                  [&, pool, self](auto registered) {
                    if (!registered.ok()) return loop.stop();
                    pool->open({local(port)}, cs::kMethodOf<cs::WatchAssignment>,
                               core::to_compact_json(cs::WatchAssignment{self.id, self.secret_id}), {.timeout = 0s},
                               [&](core::ByteView) {
                                 if (++subscribed == count) loop.stop();
                               },
                               [](auto) {});
                  });
  }
  loop.run();
  then();
}

}  // namespace bench
