#include <capstan/core/assembly/managed_operator.hpp>

#include <algorithm>
#include <utility>

#include <capstan/core/assembly/operation_metrics.hpp>
#include <capstan/core/base/backoff.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/runtime/fenced_transport.hpp>

namespace capstan::assembly {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

kube::ClientOptions ClientSettings(const std::string& server) {
  kube::ClientOptions settings;
  settings.server = server;
  return settings;
}

// What is known of a kind without its plugin: where its objects are.
external::KindInfo AsServed(const kube::Kind& kind) {
  external::KindInfo info;
  info.group = kind.group;
  info.version = kind.version;
  info.kind = kind.kind;
  info.plural = kind.plural;
  info.namespaced = kind.namespaced;
  return info;
}

}  // namespace

ManagedOperator::ManagedOperator(ManagedOperatorOptions options, const ManagedOperatorParts& parts)
    : options_(std::move(options)),
      parts_(parts),
      event_log_(parts.log, "events"),
      lease_log_(parts.log, "lease"),
      controller_log_(parts.log, "controller"),
      cloud_log_(parts.log, "cloud"),
      metrics_(runtime::MakePrometheusMetrics()),
      measured_kubernetes_(MeasureKubernetes(parts.kubernetes, parts.scheduler, *metrics_)),
      kubernetes_(*measured_kubernetes_, parts.scheduler, parts.random),
      client_(kubernetes_, parts.scheduler, ClientSettings(options_.server)),
      events_(client_, parts.scheduler, parts.random, event_log_, {"capstan", options_.holder}),
      recorder_(parts.scheduler),
      manager_({client_, parts.scheduler, parts.random, parts.log, *metrics_, parts.tracer},
               {options_.managed.namespaces}),
      unserved_({client_, parts.scheduler, parts.random, parts.log, *metrics_},
                {options_.managed.namespaces}) {
  MakeFence();
  // The order is explained in cloud_metrics.hpp.
  measured_cloud_ = MeasureClouds(parts.cloud, parts.scheduler, *metrics_);
  fenced_cloud_ = std::make_unique<runtime::FencedTransport>(*measured_cloud_, *fence_, parts.scheduler);
  cloud_ = std::make_unique<http::QuotaTransport>(*fenced_cloud_, parts.scheduler);
  quota_gauges_ = std::make_unique<QuotaGauges>(*cloud_, *metrics_);
}

ManagedOperator::~ManagedOperator() { Abandon(); }

void ManagedOperator::MakeFence() {
  if (!options_.leader_elect) {
    alone_ = std::make_unique<runtime::AlwaysLeader>(options_.holder);
    fence_ = alone_.get();
    if (options_.announce) {
      presence_ = std::make_unique<Presence>(
          client_, parts_.scheduler, parts_.random, lease_log_, events_,
          kube::ObjectKey{options_.managed.operator_namespace, PresenceName()}, options_.holder);
    }
    return;
  }
  runtime::LeaseElectorOptions election;
  election.lease = {options_.managed.operator_namespace, options_.lease_name};
  election.identity = options_.holder;
  election.on_started = [this] {
    manager_.Resume();
    unserved_.Resume();
  };
  election.on_stopped = [this] {
    manager_.Pause();
    unserved_.Pause();
  };
  elector_ = std::make_unique<runtime::LeaseElector>(client_, parts_.scheduler, parts_.random, lease_log_,
                                                     *metrics_, std::move(election));
  fence_ = elector_.get();
}

// Operators of different namespaces do not meet.
std::string ManagedOperator::PresenceName() const {
  std::vector<std::string> names = options_.managed.namespaces;
  if (names.empty()) return options_.lease_name;
  std::sort(names.begin(), names.end());
  const std::string digest = Secret(Join(names, ",")).Fingerprint();
  return StrCat(options_.lease_name, "-", digest.substr(digest.find(':') + 1));
}

