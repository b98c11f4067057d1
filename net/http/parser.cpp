// SPDX-License-Identifier: MPL-2.0
#include "net/http/parser.h"

#include <llhttp.h>

#include <utility>

namespace net::http {
namespace {

Method method_of(std::uint8_t method) {
  switch (method) {
    case HTTP_GET: return Method::get;
    case HTTP_HEAD: return Method::head;
    case HTTP_POST: return Method::post;
    case HTTP_PUT: return Method::put;
    case HTTP_DELETE: return Method::delete_;
    case HTTP_OPTIONS: return Method::options;
    case HTTP_PATCH: return Method::patch;
    default: return Method::other;
  }
}

}  // namespace

// The request being read, and why it was refused. Each callback returns 0 to go on.
struct RequestParser::Native {
  llhttp_t grammar{};
  const Limits* limits = nullptr;
  Request request;
  std::size_t header_bytes = 0;
  std::size_t body_bytes_max = 0;
  bool in_headers = true;  // false in the trailers of a chunked body, which are read and dropped
  bool begun = false;
  bool complete = false;
  bool expects_continue = false;
  int refusal = 0;
  std::string_view why;

  int refuse(int status, std::string_view reason) {
    refusal = status;
    why = reason;
    return -1;
  }
  int count_header(std::size_t bytes) {
    header_bytes += bytes;
    return header_bytes > limits->header_bytes_max ? refuse(431, "request headers are too large") : 0;
  }
  int on_target(std::string_view piece) {
    request.target.append(piece);
    return count_header(piece.size());
  }
  int on_name(std::string_view piece) {
    if (!in_headers) return 0;
    // llhttp lets spaces in names pass; two readers could take them for different fields (RFC 9112 §5.1).
    if (piece.find(' ') != std::string_view::npos) return refuse(400, "malformed header name");
    FieldSink(request.headers).name(piece);
    return count_header(piece.size());
  }
  int on_value(std::string_view piece) {
    if (!in_headers) return 0;
    FieldSink(request.headers).value(piece);
    return count_header(piece.size());
  }
  int on_name_ends() {
    if (in_headers) FieldSink(request.headers).name_ends();
    return 0;
  }
  int on_value_ends() {
    if (!in_headers) return 0;
    FieldSink(request.headers).value_ends();
    return count_header(4);  // so that many empty fields are over the limit, too
  }
  int on_headers_end() {
    in_headers = false;
    if (grammar.http_major != 1) return refuse(505, "only HTTP/1.x is spoken here");
    request.http_1_0 = grammar.http_minor == 0;
    request.method = method_of(grammar.method);
    if (!request.http_1_0 && !request.headers.find("Host")) return refuse(400, "missing required Host header");
    auto target = parse_target(request.target);
    if (!target.ok()) return refuse(400, "malformed request target");
    request.path = std::move(target->path);
    if (!target->raw_query.empty()) request.query = Query(target->raw_query);
    // An upgrade is the handler's to accept; until then this is an ordinary request.
    grammar.upgrade = 0;
    body_bytes_max = limits->body_bytes_for ? limits->body_bytes_for(request.method, request.path) : limits->body_bytes_max;
    if ((grammar.flags & F_CONTENT_LENGTH) != 0 && grammar.content_length > body_bytes_max) return refuse(413, "request body is too large");
    expects_continue = request.headers.has_token("Expect", "100-continue");
    return 0;
  }
  int on_body(std::string_view piece) {
    if (piece.size() > body_bytes_max - request.body.size()) return refuse(413, "request body is too large");
    request.body.append(piece);
    return 0;
  }
  int on_end() {
    request.keep_alive = llhttp_should_keep_alive(&grammar) != 0;
    complete = true;
    return HPE_PAUSED;
  }
};

namespace {

using Native = RequestParser::Native;

Native& self(llhttp_t* grammar) { return *static_cast<Native*>(grammar->data); }

template <int (Native::*method)(std::string_view)>
constexpr llhttp_data_cb kData = [](llhttp_t* g, const char* at, std::size_t n) noexcept { return (self(g).*method)({at, n}); };
template <int (Native::*method)()>
constexpr llhttp_cb kEvent = [](llhttp_t* g) noexcept { return (self(g).*method)(); };

const llhttp_settings_t& settings() {
  static const llhttp_settings_t table = [] {
    llhttp_settings_t s;
    llhttp_settings_init(&s);
    s.on_message_begin = [](llhttp_t* g) noexcept { return self(g).begun = true, 0; };
    s.on_url = kData<&Native::on_target>;
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

RequestParser::RequestParser(const Limits& limits) : native_(std::make_unique<Native>()) {
  llhttp_init(&native_->grammar, HTTP_REQUEST, &settings());
  native_->grammar.data = native_.get();
  native_->limits = &limits;
}
RequestParser::~RequestParser() = default;

core::Result<std::size_t> RequestParser::feed(core::ByteView bytes) {
  ASSERT(!complete_);
  ASSERT(refusal_status_ == 0);
  const auto problem = llhttp_execute(&native_->grammar, bytes.data(), bytes.size());
  begun_ = native_->begun;
  if (problem == HPE_OK) return bytes.size();
  if (native_->complete) {
    complete_ = true;
    const auto used = static_cast<std::size_t>(llhttp_get_error_pos(&native_->grammar) - bytes.data());
    ASSERT(used <= bytes.size());
    return used;
  }
  switch (native_->refusal) {
    case 413:
    case 431: return refuse(native_->refusal, core::Errc::too_large, native_->why);
    case 505: return refuse(505, core::Errc::unsupported, native_->why);
    case 400: return refuse(400, core::Errc::invalid, native_->why);
    default: return refuse(problem == HPE_INVALID_VERSION ? 505 : 400, core::Errc::invalid, llhttp_get_error_reason(&native_->grammar));
  }
}

Request RequestParser::take() {
  ASSERT(complete_);
  auto request = std::exchange(native_->request, Request{});
  native_->header_bytes = 0;
  native_->in_headers = true;
  native_->complete = native_->begun = native_->expects_continue = false;
  complete_ = begun_ = false;
  llhttp_resume(&native_->grammar);
  return request;
}

bool RequestParser::take_expects_continue() { return std::exchange(native_->expects_continue, false); }

core::Error RequestParser::refuse(int status, core::Errc code, std::string_view why) {
  refusal_status_ = status;
  return {code, std::string(why)};
}

}  // namespace net::http
