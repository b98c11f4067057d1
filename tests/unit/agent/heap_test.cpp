// SPDX-License-Identifier: MPL-2.0
#include "agent/heap.h"

// Sanitizers keep their own heap.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

#include <dlfcn.h>
#include <malloc.h>

#include <catch2/catch.hpp>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

struct alignas(128) Wide {
  int value = 7;
};

std::vector<std::unique_ptr<std::string>> make_texts(std::size_t count) {
  std::vector<std::unique_ptr<std::string>> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(std::make_unique<std::string>(40 + i % 200, static_cast<char>('a' + i % 26)));
  return out;
}

bool intact(const std::vector<std::unique_ptr<std::string>>& texts) {
  for (std::size_t i = 0; i < texts.size(); ++i)
    if (*texts[i] != std::string(40 + i % 200, static_cast<char>('a' + i % 26))) return false;
  return true;
}

// Looked up as the linker would, so that a library that is there but not taken is a failure.
bool is_installed() {
  void* const library = ::dlopen("libmimalloc.so.2", RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr) std::puts("skipped: libmimalloc2.0 is not installed");
  return library != nullptr;
}

}  // namespace

TEST_CASE("a server's objects are mimalloc's, and those from before are freed as they were") {
  auto before = make_texts(1000);
  auto wide_before = std::make_unique<Wide>();
  if (!is_installed()) return;
  REQUIRE(agent::use_server_heap());
  REQUIRE(agent::use_server_heap());

  const auto glibc = ::mallinfo2().uordblks;
  auto after = make_texts(10000);
  CHECK(::mallinfo2().uordblks < glibc + 64 * 1024);
  CHECK(agent::server_heap_bytes() > 1000 * 1000);

  auto wide = std::make_unique<Wide>();
  CHECK(reinterpret_cast<std::uintptr_t>(wide.get()) % alignof(Wide) == 0);
  CHECK(wide->value == 7);
  CHECK(intact(before));
  CHECK(intact(after));
  before.resize(500);
  wide_before.reset();
  before.push_back(std::move(after.front()));
}

TEST_CASE("what one thread made another one frees") {
  if (!is_installed()) return;
  REQUIRE(agent::use_server_heap());
  std::vector<std::unique_ptr<std::string>> texts;
  std::thread([&] { texts = make_texts(10000); }).join();
  CHECK(intact(texts));
  auto more = make_texts(10000);
  std::thread([texts = std::move(texts)] {}).join();
  CHECK(intact(more));
}
#endif
