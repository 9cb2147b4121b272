#include <capstan/core/http/recording.hpp>

namespace capstan::http {
namespace {

Exchange Start(const Request& request, const Clock& clock) {
  Exchange exchange;
  exchange.request = request;
  exchange.request.headers.Remove("Authorization");
  exchange.started = clock.Now();
  return exchange;
}

}  // namespace

RecordingTransport::RecordingTransport(Transport& next, const Clock& clock, OnExchange on_exchange)
    : next_(next), clock_(clock), on_exchange_(std::move(on_exchange)) {}

Result<Response> RecordingTransport::Send(const Request& request, const Context& context) {
  Exchange exchange = Start(request, clock_);
  auto response = next_.Send(request, context);
  if (response) {
    exchange.response = *response;
  } else {
    exchange.error = response.error();
  }
  Keep(std::move(exchange));
  return response;
}

Result<StreamResponse> RecordingTransport::Open(const Request& request, const Context& context) {
  Exchange exchange = Start(request, clock_);
  auto response = next_.Open(request, context);
  if (response) {
    exchange.response = Response{response->status, response->headers, ""};
  } else {
    exchange.error = response.error();
  }
  Keep(std::move(exchange));
  return response;
}

void RecordingTransport::Keep(Exchange exchange) {
  exchange.ended = clock_.Now();
  if (on_exchange_) {
    on_exchange_(exchange);
    return;
  }
  MutexLock lock(mutex_);
  exchanges_.push_back(std::move(exchange));
}

std::vector<Exchange> RecordingTransport::Exchanges() const {
  MutexLock lock(mutex_);
  return exchanges_;
}

void RecordingTransport::Clear() {
  MutexLock lock(mutex_);
  exchanges_.clear();
}

}  // namespace capstan::http
