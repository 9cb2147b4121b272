#include <capstan/core/kube/access/cluster_connections.hpp>

#include <utility>

#include <capstan/core/base/text.hpp>

namespace capstan::kube {
namespace {

// Certificates are rotated long before the old ones expire. client-go checks every five minutes.
constexpr Duration kRotationPeriod = std::chrono::seconds(60);
// The other half of a half-written pair follows soon.
constexpr Duration kRetryPeriod = std::chrono::seconds(10);

TlsMaterial OwnOf(const ClusterAccess& access) {
  return {access.ca_pem, access.certificate_pem, access.key_pem};
}

}  // namespace

ClusterConnections::ClusterConnections(const ClusterAccess& access, TransportFactory factory, Files& files,
                                       Scheduler& scheduler, Log& log)
    : origin_(access.origin),
      factory_(std::move(factory)),
      files_(access, files),
      scheduler_(scheduler),
      log_(log),
      own_(OwnOf(access)) {
  if (files_.any()) {
    tending_ = scheduler_.Spawn("certificates", [this](const Context& context) { Tend(context); });
  }
}

bool ClusterConnections::MadeForLocked(const std::string& certificate) const {
  return transport_ && made_of_ == version_ && made_for_ == certificate;
}

Result<std::shared_ptr<RetirableTransport>> ClusterConnections::For(const Credential& credential) {
  TlsMaterial wanted;
  std::uint64_t version = 0;
  {
    MutexLock lock(mutex_);
    if (MadeForLocked(credential.certificate_pem)) return transport_;
    wanted = own_;
    version = version_;
  }
  if (!credential.certificate_pem.empty()) {
    wanted.certificate_pem = credential.certificate_pem;
    wanted.key_pem = credential.key_pem;
  }
  // Without the lock, because it parses keys.
  CAPSTAN_TRY(auto made, factory_(wanted));
  return Install(std::make_shared<RetirableTransport>(std::move(made)), version, credential.certificate_pem);
}

std::shared_ptr<RetirableTransport> ClusterConnections::Install(std::shared_ptr<RetirableTransport> made,
                                                                std::uint64_t version,
                                                                const std::string& certificate) {
  std::shared_ptr<RetirableTransport> old;
  {
    MutexLock lock(mutex_);
    if (version != version_) return made;               // overtaken: valid for this request only
    if (MadeForLocked(certificate)) return transport_;  // two threads created one concurrently
    made_of_ = version;
    made_for_ = certificate;
    old = std::exchange(transport_, made);
  }
  if (old) old->Retire();
  // the old one is released here, outside the lock, unless a request or stream still uses it
  return made;
}

void ClusterConnections::Tend(const Context& context) {
  Duration pause = kRotationPeriod;
  while (scheduler_.Sleep(pause, context) != Woke::kStopped) {
    LookAgain(context);
    MutexLock lock(mutex_);
    pause = last_logged_.empty() ? kRotationPeriod : kRetryPeriod;
  }
}

void ClusterConnections::LookAgain(const Context& context) {
  if (!files_.any()) return;
  {
    MutexLock lock(mutex_);
    if (looking_) {
      while (looking_ && scheduler_.Wait(looked_, lock, kForever, context) == Woke::kNotified) {
      }
      return;
    }
    looking_ = true;
  }
  Report(Look());
  MutexLock lock(mutex_);
  looking_ = false;
  scheduler_.Notify(looked_);
}

std::string ClusterConnections::Look() {
  TlsMaterial last;
  {
    MutexLock lock(mutex_);
    last = own_;
  }
  auto now = files_.Read(last);
  if (!now) return now.error().message;
  if (*now == last) return "";
  auto made = factory_(*now);
  if (!made) return StrCat(files_.names(), ": ", made.error().message);
  std::uint64_t version = 0;
  bool in_use = false;
  {
    MutexLock lock(mutex_);
    in_use = transport_ && made_for_.empty();
    own_ = std::move(*now);
    version = ++version_;
  }
  // If a plugin provides the certificate, the next request creates another transport from both.
  if (in_use) Install(std::make_shared<RetirableTransport>(std::move(*made)), version, "");
  log_.Info("renewed the certificates: new connections use them",
            {{"cluster", origin_}, {"files", files_.names()}});
  return "";
}

void ClusterConnections::Report(const std::string& trouble) {
  bool news = false;
  {
    MutexLock lock(mutex_);
    news = !trouble.empty() && trouble != last_logged_;
    last_logged_ = trouble;
  }
  if (!news) return;
  log_.Warning("cannot renew the certificates: the old ones stay in use",
               {{"cluster", origin_}, {"error", trouble}});
}

}  // namespace capstan::kube
