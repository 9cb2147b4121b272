// Private to core/net: one client's connection to HttpServer, from its handshake to its end.
#pragma once

#include <stop_token>

#include <capstan/core/http/handler.hpp>
#include <capstan/core/net/stream/channel.hpp>
#include <capstan/core/net/stream/message_reader.hpp>

namespace capstan::net {

// What all connections of a server share. Constant while they live.
struct Serving {
  http::Handler& handler;
  SSL_CTX* tls = nullptr;  // null: HTTP
  std::size_t body_limit = 0;
  Duration patience{};
  std::stop_token stop;
};

class ServerConnection {
 public:
  ServerConnection(const Serving& serving, Channel& channel);
  // Serves requests until the client leaves, the server stops, or something makes the connection
  // useless.
  void Serve();
  // Reads one request and refuses it: for a server that is full.
  void Refuse();

 private:
  // Whether the connection may carry another request.
  bool ServeOne();
  Result<http::Request> ReadHead(bool& keeps_alive, int& minor);
  Status ReadBody(http::Request& request, BodyFrame frame);
  bool Answer(const http::Request& request, bool keeps_alive, int minor);
  // Answers in our own name and closes: bytes of the request may be unread.
  void Reject(int status, const std::string& message);
  bool StartTls();

  const Serving& serving_;
  Channel& channel_;
  BufferedReader reader_;
};

}  // namespace capstan::net
