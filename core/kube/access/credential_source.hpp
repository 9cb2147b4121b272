// Private to core/kube: where credentials come from, and the cache that asks for them once for all
// callers.
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
  Instant good_until = kForever;   // ask again from then on
  Instant lapses = kForever;       // of no use from then on; until then better than none when asking fails
  bool keep_when_refused = false;  // the same even when the server refused it (token files)
  std::string instead_of;          // why this one and not the one asked for, for the log; mostly ""
};

// Asked by one caller at a time.
class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  virtual Result<Credential> Fetch(const Context& context) = 0;
  // Whether asking again may give another answer: false for what the kubeconfig holds itself.
  virtual bool renewable() const = 0;
  // Whether asking costs so much that failures and refusals must not each ask again: programs, not
  // files.
  virtual bool costly() const { return false; }
};
// Whether the credentials come from the exec plugin: kubectl prefers a token or password given
// next to it.
bool UsesPlugin(const ClusterAccess& access);
std::unique_ptr<CredentialSource> MakeCredentialSource(const ClusterAccess& access, Files& files,
                                                       Process& process, const Clock& clock);

// Thread-safe. One Fetch at a time; the others wait for it. When a costly source is due while its
// credential has not lapsed nobody waits: a task of the cache's own asks, for a minute at most.
class CredentialCache {
 public:
  CredentialCache(std::unique_ptr<CredentialSource> source, Scheduler& scheduler, Log& log,
                  std::string origin);
  // The present credential, fetched when there is none or it is due. Its number tells two apart.
  struct Numbered {
    std::shared_ptr<const Credential> credential;
    std::uint64_t number = 0;
  };
  Result<Numbered> Get(const Context& context);
  // The server refused credential `number`: another one, or nothing when there is none to be had. A
  // costly source is asked at once, then, as long as the server goes on refusing, after 5, 10, 20,
  // ... 60 seconds.
  Result<std::optional<Numbered>> AfterRefusal(std::uint64_t number, const Context& context);
  // The server took credential `number`: its next refusal is news.
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
  std::uint64_t attempts_ CAPSTAN_GUARDED_BY(mutex_) = 0;  // fetches that ended
  std::optional<Error> last_error_ CAPSTAN_GUARDED_BY(mutex_);
  int troubles_ CAPSTAN_GUARDED_BY(mutex_) = 0;      // failures and refusals since the last acceptance
  Instant not_before_ CAPSTAN_GUARDED_BY(mutex_){};  // a costly source is not asked for their sake before
  bool refused_ CAPSTAN_GUARDED_BY(mutex_) = false;  // the server refused current_
  Instant good_until_ CAPSTAN_GUARDED_BY(mutex_){};
  Numbered current_ CAPSTAN_GUARDED_BY(mutex_);
  Event due_;
  bool renewal_wanted_ CAPSTAN_GUARDED_BY(mutex_) = false;

  Task tending_;  // last: it uses all of the above
};

}  // namespace capstan::kube
