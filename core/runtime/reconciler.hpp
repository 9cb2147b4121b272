// Reconciler is what an operator author implements: read one object, bring the observed state
// closer to the desired state, say when to requeue it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <capstan/core/base/context.hpp>
#include <capstan/core/base/result.hpp>
#include <capstan/core/kube/object.hpp>

namespace capstan::runtime {

// The object to reconcile. Level-triggered: it says that something changed, never what.
struct Request {
  kube::ObjectKey key;
  // The object as cached, possibly stale; nullopt if the cache does not have it (any more).
  std::optional<kube::Object> cached;
};

// A status that the controller writes at the end of a reconcile. No worker waits for the answer: it
// takes the next key, and the statuses of several objects are written together. The key counts as
// being reconciled until its answer is there, so that no other reconcile of it begins.
struct StatusPatch {
  // A JSON merge patch for the subresource `status`: {"status":{...}}. With
  // metadata.resourceVersion it is refused (kConflict) if the object has changed.
  std::string json;
  // Called once with the object as answered (JSON), or with the error, mostly on another thread
  // than the reconcile; may send requests. Returns the resourceVersion that Outcome::wrote should
  // be, or the error with which the reconcile ends. Null: the version of the answer, or the error
  // as it is.
  std::function<Result<std::string>(const Result<std::string>& answer, const Context&)> conclude;
};

// What the queue does with the key after a successful reconcile.
struct Outcome {
  // Requeue after this delay even if nothing changes; nullopt: reconcile only after a change. A
  // delay of 16 s or more can take a second longer, so that many objects are reconciled in one go.
  std::optional<Duration> requeue_after;
  // The resourceVersion of the last write to this object. The key then stays in the queue, without
  // blocking a thread, until the cache has observed that version or a newer one: read your own
  // writes. Empty: nothing was written.
  std::string wrote;
  // Written before any of this takes effect; an error is then the error of the reconcile.
  std::optional<StatusPatch> status;
};

// How an error of Reconcile is retried: by its code, except that a server's answer is never
// terminal. The API server also returns 400 or 422 for a webhook, a quota or a changed CRD, all of
// which can pass without any change of the object. Only what a reconciler decides itself, without a
// request, can be kNever.
inline RetryClass RetryOf(const Error& error) {
  const RetryClass retry = RetryClassOf(error.code);
  const bool answered = error.http_status != 0 || error.sent != Sent::kNo;
  return retry == RetryClass::kNever && answered ? RetryClass::kBackoff : retry;
}

// Must be thread-safe: called concurrently for many keys, never twice at once for one key. RetryOf
// decides how an error is retried: kBackoff with delays of up to minutes, kNever on a change of the
// object or after five minutes, kAtOnce immediately and without increasing the backoff.
// Error::retry_after is honoured.
class Reconciler {
 public:
  virtual ~Reconciler() = default;
  virtual Result<Outcome> Reconcile(const Request& request, const Context& context) = 0;
  // Another process reconciles the object from here on: state kept about it can be dropped. Called
  // while no reconcile of the object runs.
  virtual void Forget(const kube::ObjectKey&) {}
};

// Adapts a function to Reconciler.
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
