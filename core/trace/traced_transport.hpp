// TracedTransport makes each request of a traced piece of work a span of its own: method, host,
// path and status. A request of nothing traced is passed on as it is.
#pragma once

#include <capstan/core/http/transport.hpp>
#include <capstan/core/trace/trace.hpp>

namespace capstan::trace {

// What the server learns of the trace.
enum class Propagation {
  kNone,
  kTraceParent,  // header `traceparent` of W3C Trace Context; one that the request has already gives way
};

// Thread-safe. `next` must outlive it. A stream's span ends when its head is there. Query strings
// may hold what is private: they are no part of a span.
class TracedTransport final : public http::Transport {
 public:
  TracedTransport(http::Transport& next, Propagation propagation) : next_(next), propagation_(propagation) {}
  Result<http::Response> Send(const http::Request& request, const Context& context) override;
  Result<http::StreamResponse> Open(const http::Request& request, const Context& context) override;

 private:
  http::Transport& next_;
  const Propagation propagation_;
};

}  // namespace capstan::trace
