// HeldSecrets remembers which Secrets carry finalizer capstan.dev/in-use because of us, so that
// none keeps it for ever: an object may vanish without us (its finalizer forced off, the operator
// down), and then no reconcile lets its Secret go.
//
// Flow. A name is written down before the finalizer is put on, in ConfigMap
// "capstan-credentials-in-use" of the operator's namespace; Secrets are read by name. At start and
// once a minute, while we lead, each name that no object has used lately is checked: if no object
// with our finalizer names the Secret any more, it is let go. An older version wrote no names down:
// the first look also lists the Secrets' metadata, where that is allowed, and takes those whose
// finalizer is of our own making (its field manager says so).
//
// Guarantees: a Secret that an object uses is never let go, as far as the operator may see objects;
// also one of a kind whose plugin is not loaded (AlsoUsedBy). Without the right to write the
// ConfigMap, or to list Secrets, everything else still works.
//
// Thread-safe. What it is made with must outlive it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/external/external.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/runtime/fence.hpp>

namespace capstan::managed {

struct HeldSecretsOptions {
  std::string operator_namespace = "capstan-system";
  std::vector<std::string> namespaces;    // where objects are; empty: all
  std::vector<external::KindInfo> kinds;  // all whose objects may name Secrets
  std::string field_manager = "capstan";  // the client's: who put the finalizer on
  Duration every = std::chrono::minutes(1);
};

class HeldSecrets {
 public:
  HeldSecrets(kube::Client& client, Scheduler& scheduler, const runtime::Fence& fence, Log& log,
              HeldSecretsOptions options)
      : client_(client), scheduler_(scheduler), fence_(fence), log_(log), options_(std::move(options)) {}

  // Objects of that kind may use Secrets too, as their record in status says. Before Run.
  void AlsoUsedBy(external::KindInfo kind) { options_.kinds.push_back(std::move(kind)); }

  // An object uses the Secret now. The first time it is written down, before this returns. Errors:
  // kCancelled and what passes; without the right to write it is logged once, and is no error.
  Status Use(const kube::ObjectKey& secret, const Context& context) CAPSTAN_EXCLUDES(mutex_);
  // It was let go.
  void Release(const kube::ObjectKey& secret, const Context& context) CAPSTAN_EXCLUDES(mutex_);

  // Looks at all that nobody has used lately, and lets go what nobody uses. Errors: those of the
  // Kubernetes API; the next look tries again.
  Status Sweep(const Context& context) CAPSTAN_EXCLUDES(mutex_);
  // Sweeps at start and then again and again, while the fence is held. Returns when stopped.
  void Run(const Context& context);

 private:
  Result<std::vector<kube::ObjectKey>> Known(const Context& context);
  // Those that an older version put our finalizer on and wrote down nowhere; once in a life.
  Result<std::vector<kube::ObjectKey>> NotWrittenDown(const Context& context) CAPSTAN_EXCLUDES(mutex_);
  bool IsOfOurMaking(std::string_view secret) const;
  // All Secrets that some object uses.
  Result<std::set<std::string>> InUse(const Context& context);
  Status LetGoOfUnused(std::vector<kube::ObjectKey> candidates, const Context& context)
      CAPSTAN_EXCLUDES(mutex_);
  Status LookAt(const kube::ObjectKey& secret, const Context& context);
  bool UsedLately(const kube::ObjectKey& secret) CAPSTAN_EXCLUDES(mutex_);
  Result<kube::Object> Write(const std::string& data, const Context& context);

  // Constant after construction.
  kube::Client& client_;
  Scheduler& scheduler_;
  const runtime::Fence& fence_;
  Log& log_;
  HeldSecretsOptions options_;  // constant once Run has begun

  // Guarded by mutex_.
  Mutex mutex_;
  std::map<kube::ObjectKey, Instant> used_ CAPSTAN_GUARDED_BY(mutex_);  // written down, and when last used
  bool complained_ CAPSTAN_GUARDED_BY(mutex_) = false;
  bool searched_ CAPSTAN_GUARDED_BY(mutex_) = false;  // for what an older version left
};

}  // namespace capstan::managed
