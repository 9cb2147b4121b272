// FencedTransport guards a cloud: a request that changes something is sent only if the lease
// outlasts the request's deadline. Reads pass. core/managed also asks the fence of the object
// (Fence::Of) itself; this is the safety net for code that forgot to.
#pragma once

#include <capstan/core/base/time.hpp>
#include <capstan/core/http/forwarding_transport.hpp>
#include <capstan/core/runtime/fence.hpp>

namespace capstan::runtime {

// Thread-safe. Everything passed to the constructor must outlive it. Errors besides those of
// `next`: kFailedPrecondition with Sent::kNo when the lease is not held, or not for long enough.
class FencedTransport final : public http::ForwardingTransport {
 public:
  FencedTransport(http::Transport& next, const Fence& fence, const Clock& clock)
      : ForwardingTransport(next), fence_(fence), clock_(clock) {}

 private:
  Status Admit(const http::Request& request, const Context& context) override;
  const Fence& fence_;
  const Clock& clock_;
};

}  // namespace capstan::runtime
