// Private to this folder: the transport to a cluster for the current certificates. It is recreated
// when they change, because an exec plugin returned new ones or because their files changed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/kube/access/credential_source.hpp>
#include <capstan/core/kube/access/retirable_transport.hpp>
#include <capstan/core/kube/access/tls_files.hpp>
#include <capstan/core/kube/credentials.hpp>

namespace capstan::kube {

// Thread-safe. Callers must not hold a Mutex. All references must outlive it.
//
// A task reads the files every minute, and on demand. New contents take effect once they were read
// completely and a transport could be created from them; until then the old ones stay in use, the
// log reports the problem once, and the files are read again after ten seconds. The replaced
// transport retires.
class ClusterConnections {
 public:
  ClusterConnections(const ClusterAccess& access, TransportFactory factory, Files& files,
                     Scheduler& scheduler, Log& log);
  // The transport for this credential. Errors: those of the factory.
  Result<std::shared_ptr<RetirableTransport>> For(const Credential& credential) CAPSTAN_EXCLUDES(mutex_);
  // Reads the files now: one caller reads, concurrent callers wait for it. No effect without files.
  void LookAgain(const Context& context) CAPSTAN_EXCLUDES(mutex_);

 private:
  void Tend(const Context& context);
  // The problem with the files; "" if their contents are in use.
  std::string Look() CAPSTAN_EXCLUDES(mutex_);
  void Report(const std::string& trouble) CAPSTAN_EXCLUDES(mutex_);
  bool MadeForLocked(const std::string& certificate) const CAPSTAN_REQUIRES(mutex_);
  std::shared_ptr<RetirableTransport> Install(std::shared_ptr<RetirableTransport> made, std::uint64_t version,
                                              const std::string& certificate) CAPSTAN_EXCLUDES(mutex_);

  // Constant after construction.
  const std::string origin_;
  const TransportFactory factory_;
  const TlsFiles files_;
  Scheduler& scheduler_;
  Log& log_;

  // Guarded by mutex_.
  Mutex mutex_;
  Event looked_;
  bool looking_ CAPSTAN_GUARDED_BY(mutex_) = false;
  std::string last_logged_ CAPSTAN_GUARDED_BY(mutex_);    // the problem that was logged last
  TlsMaterial own_ CAPSTAN_GUARDED_BY(mutex_);            // of the kubeconfig
  std::uint64_t version_ CAPSTAN_GUARDED_BY(mutex_) = 1;  // of own_
  std::shared_ptr<RetirableTransport> transport_ CAPSTAN_GUARDED_BY(mutex_);
  std::uint64_t made_of_ CAPSTAN_GUARDED_BY(mutex_) = 0;  // version of own_ in transport_ ...
  // ... and the plugin's certificate, "" for the kubeconfig's
  std::string made_for_ CAPSTAN_GUARDED_BY(mutex_);

  Task tending_;  // last: uses all of the above
};

}  // namespace capstan::kube
