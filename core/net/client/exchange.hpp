// Private to core/net: an exchange whose answer has begun, and the rest of the answer as a stream.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include <capstan/core/http/transport.hpp>
#include <capstan/core/net/client/connection_pool.hpp>
#include <capstan/core/net/stream/message_reader.hpp>

namespace capstan::net {

struct Head {
  int status = 0;
  http::Headers headers;
  BodyFrame frame;
  bool keeps_alive = false;
};

// One exchange between the head of its answer and the end of its body.
struct Exchange {
  std::unique_ptr<Connection> connection;
  std::string place;
  Head head;
};

Error MakeError(Code code, const char* message);
// An error of an exchange of which something may have left, and no whole answer came back. `what`
// goes before the message; `status` is that of the answer's head, if it came.
Failure MaybeSent(Error error, const std::string& what, int status = 0);

// Gives its connection back to the pool when the body was read to its end.
class SocketStream final : public http::ByteStream {
 public:
  // `pool` must outlive it. A stop of `stop` ends it.
  SocketStream(Exchange exchange, ConnectionPool& pool, std::stop_token stop, std::string what);
  ~SocketStream() override;
  Result<std::string_view> Read(const Context& context) override;

 private:
  Exchange exchange_;
  ConnectionPool& pool_;
  std::stop_token stop_;
  std::string what_;
  BodyReader body_;
  bool failed_ = false;
};

}  // namespace capstan::net
