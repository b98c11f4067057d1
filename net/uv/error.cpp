// SPDX-License-Identifier: MPL-2.0
#include "net/uv/error.h"

#include <uv.h>

namespace net::uv {
namespace {

core::Errc code_of(int status) {
  switch (status) {
    case UV_EADDRINUSE: return core::Errc::in_use;
    case UV_EACCES:
    case UV_EPERM: return core::Errc::permission;
    case UV_EADDRNOTAVAIL:
    case UV_EAFNOSUPPORT:
    case UV_ENAMETOOLONG:
    case UV_EINVAL: return core::Errc::invalid;
    case UV_ENOENT:
    case UV_ESRCH:
    case UV_EAI_NONAME:
    case UV_EAI_NODATA: return core::Errc::not_found;
    case UV_EMSGSIZE:
    case UV_E2BIG: return core::Errc::too_large;
    case UV_ETIMEDOUT: return core::Errc::timeout;
    case UV_ENOSPC: return core::Errc::no_space;
    case UV_EAGAIN:
    case UV_ENOBUFS: return core::Errc::busy;
    case UV_EOF:
    case UV_EPIPE:
    case UV_ECONNRESET:
    case UV_ECONNREFUSED:
    case UV_ECONNABORTED:
    case UV_ECANCELED:
    case UV_EHOSTUNREACH:
    case UV_ENETUNREACH:
    case UV_ENETDOWN:
    case UV_ENOTCONN:
    case UV_EAI_AGAIN: return core::Errc::unavailable;
    default: return core::Errc::io;
  }
}

}  // namespace

core::Error error_from(int status, std::string_view what) {
  ASSERT(status < 0);
  char words[160];
  uv_strerror_r(status, words, sizeof words);
  return {code_of(status), std::string(what) + ": " + words};
}

}  // namespace net::uv
