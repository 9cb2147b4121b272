// HeldSecrets tracks the Secrets that carry our finalizer capstan.dev/in-use, so that none keeps it
// forever: an object may vanish without us (its finalizer was removed by force, or the operator was
// down), and then no reconcile releases its Secret.
//
// Flow. The name of a Secret is recorded in ConfigMap "capstan-credentials-in-use" of the
// operator's namespace before the finalizer is added; Secrets are read by name. At start and once a
// minute, while we hold the lease, each name that no object used recently is checked: if no object
// with our finalizer names the Secret any more, the Secret is released. Older versions recorded no
// names: the first sweep also lists the metadata of Secrets, where that is permitted, and includes
// those whose finalizer we added ourselves (according to the field manager).
//
// Guarantees: a Secret that an object uses is never released, as far as the operator can see
// objects; this includes objects of a kind whose plugin is not loaded (AlsoUsedBy). Without
// permission to write the ConfigMap or to list Secrets, everything else still works.
//
// Thread-safe. Everything passed to the constructor must outlive it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/base/trouble_reports.hpp>
#include <capstan/core/external/external.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/runtime/fence.hpp>

namespace capstan::managed {

struct HeldSecretsOptions {
  std::string operator_namespace = "capstan-system";
  std::vector<std::string> namespaces;    // where objects live; empty: all
  std::vector<external::KindInfo> kinds;  // every kind whose objects may name Secrets
  std::string field_manager = "capstan";  // the client's; identifies finalizers that we added
  Duration every = std::chrono::minutes(1);
};

class HeldSecrets {
 public:
  HeldSecrets(kube::Client& client, Scheduler& scheduler, const runtime::Fence& fence, Log& log,
              HeldSecretsOptions options)
      : client_(client), scheduler_(scheduler), fence_(fence), log_(log), options_(std::move(options)) {}

  // Registers another kind whose objects may use Secrets, as the record in their status says. Call
  // before Run.
  void AlsoUsedBy(external::KindInfo kind) { options_.kinds.push_back(std::move(kind)); }

  // An object uses the Secret now. The first use is recorded before this returns. Errors:
  // kCancelled and transient ones; a refused write is logged, once for each message, and is not an
  // error.
  Status Use(const kube::ObjectKey& secret, const Context& context) CAPSTAN_EXCLUDES(mutex_);
  // Removes the Secret from the record: it was released.
  void Release(const kube::ObjectKey& secret, const Context& context) CAPSTAN_EXCLUDES(mutex_);

  // Checks every Secret that was not used recently and releases the unused ones. Errors: those of
  // the Kubernetes API; the next sweep tries again.
  Status Sweep(const Context& context) CAPSTAN_EXCLUDES(mutex_);
  // Sweeps at start and then periodically, while the fence is held. Returns when the context stops.
  void Run(const Context& context);

 private:
  Result<std::vector<kube::ObjectKey>> Known(const Context& context);
  // Secrets to which an older version added our finalizer without recording it; searched once per
  // process.
  Result<std::vector<kube::ObjectKey>> NotWrittenDown(const Context& context) CAPSTAN_EXCLUDES(mutex_);
  bool IsOfOurMaking(std::string_view secret) const;
  // Every Secret that some object uses.
  Result<std::set<std::string>> InUse(const Context& context);
  Status ReleaseUnused(std::vector<kube::ObjectKey> candidates, const Context& context)
      CAPSTAN_EXCLUDES(mutex_);
  Status LookAt(const kube::ObjectKey& secret, const Context& context);
  bool UsedLately(const kube::ObjectKey& secret) CAPSTAN_EXCLUDES(mutex_);
  Result<kube::Object> Write(const std::string& data, const Context& context);

  // Constant after construction.
  kube::Client& client_;
  Scheduler& scheduler_;
  const runtime::Fence& fence_;
  Log& log_;
  HeldSecretsOptions options_;  // constant once Run has started

  // Guarded by mutex_.
  Mutex mutex_;
  // Recorded Secrets and when they were last used.
  std::map<kube::ObjectKey, Instant> used_ CAPSTAN_GUARDED_BY(mutex_);
  TroubleReports reports_ CAPSTAN_GUARDED_BY(mutex_){TroubleReports::kOnce};  // of refused records
  bool searched_ CAPSTAN_GUARDED_BY(mutex_) = false;                          // Secrets of older versions
};

}  // namespace capstan::managed
