// ObjectReconciler calls an operator's functions for one object: finalizer, turn, status, and what
// is said about errors. A runtime::Reconciler; the facade's part of every reconcile.
//
// Flow of one call:
//  1. An object that the cache does not show: with a Select and a Cleanup it is read, since it may
//     only have lost its labels. Gone: done. There, with our finalizer: let go (3).
//  2. Being deleted with our finalizer: Cleanup, status, finalizer off. Without: nothing.
//  3. Not selected, or Where says no: with our finalizer the same as 2, else nothing.
//  4. The finalizer, where there is a Cleanup.
//  5. The reconcile function; then status, also when it failed.
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
  // REQUIRES: a selector that parses.
  explicit ObjectReconciler(ControllerParts parts);
  Result<runtime::Outcome> Reconcile(const runtime::Request& request, const Context& context) override;
  void Forget(const kube::ObjectKey& key) override CAPSTAN_EXCLUDES(mutex_);

 private:
  Result<std::optional<kube::Object>> ReadLost(const kube::ObjectKey& key, const Context& context);
  bool Wanted(const kube::Object& object) const;
  Result<runtime::Outcome> LetGo(TurnState& state);
  Result<runtime::Outcome> Run(TurnState& state);
  Status Call(const TurnFunction& function, TurnState& state);
  // Tells the failure, and says what to return for it.
  Result<runtime::Outcome> Failed(TurnState& state, const Error& error);
  // Since when the key has failed without a success in between.
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
