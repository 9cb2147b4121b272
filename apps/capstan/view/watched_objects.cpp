#include <capstan/apps/capstan/view/watched_objects.hpp>

#include <algorithm>
#include <tuple>
#include <utility>

#include <capstan/core/managed/reconciler.hpp>

namespace capstan::app {

namespace {

runtime::ManagerOptions Where(const std::string& namespace_) {
  runtime::ManagerOptions options;
  if (!namespace_.empty()) options.namespaces = {namespace_};
  return options;
}

}  // namespace

WatchedObjects::WatchedObjects(Session& session, std::vector<const ServedKind*> kinds,
                               const std::string& namespace_)
    : kinds_(std::move(kinds)),
      metrics_(runtime::MakeSilentMetrics()),
      manager_(std::make_unique<runtime::Manager>(
          runtime::Controller::Dependencies{session.client(), session.scheduler(), session.random(),
                                            session.log(), *metrics_},
          Where(namespace_))) {
  for (const ServedKind* kind : kinds_) (void)manager_->AddInformer(managed::KindOf(kind->info));
  manager_->Start();
}

WatchedObjects::~WatchedObjects() { manager_->Stop(Duration::zero()); }

Status WatchedObjects::WaitForSync(const Context& context) { return manager_->WaitForSync(context); }

std::vector<ObjectView> WatchedObjects::All() const {
  std::vector<ObjectView> views;
  for (const ServedKind* kind : kinds_) {
    for (const auto& stored : manager_->ListerOf(managed::KindOf(kind->info)).List()) {
      if (const auto object = stored.Load()) views.push_back(ViewOf(kind->info, *object));
    }
  }
  std::sort(views.begin(), views.end(), [](const ObjectView& a, const ObjectView& b) {
    return std::tie(a.key.namespace_, a.kind, a.key.name) < std::tie(b.key.namespace_, b.kind, b.key.name);
  });
  return views;
}

std::optional<ObjectView> WatchedObjects::One(const ServedKind& kind, const kube::ObjectKey& key) const {
  const auto object = manager_->ListerOf(managed::KindOf(kind.info)).Get(key);
  if (!object || !*object) return std::nullopt;
  return ViewOf(kind.info, **object);
}

}  // namespace capstan::app
