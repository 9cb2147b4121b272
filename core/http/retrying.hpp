// RetryingTransport repeats what is safe to repeat: reads that failed for a passing reason, and any
// request that certainly never left. It never repeats a POST, PUT, PATCH or DELETE whose bytes may
// have gone out.
#pragma once

#include <capstan/core/base/backoff.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/http/transport.hpp>

namespace capstan::http {

struct RetryOptions {
  int tries = 4;  // in all
  BackoffOptions backoff{std::chrono::milliseconds(200), std::chrono::seconds(5), 2.0, 0.5};
  // A Retry-After longer than this is handed to the caller instead of waited for.
  Duration longest_wait = std::chrono::seconds(10);
};

// Thread-safe. All references must outlive it. The deadline of the context bounds all tries
// together.
class RetryingTransport final : public Transport {
 public:
  RetryingTransport(Transport& next, Scheduler& scheduler, Random& random, RetryOptions options = {});
  Result<Response> Send(const Request& request, const Context& context) override;
  Result<StreamResponse> Open(const Request& request, const Context& context) override;

 private:
  Transport& next_;
  Scheduler& scheduler_;
  Random& random_;
  const RetryOptions options_;
};

}  // namespace capstan::http
