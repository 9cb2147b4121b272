#include <capstan/core/operator/running_operator.hpp>

#include <algorithm>
#include <exception>
#include <set>
#include <utility>

#include <capstan/core/assembly/cloud_metrics.hpp>
#include <capstan/core/assembly/presence.hpp>
#include <capstan/core/base/backoff.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/operator/engine/object_reconciler.hpp>

namespace capstan {
namespace {

kube::ClientOptions ClientSettings(const Operator& description, const OperatorParts& parts) {
  kube::ClientOptions settings;
  settings.server = parts.server;
  settings.field_manager = description.options().name;
  return settings;
}

// What an author's function returns; where it throws, the log says so and `otherwise` holds. Such
// functions look at changes on the way into the cache, where an exception would end the process.
template <class Result, class Function>
Result Guarded(Log& log, const std::string& what, Result otherwise, const Function& call) {
  std::string why = "something that is not a std::exception";
  try {
    return call();
  } catch (const std::exception& exception) {
    why = exception.what();
  } catch (...) {
  }
  log.Error("a function of the operator threw", {{"function", what}, {"error", why}});
  return otherwise;
}

// Deletions always count: what would hear of them only by its finalizer must. So does what the
// predicate throws at.
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

RelatedFunction ByIndex(std::string index) {
  return [index = std::move(index)](const kube::Object& changed, const runtime::Lister& ours) {
    std::vector<kube::ObjectKey> keys;
    const auto found = ours.ListByIndex(index, changed.key().ToString());
    for (const auto& one : found ? *found : std::vector<runtime::StoredObject>()) keys.push_back(one.key());
    return keys;
  };
}

// Objects that lost their labels while no operator ran carry its finalizer and are in no cache of
// it. Looks for them once, by a list of metadata that is not kept.
class RunningOperator::LostObjects {
 public:
  LostObjects(RunningOperator& owner, const ControllerSpec& spec, std::string finalizer,
              runtime::Controller& controller)
      : owner_(owner), spec_(spec), finalizer_(std::move(finalizer)), controller_(controller) {}

  void Start() {
    task_ = owner_.parts_.scheduler.Spawn("lost objects of " + spec_.name,
                                          [this](const Context& context) { Run(context); });
  }

 private:
  void Run(const Context& context) {
    Backoff backoff({std::chrono::seconds(1), std::chrono::minutes(5)}, owner_.parts_.random);
    while (!context.stopped()) {
      if (Look(context)) return;
      if (owner_.parts_.scheduler.Sleep(backoff.Next(), context) == Woke::kStopped) return;
    }
  }

  Status Look(const Context& context) {
    std::vector<std::string> namespaces = owner_.description_.options().namespaces;
    if (namespaces.empty() || !spec_.kind.namespaced) namespaces = {""};
    for (const std::string& namespace_ : namespaces) {
      kube::ListOptions options;
      do {
        const auto item = [this](std::string_view json) -> Status {
          CAPSTAN_TRY(const kube::Object object, kube::Object::Parse(std::string(json)));
          if (object.HasFinalizer(finalizer_)) controller_.Enqueue(object.key());
          return {};
        };
        CAPSTAN_TRY(const auto head,
                    owner_.client_.ListMetadata(spec_.kind, namespace_, options, item, context));
        options.continue_token = head.continue_token;
      } while (!options.continue_token.empty());
    }
    return {};
  }

