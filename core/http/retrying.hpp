// RetryingTransport retries requests that are safe to retry: reads that failed with a transient
// error, and any request that was certainly never sent. It never repeats a POST, PUT, PATCH or
// DELETE whose bytes may have been sent.
#pragma once

#include <capstan/core/base/backoff.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/http/transport.hpp>

namespace capstan::http {

struct RetryOptions {
  int tries = 4;  // in total
  BackoffOptions backoff{std::chrono::milliseconds(200), std::chrono::seconds(5), 2.0, 0.5};
  // A longer Retry-After is returned to the caller instead of being waited for.
  Duration longest_wait = std::chrono::seconds(10);
};

// Thread-safe. All references must outlive it. The deadline of the context covers all attempts
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
