// ReadOnlyTransport passes only requests with the named methods: callers cannot change anything
// behind it.
#pragma once

#include <string>
#include <vector>

#include <capstan/core/http/forwarding_transport.hpp>

namespace capstan::app {

// Thread-safe. `next` must outlive it. Requests with other methods fail with kPermissionDenied,
// sent kNo, and never reach `next`.
class ReadOnlyTransport final : public http::ForwardingTransport {
 public:
  ReadOnlyTransport(http::Transport& next, std::vector<std::string> methods)
      : ForwardingTransport(next), methods_(std::move(methods)) {}

 private:
  Status Admit(const http::Request& request, const Context& context) override;
  const std::vector<std::string> methods_;
};

}  // namespace capstan::app
