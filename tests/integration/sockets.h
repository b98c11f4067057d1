// SPDX-License-Identifier: MPL-2.0
// A plain TCP connection to an agent, for bytes that no client of ours would send.
#pragma once

#include <string>
#include <string_view>

namespace integration {

class Socket {
 public:
  // To 127.0.0.1.
  explicit Socket(int port);
  ~Socket();
  Socket(Socket&& other) noexcept;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  bool connected() const { return fd_ >= 0; }
  // False when the other side would not have all of it.
  bool send(std::string_view bytes);
  // Says that nothing more comes.
  void finish();
  // Reads until what came holds `text`, the other side closes, or twenty seconds passed; all that came.
  const std::string& read_until(std::string_view text);
  // Reads until the other side closes, and whether it did; received() has what came.
  bool closes();
  // Whether it is still open, looked at without waiting.
  bool open();
  const std::string& received() const { return received_; }

 private:
  enum class Read { some, nothing, closed };
  Read read_some(int wait_ms);

  int fd_ = -1;
  std::string received_;
};

}  // namespace integration
