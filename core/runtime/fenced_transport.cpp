#include <capstan/core/runtime/fenced_transport.hpp>

#include <capstan/core/http/method.hpp>

namespace capstan::runtime {

Status FencedTransport::Check(const http::Request& request, const Context& context) const {
  if (http::IsSafe(request.method)) return {};
  // A request without a deadline could leave at any time: it is asked whether the lease holds at
  // all.
  const Instant until = context.deadline == kForever ? clock_.Now() : context.deadline;
  if (fence_.HeldUntil(until)) return {};
  return Fail(Code::kFailedPrecondition, fence_.holder() + " does not hold the lease long enough to send " +
                                             request.method + " " + request.url + "; the leader will");
}

Result<http::Response> FencedTransport::Send(const http::Request& request, const Context& context) {
  CAPSTAN_RETURN_IF_ERROR(Check(request, context));
  return next_.Send(request, context);
}

Result<http::StreamResponse> FencedTransport::Open(const http::Request& request, const Context& context) {
  CAPSTAN_RETURN_IF_ERROR(Check(request, context));
  return next_.Open(request, context);
}

}  // namespace capstan::runtime
