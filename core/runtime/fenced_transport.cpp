#include <capstan/core/runtime/fenced_transport.hpp>

#include <capstan/core/http/method.hpp>

namespace capstan::runtime {

Status FencedTransport::Admit(const http::Request& request, const Context& context) {
  if (http::IsSafe(request.method)) return {};
  // A request without a deadline can be sent at any time: require that the lease is held now.
  const Instant until = context.deadline == kForever ? clock_.Now() : context.deadline;
  if (fence_.HeldUntil(until)) return {};
  return Fail(Code::kFailedPrecondition, fence_.holder() + " does not hold the lease long enough to send " +
                                             request.method + " " + request.url + "; the leader will");
}

}  // namespace capstan::runtime
