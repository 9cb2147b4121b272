// Asks the servers that clientConfigs name: webhooks of admission and of conversion.
//
// A call costs its own timeout at most. Thread-safe.
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
  // `scheduler` must outlive it. `transports` may be empty: then every call fails.
  WebhookCaller(Scheduler& scheduler, WebhookTransports transports)
      : scheduler_(scheduler), transports_(std::move(transports)) {}

  // POSTs `review` where `config` (url or service, caBundle) says; the answer, not longer than
  // `limit` bytes. Errors: those of the transport and kUnavailable, with what went wrong in words
  // that begin as Go's do (`Post "https://…": …`); kTooLarge; kInvalidArgument (no JSON object);
  // kCancelled once `cancellation` (may be null) is requested, which is looked at while it waits.
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