void ManagedOperator::HoldSecrets() {
  if (!options_.sweep_secrets) return;
  managed::HeldSecretsOptions settings;
  settings.operator_namespace = options_.managed.operator_namespace;
  settings.namespaces = options_.managed.namespaces;
  settings.kinds = options_.managed.sharing;
  held_ = std::make_unique<managed::HeldSecrets>(client_, parts_.scheduler, *fence_, controller_log_,
                                                 std::move(settings));
}

void ManagedOperator::Add(std::unique_ptr<external::Provider> provider,
                          const std::vector<std::string>& stand_ins) {
  for (const external::Quota& quota : provider->manifest().quotas) {
    const http::QuotaHost known{quota.per_minute, quota.limit_header, quota.remaining_header,
                                quota.reset_header};
    cloud_->Know(quota.host, known);
    for (const std::string& host : stand_ins) cloud_->Know(host, known);
  }
  const auto& kinds = provider->manifest().kinds;
  options_.managed.sharing.insert(options_.managed.sharing.end(), kinds.begin(), kinds.end());
  providers_.push_back(MeasureOperations(std::move(provider), parts_.scheduler, *metrics_));
}

Status ManagedOperator::Prepare(const Context& context) {
  CAPSTAN_TRY(options_.managed.owner_id, WaitForOwnerId(context));
  MakeNamespace(context);
  if (presence_) CAPSTAN_RETURN_IF_ERROR(presence_->CheckAlone(context));
  HoldSecrets();
  if (options_.before_kinds) CAPSTAN_RETURN_IF_ERROR(options_.before_kinds(client_, context));
  for (auto& provider : providers_) AddKinds(*provider);
  return AddUnservedKinds(context);
}

void ManagedOperator::Start() {
  if (elector_) {  // until we lead
    manager_.Pause();
    unserved_.Pause();
  }
  manager_.Start();
  unserved_.Start();
  started_ = true;
  if (elector_) elector_->Start();
  if (presence_) presence_->Start(*metrics_);
  if (held_) {
    sweeping_ =
        parts_.scheduler.Spawn("credentials in use", [this](const Context& context) { held_->Run(context); });
  }
  WatchForOrphans();
  parts_.log.Info("the operator is running",
                  {{"server", options_.server}, {"holder", options_.holder}, {"owner", owner()}});
}

// An operator of some namespaces cannot tell what belongs to objects of the others.
void ManagedOperator::WatchForOrphans() {
  if (options_.orphan_interval <= Duration::zero() || !options_.managed.namespaces.empty()) return;
  managed::OrphanSearch search{
      client_, {}, owner(), options_.managed.operator_namespace, options_.managed.environment};
  for (const auto& provider : providers_) search.providers.push_back(provider.get());
  OrphanWatchOptions settings;
  settings.interval = options_.orphan_interval;
  orphans_ = std::make_unique<OrphanWatch>(std::move(search), parts_.scheduler, *fence_, cloud_log_,
                                           *metrics_, settings);
  looking_ = parts_.scheduler.Spawn("orphans", [this](const Context& context) { orphans_->Run(context); });
}

const runtime::Lister* ManagedOperator::ListerOf(const kube::Kind& kind) const {
  if (!started_) return nullptr;
  const auto found = listers_.find(kind);
  return found == listers_.end() ? nullptr : &found->second;
}

bool ManagedOperator::Stop(Duration grace) {
  parts_.log.Info("stopping: running reconciles may finish");
  looking_ = Task();
  unserved_.Stop(Duration::zero());
  const bool finished = manager_.Stop(grace);
  if (!finished) parts_.log.Warning("a reconcile was cut short", {{"after", FormatDuration(grace)}});
  sweeping_ = Task();
  if (presence_) presence_->Stop();
  if (elector_) elector_->Stop();  // released only now: nothing of ours runs any more
  return finished;
}

void ManagedOperator::Abandon() {
  looking_ = Task();
  sweeping_ = Task();
  presence_.reset();
  unserved_.Stop(Duration::zero());
  manager_.Stop(Duration::zero());
  elector_.reset();  // the fence of all that ran until now
}

void ManagedOperator::AddChecks(runtime::HealthChecks& checks) {
  if (elector_) checks.Add("lease", [this] { return elector_->Health(); });
  manager_.AddChecks(checks);
}

