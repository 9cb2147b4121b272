#include <capstan/core/shards/shard_managers.hpp>

#include <algorithm>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/shards/placement.hpp>
#include <capstan/core/shards/shard_reconciler.hpp>

namespace capstan::shards {

ShardManagers::ShardManagers(runtime::Controller::Dependencies dependencies, ShardManagersOptions options)
    : dependencies_(dependencies), options_(std::move(options)) {
  options_.manager.codecs = std::make_shared<runtime::Codecs>();
}

ShardManagers::~ShardManagers() = default;

std::function<void(const kube::ObjectKey&)> ShardManagers::AddKind(
    runtime::ControllerOptions options, const kube::Kind& kind,
    std::shared_ptr<runtime::Reconciler> reconciler) {
  // A member owns a few shards, and the workers of all of them add up: to twice its share if all
  // members are alive.
  options.workers = std::max(1, (2 * options.workers + options_.shards - 1) / options_.shards);
  const std::size_t index = kinds_.size();
  kinds_.push_back({std::move(options), kind, std::move(reconciler)});
  return [this, index](const kube::ObjectKey& key) { ReconcileNow(index, key); };
}

std::string ShardManagers::ControllerName(const KindOfOurs& kind, int shard) const {
  return StrCat(kind.options.name, "-shard-", shard);
}

std::string ShardManagers::LabellerName(const KindOfOurs& kind) const {
  return kind.options.name + "-labels";
}

std::unique_ptr<ShardManagers::Work> ShardManagers::Make(int shard) {
  auto work = std::make_unique<Work>();
  work->manager = std::make_unique<runtime::Manager>(dependencies_, options_.manager);
  if (shard == 0) work->strays = std::make_unique<runtime::Manager>(dependencies_, options_.manager);
  for (const KindOfOurs& kind : kinds_) {
    runtime::ControllerOptions options = kind.options;
    options.name = ControllerName(kind, shard);
    work->controllers.push_back(&work->manager->AddController(
        std::move(options), kind.kind,
        std::make_shared<ShardReconciler>(dependencies_.client, kind.kind, options_.shards, shard,
                                          kind.reconciler),
        ShardSelector(options_.shards, shard)));
    if (!work->strays) continue;
    runtime::ControllerOptions labels;
    labels.name = LabellerName(kind);
    work->strays->AddMetadataController(
        std::move(labels), kind.kind,
        std::make_shared<StrayReconciler>(dependencies_.client, kind.kind, options_.shards),
        StraySelector(options_.shards));
  }
  return work;
}

void ShardManagers::Start(int shard) {
  auto work = Make(shard);
  work->manager->Start();
  if (work->strays) work->strays->Start();
  {
    MutexLock lock(mutex_);
    running_[shard] = std::move(work);
  }
  if (shard == 0 && options_.on_first) options_.on_first(true);
}

void ShardManagers::Pause(int shard) {
  {
    MutexLock lock(mutex_);
    const auto found = running_.find(shard);
    if (found == running_.end()) return;
    found->second->manager->Pause();
    if (found->second->strays) found->second->strays->Pause();
  }
  if (shard == 0 && options_.on_first) options_.on_first(false);
}

bool ShardManagers::Stop(int shard, Duration grace) {
  std::unique_ptr<Work> work;
  {
    MutexLock lock(mutex_);
    const auto found = running_.find(shard);
    if (found == running_.end()) return true;
    work = std::move(found->second);
    running_.erase(found);
  }
  if (shard == 0 && options_.on_first) options_.on_first(false);
  if (work->strays) work->strays->Stop(Duration::zero());
  const bool finished = work->manager->Stop(grace);
  for (const KindOfOurs& kind : kinds_) {
    for (const runtime::Informer* informer :
         work->manager->AddInformer(kind.kind, ShardSelector(options_.shards, shard))) {
      for (const auto& object : informer->store().Snapshot()) kind.reconciler->Forget(object.key());
    }
  }
  work.reset();
  EndSeries(shard);
  return finished;
}

// Ends the series of a shard that is gone: otherwise a cache that another process has now would be
// counted twice.
void ShardManagers::EndSeries(int shard) {
  runtime::Metrics& metrics = dependencies_.metrics;
  const auto of_controller = [&](const std::string& name) {
    metrics.EndSeries("controller", name);
    metrics.EndSeries("name", name);
  };
  for (const KindOfOurs& kind : kinds_) {
    of_controller(ControllerName(kind, shard));
    if (shard == 0) of_controller(LabellerName(kind));
  }
  metrics.EndSeries("selector", ShardSelector(options_.shards, shard));
  if (shard == 0) metrics.EndSeries("selector", StraySelector(options_.shards));
}

void ShardManagers::ReconcileNow(std::size_t kind, const kube::ObjectKey& key) {
  MutexLock lock(mutex_);
  for (const auto& [shard, work] : running_) {
    for (const runtime::Informer* informer :
         work->manager->AddInformer(kinds_[kind].kind, ShardSelector(options_.shards, shard))) {
      if (informer->store().Find(key)) work->controllers[kind]->Enqueue(key);
    }
  }
}

void ShardManagers::AddChecks(runtime::HealthChecks& checks) {
  checks.Add("shards", [this]() -> Status {
    MutexLock lock(mutex_);
    for (const auto& [shard, work] : running_) {
      runtime::HealthChecks own;
      work->manager->AddChecks(own);
      const auto report = own.Run(false);
      if (report.healthy) continue;
      const std::string text = report.text.substr(report.text.find("[-]"));
      return Fail(Code::kUnavailable, StrCat("shard ", ShardLabel(options_.shards, shard), ": ",
                                             text.substr(0, text.find('\n'))));
    }
    return {};
  });
}

void ShardManagers::CollectMetrics() {
  MutexLock lock(mutex_);
  for (const auto& [shard, work] : running_) {
    work->manager->CollectMetrics();
    if (work->strays) work->strays->CollectMetrics();
  }
}

std::vector<runtime::Informer*> ShardManagers::Informers(const kube::Kind& kind) const {
  std::vector<runtime::Informer*> all;
  for (const auto& [shard, work] : running_) {
    for (runtime::Informer* informer :
         work->manager->AddInformer(kind, ShardSelector(options_.shards, shard)))
      all.push_back(informer);
  }
  return all;
}

std::vector<runtime::StoredObject> ShardManagers::List(const kube::Kind& kind) const {
  MutexLock lock(mutex_);
  return runtime::Lister(Informers(kind)).List();
}

Result<std::optional<kube::Object>> ShardManagers::Get(const kube::Kind& kind,
                                                       const kube::ObjectKey& key) const {
  MutexLock lock(mutex_);
  return runtime::Lister(Informers(kind)).Get(key);
}

bool ShardManagers::synced() const {
  MutexLock lock(mutex_);
  return std::all_of(running_.begin(), running_.end(),
                     [](const auto& running) { return running.second->manager->synced(); });
}

}  // namespace capstan::shards
