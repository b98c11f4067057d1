// SPDX-License-Identifier: MPL-2.0
#include "net/http/parser_response.h"

#include <llhttp.h>

#include <utility>

namespace net::http {

struct ResponseParser::Native {
  llhttp_t grammar{};
  Options options;
  OnBody on_body_piece;
  Response head;
  std::size_t header_bytes = 0;
  bool in_headers = true;
  bool head_complete = false;
  bool complete = false;
  bool keep_alive = false;
  bool too_large = false;

  int count_header(std::size_t bytes) {
    header_bytes += bytes;
    too_large = header_bytes > options.header_bytes_max;
    return too_large ? -1 : 0;
  }
  int on_name(std::string_view piece) {
    if (!in_headers) return 0;
    FieldSink(head.headers).name(piece);
    return count_header(piece.size());
  }
  int on_name_ends() {
    if (in_headers) FieldSink(head.headers).name_ends();
    return 0;
  }
  int on_value(std::string_view piece) {
    if (!in_headers) return 0;
    FieldSink(head.headers).value(piece);
    return count_header(piece.size());
  }
  int on_value_ends() {
    if (!in_headers) return 0;
    FieldSink(head.headers).value_ends();
    return count_header(4);
  }
  bool interim() const { return grammar.status_code < 200 && grammar.status_code != 101; }
  int on_headers_end() {
    in_headers = false;
    grammar.upgrade = 0;
    if (interim()) return 0;
    head.status = grammar.status_code;
    head_complete = true;
    return options.to_head ? 1 : 0;  // 1: the message ends here
  }
  int on_body(std::string_view piece) {
    on_body_piece(piece);
    return 0;
  }
  int on_end() {
    if (interim()) {
      head = Response{};
      in_headers = true;
      return 0;
    }
    complete = true;
    keep_alive = llhttp_should_keep_alive(&grammar) != 0;
    return HPE_PAUSED;
  }
};

namespace {

using Native = ResponseParser::Native;

Native& self(llhttp_t* grammar) { return *static_cast<Native*>(grammar->data); }

template <int (Native::*method)(std::string_view)>
constexpr llhttp_data_cb kData = [](llhttp_t* g, const char* at, std::size_t n) noexcept { return (self(g).*method)({at, n}); };
template <int (Native::*method)()>
constexpr llhttp_cb kEvent = [](llhttp_t* g) noexcept { return (self(g).*method)(); };

const llhttp_settings_t& settings() {
  static const llhttp_settings_t table = [] {
    llhttp_settings_t s;
    llhttp_settings_init(&s);
    s.on_header_field = kData<&Native::on_name>;
    s.on_header_field_complete = kEvent<&Native::on_name_ends>;
    s.on_header_value = kData<&Native::on_value>;
    s.on_header_value_complete = kEvent<&Native::on_value_ends>;
    s.on_headers_complete = kEvent<&Native::on_headers_end>;
    s.on_body = kData<&Native::on_body>;
    s.on_message_complete = kEvent<&Native::on_end>;
    return s;
  }();
  return table;
}

}  // namespace

ResponseParser::ResponseParser(Options options, OnBody on_body) : native_(std::make_unique<Native>()) {
  llhttp_init(&native_->grammar, HTTP_RESPONSE, &settings());
  native_->grammar.data = native_.get();
  native_->options = options;
  native_->on_body_piece = std::move(on_body);
}
ResponseParser::~ResponseParser() = default;

core::Status ResponseParser::feed(core::ByteView bytes) {
  if (native_->complete) return core::Error{core::Errc::corrupt, "bytes after the response"};
  const auto problem = llhttp_execute(&native_->grammar, bytes.data(), bytes.size());
  if (problem == HPE_OK) return core::ok_status();
  if (native_->complete) {
    const auto used = static_cast<std::size_t>(llhttp_get_error_pos(&native_->grammar) - bytes.data());
    if (used != bytes.size()) native_->keep_alive = false;
    return core::ok_status();
  }
  if (native_->too_large) return core::Error{core::Errc::too_large, "response headers are too large"};
  const char* reason = llhttp_get_error_reason(&native_->grammar);
  return core::Error{core::Errc::corrupt, std::string("malformed response: ") + (reason != nullptr ? reason : "")};
}

core::Status ResponseParser::finish() {
  if (native_->complete) return core::ok_status();
  llhttp_finish(&native_->grammar);
  if (native_->complete) return core::ok_status();
  return core::Error{core::Errc::unavailable, "connection closed before the end of the response"};
}

bool ResponseParser::head_complete() const { return native_->head_complete; }
bool ResponseParser::complete() const { return native_->complete; }
bool ResponseParser::keep_alive() const { return native_->keep_alive; }
Response ResponseParser::take_head() {
  ASSERT(native_->head_complete);
  return std::exchange(native_->head, Response{});
}

}  // namespace net::http
