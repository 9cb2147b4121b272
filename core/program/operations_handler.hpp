// OperationsHandler serves the endpoints for operating the process: /healthz, /readyz (?verbose),
// /metrics and everything below /debug/. Read-only.
#pragma once

#include <memory>
#include <string>

#include <capstan/core/http/handler.hpp>
#include <capstan/core/net/http_server.hpp>
#include <capstan/core/runtime/health.hpp>
#include <capstan/core/runtime/metrics.hpp>

namespace capstan::program {

// Thread-safe. Everything passed to the constructor must outlive it.
class OperationsHandler final : public http::Handler {
 public:
  // `debug` receives every GET below /debug/; null: 404.
  OperationsHandler(const runtime::HealthChecks& ready, runtime::Metrics& metrics,
                    http::Handler* debug = nullptr)
      : ready_(ready), metrics_(metrics), debug_(debug) {}
  void Handle(const http::Request& request, http::ResponseWriter& writer, const Context& context) override;

 private:
  const runtime::HealthChecks& ready_;
  runtime::Metrics& metrics_;
  http::Handler* const debug_;
};

// Parses "127.0.0.1:8081", ":8081" (every address), "[::1]:8081" or "127.0.0.1:0" (any free port).
// Errors: kInvalidArgument.
struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;
};
Result<ListenAddress> ParseListenAddress(const std::string& text);

// Serves the handler at the address; the handler must outlive the result. Clients that keep
// connections open do not make a probe fail. Errors: those of ParseListenAddress and
// net::StartHttpServer.
Result<std::unique_ptr<net::HttpServer>> ServeOperations(OperationsHandler& handler,
                                                         const std::string& address);

}  // namespace capstan::program
