#include <capstan/core/operator/running_operator.hpp>

#include <algorithm>
#include <set>
#include <utility>

#include <capstan/core/assembly/cloud_metrics.hpp>
#include <capstan/core/assembly/presence.hpp>
#include <capstan/core/base/backoff.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/operator/engine/described_controller.hpp>
#include <capstan/core/operator/engine/guarded.hpp>

namespace capstan {
namespace {

kube::ClientOptions ClientSettings(const Operator& description, const OperatorParts& parts) {
  kube::ClientOptions settings;
  settings.server = parts.server;
  settings.field_manager = description.options().name;
  return settings;
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

// Objects that lost their labels while no operator ran still carry its finalizer but are in none of
// its caches. Finds them once, with a list of metadata that is not cached.
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
  (void)manager_.Stop(Duration::zero());  // before the fence that its reconcilers use
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
  const std::string domain = description_.domain(), finalizer = domain + "/" + spec.name;
  ControllerParts turn{spec, finalizer, client_, parts_.outside, parts_.scheduler, parts_.log, events_,
                       {},   {},        {}};
  DescribedController described(manager_, std::move(turn),
                                {description_.options().name, domain + "/applied", domain + "/made-for"},
                                description_.options().workers);
  runtime::Controller& controller = described.AddToManager();
  controllers_.push_back(&controller);
  if (spec.cleanup && !spec.selector.empty())
    lost_.push_back(std::make_unique<LostObjects>(*this, spec, finalizer, controller));
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
  if (elector_) elector_->Stop();  // released last: nothing of ours runs any more
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
