// SPDX-License-Identifier: MPL-2.0
#include "store/by_two.h"

#include <thread>

namespace store {

void by_two(const std::function<void()>& mine, const std::function<void()>& others) {
  std::thread thread(others);
  mine();
  thread.join();
}

}  // namespace store
