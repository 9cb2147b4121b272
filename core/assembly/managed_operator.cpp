#include <capstan/core/assembly/managed_operator.hpp>

#include <algorithm>
#include <utility>

#include <capstan/core/base/backoff.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/base/trouble_reports.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/reconciler.hpp>

namespace capstan::assembly {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

kube::ClientOptions ClientSettings(const std::string& server) {
  kube::ClientOptions settings;
  settings.server = server;
  return settings;
}

// What is known of a kind without its plugin: how its objects are served.
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
      metrics_(runtime::MakePrometheusMetrics()),
      measured_kubernetes_(MeasureKubernetes(parts.kubernetes, parts.scheduler, *metrics_)),
      kubernetes_(*measured_kubernetes_, parts.scheduler, parts.random),
      client_(kubernetes_, parts.scheduler, ClientSettings(options_.server)),
      events_(client_, parts.scheduler, parts.random, event_log_, {"capstan", options_.holder}),
      manager_({client_, parts.scheduler, parts.random, parts.log, *metrics_, parts.tracer},
               {options_.managed.namespaces}),
      unserved_({client_, parts.scheduler, parts.random, parts.log, *metrics_},
                {options_.managed.namespaces}) {
  MakeFence();
  MakeKinds();
}

ManagedOperator::~ManagedOperator() { Abandon(); }

void ManagedOperator::MakeFence() {
  if (options_.shards > 1) return MakeShards();
  if (!options_.leader_elect) {
    alone_ = std::make_unique<runtime::AlwaysLeader>(options_.holder);
    fence_ = alone_.get();
    if (options_.announce) {
      presence_ = std::make_unique<Presence>(
          client_, parts_.scheduler, parts_.random, lease_log_, events_,
          kube::ObjectKey{options_.managed.operator_namespace,
                          PresenceLeaseName(options_.lease_name, options_.managed.namespaces)},
          options_.holder);
    }
    return;
  }
  runtime::LeaseElectorOptions election;
  election.timing = options_.lease_timing;
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

void ManagedOperator::MakeShards() {
  shards::ShardManagersOptions managers;
  managers.shards = options_.shards;
  managers.manager.namespaces = options_.managed.namespaces;
  managers.on_first = [this](bool ours) {
    if (ours) {
      unserved_.Resume();
    } else {
      unserved_.Pause();
    }
  };
  shard_managers_ = std::make_unique<shards::ShardManagers>(
      runtime::Controller::Dependencies{client_, parts_.scheduler, parts_.random, parts_.log, *metrics_,
                                        parts_.tracer},
      std::move(managers));
  shards::CoordinatorOptions together;
  together.namespace_ = options_.managed.operator_namespace;
  together.group = options_.lease_name;
  together.shards = options_.shards;
  together.holder = options_.holder;
  std::vector<std::string> namespaces = options_.managed.namespaces;
  std::sort(namespaces.begin(), namespaces.end());
  together.scope = Join(namespaces, ",");
  together.on_part = [this](double part) { kinds_->SetPart(part); };
  coordinator_ = std::make_unique<shards::Coordinator>(client_, parts_.scheduler, parts_.random, lease_log_,
                                                       *metrics_, std::move(together), *shard_managers_);
  fence_ = coordinator_.get();
}

void ManagedOperator::MakeKinds() {
  ManagedKindsOptions options;
  options.workers = options_.workers;
  options.sweep_secrets = options_.sweep_secrets;
  options.watch_connections = options_.watch_connections;
  options.orphan_interval = options_.orphan_interval;
  options.managed = options_.managed;
  kinds_ = std::make_unique<ManagedKinds>(
      std::move(options),
      ManagedKindsParts{client_, parts_.scheduler, parts_.random, parts_.log, events_, *metrics_, *fence_,
                        parts_.cloud, coordinator_ ? &coordinator_->OfShard(0) : nullptr});
}

void ManagedOperator::Add(std::unique_ptr<external::Provider> provider,
                          const std::vector<std::string>& alternative_hosts) {
  kinds_->Add(std::move(provider), alternative_hosts);
}

Status ManagedOperator::Prepare(const Context& context) {
  CAPSTAN_TRY(std::string owner, WaitForOwnerId(context));
  kinds_->SetOwner(std::move(owner));
  MakeNamespace(context);
  if (presence_) CAPSTAN_RETURN_IF_ERROR(presence_->CheckAlone(context));
  if (options_.before_kinds) CAPSTAN_RETURN_IF_ERROR(options_.before_kinds(client_, context));
  AddKinds();
  return AddUnservedKinds(context);
}

void ManagedOperator::Start() {
  if (elector_ || coordinator_) {  // until we lead, or own the first shard
    manager_.Pause();
    unserved_.Pause();
  }
  manager_.Start();
  unserved_.Start();
  started_ = true;
  if (elector_) elector_->Start();
  if (coordinator_) coordinator_->Start();
  if (presence_) presence_->Start(*metrics_);
  for (auto& [name, work] : kinds_->Tasks()) tasks_.push_back(parts_.scheduler.Spawn(name, std::move(work)));
  parts_.log.Info("the operator is running",
                  {{"server", options_.server}, {"holder", options_.holder}, {"owner", owner()}});
}

const runtime::Lister* ManagedOperator::ListerOf(const kube::Kind& kind) const {
  const auto found = started_ ? listers_.find(kind) : listers_.end();
  return found == listers_.end() ? nullptr : &found->second;
}

std::vector<runtime::StoredObject> ManagedOperator::Cached(const kube::Kind& kind) const {
  if (shard_managers_) return shard_managers_->List(kind);
  const runtime::Lister* const lister = ListerOf(kind);
  return lister == nullptr ? std::vector<runtime::StoredObject>() : lister->List();
}

Result<std::optional<kube::Object>> ManagedOperator::Cached(const kube::Kind& kind,
                                                            const kube::ObjectKey& key) const {
  if (shard_managers_) return shard_managers_->Get(kind, key);
  const runtime::Lister* const lister = ListerOf(kind);
  return lister == nullptr ? Result<std::optional<kube::Object>>() : lister->Get(key);
}

bool ManagedOperator::Stop(Duration grace) {
  parts_.log.Info("stopping: running reconciles may finish");
  tasks_.clear();
  unserved_.Stop(Duration::zero());
  bool finished = manager_.Stop(grace);
  if (coordinator_) finished &= coordinator_->Stop(grace);
  if (!finished) parts_.log.Warning("a reconcile was cut short", {{"after", FormatDuration(grace)}});
  if (presence_) presence_->Stop();
  if (elector_) elector_->Stop();  // released last: nothing of ours runs any more
  return finished;
}

void ManagedOperator::Abandon() {
  tasks_.clear();
  presence_.reset();
  unserved_.Stop(Duration::zero());
  if (coordinator_) coordinator_->Abandon();
  manager_.Stop(Duration::zero());
  elector_.reset();  // the fence of everything above
}

void ManagedOperator::AddChecks(runtime::HealthChecks& checks) {
  if (elector_) checks.Add("lease", [this] { return elector_->Health(); });
  manager_.AddChecks(checks);
  if (!coordinator_) return;
  checks.Add("lease", [this] { return coordinator_->Health(); });
  shard_managers_->AddChecks(checks);
}

void ManagedOperator::CollectMetrics() {
  manager_.CollectMetrics();
  unserved_.CollectMetrics();
  if (shard_managers_) shard_managers_->CollectMetrics();
  kinds_->CollectMetrics();
}

// The first request to the API server: nothing can be done before it is answered.
Result<std::string> ManagedOperator::WaitForOwnerId(const Context& context) {
  // A server that starts up is noticed soon; one that refuses does so until a permission or a
  // webhook is changed.
  Backoff absent({seconds(1), seconds(15)}, parts_.random), refused({seconds(1), minutes(5)}, parts_.random);
  TroubleReports reports(minutes(1));
  for (;;) {
    auto owner = options_.managed.owner_id.empty() ? managed::ReadOwnerId(client_, context) : Probe(context);
    if (owner || owner.error().code == Code::kCancelled) return owner;
    if (reports.IsNews(owner.error(), parts_.scheduler.Now())) {
      parts_.log.Warning("waiting for the Kubernetes API",
                         {{"server", options_.server}, {"error", owner.error().message}});
    }
    const int status = owner.error().http_status;
    const bool refuses = status >= 400 && status < 500 && status != 429;
    const Duration rest = refuses ? refused.Next() : absent.Next();
    if (parts_.scheduler.Sleep(rest, context) == Woke::kStopped) return Fail(Code::kCancelled, "stopped");
  }
}

Result<std::string> ManagedOperator::Probe(const Context& context) {
  CAPSTAN_TRY(const std::string version, client_.GetPath("/version", context));
  (void)version;
  return options_.managed.owner_id;
}

// Leases and records need a namespace. If a manifest created it, as in deploy/, we need no
// permission to create it, and code that needs it and does not find it reports that.
void ManagedOperator::MakeNamespace(const Context& context) {
  const std::string& name = options_.managed.operator_namespace;
  auto metadata = json::MakeObject();
  metadata->set("name", name);
  auto made = json::MakeObject();
  made->set("apiVersion", std::string("v1"));
  made->set("kind", std::string("Namespace"));
  made->set("metadata", metadata);
  const auto created = client_.Create(kube::NamespaceKind(), "", json::ToText(made), context);
  if (created) {
    parts_.log.Info("created the operator's namespace", {{"namespace", name}});
    return;
  }
  if (created.error().code == Code::kAlreadyExists || context.stopped()) return;
  // Expected for an operator with minimal permissions.
  const LogLevel level = created.error().code == Code::kPermissionDenied ? LogLevel::kDebug : LogLevel::kInfo;
  parts_.log.Write(level, "did not create the operator's namespace: it has to be there already",
                   {{"namespace", name}, {"error", created.error().message}});
}

void ManagedOperator::AddKinds() {
  kinds_->AddControllers(
      [this](runtime::ControllerOptions settings, const kube::Kind& kind,
             std::shared_ptr<runtime::Reconciler> reconciler) -> ManagedKinds::ReconcileNow {
        if (shard_managers_)
          return shard_managers_->AddKind(std::move(settings), kind, std::move(reconciler));
        runtime::Controller& controller =
            manager_.AddController(std::move(settings), kind, std::move(reconciler));
        listers_.emplace(kind, manager_.ListerOf(kind));
        return [&controller](const kube::ObjectKey& object) { controller.Enqueue(object); };
      });
}

// Objects of a kind without a plugin get an Event, and never prevent the rest from working.
Status ManagedOperator::AddUnservedKinds(const Context& context) {
  std::vector<std::string> loaded;
  for (const auto& provider : kinds_->providers()) loaded.push_back(provider->manifest().name);
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
    kinds_->AlsoUsedBy(AsServed(kind.kind));
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
