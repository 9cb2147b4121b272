// Private to core/net: one client's connection to HttpServer, from its handshake to its end. For
// the thread of that connection; a stop of the server ends it from another thread. Its constructor
// arguments must outlive it.
#pragma once

#include <stop_token>
#include <string>

#include <capstan/core/http/handler.hpp>
#include <capstan/core/net/server/connection_table.hpp>
#include <capstan/core/net/server/request_head.hpp>
#include <capstan/core/net/stream/channel.hpp>
#include <capstan/core/net/stream/message_reader.hpp>

namespace capstan::net {

// See HttpServerOptions.
struct ServerLimits {
  Duration idle{}, handshake{}, request{}, answer{};
  std::size_t body = 0;
};

// Shared by all connections of a server. Constant while they exist.
struct Serving {
  http::Handler& handler;
  SSL_CTX* tls = nullptr;  // null: HTTP
  std::string origin;      // "https://127.0.0.1:8443"
  ServerLimits limits;
  std::stop_token stop;
};

class ServerConnection {
 public:
  ServerConnection(const Serving& serving, Channel& channel, Seat& seat);
  // Serves requests until the client disconnects, the server stops, the connection is evicted, or
  // an error makes the connection unusable.
  void Serve();
  // Reads one request and refuses it: for a server that is full.
  void Refuse();

 private:
  // Returns whether the connection can carry another request.
  bool ServeOne(bool first);
  Status ReadBody(http::Request& request, BodyFrame frame, Instant until);
  bool Answer(const RequestHead& head);
  // Answers with an error of the server itself and closes, because bytes of the request may be
  // unread.
  void Reject(int status, const std::string& message);
  bool StartTls(Duration limit);
  void NamePeer(http::Headers& headers);

  const Serving& serving_;
  Channel& channel_;
  Seat& seat_;
  BufferedReader reader_;
};

}  // namespace capstan::net
