// SPDX-License-Identifier: MPL-2.0
// The standard headers that nearly every file needs, compiled once and put before each of them by the
// Makefile: a third of the build's time. Never included by name, and absent under SAN=..., where a file
// that forgot an include of its own fails.

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>
