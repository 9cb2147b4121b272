// HttpServer serves a Handler on a loopback or other address over HTTP or HTTPS, with a thread a
// connection.
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

struct HttpServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;       // 0: any free one
  std::string certificate_pem;  // with key_pem: HTTPS; both empty: HTTP
  Secret key_pem;
  int max_connections = 512;  // each costs a thread; more are refused with 503, never left hanging
  // How long a connection may stay between two requests. The default is above the 90 s after which
  // our own clients close. The head of a request may take no longer either, and 30 s at most.
  Duration patience = std::chrono::seconds(120);
  std::size_t body_limit = std::size_t{3}
                           << 20;  // request bodies above it get 413 (3 MiB is kube-apiserver's limit)
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
