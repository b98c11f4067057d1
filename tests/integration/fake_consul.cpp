// SPDX-License-Identifier: MPL-2.0
#include "tests/integration/fake_consul.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <utility>
#include <vector>

#include "core/base/fields.h"
#include "net/http/client.h"
#include "net/http/server.h"
#include "tests/integration/cluster.h"

namespace integration {
namespace {

using net::http::Method;
using net::http::Request;
using net::http::Responder;
using net::http::Response;

struct Service {
  std::string id, name, address;
  std::uint16_t port = 0;
  std::vector<std::string> tags;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("ID", self.id);
    visit("Name", self.name);
    visit("Address", self.address);
    visit("Port", self.port);
    visit("Tags", self.tags);
  }
};

class Consul {
 public:
  Consul(std::string token, FakeConsul::Mood mood) : token_(std::move(token)), mood_(mood) {}

  Response answer(const Request& request) {
    if (request.path.starts_with("/asked")) return text(std::to_string(asked(std::string(request.query.get("target").value_or("")))));
    asked_.push_back(request.target);
    if (request.headers.find("X-Consul-Token") != token_) return Response::text(403, "Permission denied");
    if (mood_ == FakeConsul::Mood::babbling) return text(asked_.size() % 2 == 0 ? R"([{"Address":{"a":1}}])" : "<html>\xff{{{{");
    return sound(request);
  }

 private:
  static Response text(std::string body) { return Response::json(core::Bytes(std::move(body))); }

  std::size_t asked(const std::string& target) const {
    return static_cast<std::size_t>(std::count_if(asked_.begin(), asked_.end(), [&](const std::string& one) { return one.starts_with(target); }));
  }

  Response sound(const Request& request) {
    const std::string deregister = "/v1/agent/service/deregister/", catalog = "/v1/catalog/service/";
    if (request.path == "/v1/agent/self")
      return text(R"({"Config":{"Datacenter":"dc7","NodeName":"here","Revision":"c2f1","Server":true,"Version":"1.9.5"},"Member":{"Tags":{}}})");
    if (request.path == "/v1/agent/services") return text(services());
    if (request.path == "/v1/catalog/datacenters") return text(R"(["dc7"])");
    if (request.path.starts_with(catalog)) return text(instances(request.path.substr(catalog.size()), std::string(request.query.get("tag").value_or(""))));
    if (request.method != Method::put) return Response::empty(404);
    if (request.path == "/v1/agent/service/register") {
      auto service = core::from_json<Service>(request.body);
      if (!service.ok()) return Response::text(400, service.error().detail);
      services_.insert_or_assign(service->id, *service);
      return Response::empty(200);
    }
    if (request.path.starts_with(deregister) && services_.erase(request.path.substr(deregister.size())) == 1) return Response::empty(200);
    return Response::empty(404);
  }

  std::string services() const {
    std::string out;
    for (const auto& [id, service] : services_)
      out += (out.empty() ? "\"" : ",\"") + id + R"(":{"ID":")" + id + R"(","Service":")" + service.name + R"(","Address":")" + service.address + R"(","Port":)" +
             std::to_string(service.port) + R"(,"Tags":)" + core::to_json(service.tags) + "}";
    return "{" + out + "}";
  }

  std::string instances(const std::string& name, const std::string& tag) const {
    std::string out;
    for (const auto& [id, service] : services_)
      if (service.name == name && std::find(service.tags.begin(), service.tags.end(), tag) != service.tags.end())
        out += std::string(out.empty() ? "" : ",") + R"({"Node":"here","Address":"192.0.2.1","ServiceAddress":")" + service.address + R"(","ServicePort":)" +
               std::to_string(service.port) + "}";
    return "[" + out + "]";
  }

  std::string token_;
  FakeConsul::Mood mood_;
  std::map<std::string, Service> services_;
  std::vector<std::string> asked_;
};

[[noreturn]] void serve(int port, const std::string& token, FakeConsul::Mood mood) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  net::uv::Loop loop;
  Consul consul(token, mood);
  net::http::Server server(loop, [&](const Request& request, const Responder& responder) { responder.send(consul.answer(request)); });
  if (!server.listen({"127.0.0.1", static_cast<std::uint16_t>(port)}).ok()) ::_exit(1);
  loop.run();
  ::_exit(0);
}

}  // namespace

FakeConsul::FakeConsul(std::string token) : token_(std::move(token)), port_(free_ports().http) {}
FakeConsul::~FakeConsul() { stop(); }

void FakeConsul::start(Mood mood) {
  stop();
  pid_ = ::fork();
  if (pid_ == 0) serve(port_, token_, mood);
  await([this] { return !get("/asked").empty(); });
}

void FakeConsul::stop() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(std::exchange(pid_, -1), nullptr, 0);
}

std::string FakeConsul::address() const { return "127.0.0.1:" + std::to_string(port_); }

std::string FakeConsul::config(const std::string& more) const {
  return "consul {\n  address = \"" + address() + "\"\n  token = \"" + token_ + "\"\n" + more + "}\n";
}

std::string FakeConsul::get(const std::string& target) const {
  const auto url = net::http::parse_url(address(), 0);
  net::http::Outgoing request{.target = target};
  request.headers.add("X-Consul-Token", token_);
  const auto answer = net::http::fetch(*url, std::move(request));
  return answer.ok() ? answer->body.text() : "";
}

std::string FakeConsul::services() const { return get("/v1/agent/services"); }

std::size_t FakeConsul::registered(const std::string& name) const {
  const auto all = services();
  const auto wanted = "\"Service\":\"" + name + "\"";
  std::size_t count = 0;
  for (auto at = all.find(wanted); at != std::string::npos; at = all.find(wanted, at + 1)) ++count;
  return count;
}

std::size_t FakeConsul::asked(const std::string& target) const {
  const auto count = get("/asked?target=" + target);
  return count.empty() ? 0 : std::stoul(count);
}

}  // namespace integration
