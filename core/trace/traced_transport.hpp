// TracedTransport makes each request of a traced operation a span of its own: method, host, path
// and status. Other requests are passed on unchanged.
#pragma once

#include <capstan/core/http/transport.hpp>
#include <capstan/core/trace/trace.hpp>

namespace capstan::trace {

// What the server learns about the trace.
enum class Propagation {
  kNone,
  // The W3C Trace Context header `traceparent`; replaces one that the request already has.
  kTraceParent,
};

// Thread-safe. `next` must outlive it. A stream's span ends when its head arrives. Query strings
// may contain private data, so spans omit them.
class TracedTransport final : public http::Transport {
 public:
  TracedTransport(http::Transport& next, Propagation propagation) : next_(next), propagation_(propagation) {}
  Result<http::Response> Send(const http::Request& request, const Context& context) override;
  // One after the other if they are traced.
  std::vector<Result<http::Response>> SendAll(std::span<const http::Request> requests,
                                              const Context& context) override {
    return context.span ? Transport::SendAll(requests, context) : next_.SendAll(requests, context);
  }
  Result<http::StreamResponse> Open(const http::Request& request, const Context& context) override;

 private:
  http::Transport& next_;
  const Propagation propagation_;
};

}  // namespace capstan::trace
