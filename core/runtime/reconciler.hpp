// Reconciler is what an operator author writes: look at one object, bring the world closer to it,
// say when to look again.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <capstan/core/base/context.hpp>
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

// Thread-safe: called for many keys at once, never twice at a time for the same key. An error
// retries with backoff by its RetryClass: kNever waits for a change of the object or five minutes,
// for what refused may change without it; kAtOnce is requeued without growing the backoff; and
// Error::retry_after is honoured.
class Reconciler {
 public:
  virtual ~Reconciler() = default;
  virtual Result<Outcome> Reconcile(const Request& request, const Context& context) = 0;
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
