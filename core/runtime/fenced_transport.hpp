// FencedTransport is the last door before a cloud: a request that changes something leaves only
// while the lease outlasts its deadline. Reads pass. core/managed asks the fence too; this asks
// again, for whatever forgot to.
#pragma once

#include <capstan/core/base/time.hpp>
#include <capstan/core/http/transport.hpp>
#include <capstan/core/runtime/fence.hpp>

namespace capstan::runtime {

// Thread-safe. All references must outlive it. Errors beside those of `next`: kFailedPrecondition
// with Sent::kNo when the lease is not held, or not for long enough.
class FencedTransport final : public http::Transport {
 public:
  FencedTransport(http::Transport& next, const Fence& fence, const Clock& clock)
      : next_(next), fence_(fence), clock_(clock) {}
  Result<http::Response> Send(const http::Request& request, const Context& context) override;
  Result<http::StreamResponse> Open(const http::Request& request, const Context& context) override;

 private:
  Status Check(const http::Request& request, const Context& context) const;
  http::Transport& next_;
  const Fence& fence_;
  const Clock& clock_;
};

}  // namespace capstan::runtime
