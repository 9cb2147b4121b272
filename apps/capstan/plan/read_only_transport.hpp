// ReadOnlyTransport lets questions through and nothing else: what is behind it cannot be changed,
// whoever asks.
#pragma once

#include <string>
#include <vector>

#include <capstan/core/http/transport.hpp>

namespace capstan::app {

// Thread-safe. `next` must outlive it. Any other method fails with kPermissionDenied, sent kNo, and
// never reaches `next`.
class ReadOnlyTransport final : public http::Transport {
 public:
  ReadOnlyTransport(http::Transport& next, std::vector<std::string> methods)
      : next_(next), methods_(std::move(methods)) {}
  Result<http::Response> Send(const http::Request& request, const Context& context) override;
  Result<http::StreamResponse> Open(const http::Request& request, const Context& context) override;

 private:
  Status Check(const http::Request& request) const;
  http::Transport& next_;
  const std::vector<std::string> methods_;
};

}  // namespace capstan::app
