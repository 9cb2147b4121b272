#include <capstan/core/runtime/manager.hpp>

#include <capstan/core/base/text.hpp>

namespace capstan::runtime {
namespace {

// One series per watch. Prometheus treats a missing label and an empty one alike.
MetricLabels LabelsOf(const WatchTarget& target) {
  MetricLabels labels = {{"resource", target.kind.resource()}, {"namespace", target.namespace_}};
  std::string selector = target.label_selector;
  if (!target.field_selector.empty())
    selector += StrCat(selector.empty() ? "" : " ", "fields:", target.field_selector);
  if (!selector.empty()) labels["selector"] = std::move(selector);
  if (target.metadata_only) labels["content"] = "metadata";
  return labels;
}

}  // namespace

Manager::Manager(Controller::Dependencies dependencies, ManagerOptions options)
    : watch_log_(dependencies.log, "watch"),
      controller_log_(dependencies.log, "controller"),
      dependencies_{dependencies.client, dependencies.scheduler, dependencies.random,
                    controller_log_,     dependencies.metrics,   dependencies.tracer},
      options_(std::move(options)),
      codecs_(options_.codecs ? options_.codecs : std::make_shared<Codecs>()) {}

Manager::~Manager() { Stop(Duration::zero()); }

Informer* Manager::AddInformer(const WatchTarget& target) {
  Informer* added = nullptr;
  {
    MutexLock lock(mutex_);
    auto& informer = informers_[target];
    if (informer) return informer.get();
    informer = std::make_unique<Informer>(
        dependencies_.client, dependencies_.scheduler, dependencies_.random, watch_log_,
        InformerOptions{target, {}, options_.watcher, codecs_->Of(target.kind, target.metadata_only)});
    added = informer.get();
  }
  if (phase_ == Phase::kStarted) added->Start();
  return added;
}

std::vector<Informer*> Manager::AddInformers(WatchTarget target) {
  if (!target.kind.namespaced || options_.namespaces.empty()) return {AddInformer(target)};
  std::vector<Informer*> informers;
  for (const std::string& namespace_ : options_.namespaces) {
    target.namespace_ = namespace_;
    informers.push_back(AddInformer(target));
  }
  return informers;
}

std::vector<Informer*> Manager::AddInformer(const kube::Kind& kind, const std::string& label_selector) {
  return AddInformers(WatchTarget{kind, "", label_selector, "", false});
}

std::vector<Informer*> Manager::AddMetadataInformer(const kube::Kind& kind,
                                                    const std::string& label_selector) {
  return AddInformers(WatchTarget{kind, "", label_selector, "", true});
}

Status Manager::AddIndex(const kube::Kind& kind, const std::string& name, const IndexFunction& function,
                         const std::string& label_selector) {
  for (Informer* informer : AddInformer(kind, label_selector)) {
    CAPSTAN_RETURN_IF_ERROR(informer->AddIndex(name, function));
  }
  return {};
}

Lister Manager::ListerOf(const kube::Kind& kind, const std::string& label_selector) {
  return Lister(AddInformer(kind, label_selector));
}

Controller& Manager::AddController(ControllerOptions options, const kube::Kind& kind,
                                   std::shared_ptr<Reconciler> reconciler,
                                   const std::string& label_selector) {
  return Add(std::make_unique<Controller>(std::move(options), kind, AddInformer(kind, label_selector),
                                          std::move(reconciler), dependencies_));
}

Controller& Manager::AddController(ControllerOptions options, const kube::Kind& kind,
                                   ReconcileFunction::Function reconcile, const std::string& label_selector) {
  return AddController(std::move(options), kind, std::make_shared<ReconcileFunction>(std::move(reconcile)),
                       label_selector);
}

Controller& Manager::AddMetadataController(ControllerOptions options, const kube::Kind& kind,
                                           std::shared_ptr<Reconciler> reconciler,
                                           const std::string& label_selector) {
  return Add(std::make_unique<Controller>(std::move(options), kind, AddMetadataInformer(kind, label_selector),
                                          std::move(reconciler), dependencies_));
}

Controller& Manager::Add(std::unique_ptr<Controller> controller) {
  Controller& added = *controller;
  {
    MutexLock lock(mutex_);
    controllers_.push_back(std::move(controller));
    if (paused_) added.Pause();
  }
  if (phase_ == Phase::kStarted) added.Start();
  return added;
}

std::vector<Informer*> Manager::AllInformers() const {
  MutexLock lock(mutex_);
  std::vector<Informer*> all;
  for (const auto& [target, informer] : informers_) all.push_back(informer.get());
  return all;
}

std::vector<Controller*> Manager::AllControllers() const {
  MutexLock lock(mutex_);
  std::vector<Controller*> all;
  for (const auto& controller : controllers_) all.push_back(controller.get());
  return all;
}

void Manager::Start() {
  if (phase_ != Phase::kNew) return;
  phase_ = Phase::kStarted;
  for (Controller* controller : AllControllers()) controller->Start();
  for (Informer* informer : AllInformers()) informer->Start();
}

Status Manager::WaitForSync(const Context& context) {
  for (Informer* informer : AllInformers()) CAPSTAN_RETURN_IF_ERROR(informer->WaitForSync(context));
  return {};
}

bool Manager::synced() const {
  for (const Informer* informer : AllInformers()) {
    if (!informer->synced()) return false;
  }
  return true;
}

// Under the lock, so that a controller that is being added misses neither Pause nor Resume.
void Manager::Pause() {
  MutexLock lock(mutex_);
  paused_ = true;
  for (const auto& controller : controllers_) controller->Pause();
}

void Manager::Resume() {
  MutexLock lock(mutex_);
  paused_ = false;
  for (const auto& controller : controllers_) controller->Resume();
}

bool Manager::Stop(Duration grace) {
  phase_ = Phase::kStopped;
  for (Controller* controller : AllControllers()) controller->StopTaking();
  const Instant until = After(dependencies_.scheduler.Now(), grace);
  bool finished = true;
  for (Controller* controller : AllControllers()) {
    finished &= controller->Stop(std::max(Duration::zero(), until - dependencies_.scheduler.Now()));
  }
  // Ask all informers before waiting for any: each may first have to return from a read.
  for (Informer* informer : AllInformers()) informer->RequestStop();
  for (Informer* informer : AllInformers()) informer->Stop();
  return finished;
}

void Manager::AddChecks(HealthChecks& checks) {
  checks.Add("caches", [this]() -> Status {
    for (const Informer* informer : AllInformers()) {
      if (!informer->synced()) {
        return Fail(Code::kUnavailable,
                    StrCat("the cache of ", informer->target().ToString(), " is not filled yet"));
      }
    }
    return {};
  });
  checks.Add("watches", [this]() -> Status {
    for (const Informer* informer : AllInformers()) {
      const auto silence = informer->silence();
      if (silence && *silence > options_.silence_limit) {
        return Fail(Code::kUnavailable, StrCat("nothing was heard of ", informer->target().ToString(),
                                               " for ", FormatDuration(*silence)));
      }
    }
    return {};
  });
  checks.Add("workers", [this]() -> Status {
    for (const Controller* controller : AllControllers()) CAPSTAN_RETURN_IF_ERROR(controller->Health());
    return {};
  });
}

FollowingCounter& Manager::ListsOf(const Informer* informer, const MetricLabels& labels) {
  MutexLock lock(mutex_);
  const auto found = lists_.find(informer);
  if (found != lists_.end()) return found->second;
  return lists_
      .try_emplace(informer, dependencies_.metrics.counter("capstan_watch_lists_total",
                                                           "Lists begun, the first one included", labels))
      .first->second;
}

void Manager::CollectMetrics() {
  Metrics& metrics = dependencies_.metrics;
  for (const Informer* informer : AllInformers()) {
    const MetricLabels labels = LabelsOf(informer->target());
    const StoreStats stats = informer->store().stats();
    metrics.gauge("capstan_cache_objects", "Objects in the cache", labels)
        .Set(static_cast<double>(stats.objects));
    metrics.gauge("capstan_cache_bytes", "Memory of the objects in the cache", labels)
        .Set(static_cast<double>(stats.object_bytes + stats.codec_bytes));
    metrics.gauge("capstan_cache_synced", "1 once the first list was complete", labels)
        .Set(informer->synced() ? 1 : 0);
    if (const auto silence = informer->silence()) {
      metrics
          .gauge("capstan_watch_last_sign_of_life_seconds",
                 "How long ago the server last said anything on this watch", labels)
          .Set(std::chrono::duration<double>(*silence).count());
    }
    ListsOf(informer, labels).Follow(static_cast<double>(informer->status().lists));
  }
  for (Controller* controller : AllControllers()) controller->CollectMetrics();
}

}  // namespace capstan::runtime
