// HttpServer serves a Handler over HTTP or HTTPS with one thread per connection. A client, however
// it misbehaves, costs no more than its connection, and only for a bounded time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <capstan/core/base/result.hpp>
#include <capstan/core/base/secret.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/core/http/handler.hpp>

namespace capstan::net {

// Headers that only this server sets: common name and organizations of a client's verified
// certificate. Headers with these names in a client's request are dropped.
inline constexpr const char* kPeerName = "X-Capstan-Peer-Name";
inline constexpr const char* kPeerGroup = "X-Capstan-Peer-Group";

struct HttpServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;       // 0: any free port
  std::string certificate_pem;  // with key_pem: HTTPS; both empty: HTTP
  Secret key_pem;
  // Authorities for optional client certificates: a certificate from another authority fails the
  // handshake, a missing one is accepted. The subject of the certificate is passed to the handler
  // in kPeerName and kPeerGroup.
  std::string client_ca_pem;
  // Each connection costs a thread. When the limit is reached, a new connection makes the server
  // close the one that has been idle longest; if none is idle, the new one gets 503.
  int max_connections = 512;
  // Maximum idle time between two requests. The default exceeds the 90 s after which our own
  // clients close idle connections.
  Duration idle_limit = std::chrono::seconds(120);
  Duration handshake_limit = std::chrono::seconds(10);  // TLS handshake
  // From the first byte of a request to the last byte of its body, however slowly they arrive;
  // then 408. Also the limit for the first byte of a connection.
  Duration request_limit = std::chrono::seconds(60);
  Duration answer_limit = std::chrono::seconds(60);  // for a client to read a piece of its response
  // Longer request bodies get 413 before they are read (3 MiB is kube-apiserver's limit). 0:
  // requests with a body are refused.
  std::size_t body_limit = std::size_t{3} << 20;
};

// Serves until it is destroyed. The destructor stops the contexts of the handlers and takes at most
// a few seconds.
class HttpServer {
 public:
  virtual ~HttpServer() = default;
  virtual std::uint16_t port() const = 0;
  virtual std::string url() const = 0;  // "https://127.0.0.1:43210"
};
// Errors: kUnavailable (address in use; the message names it), kInvalidArgument (certificate or
// key). `handler` must outlive the server.
Result<std::unique_ptr<HttpServer>> StartHttpServer(http::Handler& handler, const HttpServerOptions& options);

// A self-signed authority and a server certificate for the given names and addresses (EC P-256,
// valid for ten years). Errors: kInternal.
struct ServerCertificate {
  std::string ca_pem;
  std::string certificate_pem;
  Secret key_pem;
};
Result<ServerCertificate> MakeServerCertificate(const std::vector<std::string>& names, WallTime now);

}  // namespace capstan::net
