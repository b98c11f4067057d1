// SPDX-License-Identifier: MPL-2.0
#include "net/uv/resolver.h"

#include <algorithm>
#include <utility>

#include "net/uv/error.h"
#include "net/uv/native.h"

namespace net::uv {
namespace {

// Lives until libuv calls back, which it does even for a cancelled lookup.
struct LookupRequest {
  uv_getaddrinfo_t request{};
  Resolve::State* lookup = nullptr;  // null once the lookup was dropped
};

std::vector<Address> to_addresses(const addrinfo* list) {
  std::vector<Address> out;
  for (; list != nullptr; list = list->ai_next) {
    if (list->ai_family != AF_INET && list->ai_family != AF_INET6) continue;
    auto address = from_sockaddr(list->ai_addr);
    if (std::find(out.begin(), out.end(), address) == out.end()) out.push_back(std::move(address));
  }
  return out;
}

}  // namespace

struct Resolve::State {
  std::string what;
  std::uint16_t port = 0;
  Done<std::vector<Address>> done;
  LookupRequest* request = nullptr;
  Deferred now;
  core::Result<std::vector<Address>> known = std::vector<Address>{};

  explicit State(Loop& loop) : now(loop, [this] { finish(std::move(known)); }) {}
  ~State() {
    if (request == nullptr) return;
    request->lookup = nullptr;
    uv_cancel(reinterpret_cast<uv_req_t*>(&request->request));  // one that already runs finishes by itself
  }
  // `done` may destroy us.
  void finish(core::Result<std::vector<Address>> result) {
    const auto tell = std::exchange(done, {});
    tell(std::move(result));
  }
  void on_answer(int status, const addrinfo* list) {
    request = nullptr;
    if (status < 0) return finish(error_from(status, what));
    auto addresses = to_addresses(list);
    for (auto& address : addresses) address.port = port;
    if (addresses.empty()) return finish(core::Error{core::Errc::not_found, what + ": no address"});
    finish(std::move(addresses));
  }
};

Resolve::Resolve(Loop& loop, const HostPort& name, Done<std::vector<Address>> done) : state_(new State(loop)) {
  auto& state = *state_;
  state.what = "lookup " + name.host;
  state.port = name.port;
  state.done = std::move(done);
  if (is_ip(name.host)) {
    state.known = std::vector<Address>{{name.host, name.port}};
    state.now.schedule();
    return;
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  state.request = new LookupRequest;
  state.request->lookup = &state;
  state.request->request.data = state.request;
  const int status = uv_getaddrinfo(
      &loop.state().loop, &state.request->request,
      [](uv_getaddrinfo_t* r, int problem, addrinfo* list) {
        std::unique_ptr<LookupRequest> owned(static_cast<LookupRequest*>(r->data));
        if (owned->lookup != nullptr) owned->lookup->on_answer(problem, list);
        uv_freeaddrinfo(list);
      },
      name.host.c_str(), nullptr, &hints);
  if (status == 0) return;
  delete std::exchange(state.request, nullptr);
  state.known = error_from(status, state.what);
  state.now.schedule();
}

Resolve::Resolve(Resolve&&) noexcept = default;
Resolve& Resolve::operator=(Resolve&&) noexcept = default;
Resolve::~Resolve() = default;

}  // namespace net::uv
