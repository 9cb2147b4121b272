// Private to core/kube: a transport that retires when another takes its place.
#pragma once

#include <memory>
#include <stop_token>

#include <capstan/core/http/forwarding_transport.hpp>

namespace capstan::kube {

// Thread-safe. Held by a shared_ptr: each stream keeps it alive.
//
// Retire ends its watches as if their time were up, at the end of a line: the watcher continues
// over another transport, from the version it had reached. Requests, and streams that end by
// themselves, are finished.
class RetirableTransport final : public http::ForwardingTransport,
                                 public std::enable_shared_from_this<RetirableTransport> {
 public:
  explicit RetirableTransport(std::unique_ptr<http::Transport> next);
  Result<http::StreamResponse> Open(const http::Request& request, const Context& context) override;
  void Retire();

 private:
  const std::unique_ptr<http::Transport> owned_;
  std::stop_source retired_;
};

}  // namespace capstan::kube
