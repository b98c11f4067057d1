// SPDX-License-Identifier: MPL-2.0
// Which of this host's addresses others can reach.
#pragma once

#include <string>

namespace net::uv {

// `bound` itself, if it is one address. For a wildcard ("0.0.0.0", "::") the first private IPv4 address of an
// interface that is no loopback, else the first other one, else 127.0.0.1.
std::string reachable_ip(const std::string& bound);

}  // namespace net::uv
