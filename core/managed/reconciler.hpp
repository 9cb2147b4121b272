// ManagedReconciler keeps one kind of Kubernetes object and the cloud objects it represents in
// sync: it creates, observes, changes and removes cloud objects through an External. Nothing is
// lost and nothing is created twice, whenever it crashes.
//
// Flow (one file per step)
//
//   0. rest        a stable object that is unchanged in the cache and in a list of the account is
//                  left alone (rest/quiet_look.cpp); anything that may differ continues
//   1. read        a fresh GET; nothing is decided by the cache
//   2. finalizer   ours on the object, `capstan.dev/in-use` on the credentials Secret
//   3. credentials, account   whose cloud this is; another account than the recorded one stops here
//   4. intent      a conditional write of status.external.pending; the reply must contain it
//   5. find        exhaustive: ours is recorded, another owner's of the same name is NameTaken
//   6. create      at most intent_age after the intent, only while the lease outlasts the request
//   7. record      id and account, by a JSON Patch that tests uid and attempt
//   4-7 for spec.adopt   intent, a claim (a Lease named after the id), a second look, tags, record
//   8. observe, plan, apply, connection   observed state, differences, one step, the Secret
//   9. status      the fields we own, if they differ
//   10. deletion   remove, confirm it is gone, release the Secret, then remove the finalizer
//
// An intent that this very call did not write is an unknown outcome: it is taken over, and after
// create_settle a Find decides.
//
// Guarantees, as long as the cloud shows a new object within create_settle and no process sleeps
// between the check of its lease and the first byte of the request: at most one live cloud object
// per uid; none after the deletion has completed (policy Delete); nothing without our identity tag
// is changed, except for the tags that an adoption writes, and nothing at all under
// managementPolicy Observe; an object that is always ReadOnly writes nothing in the cloud, not even
// a tag; two objects never represent one cloud object; the finalizer is removed last; status
// reports only what was observed.
//
// Thread-safe, as runtime::Reconciler requires. All parts must outlive it. It keeps no state that
// affects correctness: connections per credentials, stable objects, and when it last reconciled
// which resourceVersion, so that its own writes do not make it reconcile again. Errors of Reconcile
// are those of the Kubernetes API and kCancelled; a refusal of the cloud becomes a condition.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/random.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/external/external.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/managed/options.hpp>
#include <capstan/core/runtime/event_recorder.hpp>
#include <capstan/core/runtime/fence.hpp>
#include <capstan/core/runtime/metrics.hpp>
#include <capstan/core/runtime/reconciler.hpp>

namespace capstan::managed {

class FlightRecorder;
class HeldSecrets;

// Dependencies of a ManagedReconciler. References and pointers are non-owning and must outlive it.
struct ManagedParts {
  kube::Client& client;
  external::Provider& provider;
  Scheduler& scheduler;
  Random& random;
  runtime::Fence& fence;
  runtime::EventRecorder& events;
  Log& log;
  runtime::Metrics* metrics = nullptr;  // null: no metrics
  // Null: a Secret whose last object vanishes keeps its finalizer.
  HeldSecrets* held = nullptr;
  FlightRecorder* recorder = nullptr;  // null: effects are not recorded
};

class ManagedReconciler final : public runtime::Reconciler {
 public:
  // REQUIRES: `info` is one of the provider's kinds.
  ManagedReconciler(external::KindInfo info, ManagedParts parts, ManagedOptions options);
  ~ManagedReconciler() override;

  Result<runtime::Outcome> Reconcile(const runtime::Request& request, const Context& context) override;
  void Forget(const kube::ObjectKey& key) override;

  // A watch observed the connection Secret of an object. `version` is uid and resourceVersion
  // concatenated, or empty if the Secret is gone. True if a stable object must be reconciled
  // because of it.
  bool ConnectionSeen(const kube::ObjectKey& object, const kube::ObjectKey& secret,
                      const std::string& version);
  // The same for a list of all connection Secrets in a namespace (empty: everywhere). Returns the
  // objects to reconcile.
  std::vector<kube::ObjectKey> ConnectionsListed(const std::string& namespace_,
                                                 const std::map<kube::ObjectKey, std::string>& versions);

  // The kind as the Kubernetes client represents it.
  const kube::Kind& kind() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The kind of a KindInfo as the Kubernetes client represents it.
kube::Kind KindOf(const external::KindInfo& info);

// The uid of namespace kube-system, which distinguishes one Kubernetes cluster from all others.
// Errors: those of Client::Get.
Result<std::string> ReadOwnerId(kube::Client& client, const Context& context);

}  // namespace capstan::managed