  RunningOperator& owner_;
  const ControllerSpec& spec_;
  const std::string finalizer_;
  runtime::Controller& controller_;
  Task task_;
};

RunningOperator::RunningOperator(const Operator& description, const OperatorParts& parts)
    : description_(description),
      parts_(parts),
      metrics_(runtime::MakePrometheusMetrics()),
      measured_(assembly::MeasureKubernetes(parts.kubernetes, parts.scheduler, *metrics_)),
      retrying_(*measured_, parts.scheduler, parts.random),
      client_(retrying_, parts.scheduler, ClientSettings(description, parts)),
      events_(client_, parts.scheduler, parts.random, parts.log, {description.options().name, parts.holder}),
      alone_(parts.holder),
      manager_({client_, parts.scheduler, parts.random, parts.log, *metrics_, parts.tracer},
               {description.options().namespaces}) {
  AddIndexes();
  for (const ControllerSpec* spec : description.controllers()) AddDescribed(*spec);
  if (description.options().leader_elect) {
    Elect();
  } else if (parts.announce) {
    Announce();
  }
  for (const auto& extend : description.extensions()) extend(*this);
}

RunningOperator::~RunningOperator() {
  lost_.clear();
  tasks_.clear();
  (void)manager_.Stop(Duration::zero());  // before the fence that its reconcilers ask
}

void RunningOperator::AddIndexes() {
  for (const Operator::IndexSpec& index : description_.indexes()) {
    std::set<std::string> selectors;
    for (const ControllerSpec* spec : description_.controllers()) {
      if (spec->kind == index.kind && spec->content == Content::kWhole) selectors.insert(spec->selector);
      for (const auto& watched : spec->watches) {
        if (watched.kind == index.kind && watched.content == Content::kWhole) selectors.insert("");
      }
    }
    const auto values = [&log = parts_.log, of = index.values,
                         what = "Index " + index.name](const kube::Object& object) {
      return Guarded(log, what, std::vector<std::string>(), [&] { return of(object); });
    };
    for (const std::string& selector : selectors) {
      if (const Status added = manager_.AddIndex(index.kind, index.name, values, selector); !added)
        parts_.log.Error("cannot add an index", {{"index", index.name}, {"error", added.error().message}});
    }
  }
}

void RunningOperator::AddDescribed(const ControllerSpec& spec) {
  const std::string managed = "app.kubernetes.io/managed-by=" + description_.options().name;
  const std::string domain = description_.domain();
  const Children::Names names{description_.options().name, domain + "/applied", domain + "/made-for"};
  ControllerParts turn{spec,
                       domain + "/" + spec.name,
                       client_,
                       parts_.outside,
                       parts_.scheduler,
                       parts_.log,
                       events_,
                       {},
                       {},
                       {},
                       std::make_shared<DroppedFields>()};
  runtime::ControllerOptions options;
  options.name = spec.name;
  options.workers = spec.workers > 0 ? spec.workers : description_.options().workers;
  options.reconcile_timeout = spec.timeout;
  // What only a change mends waits for it; ten hours is how long no doubt lasts.
  options.refused_retry = std::chrono::hours(10);
  if (!spec.status_changes)
    options.filters.push_back(ExceptDeletions(runtime::IntentChanged(), parts_.log, spec.name));
  for (const auto& predicate : spec.when)
    options.filters.push_back(ExceptDeletions(predicate, parts_.log, spec.name));

  const bool metadata = spec.content == Content::kMetadata;
  const auto primary = metadata ? manager_.AddMetadataInformer(spec.kind, spec.selector)
                                : manager_.AddInformer(spec.kind, spec.selector);
  const runtime::Lister ours(primary);
  turn.listers.emplace(spec.kind, ours);
  const auto children = [&](const kube::Kind& kind) {
    const auto informers = manager_.AddInformer(kind, managed);
    (void)manager_.AddIndex(
        kind, kBelongsToIndex,
        [made_for = names.made_for](const kube::Object& child) { return BelongsTo(child, made_for); },
        managed);
    turn.listers.emplace(kind, runtime::Lister(informers));
    return std::make_pair(informers, std::make_shared<Children>(client_, kind, names, informers));
  };
  for (const kube::Kind& kind : spec.owns) {
    auto [informers, made] = children(kind);
    options.owns.insert(options.owns.end(), informers.begin(), informers.end());
    turn.owned.emplace(kind, std::move(made));
  }
  for (const kube::Kind& kind : spec.makes) {
    auto [informers, made] = children(kind);
    const auto parents = [kind = spec.kind, mark = names.made_for](const kube::Object& child,
                                                                   const runtime::Lister&) {
      const auto value = child.Annotation(mark);
      const auto key = value ? MadeForKey(kind, *value) : std::nullopt;
      return key ? std::vector<kube::ObjectKey>{*key} : std::vector<kube::ObjectKey>();
    };
    options.watches.push_back({informers, Load(parents, ours, parts_.log, spec.name)});
    turn.made.emplace(kind, std::move(made));
  }
  for (const auto& watched : spec.watches) {
    const auto informers = watched.content == Content::kMetadata ? manager_.AddMetadataInformer(watched.kind)
                                                                 : manager_.AddInformer(watched.kind);
    turn.listers.insert_or_assign(watched.kind, runtime::Lister(informers));
    if (watched.related)
      options.watches.push_back({informers, Load(watched.related, ours, parts_.log, spec.name)});
    // What is only read is waited for as well.
    if (!watched.related)
      options.watches.push_back(
          {informers, [](const runtime::Change&) { return std::vector<kube::ObjectKey>(); }});
  }
  auto reconciler = std::make_shared<ObjectReconciler>(turn);
  runtime::Controller& controller =
      metadata ? manager_.AddMetadataController(options, spec.kind, std::move(reconciler), spec.selector)
               : manager_.AddController(options, spec.kind, std::move(reconciler), spec.selector);
  controllers_.push_back(&controller);
  if (spec.cleanup && !spec.selector.empty())
    lost_.push_back(std::make_unique<LostObjects>(*this, spec, turn.finalizer, controller));
}

runtime::Controller& RunningOperator::AddController(runtime::ControllerOptions options,
                                                    const kube::Kind& kind,
                                                    std::shared_ptr<runtime::Reconciler> reconciler) {
  runtime::Controller& controller = manager_.AddController(std::move(options), kind, std::move(reconciler));
  controllers_.push_back(&controller);
  return controller;
}

void RunningOperator::AddTask(std::string name, std::function<void(const Context&)> work) {
  work_.emplace_back(std::move(name), std::move(work));
}

void RunningOperator::Elect() {
  runtime::LeaseElectorOptions election;
  election.lease = {parts_.lease_namespace, description_.options().name};
  election.identity = parts_.holder;
  election.on_started = [this] { manager_.Resume(); };
  election.on_stopped = [this] { manager_.Pause(); };
  elector_ = std::make_unique<runtime::LeaseElector>(client_, parts_.scheduler, parts_.random, parts_.log,
                                                     *metrics_, std::move(election));
}

void RunningOperator::Announce() {
  presence_ = std::make_unique<assembly::Presence>(
      client_, parts_.scheduler, parts_.random, parts_.log, events_,
      kube::ObjectKey{parts_.lease_namespace, assembly::PresenceLeaseName(description_.options().name,
                                                                          description_.options().namespaces)},
      parts_.holder);
}

Status RunningOperator::CheckAlone(const Context& context) {
  return presence_ ? presence_->CheckAlone(context) : Status();
}

void RunningOperator::CollectMetrics() {
  manager_.CollectMetrics();
  for (const auto& collect : collect_) collect();
}

void RunningOperator::Start() {
  if (elector_) manager_.Pause();  // until we lead
  manager_.Start();
  for (const auto& lost : lost_) lost->Start();
  for (const auto& [name, work] : work_) tasks_.push_back(parts_.scheduler.Spawn(name, work));
  if (elector_) elector_->Start();
  if (presence_) presence_->Start(*metrics_);
}

bool RunningOperator::Stop(Duration grace) {
  lost_.clear();
  const bool finished = manager_.Stop(grace);
  tasks_.clear();
  if (presence_) presence_->Stop();
  if (elector_) elector_->Stop();  // released only now: nothing of ours runs any more
  return finished;
}

void RunningOperator::AddChecks(runtime::HealthChecks& checks) {
  manager_.AddChecks(checks);
  if (elector_) checks.Add("lease", [this] { return elector_->Health(); });
}

runtime::Fence& RunningOperator::fence() {
  if (elector_) return *elector_;
  return alone_;
}

bool RunningOperator::idle() const {
  return std::all_of(controllers_.begin(), controllers_.end(), [](const runtime::Controller* controller) {
    const auto stats = controller->queue().stats();
    return controller->active_workers() == 0 && stats.ready == 0 && stats.held == 0;
  });
}

}  // namespace capstan
