// SPDX-License-Identifier: MPL-2.0
// A TCP client that sends given bytes and collects what comes back until the other side closes, when
// it stops the test's loop.
#pragma once

#include <catch2/catch.hpp>

#include <functional>
#include <optional>

#include "net/uv/tcp.h"
#include "tests/support/test_loop.h"

namespace support {

class RawClient {
 public:
  // With `half_close` the sending side is closed after the bytes.
  RawClient(TestLoop& t, const net::uv::Address& server, core::Bytes bytes, bool half_close)
      : t_(t), bytes_(std::move(bytes)), half_close_(half_close) {
    connect_.emplace(t.loop, server, std::chrono::seconds(5), [this](core::Result<net::uv::Stream> stream) {
      REQUIRE(stream.ok());
      stream_.emplace(std::move(stream).value());
      stream_->read(
          [this](core::ByteView piece) {
            received_ += piece;
            if (on_bytes_) on_bytes_();
          },
          [this](core::Status) { t_.stop(); });
      stream_->write(std::move(bytes_));
      if (half_close_) stream_->shutdown();
    });
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void on_bytes(std::function<void()> fn) { on_bytes_ = std::move(fn); }
  void send(core::Bytes bytes) { stream_->write(std::move(bytes)); }
  const core::Bytes& received() const { return received_; }

 private:
  TestLoop& t_;
  core::Bytes bytes_;
  bool half_close_;
  core::Bytes received_;
  std::function<void()> on_bytes_;
  std::optional<net::uv::TcpConnect> connect_;
  std::optional<net::uv::Stream> stream_;
};

}  // namespace support
