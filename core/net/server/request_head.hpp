// Private to core/net: the head of a request, read as RFC 9112 says and taken apart. It alone
// decides what a request is; a server does nothing with bytes that it does not take for one.
#pragma once

#include <string>
#include <string_view>

#include <capstan/core/http/message.hpp>
#include <capstan/core/net/stream/message_reader.hpp>

namespace capstan::net {

struct RequestHead {
  http::Request request;  // its body is unread
  BodyFrame frame;
  int minor = 1;  // HTTP/1.minor
  bool keeps_alive = false;
};
// `origin`: where the server is, "https://127.0.0.1:8443", for a client of HTTP/1.0 that names no
// host. Errors: those of the reader without an http_status; with one: 400 (not a request, or one
// whose framing or host is in doubt), 414 and 431 (too long).
Result<RequestHead> ReadRequestHead(BufferedReader& reader, const std::string& origin, Instant until);

// Whether the text is a host and maybe a port, and nothing that would move the border between host
// and path (RFC 3986 3.2).
bool IsAuthority(std::string_view text);

}  // namespace capstan::net
