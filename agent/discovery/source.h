// SPDX-License-Identifier: MPL-2.0
// What all discovery is to the rest of the agent: something that is asked for addresses and answers with some, none,
// or an error. Nothing it says is believed further than that somebody may be there.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "net/uv/done.h"

namespace agent::discovery {

using Addresses = std::vector<std::string>;  // "host:port" each
// Asked again only after it answered.
using Source = std::function<void(net::uv::Done<Addresses>)>;

// More than any region has servers; a source that names more is not heard to the end.
inline constexpr std::size_t kAddressesMax = 128;

// What may be a name or an IP address; also keeps nonsense out of logs.
bool usable_host(std::string_view host);
// "host:port", for such a host.
bool usable_address(std::string_view text);

}  // namespace agent::discovery
