// SPDX-License-Identifier: MPL-2.0
#include "tests/integration/sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

namespace integration {
namespace {

constexpr int kPatienceMs = 20'000;

}  // namespace

Socket::Socket(int port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return;
  ::close(std::exchange(fd_, -1));
}

Socket::~Socket() {
  if (fd_ >= 0) ::close(fd_);
}

Socket::Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)), received_(std::move(other.received_)) {}

bool Socket::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void Socket::finish() { ::shutdown(fd_, SHUT_WR); }

Socket::Read Socket::read_some(int wait_ms) {
  pollfd waiting{fd_, POLLIN, 0};
  if (::poll(&waiting, 1, wait_ms) <= 0) return Read::nothing;
  char buffer[16 * 1024];
  const auto got = ::recv(fd_, buffer, sizeof buffer, MSG_DONTWAIT);
  if (got <= 0) return Read::closed;
  received_.append(buffer, static_cast<std::size_t>(got));
  return Read::some;
}

const std::string& Socket::read_until(std::string_view text) {
  while (received_.find(text) == std::string::npos && read_some(kPatienceMs) == Read::some) {
  }
  return received_;
}

bool Socket::closes() {
  for (;;) {
    const auto read = read_some(kPatienceMs);
    if (read != Read::some) return read == Read::closed;
  }
}

bool Socket::open() {
  for (;;) {
    const auto read = read_some(0);
    if (read != Read::some) return read == Read::nothing;
  }
}

}  // namespace integration
