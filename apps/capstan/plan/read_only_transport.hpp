// ReadOnlyTransport lets the named methods through and nothing else: no caller can change what is
// behind it.
#pragma once

#include <string>
#include <vector>

#include <capstan/core/http/forwarding_transport.hpp>

namespace capstan::app {

// Thread-safe. `next` must outlive it. Any other method fails with kPermissionDenied, sent kNo, and
// never reaches `next`.
class ReadOnlyTransport final : public http::ForwardingTransport {
 public:
  ReadOnlyTransport(http::Transport& next, std::vector<std::string> methods)
      : ForwardingTransport(next), methods_(std::move(methods)) {}

 private:
  Status Admit(const http::Request& request, const Context& context) override;
  const std::vector<std::string> methods_;
};

}  // namespace capstan::app
