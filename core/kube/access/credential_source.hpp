// Private to core/kube: sources of credentials, and a cache that fetches them once for all callers.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/log.hpp>
#include <capstan/core/base/process.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/base/secret.hpp>
#include <capstan/core/kube/cluster_access.hpp>

namespace capstan::kube {

struct Credential {
  std::string authorization_scheme;  // "Bearer", "Basic"; empty: no Authorization header
  Secret authorization;              // what follows the scheme
  std::string certificate_pem;       // client certificate of an exec plugin; empty: that of the kubeconfig
  Secret key_pem;
  Instant good_until = kForever;   // fetch again from then on
  Instant lapses = kForever;       // unusable from then on; until then a fallback if the fetch fails
  bool keep_when_refused = false;  // the same, even after the server refused it (token files)
  std::string instead_of;          // for the log: why this credential and not the requested one; usually ""
};

// Called by one thread at a time.
class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  virtual Result<Credential> Fetch(const Context& context) = 0;
  // Whether another fetch can return a different credential: false for credentials inside the
  // kubeconfig itself.
  virtual bool renewable() const = 0;
  // Whether a fetch is so expensive that failures and refusals must not trigger one each: true for
  // programs, false for files.
  virtual bool costly() const { return false; }
};
// Whether the exec plugin provides the credentials: like kubectl, we prefer a token or password
// that is configured next to it.
bool UsesPlugin(const ClusterAccess& access);
std::unique_ptr<CredentialSource> MakeCredentialSource(const ClusterAccess& access, Files& files,
                                                       Process& process, const Clock& clock);

// Thread-safe. One Fetch at a time; concurrent callers wait for it. If a costly source must be
// refreshed while its credential has not lapsed, no caller waits: a task of the cache fetches, for
// at most a minute.
class CredentialCache {
 public:
  CredentialCache(std::unique_ptr<CredentialSource> source, Scheduler& scheduler, Log& log,
                  std::string origin);
  // The current credential; fetched if there is none or a refresh is due. The number identifies it.
  struct Numbered {
    std::shared_ptr<const Credential> credential;
    std::uint64_t number = 0;
  };
  Result<Numbered> Get(const Context& context);
  // Call when the server refused credential `number`. Returns another one, or nothing if none is
  // available. A costly source is asked immediately and then, while the server keeps refusing,
  // after 5, 10, 20, ... 60 seconds.
  Result<std::optional<Numbered>> AfterRefusal(std::uint64_t number, const Context& context);
  // Call when the server accepted credential `number`: its next refusal counts as the first.
  void AfterAcceptance(std::uint64_t number);

 private:
  void Tend(const Context& context) CAPSTAN_EXCLUDES(mutex_);
  Result<Numbered> Fetch(const Context& context);
  Result<Numbered> KeepLocked(const Error& error) CAPSTAN_REQUIRES(mutex_);
  bool FreshLocked() const CAPSTAN_REQUIRES(mutex_);
  bool UsableLocked() const CAPSTAN_REQUIRES(mutex_);
  void BackOffLocked() CAPSTAN_REQUIRES(mutex_);

  // Constant after construction.
  const std::unique_ptr<CredentialSource> source_;  // used by the thread that set fetching_
  Scheduler& scheduler_;
  Log& log_;
  const std::string origin_;

  // Guarded by mutex_.
  Mutex mutex_;
  Event fetched_;
  bool fetching_ CAPSTAN_GUARDED_BY(mutex_) = false;
  std::uint64_t attempts_ CAPSTAN_GUARDED_BY(mutex_) = 0;  // completed fetches
  std::optional<Error> last_error_ CAPSTAN_GUARDED_BY(mutex_);
  int troubles_ CAPSTAN_GUARDED_BY(mutex_) = 0;  // failures and refusals since the last acceptance
  // no fetch from a costly source for them before this time
  Instant not_before_ CAPSTAN_GUARDED_BY(mutex_){};
  bool refused_ CAPSTAN_GUARDED_BY(mutex_) = false;  // the server refused current_
  Instant good_until_ CAPSTAN_GUARDED_BY(mutex_){};
  Numbered current_ CAPSTAN_GUARDED_BY(mutex_);
  Event due_;
  bool renewal_wanted_ CAPSTAN_GUARDED_BY(mutex_) = false;

  Task tending_;  // last: uses all of the above
};

}  // namespace capstan::kube
