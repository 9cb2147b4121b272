// ForwardingTransport forwards every exchange to another Transport. Base class of decorators, which
// override only what they change. As thread-safe as `next`.
#pragma once

#include <capstan/core/http/transport.hpp>

namespace capstan::http {

// `next` must outlive it. Errors: those of `next` and of Admit.
class ForwardingTransport : public Transport {
 public:
  explicit ForwardingTransport(Transport& next) : next_(next) {}
  Result<Response> Send(const Request& request, const Context& context) override {
    CAPSTAN_RETURN_IF_ERROR(Admit(request, context));
    return next_.Send(request, context);
  }
  Result<StreamResponse> Open(const Request& request, const Context& context) override {
    CAPSTAN_RETURN_IF_ERROR(Admit(request, context));
    return next_.Open(request, context);
  }

 protected:
  // Called before each exchange. If it returns an error, that error is the result and the request
  // does not reach `next`. The default admits all requests.
  virtual Status Admit(const Request&, const Context&) { return {}; }
  Transport& next() { return next_; }

 private:
  Transport& next_;
};

}  // namespace capstan::http
