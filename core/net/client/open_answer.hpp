// Private to core/net: an exchange whose response has begun, and the rest of the response as a
// stream.
//
// Values and a stream, each used by one thread at a time. Errors: kDataLoss when a body ends early
// or the connection breaks, kDeadlineExceeded and kCancelled according to the Context; all with
// Sent::kMaybe, since the request has been sent.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include <capstan/core/http/transport.hpp>
#include <capstan/core/net/client/connection_pool.hpp>
#include <capstan/core/net/stream/message_reader.hpp>

namespace capstan::net {

// The status line and headers of a response, and how its body ends.
struct Head {
  int status = 0;  // 200 to 599: informational responses were skipped
  http::Headers headers;
  BodyFrame frame;           // by length, by chunks, or until the connection closes
  bool keeps_alive = false;  // the connection may carry another request afterwards
};

// One exchange between the head of its response and the end of its body. Owns its connection
// exclusively.
struct OpenAnswer {
  std::unique_ptr<Connection> connection;
  std::string place;  // the pool's key of this connection
  Head head;
};

// An error of an exchange for which something may have been sent and no complete response arrived.
// `what` prefixes the message; `status` is the status of the response, if its head arrived.
Failure MaybeSent(Error error, const std::string& what, int status = 0);

// The body of a response. Returns its connection to the pool once the body was read to its end;
// destroying the stream earlier closes the connection. Read blocks until bytes arrive, the deadline
// passes or a stop is requested; it returns at most the bytes of one read from the socket, and an
// empty view at the end. The view is valid until the next Read.
class SocketStream final : public http::ByteStream {
 public:
  // `pool` must outlive it. A stop of `stop` ends the stream. `gather`: see TlsTransportOptions.
  SocketStream(OpenAnswer opened, ConnectionPool& pool, std::stop_token stop, std::string what,
               Duration gather);
  ~SocketStream() override;
  Result<std::string_view> Read(const Context& context) override;

 private:
  OpenAnswer answer_;
  ConnectionPool& pool_;
  std::stop_token stop_;
  std::string what_;
  BodyReader body_;
  bool failed_ = false;
};

}  // namespace capstan::net
