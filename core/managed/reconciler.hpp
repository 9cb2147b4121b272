// ManagedReconciler keeps one kind of Kubernetes object and what it stands for in a cloud the same:
// it creates, observes, changes and removes cloud objects through an External. Nothing is lost and
// nothing is made twice, whenever it crashes.
//
// Flow (a file per step)
//   0. rest        what rests, in the cache and in a list of the account, is left at that
//                  (rest/quiet_look.cpp); whatever may differ goes on
//   1. read        a fresh GET; the cache decides nothing
//   2. finalizer   ours on the object, `capstan.dev/in-use` on the credentials Secret
//   3. credentials, account   whose cloud this is; another account than the recorded one stops everything
//   4. intent      a conditional write of status.external.pending; the reply must contain it
//   5. find        complete: ours is recorded, another's of the same name is NameTaken
//   6. create      at most intent_age after the intent, only while the lease outlasts the request
//   7. record      id and account, by a JSON Patch that tests uid and attempt
//   4-7 for spec.adopt   intent, a claim (a Lease named after the id), a second look, our tags, record
//   8. observe, plan, apply, connection   what is there, what differs, one step at a time, the Secret
//   9. status      the fields we own, when they differ
//   10. deletion   remove, see it gone, let go of the Secret, then the finalizer
// An intent that this very call did not write is an unknown outcome: it is taken over, and after
// create_settle a Find decides.
//
// Guarantees, as long as the cloud shows a new object within create_settle and no process sleeps
// between the check of its lease and the first byte: at most one live cloud object per uid; none
// when deletion has ended (policy Delete); nothing without our identity tag is changed, but for the
// tags that an adoption writes, and nothing at all under managementPolicy Observe; an object that
// is ReadOnly all its life writes nothing in the cloud, not even a tag; two objects never stand for
// one cloud object; the finalizer leaves last; status tells only what was observed.
//
// Thread-safe, as runtime::Reconciler asks. All parts must outlive it. It keeps no state that
// matters: connections per credentials, what rests, and when it last reconciled which
// resourceVersion, so that its own writes do not make it reconcile again. Errors of Reconcile are
// those of the Kubernetes API and kCancelled; what the cloud refuses becomes a condition.
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

// What a ManagedReconciler works with. References: each must outlive it.
struct ManagedParts {
  kube::Client& client;
  external::Provider& provider;
  Scheduler& scheduler;
  Random& random;
  runtime::Fence& fence;
  runtime::EventRecorder& events;
  Log& log;
  runtime::Metrics* metrics = nullptr;  // null: nothing is counted
  HeldSecrets* held = nullptr;          // null: a Secret whose last object vanishes keeps its finalizer
  FlightRecorder* recorder = nullptr;   // null: effects are not remembered
};

class ManagedReconciler final : public runtime::Reconciler {
 public:
  // REQUIRES: `info` is one of the provider's kinds.
  ManagedReconciler(external::KindInfo info, ManagedParts parts, ManagedOptions options);
  ~ManagedReconciler() override;

  Result<runtime::Outcome> Reconcile(const runtime::Request& request, const Context& context) override;
  void Forget(const kube::ObjectKey& key) override;

  // What a watch saw of the connection Secret of an object: uid and resourceVersion in one text,
  // empty when it is gone. True when that is news to an object at rest: it is to be reconciled now.
  bool ConnectionSeen(const kube::ObjectKey& object, const kube::ObjectKey& secret,
                      const std::string& version);
  // The same of all of them in a namespace (empty: everywhere); the objects to be reconciled now.
  std::vector<kube::ObjectKey> ConnectionsListed(const std::string& namespace_,
                                                 const std::map<kube::ObjectKey, std::string>& versions);

  // The kind as the Kubernetes client names it.
  const kube::Kind& kind() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The kind of a KindInfo as the Kubernetes client names it.
kube::Kind KindOf(const external::KindInfo& info);

// The uid of namespace kube-system, which tells one Kubernetes cluster from all others. Errors:
// those of Client::Get.
Result<std::string> ReadOwnerId(kube::Client& client, const Context& context);

}  // namespace capstan::managed
