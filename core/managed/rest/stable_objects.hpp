// Private to core/managed. Rests remembers which objects are at rest (stable, with nothing to do)
// and their state when everything was last read: such an object can then be observed without any
// request to Kubernetes. Losing its contents costs a few requests, never correctness: nothing is
// created, changed or removed because of it.
//
// Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/core/external/external.hpp>
#include <capstan/core/kube/kind.hpp>
#include <capstan/core/managed/memory/shared_cloud.hpp>
#include <capstan/core/managed/options.hpp>

namespace capstan::managed {

// uid and resourceVersion of a Kubernetes object; empty: it does not exist.
using ExactVersion = std::string;

// What a reconcile that read everything and had nothing to do observed.
struct StableState {
  ExactVersion object;
  std::string id;                           // of the cloud object
  std::string seen;                         // DigestOf the observed cloud object
  kube::ObjectKey credentials, connection;  // the Secrets; an empty name: none
  ExactVersion credentials_version, connection_version;
  // The Secret is in use; false for an object that is only a reference.
  bool holds_credentials = false;
  std::weak_ptr<SharedCloud> cloud;
  Instant whole_due{};  // when everything is read again, whatever the list says
  Instant check_due{};  // when the Secrets are read
  Duration check_every{};
  // The last version of the connection Secret that a watch observed, if it is not
  // connection_version; empty: the Secret is gone.
  std::optional<ExactVersion> connection_now;
  std::optional<Instant> woken;  // when an observation of it last caused a reconcile
};

class StableObjects {
 public:
  // The object is at rest. If it is unchanged, its Secrets continue to be read as rarely as before.
  void Note(const kube::ObjectKey& key, StableState rest, const ManagedOptions& options, Instant now);
  std::optional<StableState> Of(const kube::ObjectKey& key) const;
  // Its Secrets were read and are unchanged.
  void Checked(const kube::ObjectKey& key, const ManagedOptions& options, Instant now);
  void Forget(const kube::ObjectKey& key);

  // A watch observed the connection Secret of an object; `version` empty: it is gone. True if the
  // object is at rest, the Secret differs from how we left it, and a reconcile is due: an edit
  // wakes the object immediately, another one within a minute waits for the next look, so that the
  // operator never fights with another writer.
  bool ConnectionSeen(const kube::ObjectKey& key, const kube::ObjectKey& secret, const ExactVersion& version,
                      Instant now);
  // The same after a list of all connection Secrets in a namespace (empty: everywhere). Returns the
  // objects to reconcile.
  std::vector<kube::ObjectKey> ConnectionsListed(const std::string& namespace_,
                                                 const std::map<kube::ObjectKey, ExactVersion>& versions,
                                                 Instant now);
  // Whether a watch observed a connection Secret that differs from how we left it.
  bool ConnectionChanged(const kube::ObjectKey& key) const;

  // A credentials Secret was read. One read serves all objects that name it.
  void SecretSeen(const kube::ObjectKey& secret, const ExactVersion& version, Instant now);
  struct SecretSeenLast {
    ExactVersion version;
    Instant at{};
  };
  std::optional<SecretSeenLast> LastSeen(const kube::ObjectKey& secret) const;

 private:
  static constexpr std::size_t kSecrets = 4096;  // the one read longest ago is evicted first
  static bool NeedsReconcile(StableState& rest, const ExactVersion& version, Instant now);

  // Guarded by mutex_.
  mutable Mutex mutex_;
  std::map<kube::ObjectKey, StableState> states_ CAPSTAN_GUARDED_BY(mutex_);
  std::map<kube::ObjectKey, SecretSeenLast> secrets_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::managed