void ManagedOperator::CollectMetrics() {
  manager_.CollectMetrics();
  unserved_.CollectMetrics();
  quota_gauges_->Collect();
}

// The first question to the API server: until it is answered there is nothing to do.
Result<std::string> ManagedOperator::WaitForOwnerId(const Context& context) {
  Backoff backoff({seconds(1), seconds(15)}, parts_.random);
  Instant told{};
  for (;;) {
    auto owner = options_.managed.owner_id.empty() ? managed::ReadOwnerId(client_, context) : Probe(context);
    if (owner || owner.error().code == Code::kCancelled) return owner;
    if (told == Instant{} || parts_.scheduler.Now() >= told + minutes(1)) {
      told = parts_.scheduler.Now();
      parts_.log.Warning("waiting for the Kubernetes API",
                         {{"server", options_.server}, {"error", owner.error().message}});
    }
    if (parts_.scheduler.Sleep(backoff.Next(), context) == Woke::kStopped)
      return Fail(Code::kCancelled, "stopped");
  }
}

Result<std::string> ManagedOperator::Probe(const Context& context) {
  CAPSTAN_TRY(const std::string version, client_.GetPath("/version", context));
  (void)version;
  return options_.managed.owner_id;
}

// Leases and records need a place. Where it was made by a manifest, as in deploy/, we need not be
// able to make it, and what needs it and does not find it says so.
void ManagedOperator::MakeNamespace(const Context& context) {
  const std::string& name = options_.managed.operator_namespace;
  auto metadata = json::MakeObject();
  metadata->set("name", name);
  auto made = json::MakeObject();
  made->set("apiVersion", std::string("v1"));
  made->set("kind", std::string("Namespace"));
  made->set("metadata", metadata);
  if (client_.Create(kube::NamespaceKind(), "", json::ToText(made), context))
    parts_.log.Info("created the operator's namespace", {{"namespace", name}});
}

void ManagedOperator::AddKinds(external::Provider& provider) {
  for (const external::KindInfo& info : provider.manifest().kinds) {
    runtime::ControllerOptions controller;
    controller.name = ToLower(info.kind);
    controller.workers = options_.workers;
    manager_.AddController(
        controller, managed::KindOf(info),
        std::make_unique<managed::ManagedReconciler>(
            info,
            managed::ManagedParts{client_, provider, parts_.scheduler, parts_.random, *fence_, events_,
                                  controller_log_, &*metrics_, held_.get(), &recorder_},
            options_.managed));
    listers_.emplace(managed::KindOf(info), manager_.ListerOf(managed::KindOf(info)));
  }
}

// What no plugin serves gets an event, and never keeps the rest from working.
Status ManagedOperator::AddUnservedKinds(const Context& context) {
  std::vector<std::string> loaded;
  for (const auto& provider : providers_) loaded.push_back(provider->manifest().name);
  auto found = FindUnservedKinds(client_, loaded, context);
  if (!found) {
    if (found.error().code == Code::kCancelled) return Fail(found.error());
    parts_.log.Warning(
        "cannot look for kinds whose plugin is missing: let the operator list "
        "CustomResourceDefinitions",
        {{"error", found.error().message}});
    return {};
  }
  for (const UnservedKind& kind : *found) {
    if (held_) held_->AlsoUsedBy(AsServed(kind.kind));
    parts_.log.Warning("a kind is not served: its plugin is not loaded",
                       {{"kind", kind.kind.resource()}, {"plugin", kind.plugin}});
    metrics_
        ->gauge("capstan_unserved_kinds", "Kinds whose plugin is not loaded",
                {{"plugin", kind.plugin}, {"resource", kind.kind.resource()}})
        .Set(1);
    runtime::ControllerOptions controller;
    controller.name = "unserved-" + ToLower(kind.kind.kind);
    controller.workers = 1;
    unserved_.AddMetadataController(controller, kind.kind,
                                    std::make_unique<UnservedReconciler>(kind, options_.plugin_dir, events_));
  }
  return {};
}

}  // namespace capstan::assembly
