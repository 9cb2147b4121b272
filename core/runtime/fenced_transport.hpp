// FencedTransport guards a cloud: a request that changes something leaves only while the lease
// outlasts its deadline. Reads pass. core/managed asks the fence too, that of the object
// (Fence::Of); this catches what forgot to.
#pragma once

#include <capstan/core/base/time.hpp>
#include <capstan/core/http/forwarding_transport.hpp>
#include <capstan/core/runtime/fence.hpp>

namespace capstan::runtime {

// Thread-safe. All references must outlive it. Errors besides those of `next`: kFailedPrecondition
// with Sent::kNo when the lease is not held, or not for long enough.
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
