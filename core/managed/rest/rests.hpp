// Private to core/managed. Rests remembers which objects are at rest, and what they were like when
// everything was read afresh last: then a look needs nothing of Kubernetes. Forgetting it costs a
// few requests, never correctness: nothing is made, changed or removed on its word.
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

// uid and resourceVersion of an object of Kubernetes; empty: there is none.
using ExactVersion = std::string;

// What a reconcile that read everything afresh, and had nothing to do, had seen.
struct Rest {
  ExactVersion object;
  std::string id;                           // of the cloud object
  std::string seen;                         // DigestOf what the cloud showed
  kube::ObjectKey credentials, connection;  // the Secrets; no name: there is none
  ExactVersion credentials_version, connection_version;
  bool holds_credentials = false;  // the Secret is in use: not by an object that only refers to something
  std::weak_ptr<SharedCloud> cloud;
  Instant whole_due{};  // when everything is read afresh whatever the list says
  Instant check_due{};  // when the Secrets are looked at
  Duration check_every{};
  // How a watch saw the connection Secret last, when that is not connection_version; empty: it is
  // gone.
  std::optional<ExactVersion> connection_now;
  std::optional<Instant> woken;  // when such a sight last led to a reconcile
};

class Rests {
 public:
  // The object came to rest. Its Secrets are read as rarely as before if it is unchanged.
  void Note(const kube::ObjectKey& key, Rest rest, const ManagedOptions& options, Instant now);
  std::optional<Rest> Of(const kube::ObjectKey& key) const;
  // Its Secrets were looked at, and are as they were.
  void Checked(const kube::ObjectKey& key, const ManagedOptions& options, Instant now);
  void Forget(const kube::ObjectKey& key);

  // A watch saw the connection Secret of an object; `version` empty: it is gone. True when the
  // object rests, that is not how it was left, and it is worth a look now: an edit wakes at once,
  // the next one within a minute of it waits for the next look, so that nobody can be fought with.
  bool ConnectionSeen(const kube::ObjectKey& key, const kube::ObjectKey& secret, const ExactVersion& version,
                      Instant now);
  // The same after a list of all of them in a namespace (empty: everywhere): who is worth a look.
  std::vector<kube::ObjectKey> ConnectionsListed(const std::string& namespace_,
                                                 const std::map<kube::ObjectKey, ExactVersion>& versions,
                                                 Instant now);
  // Whether a watch saw the object's connection Secret otherwise than it was left.
  bool ConnectionChanged(const kube::ObjectKey& key) const;

  // A credentials Secret was read. One reading serves all objects that name it.
  void SecretSeen(const kube::ObjectKey& secret, const ExactVersion& version, Instant now);
  struct SecretSeenLast {
    ExactVersion version;
    Instant at{};
  };
  std::optional<SecretSeenLast> LastSeen(const kube::ObjectKey& secret) const;

 private:
  static constexpr std::size_t kSecrets = 4096;  // the longest unseen goes first
  static bool Wakes(Rest& rest, const ExactVersion& version, Instant now);

  // Guarded by mutex_.
  mutable Mutex mutex_;
  std::map<kube::ObjectKey, Rest> rests_ CAPSTAN_GUARDED_BY(mutex_);
  std::map<kube::ObjectKey, SecretSeenLast> secrets_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::managed
