// Private to core/kube: a transport that can be retired when another replaces it.
#pragma once

#include <memory>
#include <stop_token>

#include <capstan/core/http/forwarding_transport.hpp>

namespace capstan::kube {

// Thread-safe. Owned through a shared_ptr: each stream keeps it alive.
//
// Retire ends its watches as if their timeout had expired, at the end of a line: the watcher
// continues over another transport, from the resourceVersion it had reached. Requests, and streams
// that end by themselves, are completed.
class RetirableTransport final : public http::ForwardingTransport,
                                 public std::enable_shared_from_this<RetirableTransport> {
 public:
  explicit RetirableTransport(std::unique_ptr<http::Transport> next);
  std::vector<Result<http::Response>> SendAll(std::span<const http::Request> requests,
                                              const Context& context) override {
    return next().SendAll(requests, context);
  }
  Result<http::StreamResponse> Open(const http::Request& request, const Context& context) override;
  void Retire();

 private:
  const std::unique_ptr<http::Transport> owned_;
  std::stop_source retired_;
};

}  // namespace capstan::kube
