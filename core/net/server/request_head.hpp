// Private to core/net: reads and parses the head of a request according to RFC 9112. This is the
// only place that decides whether bytes are a request; the server does not act on any others.
#pragma once

#include <string>
#include <string_view>

#include <capstan/core/http/message.hpp>
#include <capstan/core/net/stream/message_reader.hpp>

namespace capstan::net {

struct RequestHead {
  http::Request request;  // its body has not been read
  BodyFrame frame;
  int minor = 1;  // HTTP/1.minor
  bool keeps_alive = false;
};
// `origin`: the address of the server, "https://127.0.0.1:8443", for an HTTP/1.0 client that names
// no host. Errors: those of the reader without an http_status; with one: 400 (not a request, or its
// framing or host is ambiguous), 414 and 431 (too long).
Result<RequestHead> ReadRequestHead(BufferedReader& reader, const std::string& origin, Instant until);

// Whether the text is a host with an optional port, without characters that would move the border
// between host and path (RFC 3986 3.2).
bool IsAuthority(std::string_view text);

}  // namespace capstan::net
