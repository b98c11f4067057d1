// SPDX-License-Identifier: MPL-2.0
// CIDR arithmetic for IPv4 and IPv6.
#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "core/jobspec/functions.h"

namespace core::jobspec {
namespace {

using Bits = unsigned __int128;

struct Prefix {
  Bits address = 0;  // host part zero
  int length = 0;
  int width = 32;  // 32 or 128

  Bits host_mask() const {
    return length == 0 && width == 128 ? ~Bits{0} : (Bits{1} << (width - length)) - 1;
  }
};

std::string address_text(Bits address, int width) {
  std::array<unsigned char, 16> bytes;
  for (int i = 0; i < width / 8; ++i)
    bytes[static_cast<std::size_t>(i)] = static_cast<unsigned char>(address >> (width - 8 - 8 * i));
  std::array<char, INET6_ADDRSTRLEN> text;
  ::inet_ntop(width == 32 ? AF_INET : AF_INET6, bytes.data(), text.data(), text.size());
  return text.data();
}

std::string text_of(const Prefix& p) {
  return address_text(p.address, p.width) + "/" + std::to_string(p.length);
}

Result<Prefix> prefix_at(Args args, std::size_t i) {
  TRY(const auto text, text_at(args, i));
  const auto slash = text.find('/');
  const auto length =
      slash == text.npos ? std::nullopt : parse_number(std::string_view(text).substr(slash + 1));
  const auto host = text.substr(0, slash);
  Prefix p;
  std::array<unsigned char, 16> bytes{};
  if (::inet_pton(AF_INET, host.c_str(), bytes.data()) != 1) {
    p.width = 128;
    if (::inet_pton(AF_INET6, host.c_str(), bytes.data()) != 1)
      return bad_argument("invalid CIDR expression: invalid CIDR address: " + text);
  }
  const auto whole = length ? to_int64(*length) : std::nullopt;
  if (!whole || *whole < 0 || *whole > p.width)
    return bad_argument("invalid CIDR expression: invalid CIDR address: " + text);
  p.length = static_cast<int>(*whole);
  for (int b = 0; b < p.width / 8; ++b) p.address = p.address << 8 | bytes[static_cast<std::size_t>(b)];
  p.address &= ~p.host_mask();
  return p;
}

Result<Prefix> subnet(const Prefix& p, std::int64_t new_bits, std::int64_t number) {
  if (new_bits < 0 || new_bits > p.width - p.length)
    return bad_argument("the prefix cannot be lengthened by " + std::to_string(new_bits) + " bits");
  if (number < 0 || (new_bits < 63 && number >= std::int64_t{1} << new_bits))
    return bad_argument("the prefix has no network number " + std::to_string(number));
  Prefix out = p;
  out.length += static_cast<int>(new_bits);
  if (out.length > 0) out.address |= static_cast<Bits>(number) << (p.width - out.length);
  return out;
}

Result<Value> cidr_host(Args args, const Outside&) {
  TRY(const auto p, prefix_at(args, 0));
  TRY(const auto number, whole_at(args, 1));
  const auto distance = static_cast<Bits>(number < 0 ? -(number + 1) : number);
  if (distance > p.host_mask())
    return bad_argument("the prefix has no host number " + std::to_string(number));
  return Value(address_text(p.address | (number < 0 ? p.host_mask() - distance : distance), p.width));
}

Result<Value> cidr_netmask(Args args, const Outside&) {
  TRY(const auto p, prefix_at(args, 0));
  if (p.width != 32) return bad_argument("only IPv4 networks have a mask");
  return Value(address_text(~p.host_mask() & 0xFFFFFFFFU, 32));
}

Result<Value> cidr_subnet(Args args, const Outside&) {
  TRY(const auto p, prefix_at(args, 0));
  TRY(const auto new_bits, whole_at(args, 1));
  TRY(const auto number, whole_at(args, 2));
  TRY(const auto out, subnet(p, new_bits, number));
  return Value(text_of(out));
}

// Networks of several sizes, one behind the other.
Result<Value> cidr_subnets(Args args, const Outside&) {
  TRY(const auto p, prefix_at(args, 0));
  Value::List out;
  Bits next = p.address;
  bool full = false;
  for (std::size_t i = 1; i < args.size(); ++i) {
    TRY(const auto new_bits, whole_at(args, i));
    TRY(auto part, subnet(p, new_bits, 0));
    if (new_bits < 1) return bad_argument("the prefix must be lengthened by at least 1 bit");
    const auto size = part.host_mask() + 1;
    part.address = (next + size - 1) / size * size;
    if (full || part.address < next || ((part.address ^ p.address) & ~p.host_mask()) != 0)
      return bad_argument("there is no room left in the prefix for network " + std::to_string(i));
    next = part.address + size;
    full = next < part.address || (next & ~p.host_mask()) != p.address;
    out.emplace_back(text_of(part));
  }
  return Value(std::move(out));
}

constexpr Function kFunctions[] = {
    {"cidrhost", 2, 2, cidr_host},
    {"cidrnetmask", 1, 1, cidr_netmask},
    {"cidrsubnet", 3, 3, cidr_subnet},
    {"cidrsubnets", 2, kAnyNumber, cidr_subnets},
};

}  // namespace

std::span<const Function> network_functions() { return kFunctions; }

}  // namespace core::jobspec
