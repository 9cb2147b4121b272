#include <capstan/core/operator/engine/described_controller.hpp>

#include <capstan/core/operator/engine/guarded.hpp>
#include <capstan/core/operator/engine/object_reconciler.hpp>

namespace capstan {
namespace {

// Deletions always pass: a function that learns of them only by its finalizer must run. So do
// changes for which the predicate throws.
runtime::Predicate ExceptDeletions(runtime::Predicate predicate, Log& log, const std::string& who) {
  return [predicate = std::move(predicate), &log, what = "When of " + who](const runtime::Change& change) {
    if (change.type == runtime::ChangeType::kDeleted || change.object.deleting()) return true;
    return Guarded(log, what, true, [&] { return predicate(change); });
  };
}

runtime::MapFunction Load(RelatedFunction related, runtime::Lister ours, Log& log, const std::string& who) {
  return [related = std::move(related), ours = std::move(ours), &log,
          what = "Watches of " + who](const runtime::Change& change) {
    const auto object = change.object.Load();
    if (!object) return std::vector<kube::ObjectKey>();
    return Guarded(log, what, std::vector<kube::ObjectKey>(), [&] { return related(*object, ours); });
  };
}

}  // namespace

DescribedController::DescribedController(runtime::Manager& manager, ControllerParts turn,
                                         Children::Names names, int workers)
    : manager_(manager), turn_(std::move(turn)), spec_(turn_.spec), names_(std::move(names)) {
  options_.name = spec_.name;
  options_.workers = spec_.workers > 0 ? spec_.workers : workers;
  options_.reconcile_timeout = spec_.timeout;
  // An error that only a change can fix waits for that change; ten hours covers any doubt.
  options_.refused_retry = std::chrono::hours(10);
  if (!spec_.status_changes)
    options_.filters.push_back(ExceptDeletions(runtime::IntentChanged(), turn_.log, spec_.name));
  for (const auto& predicate : spec_.when)
    options_.filters.push_back(ExceptDeletions(predicate, turn_.log, spec_.name));
}

runtime::Controller& DescribedController::AddToManager() {
  const bool metadata = spec_.content == Content::kMetadata;
  const runtime::Lister ours(metadata ? manager_.AddMetadataInformer(spec_.kind, spec_.selector)
                                      : manager_.AddInformer(spec_.kind, spec_.selector));
  turn_.listers.emplace(spec_.kind, ours);
  for (const kube::Kind& kind : spec_.owns) AddOwned(kind);
  for (const kube::Kind& kind : spec_.makes) AddMade(kind, ours);
  for (const auto& watched : spec_.watches) AddWatched(watched, ours);
  auto reconciler = std::make_shared<ObjectReconciler>(turn_);
  return metadata
             ? manager_.AddMetadataController(options_, spec_.kind, std::move(reconciler), spec_.selector)
             : manager_.AddController(options_, spec_.kind, std::move(reconciler), spec_.selector);
}

std::pair<DescribedController::Informers, std::shared_ptr<Children>> DescribedController::ChildrenOf(
    const kube::Kind& kind) {
  const std::string ours = "app.kubernetes.io/managed-by=" + names_.operator_name;
  const auto informers = manager_.AddInformer(kind, ours);
  (void)manager_.AddIndex(
      kind, kBelongsToIndex,
      [made_for = names_.made_for](const kube::Object& child) { return BelongsTo(child, made_for); }, ours);
  turn_.listers.emplace(kind, runtime::Lister(informers));
  return {informers, std::make_shared<Children>(turn_.client, kind, names_, informers)};
}

void DescribedController::AddOwned(const kube::Kind& kind) {
  auto [informers, children] = ChildrenOf(kind);
  options_.owns.insert(options_.owns.end(), informers.begin(), informers.end());
  turn_.owned.emplace(kind, std::move(children));
}

void DescribedController::AddMade(const kube::Kind& kind, const runtime::Lister& ours) {
  auto [informers, children] = ChildrenOf(kind);
  const auto parents = [kind = spec_.kind, mark = names_.made_for](const kube::Object& child,
                                                                   const runtime::Lister&) {
    const auto value = child.Annotation(mark);
    const auto key = value ? MadeForKey(kind, *value) : std::nullopt;
    return key ? std::vector<kube::ObjectKey>{*key} : std::vector<kube::ObjectKey>();
  };
  options_.watches.push_back({informers, Load(parents, ours, turn_.log, spec_.name)});
  turn_.made.emplace(kind, std::move(children));
}

void DescribedController::AddWatched(const ControllerSpec::Watched& watched, const runtime::Lister& ours) {
  const auto informers = watched.content == Content::kMetadata ? manager_.AddMetadataInformer(watched.kind)
                                                               : manager_.AddInformer(watched.kind);
  turn_.listers.insert_or_assign(watched.kind, runtime::Lister(informers));
  if (watched.related) {
    options_.watches.push_back({informers, Load(watched.related, ours, turn_.log, spec_.name)});
  } else {  // kinds that are only read must have synced as well
    options_.watches.push_back(
        {informers, [](const runtime::Change&) { return std::vector<kube::ObjectKey>(); }});
  }
}

}  // namespace capstan
