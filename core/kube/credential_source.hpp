// Private to this folder: where credentials come from, and the cache that asks for them once for everybody.
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
  Instant good_until = kForever;  // ask again from then on
  bool keep_on_error = false;     // better an old one than none (token files)
};

// Asked by one caller at a time.
class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  virtual Result<Credential> Fetch(const Context& context) = 0;
  // Whether asking again may give another answer: false for what the kubeconfig holds itself.
  virtual bool renewable() const = 0;
};
std::unique_ptr<CredentialSource> MakeCredentialSource(const ClusterAccess& access, Files& files,
                                                       Process& process, const Clock& clock);

// Thread-safe. One Fetch at a time; the others wait for it.
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
  // The server refused credential `number`: another one, or nothing when there is none to be had.
  Result<std::optional<Numbered>> AfterRefusal(std::uint64_t number, const Context& context);

 private:
  Result<Numbered> Fetch(const Context& context);
  bool FreshLocked() const CAPSTAN_REQUIRES(mutex_);

  const std::unique_ptr<CredentialSource> source_;  // used by whoever set fetching_
  Scheduler& scheduler_;
  Log& log_;
  const std::string origin_;
  Mutex mutex_;
  Event fetched_;
  bool fetching_ CAPSTAN_GUARDED_BY(mutex_) = false;
  std::uint64_t attempts_ CAPSTAN_GUARDED_BY(mutex_) = 0;  // fetches that ended
  std::optional<Error> last_error_ CAPSTAN_GUARDED_BY(mutex_);
  bool refused_ CAPSTAN_GUARDED_BY(mutex_) = false;  // the server refused current_
  Instant good_until_ CAPSTAN_GUARDED_BY(mutex_){};
  Numbered current_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::kube
