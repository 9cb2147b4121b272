// ObjectReconciler calls an operator's functions for one object: finalizer, turn, status, and error
// reporting. A runtime::Reconciler; Operator's part of every reconcile.
//
// Flow of one call:
// 1. If the cache does not have the object: with a Select and a Cleanup it is read, since it may
//    only have lost its labels. Gone: done. If it exists with our finalizer: release it (3).
// 2. If it is being deleted with our finalizer: Cleanup, status, remove the finalizer. Without:
//    nothing.
// 3. If it is not selected, or Where returns false: with our finalizer as in 2, otherwise nothing.
// 4. Add the finalizer, if there is a Cleanup.
// 5. Call the reconcile function; then write status, even if it failed. After a success the
//    controller writes it (runtime::StatusPatch).
//
// Thread-safe.
#pragma once

#include <map>
#include <string>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/operator/engine/turn_state.hpp>
#include <capstan/core/runtime/label_selector.hpp>
#include <capstan/core/runtime/reconciler.hpp>

namespace capstan {

class ObjectReconciler final : public runtime::Reconciler {
 public:
  // REQUIRES: the selector is valid.
  explicit ObjectReconciler(ControllerParts parts);
  Result<runtime::Outcome> Reconcile(const runtime::Request& request, const Context& context) override;
  void Forget(const kube::ObjectKey& key) override CAPSTAN_EXCLUDES(mutex_);

 private:
  Result<std::optional<kube::Object>> ReadLost(const kube::ObjectKey& key, const Context& context);
  bool Wanted(const kube::Object& object) const;
  Result<runtime::Outcome> LetGo(TurnState& state);
  Result<runtime::Outcome> Run(TurnState& state);
  // The outcome of a turn that succeeded, with the status for the controller to write.
  Result<runtime::Outcome> Finished(TurnState& state);
  Status Call(const TurnFunction& function, TurnState& state);
  // Reports the failure and returns the result of the reconcile.
  Result<runtime::Outcome> Failed(TurnState& state, const Error& error);
  // How long the key has been failing without a success in between.
  Duration FailingFor(const kube::ObjectKey& key) CAPSTAN_EXCLUDES(mutex_);
  void Succeeded(const kube::ObjectKey& key) CAPSTAN_EXCLUDES(mutex_);

  // Constant after construction.
  const ControllerParts parts_;
  runtime::LabelSelector selector_;

  // Guarded by mutex_.
  Mutex mutex_;
  std::map<kube::ObjectKey, Instant> failing_since_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan
