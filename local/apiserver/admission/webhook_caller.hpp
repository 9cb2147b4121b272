// Calls the webhooks of admission and conversion that a clientConfig names.
//
// A call takes at most its own timeout. Thread-safe.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/http/transport.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/api/cancellation.hpp>
#include <capstan/local/apiserver/api/webhook_transports.hpp>

namespace capstan::apiserver {

class WebhookCaller final {
 public:
  // `scheduler` must outlive this object. With empty `transports` every call fails.
  WebhookCaller(Scheduler& scheduler, WebhookTransports transports)
      : scheduler_(scheduler), transports_(std::move(transports)) {}

  // POSTs `review` to the address in `config` (url or service, caBundle) and returns the answer,
  // which must not exceed `limit` bytes. Errors: those of the transport, and kUnavailable with a
  // message that starts as Go's do (`Post "https://…": …`); kTooLarge; kInvalidArgument (the answer
  // is not a JSON object); kCancelled once `cancellation` (may be null) is requested, which is
  // polled during the call.
  Result<json::ObjectPtr> Post(const json::ObjectPtr& config, const json::ObjectPtr& review,
                               std::chrono::seconds timeout, std::size_t limit,
                               const Cancellation* cancellation);

 private:
  Result<http::Transport*> TransportFor(const std::string& ca_pem);
  Result<http::Response> Send(http::Transport& transport, const http::Request& call,
                              std::chrono::seconds timeout, const Cancellation* cancellation);

  // Constant after construction.
  Scheduler& scheduler_;
  const WebhookTransports transports_;

  // Guarded by mutex_.
  Mutex mutex_;
  std::map<std::string, std::unique_ptr<http::Transport>> connected_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::apiserver
