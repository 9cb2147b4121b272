// HttpServer serves a Handler on a loopback or other address over HTTP or HTTPS, with a thread a
// connection. Whatever a client does or leaves undone, it costs no more than its connection, and
// that for a bounded time.
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

// Headers that this server alone sets: common name and organizations of a client's verified
// certificate. What a client sends under these names is dropped.
inline constexpr const char* kPeerName = "X-Capstan-Peer-Name";
inline constexpr const char* kPeerGroup = "X-Capstan-Peer-Group";

struct HttpServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;       // 0: any free one
  std::string certificate_pem;  // with key_pem: HTTPS; both empty: HTTP
  Secret key_pem;
  // Authorities whose clients may show a certificate; a certificate of others fails the handshake,
  // none at all is fine. What the certificate says of its owner goes to the handler in kPeerName
  // and kPeerGroup.
  std::string client_ca_pem;
  // Each costs a thread. When one more comes, the connection that has been idle longest is closed;
  // when none is idle, the new one gets 503.
  int max_connections = 512;
  // How long a connection may stay between two requests. The default is above the 90 s after which
  // our own clients close.
  Duration idle_limit = std::chrono::seconds(120);
  Duration handshake_limit = std::chrono::seconds(10);  // of TLS
  // From the first byte of a request to the last one of its body, however it drips; then 408. Nor
  // may the first byte of a connection take longer.
  Duration request_limit = std::chrono::seconds(60);
  Duration answer_limit = std::chrono::seconds(60);  // for a client to take a piece of its answer
  // Longer request bodies get 413 before they are read (3 MiB is kube-apiserver's limit). 0: no
  // request may have a body.
  std::size_t body_limit = std::size_t{3} << 20;
};

// Serves until it is destroyed, which takes at most a few seconds: handlers' contexts are stopped.
class HttpServer {
 public:
  virtual ~HttpServer() = default;
  virtual std::uint16_t port() const = 0;
  virtual std::string url() const = 0;  // "https://127.0.0.1:43210"
};
// Errors: kUnavailable (address in use: names it), kInvalidArgument (certificate or key). `handler`
// must outlive it.
Result<std::unique_ptr<HttpServer>> StartHttpServer(http::Handler& handler, const HttpServerOptions& options);

// A self-signed authority and a server certificate for the given names and addresses (EC P-256,
// valid ten years).
struct ServerCertificate {
  std::string ca_pem;
  std::string certificate_pem;
  Secret key_pem;
};
Result<ServerCertificate> MakeServerCertificate(const std::vector<std::string>& names, WallTime now);

}  // namespace capstan::net
