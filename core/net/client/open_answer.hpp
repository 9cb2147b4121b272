// Private to core/net: an exchange whose answer has begun, and the rest of the answer as a stream.
//
// Values and a stream, each used by one thread at a time. Errors: kDataLoss where a body ends early
// or the connection breaks, kDeadlineExceeded and kCancelled as the Context says; all with
// Sent::kMaybe, since the request has left.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include <capstan/core/http/transport.hpp>
#include <capstan/core/net/client/connection_pool.hpp>
#include <capstan/core/net/stream/message_reader.hpp>

namespace capstan::net {

// The status line and headers of an answer, and how its body ends.
struct Head {
  int status = 0;  // 200 to 599: informational answers are skipped before
  http::Headers headers;
  BodyFrame frame;           // by length, by chunks, or until the connection closes
  bool keeps_alive = false;  // the connection may carry another request afterwards
};

// One exchange between the head of its answer and the end of its body. Owns its connection: nobody
// else reads from it.
struct OpenAnswer {
  std::unique_ptr<Connection> connection;
  std::string place;  // the pool's key of this connection
  Head head;
};

// An error of an exchange of which something may have left, and no whole answer came back. `what`
// goes before the message; `status` is that of the answer's head, if it came.
Failure MaybeSent(Error error, const std::string& what, int status = 0);

// The body of an answer. Gives its connection back to the pool when the body was read to its end;
// a stream that is destroyed earlier closes the connection. Read blocks until bytes arrive, the
// deadline passes or a stop is asked for; it returns at most what one read of the socket gave, and
// an empty view at the end. The view is valid until the next Read.
class SocketStream final : public http::ByteStream {
 public:
  // `pool` must outlive it. A stop of `stop` ends it. `gather`: see TlsTransportOptions.
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
