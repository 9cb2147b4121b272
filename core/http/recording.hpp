// RecordingTransport keeps what went through it: for tests, for the contract check, and for the
// flight recorder. Authorization headers and bodies of Secrets are the caller's to leave out: a
// filter decides what is kept.
#pragma once

#include <functional>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/core/http/transport.hpp>

namespace capstan::http {

struct Exchange {
  Request request;
  std::optional<Response> response;  // of a stream: the head only
  std::optional<Error> error;
  Instant started, ended;
};

// Thread-safe. `next` and `clock` must outlive it. Authorization is always dropped from what is
// kept.
class RecordingTransport final : public Transport {
 public:
  using OnExchange = std::function<void(const Exchange&)>;
  // With a callback nothing is kept; it is called after each exchange, without a lock.
  RecordingTransport(Transport& next, const Clock& clock, OnExchange on_exchange = nullptr);
  Result<Response> Send(const Request& request, const Context& context) override;
  Result<StreamResponse> Open(const Request& request, const Context& context) override;
  std::vector<Exchange> Exchanges() const CAPSTAN_EXCLUDES(mutex_);
  void Clear() CAPSTAN_EXCLUDES(mutex_);

 private:
  void Keep(Exchange exchange) CAPSTAN_EXCLUDES(mutex_);
  Transport& next_;
  const Clock& clock_;
  const OnExchange on_exchange_;
  mutable Mutex mutex_;
  std::vector<Exchange> exchanges_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::http
