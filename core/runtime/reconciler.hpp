// Reconciler is what an operator author writes: read one object, bring the world closer to it, say
// when to requeue it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <capstan/core/base/context.hpp>
#include <capstan/core/base/result.hpp>
#include <capstan/core/kube/object.hpp>

namespace capstan::runtime {

// Which object needs work. Level-triggered: it says that something changed, never what.
struct Request {
  kube::ObjectKey key;
  // The object as the cache has it, maybe stale; nothing when it is not there (any more).
  std::optional<kube::Object> cached;
};

// What a reconcile has to say to the queue.
struct Outcome {
  // Look again after this, even if nothing changes. Nothing: only when something does.
  std::optional<Duration> requeue_after;
  // The resourceVersion of the last write to this very object. The key is then held in the queue,
  // and no thread waits, until the cache has seen that version or a newer one: read your own
  // writes. Empty: nothing was written.
  std::string wrote;
};

// What an error of Reconcile means for its key. By its code, but for one rule: what a server
// answered is never final. The API server says 400 or 422 also for a webhook, a quota or a changed
// CRD, which pass without any change of the object. Only what a reconciler finds out by itself,
// without a request, may be kNever.
inline RetryClass RetryOf(const Error& error) {
  const RetryClass retry = RetryClassOf(error.code);
  const bool answered = error.http_status != 0 || error.sent != Sent::kNo;
  return retry == RetryClass::kNever && answered ? RetryClass::kBackoff : retry;
}

// Thread-safe: called for many keys at once, never twice at a time for the same key. An error is
// tried again by RetryOf: kBackoff up to minutes, kNever waits for a change of the object or five
// minutes, kAtOnce is requeued without growing the backoff, and Error::retry_after is honoured.
class Reconciler {
 public:
  virtual ~Reconciler() = default;
  virtual Result<Outcome> Reconcile(const Request& request, const Context& context) = 0;
  // Another process looks after the object from now on: what is remembered of it may go. Called
  // when no reconcile of it runs.
  virtual void Forget(const kube::ObjectKey&) {}
};

// A Reconciler from a function, for the three-line kind.
class ReconcileFunction final : public Reconciler {
 public:
  using Function = std::function<Result<Outcome>(const Request&, const Context&)>;
  explicit ReconcileFunction(Function function) : function_(std::move(function)) {}
  Result<Outcome> Reconcile(const Request& request, const Context& context) override {
    return function_(request, context);
  }

 private:
  Function function_;
};

}  // namespace capstan::runtime
