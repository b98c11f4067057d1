// SPDX-License-Identifier: MPL-2.0
#include "tests/sim/shrinking.h"

#include <numeric>

#include "tests/sim/pool.h"
#include "tests/support/shrink.h"

namespace sim {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kTriesMost = 200;
constexpr std::int64_t kTroubleStepMs = 50;

class Search {
 public:
  Search(RunSeed run, std::uint64_t seed, Setup setup, std::size_t planned, const std::string& broken)
      : run_(run), seed_(seed), setup_(std::move(setup)) {
    shrunk_.broken = broken;
    shrunk_.of = planned;
    if (!setup_.only) {
      setup_.only.emplace(shrunk_.of);
      std::iota(setup_.only->begin(), setup_.only->end(), 1);
    }
  }

  Shrunk run() {
    shorten();
    setup_.only = test::shrink_list(*setup_.only, [this](const auto& only) { return fails(only, setup_.trouble); }, kTriesMost);
    shorten();
    shrunk_.setup = setup_;
    return shrunk_;
  }

 private:
  void shorten() {
    const auto ms = test::shrink_number(setup_.trouble / milliseconds(1), kTroubleStepMs,
                                        [this](std::int64_t trouble) { return fails(*setup_.only, milliseconds(trouble)); });
    setup_.trouble = milliseconds(ms);
  }

  bool fails(const std::vector<std::size_t>& only, core::Duration trouble) {
    auto setup = setup_;
    setup.only = only;
    setup.trouble = trouble;
    ++shrunk_.tries;
    auto broken = run_in_child([&](std::uint64_t seed) { return run_(seed, setup); }, seed_);
    if (truth_of(broken) != truth_of(shrunk_.broken)) return false;
    shrunk_.broken = std::move(broken);
    return true;
  }

  RunSeed run_;
  std::uint64_t seed_;
  Setup setup_;
  Shrunk shrunk_;
};

}  // namespace

Shrunk shrink(RunSeed run, std::uint64_t seed, Setup setup, std::size_t planned, const std::string& broken) {
  return Search(run, seed, std::move(setup), planned, broken).run();
}

std::string truth_of(const std::string& broken) {
  std::string truth;
  for (const char c : broken)
    if (c < '0' || c > '9') truth += c;
    else if (truth.empty() || truth.back() != '#') truth += '#';
  return truth;
}

std::string arguments(std::uint64_t seed, const Setup& setup) {
  auto out = (setup.gossip ? "--gossip --seed " : "--seed ") + std::to_string(seed);
  if (setup.servers != 0) out += " --servers " + std::to_string(setup.servers);
  if (setup.only) {
    out += " --only ";
    for (const auto number : *setup.only) out += std::to_string(number) + ",";
    if (setup.only->empty()) out += "none";
    else out.pop_back();
  }
  if (setup.trouble != kTrouble) out += " --trouble-ms " + std::to_string(setup.trouble / milliseconds(1));
  return out;
}

}  // namespace sim
