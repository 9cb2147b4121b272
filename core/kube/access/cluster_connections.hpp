// Private to this folder: the transport to a cluster, made for the certificates that count now, and
// made again when they change: because an exec plugin gave others, or because the files they came
// from did.
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

// Thread-safe. Callers hold no Mutex. All references must outlive it.
//
// Files are read every minute by a task of its own, and on demand. What they hold counts
// once it was read whole and a transport could be made of it; until then the old counts, the log
// says so once, and the next look is after ten seconds. The transport that is replaced retires.
class ClusterConnections {
 public:
  ClusterConnections(const ClusterAccess& access, TransportFactory factory, Files& files,
                     Scheduler& scheduler, Log& log);
  // The transport for this credential. Errors: those of the factory.
  Result<std::shared_ptr<RetirableTransport>> For(const Credential& credential) CAPSTAN_EXCLUDES(mutex_);
  // Reads the files now: one of us does, the others wait for it. No effect without files.
  void LookAgain(const Context& context) CAPSTAN_EXCLUDES(mutex_);

 private:
  void Tend(const Context& context);
  // What is wrong with the files; "" when what they hold counts.
  std::string Look() CAPSTAN_EXCLUDES(mutex_);
  void Tell(const std::string& trouble) CAPSTAN_EXCLUDES(mutex_);
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
  std::string told_ CAPSTAN_GUARDED_BY(mutex_);           // the trouble that the log knows of
  TlsMaterial own_ CAPSTAN_GUARDED_BY(mutex_);            // of the kubeconfig
  std::uint64_t version_ CAPSTAN_GUARDED_BY(mutex_) = 1;  // of own_
  std::shared_ptr<RetirableTransport> transport_ CAPSTAN_GUARDED_BY(mutex_);
  std::uint64_t made_of_ CAPSTAN_GUARDED_BY(mutex_) = 0;  // version of own_ in transport_ ...
  std::string made_for_ CAPSTAN_GUARDED_BY(mutex_);       // ... and the plugin's certificate, "" for our own

  Task tending_;  // last: it uses all of the above
};

}  // namespace capstan::kube
