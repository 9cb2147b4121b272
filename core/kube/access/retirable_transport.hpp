// Private to this folder: a transport that can be sent into retirement, because another took its
// place.
#pragma once

#include <memory>
#include <stop_token>

#include <capstan/core/http/transport.hpp>

namespace capstan::kube {

// Thread-safe. Held by a shared_ptr: each stream keeps it alive.
//
// Retire ends its watches as if their time were up, at the end of a line: whoever watches then goes
// on over another transport, from where it stood. Requests and streams that end by themselves are
// finished.
class RetirableTransport final : public http::Transport,
                                 public std::enable_shared_from_this<RetirableTransport> {
 public:
  explicit RetirableTransport(std::unique_ptr<http::Transport> next);
  Result<http::Response> Send(const http::Request& request, const Context& context) override;
  Result<http::StreamResponse> Open(const http::Request& request, const Context& context) override;
  void Retire();

 private:
  const std::unique_ptr<http::Transport> next_;
  std::stop_source retired_;
};

}  // namespace capstan::kube
