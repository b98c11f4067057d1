// SPDX-License-Identifier: MPL-2.0
// A real loop for tests that cannot hang: run() returns when the test called stop(), and fails the
// test when a generous deadline passes first.
#pragma once

#include <catch2/catch.hpp>

#include "net/uv/address.h"
#include "net/uv/loop.h"
#include "net/uv/timer.h"

namespace support {

class TestLoop {
 public:
  net::uv::Loop loop;

  void stop() {
    stopped_ = true;
    loop.stop();
  }
  void run() {
    stopped_ = false;
    net::uv::Timer limit(loop, [this] { loop.stop(); });
    limit.arm(loop.now() + std::chrono::seconds(20));
    loop.run();
    INFO("the loop ran into its deadline, or had nothing left to do");
    REQUIRE(stopped_);
  }
  // Stops once it was called `n` times.
  std::function<void()> stop_after(int n) {
    return [this, left = n]() mutable {
      if (--left == 0) stop();
    };
  }

 private:
  bool stopped_ = false;
};

inline const net::uv::Address kLoopback{"127.0.0.1", 0};

}  // namespace support
