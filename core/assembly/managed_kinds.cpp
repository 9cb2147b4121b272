#include <capstan/core/assembly/managed_kinds.hpp>

#include <algorithm>
#include <optional>

#include <capstan/core/assembly/operation_metrics.hpp>
#include <capstan/core/base/backoff.hpp>
#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/reconciler.hpp>
#include <capstan/core/runtime/fenced_transport.hpp>

namespace capstan::assembly {

// Wraps a ManagedReconciler. It is created immediately if the owner id is known, otherwise when the
// first object is reconciled: before that, the API server has not been contacted.
class ManagedKinds::KindReconciler final : public runtime::Reconciler {
 public:
  KindReconciler(ManagedKinds& kinds, external::Provider& provider, external::KindInfo info)
      : kinds_(kinds), provider_(provider), info_(std::move(info)) {
    if (!kinds.owner().empty()) Make(kinds.owner());
  }

  Result<runtime::Outcome> Reconcile(const runtime::Request& request, const Context& context) override {
    if (made() == nullptr) {
      CAPSTAN_TRY(const std::string owner, managed::ReadOwnerId(kinds_.parts_.client, context));
      Make(owner);
    }
    return made()->Reconcile(request, context);
  }
  void Forget(const kube::ObjectKey& key) override {
    if (managed::ManagedReconciler* const reconciler = made()) reconciler->Forget(key);
  }
  managed::ManagedReconciler* made() const CAPSTAN_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    return made_.get();
  }

 private:
  void Make(const std::string& owner) CAPSTAN_EXCLUDES(mutex_) {
    const ManagedKindsParts& parts = kinds_.parts_;
    managed::ManagedOptions options = kinds_.options_.managed;
    options.owner_id = owner;
    MutexLock lock(mutex_);
    if (made_) return;
    made_ = std::make_unique<managed::ManagedReconciler>(
        info_,
        managed::ManagedParts{parts.client, provider_, parts.scheduler, parts.random, parts.fence,
                              parts.events, kinds_.controller_log_, &parts.metrics, kinds_.held_.get(),
                              &kinds_.recorder_},
        std::move(options));
  }

  ManagedKinds& kinds_;
  external::Provider& provider_;
  const external::KindInfo info_;
  mutable Mutex mutex_;
  std::unique_ptr<managed::ManagedReconciler> made_ CAPSTAN_GUARDED_BY(mutex_);
};

// cloud_metrics.hpp explains the order.
ManagedKinds::ManagedKinds(ManagedKindsOptions options, const ManagedKindsParts& parts)
    : options_(std::move(options)),
      parts_(parts),
      controller_log_(parts.log, "controller"),
      cloud_log_(parts.log, "cloud"),
      measured_(MeasureClouds(parts.outside, parts.scheduler, parts.metrics)),
      fenced_(std::make_unique<runtime::FencedTransport>(*measured_, parts.fence, parts.scheduler)),
      cloud_(std::make_unique<http::QuotaTransport>(*fenced_, parts.scheduler)),
      quota_gauges_(*cloud_, parts.metrics),
      recorder_(parts.scheduler),
      connections_(parts.client, parts.scheduler, parts.random, controller_log_) {}

ManagedKinds::~ManagedKinds() = default;

void ManagedKinds::Add(std::unique_ptr<external::Provider> provider,
                       const std::vector<std::string>& alternative_hosts) {
  for (const external::Quota& quota : provider->manifest().quotas) {
    const http::QuotaHost known{quota.per_minute, quota.limit_header, quota.remaining_header,
                                quota.reset_header};
    cloud_->DeclareHost(quota.host, known);
    for (const std::string& host : alternative_hosts) cloud_->DeclareHost(host, known);
  }
  const auto& kinds = provider->manifest().kinds;
  options_.managed.sharing.insert(options_.managed.sharing.end(), kinds.begin(), kinds.end());
  providers_.push_back(MeasureOperations(std::move(provider), parts_.scheduler, parts_.metrics));
}

void ManagedKinds::HoldSecrets() {
  if (!options_.sweep_secrets) return;
  managed::HeldSecretsOptions settings;
  settings.operator_namespace = options_.managed.operator_namespace;
  settings.namespaces = options_.managed.namespaces;
  settings.kinds = options_.managed.sharing;
  settings.field_manager = options_.field_manager;
  held_ = std::make_unique<managed::HeldSecrets>(parts_.client, parts_.scheduler, undivided_fence(),
                                                 controller_log_, std::move(settings));
}

void ManagedKinds::AlsoUsedBy(external::KindInfo kind) {
  if (held_) held_->AlsoUsedBy(std::move(kind));
}

void ManagedKinds::AddControllers(const AddController& add) {
  HoldSecrets();
  bool connects = false, without_namespace = false;
  for (const auto& provider : providers_) {
    for (const external::KindInfo& info : provider->manifest().kinds) {
      runtime::ControllerOptions settings;
      settings.name = ToLower(info.kind);
      settings.workers = options_.workers;
      const kube::Kind kind = managed::KindOf(info);
      const auto reconciler = std::make_shared<KindReconciler>(*this, *provider, info);
      ReconcileNow reconcile_now = add(std::move(settings), kind, reconciler);
      if (info.connection_suffix.empty()) continue;
      connects = true;
      without_namespace = without_namespace || !kind.namespaced;
      connections_.Follow({kind, [reconciler] { return reconciler->made(); }, std::move(reconcile_now)});
    }
  }
  if (!connects || !options_.watch_connections) return;
  watched_namespaces_ = options_.managed.namespaces;
  if (watched_namespaces_.empty()) watched_namespaces_ = {""};
  // Secrets of cluster-scoped objects are in the operator's namespace.
  const std::string& own = options_.managed.operator_namespace;
  if (without_namespace && !watched_namespaces_.front().empty() &&
      std::find(watched_namespaces_.begin(), watched_namespaces_.end(), own) == watched_namespaces_.end())
    watched_namespaces_.push_back(own);
}

std::vector<ManagedKinds::Work> ManagedKinds::Tasks() {
  std::vector<Work> tasks;
  if (held_)
    tasks.emplace_back("credentials in use", [this](const Context& context) { held_->Run(context); });
  for (const std::string& name : watched_namespaces_) {
    tasks.emplace_back(StrCat("connection Secrets", name.empty() ? "" : " in ", name),
                       [this, name](const Context& context) { connections_.Run(name, context); });
  }
  if (options_.orphan_interval > Duration::zero() && options_.managed.namespaces.empty())
    tasks.emplace_back("orphans", [this](const Context& context) { WatchForOrphans(context); });
  return tasks;
}

void ManagedKinds::WatchForOrphans(const Context& context) {
  Backoff backoff({std::chrono::seconds(1), std::chrono::minutes(5)}, parts_.random);
  std::string owner = options_.managed.owner_id;
  while (owner.empty()) {
    if (auto read = managed::ReadOwnerId(parts_.client, context)) {
      owner = std::move(*read);
    } else if (parts_.scheduler.Sleep(backoff.Next(), context) == Woke::kStopped) {
      return;
    }
  }
  managed::OrphanSearch search{
      parts_.client, {}, owner, options_.managed.operator_namespace, options_.managed.environment};
  for (const auto& provider : providers_) search.providers.push_back(provider.get());
  OrphanWatchOptions settings;
  settings.interval = options_.orphan_interval;
  OrphanWatch(std::move(search), parts_.scheduler, undivided_fence(), cloud_log_, parts_.metrics, settings)
      .Run(context);
}

}  // namespace capstan::assembly
