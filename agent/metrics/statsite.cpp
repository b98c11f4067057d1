// SPDX-License-Identifier: MPL-2.0
#include "agent/metrics/statsite.h"

#include <utility>

namespace agent::metrics {
namespace {

constexpr core::Duration kConnectTimeout = std::chrono::seconds(10);

}  // namespace

Statsite::Statsite(net::uv::Loop& loop, net::uv::HostPort where, core::Logger logger, core::Duration try_again)
    : loop_(loop), where_(std::move(where)), log_(std::move(logger)), try_again_(try_again), again_(loop, [this] { begin(); }) {
  begin();
}

void Statsite::begin() {
  lookup_.emplace(loop_, where_, [this](core::Result<std::vector<net::uv::Address>> addresses) {
    if (addresses.ok()) connect(addresses->front());
    else failed(addresses.error());
  });
}

void Statsite::connect(const net::uv::Address& address) {
  attempt_.emplace(loop_, address, kConnectTimeout, [this](core::Result<net::uv::Stream> stream) {
    if (stream.ok()) connected(std::move(*stream));
    else failed(stream.error());
  });
}

void Statsite::connected(net::uv::Stream stream) {
  LOG(log_, info, "statsite connected", {"address", net::uv::to_string(stream.peer())});
  told_ = false;
  stream_.emplace(std::move(stream));
  stream_->read([](core::ByteView) {},  // it has nothing to say
                [this](const core::Status& ended) {
                  failed(ended.ok() ? core::Error{core::Errc::unavailable, "it closed the connection"} : ended.error());
                });
}

void Statsite::failed(const core::Error& error) {
  if (!std::exchange(told_, true)) LOG(log_, warn, "statsite cannot be reached", {"address", net::uv::join_host_port(where_.host, where_.port)}, {"error", error});
  stream_.reset();
  again_.arm(loop_.now() + try_again_);
}

void Statsite::send(const std::vector<std::string>& lines) {
  if (!stream_ || stream_->queued_bytes() > kQueuedBytesMax) return;
  std::string all;
  for (const auto& line : lines) all += line;
  if (!all.empty()) stream_->write(std::move(all));
}

}  // namespace agent::metrics
