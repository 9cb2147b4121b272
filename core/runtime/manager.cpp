#include <capstan/core/runtime/manager.hpp>

#include <capstan/core/base/text.hpp>

namespace capstan::runtime {
namespace {

// One series for each watch. To Prometheus a label that is missing and an empty one are the same.
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

Manager::Manager(Controller::Surroundings surroundings, ManagerOptions options)
    : surroundings_(surroundings), options_(std::move(options)) {}

Manager::~Manager() { Stop(Duration::zero()); }

Informer* Manager::AddInformer(const WatchTarget& target,
                               const std::map<std::string, IndexFunction>& indexes) {
  auto& informer = informers_[target];
  if (!informer) {
    informer =
        std::make_unique<Informer>(surroundings_.client, surroundings_.scheduler, surroundings_.random,
                                   surroundings_.log, InformerOptions{target, indexes, options_.watcher});
    if (started_) informer->Start();
  }
  return informer.get();
}

std::vector<Informer*> Manager::AddInformers(WatchTarget target,
                                             const std::map<std::string, IndexFunction>& indexes) {
  if (!target.kind.namespaced || options_.namespaces.empty()) return {AddInformer(target, indexes)};
  std::vector<Informer*> informers;
  for (const std::string& namespace_ : options_.namespaces) {
    target.namespace_ = namespace_;
    informers.push_back(AddInformer(target, indexes));
  }
  return informers;
}

std::vector<Informer*> Manager::AddInformer(const kube::Kind& kind, const std::string& label_selector,
                                            const std::map<std::string, IndexFunction>& indexes) {
  return AddInformers(WatchTarget{kind, "", label_selector, "", false}, indexes);
}

std::vector<Informer*> Manager::AddMetadataInformer(const kube::Kind& kind,
                                                    const std::string& label_selector) {
  return AddInformers(WatchTarget{kind, "", label_selector, "", true}, {});
}

Lister Manager::ListerOf(const kube::Kind& kind, const std::string& label_selector) {
  return Lister(AddInformer(kind, label_selector));
}

Controller& Manager::AddController(ControllerOptions options, const kube::Kind& kind, Reconciler& reconciler,
                                   const std::string& label_selector) {
  controllers_.push_back(std::make_unique<Controller>(
      std::move(options), kind, AddInformer(kind, label_selector), reconciler, surroundings_));
  return *controllers_.back();
}

Controller& Manager::AddMetadataController(ControllerOptions options, const kube::Kind& kind,
                                           Reconciler& reconciler) {
  controllers_.push_back(std::make_unique<Controller>(std::move(options), kind, AddMetadataInformer(kind),
                                                      reconciler, surroundings_));
  return *controllers_.back();
}

std::vector<Informer*> Manager::AllInformers() const {
  std::vector<Informer*> all;
  for (const auto& [target, informer] : informers_) all.push_back(informer.get());
  return all;
}

void Manager::Start() {
  started_ = true;
  for (const auto& controller : controllers_) controller->Start();
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

void Manager::Pause() {
  for (const auto& controller : controllers_) controller->Pause();
}

void Manager::Resume() {
  for (const auto& controller : controllers_) controller->Resume();
}

bool Manager::Stop(Duration grace) {
  for (const auto& controller : controllers_) controller->StopTaking();
  const Instant until = After(surroundings_.scheduler.Now(), grace);
  bool finished = true;
  for (const auto& controller : controllers_) {
    finished &= controller->Stop(std::max(Duration::zero(), until - surroundings_.scheduler.Now()));
  }
  // All are asked before any is waited for: each may have to come back from a read.
  for (Informer* informer : AllInformers()) informer->RequestStop();
  for (Informer* informer : AllInformers()) informer->Stop();
  started_ = false;
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
}

void Manager::CollectMetrics() {
  Metrics& metrics = surroundings_.metrics;
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
    metrics.gauge("capstan_watch_lists_total", "Lists begun, the first one included", labels)
        .Set(static_cast<double>(informer->status().lists));
  }
  for (const auto& controller : controllers_) controller->CollectMetrics();
}

}  // namespace capstan::runtime
