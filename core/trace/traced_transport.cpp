#include <capstan/core/trace/traced_transport.hpp>

#include <optional>

namespace capstan::trace {
namespace {

void Describe(Span& span, const http::Request& request) {
  span.Set("http.request.method", request.method);
  const auto url = http::ParseUrl(request.url);
  if (!url) return;
  span.Set("server.address", url->host);
  span.Set("server.port", std::int64_t{url->port});
  span.Set("url.path", std::string(url->path()));
}

template <class Answer>
void Conclude(Span& span, const Result<Answer>& answer) {
  if (!answer) {
    span.Set("error.type", std::string(CodeName(answer.error().code)));
    span.Fail(answer.error().message);
    return;
  }
  span.Set("http.response.status_code", std::int64_t{answer->status});
  if (answer->status >= 400) span.Fail("");
}

template <class Pass>
auto Traced(const http::Request& request, const Context& context, Propagation propagation, const Pass& pass) {
  if (!context.span) return pass(request, context);
  const Scope span(context, request.method, SpanKind::kClient);
  Describe(*span.operator->(), request);
  std::optional<http::Request> marked;
  if (propagation == Propagation::kTraceParent) {
    marked = request;
    marked->headers.Set("traceparent", span->ids().TraceParent());
  }
  auto answer = pass(marked ? *marked : request, span.Of(context));
  Conclude(*span.operator->(), answer);
  return answer;
}

}  // namespace

Result<http::Response> TracedTransport::Send(const http::Request& request, const Context& context) {
  return Traced(request, context, propagation_,
                [this](const http::Request& sent, const Context& part) { return next_.Send(sent, part); });
}

Result<http::StreamResponse> TracedTransport::Open(const http::Request& request, const Context& context) {
  return Traced(request, context, propagation_,
                [this](const http::Request& sent, const Context& part) { return next_.Open(sent, part); });
}

}  // namespace capstan::trace
