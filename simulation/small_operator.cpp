#include <capstan/simulation/small_operator.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/http/forwarding_transport.hpp>
#include <capstan/core/http/retrying.hpp>
#include <capstan/core/kube/conditions.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/runtime/fenced_transport.hpp>
#include <capstan/core/runtime/finalizer.hpp>
#include <capstan/core/runtime/lease_elector.hpp>
#include <capstan/core/runtime/manager.hpp>
#include <capstan/core/runtime/metrics.hpp>
#include <capstan/simulation/engine/machine.hpp>
#include <capstan/simulation/scenario_parts.hpp>

namespace capstan::simulation {
namespace {

constexpr auto kListed = std::chrono::seconds(10);  // by then a list includes a new box
constexpr auto kSoon = std::chrono::seconds(5);
constexpr auto kLater = std::chrono::minutes(1);

class SmallReconciler final : public runtime::Reconciler {
 public:
  SmallReconciler(kube::Client& client, kube::Kind kind, std::unique_ptr<external::External> cloud,
                  Scheduler& scheduler, const runtime::Fence& fence, std::string owner, Precaution left_out)
      : client_(client),
        kind_(std::move(kind)),
        cloud_(std::move(cloud)),
        scheduler_(scheduler),
        fence_(fence),
        owner_(std::move(owner)),
        left_out_(left_out) {}

  Result<runtime::Outcome> Reconcile(const runtime::Request& request, const Context& context) override {
    if (Lacks(Precaution::kFenceAtEachEffect) && !fence_.HeldUntil(scheduler_.Now()))
      return runtime::Outcome{kSoon, ""};  // checks the fence only once
    if (Lacks(Precaution::kEventsAreKept) && scheduler_.Now() < due_[request.key]) return runtime::Outcome{};
    auto outcome = Step(request, context);
    if (!outcome && Lacks(Precaution::kRefusalsAreRetried) && outcome.error().http_status >= 400 &&
        outcome.error().http_status < 500)
      return runtime::Outcome{};  // "only the user can fix it"
    if (outcome && Lacks(Precaution::kReadYourWrites)) outcome->wrote.clear();
    if (outcome && outcome->requeue_after)
      due_[request.key] = After(scheduler_.Now(), *outcome->requeue_after);
    return outcome;
  }

 private:
  bool Lacks(Precaution precaution) const { return left_out_ == precaution; }
  bool FromCache() const {
    return Lacks(Precaution::kReadYourWrites) || Lacks(Precaution::kFreshRead) ||
           Lacks(Precaution::kFreshFinalizer);
  }
  static std::string IdOf(const kube::Object& object) {
    return object.StringAt("/status/external/id").value_or("");
  }
  external::Identity IdentityOf(const kube::Object& object) const {
    return {managed::kIdentityPrefix + object.uid(), owner_, "", ""};
  }
  static std::string DesiredOf(const kube::Object& object) {
    return StrCat(R"({"name":")", object.key().name, R"(","spec":)", object.ValueAt("/spec").value_or("{}"),
                  "}");
  }

  Result<std::optional<kube::Object>> Read(const runtime::Request& request, const Context& context) {
    if (FromCache()) return request.cached;
    auto object = client_.Get(kind_, request.key, context);
    if (object) return std::optional<kube::Object>(std::move(*object));
    if (object.error().code == Code::kNotFound) return std::optional<kube::Object>();
    return Fail(object.error());
  }

  Result<runtime::Outcome> Step(const runtime::Request& request, const Context& context) {
    CAPSTAN_TRY(const auto object, Read(request, context));
    if (!object) return runtime::Outcome{};
    if (object->deleting()) return Remove(*object, context);
    if (!object->HasFinalizer(managed::kFinalizer)) {
      CAPSTAN_TRY(const auto held,
                  runtime::AddFinalizer(client_, kind_, *object, managed::kFinalizer, context));
      return runtime::Outcome{std::nullopt, held.resource_version()};
    }
    if (IdOf(*object).empty()) return Make(*object, context);
    return Keep(*object, context);
  }

  // How long a list may still lack a requested box.
  std::optional<Duration> Doubt(const kube::Object& object) const {
    const auto asked = asked_.find(object.uid());
    if (asked == asked_.end() || scheduler_.Now() >= asked->second + kListed) return std::nullopt;
    return asked->second + kListed - scheduler_.Now();
  }

  Result<runtime::Outcome> Make(const kube::Object& object, const Context& context) {
    // With a recorded id there is no need to wait for lists.
    if (!FromCache()) {
      if (const auto doubt = Doubt(object)) return runtime::Outcome{*doubt, ""};
    }
    CAPSTAN_TRY(const auto found, cloud_->Find(IdentityOf(object), DesiredOf(object), context));
    const auto ours = std::find_if(found.begin(), found.end(), [&](const external::Observed& one) {
      return one.identity == IdentityOf(object).tag;
    });
    if (ours != found.end()) return Record(object, ours->id, context);
    asked_[object.uid()] = scheduler_.Now();
    const external::Outcome made = cloud_->Create(IdentityOf(object), DesiredOf(object), Short(context));
    if (made.verdict != external::Verdict::kDone) return Failed(made);
    return Record(object, made.id, context);
  }

  Result<runtime::Outcome> Keep(const kube::Object& object, const Context& context) {
    CAPSTAN_TRY(const auto observed, cloud_->Get(IdOf(object), context));
    if (!observed) return runtime::Outcome{kSoon, ""};
    CAPSTAN_TRY(const auto plan, cloud_->MakePlan(DesiredOf(object), *observed));
    for (const external::Step& step : plan.steps) {
      const external::Outcome done = cloud_->Apply(observed->id, step, IdentityOf(object), Short(context));
      if (done.verdict != external::Verdict::kDone) return Failed(done);
    }
    if (observed->phase != external::Phase::kReady) return runtime::Outcome{kSoon, ""};
    if (kube::ConditionIn(object, "Ready")) return runtime::Outcome{kLater, ""};
    CAPSTAN_TRY(const auto told,
                WriteStatus(object,
                            R"("conditions":[{"type":"Ready","status":"True","reason":"Available",)"
                            R"("message":"","lastTransitionTime":"2026-01-01T00:00:00Z"}])",
                            true, context));
    return runtime::Outcome{kLater, told.resource_version()};
  }

  Result<runtime::Outcome> Record(const kube::Object& object, const std::string& id, const Context& context) {
    const bool conditional = !FromCache();
    CAPSTAN_TRY(const auto recorded,
                WriteStatus(object, StrCat(R"("external":{"id":")", id, "\"}"), conditional, context));
    return runtime::Outcome{kSoon, recorded.resource_version()};
  }

  Result<runtime::Outcome> Remove(const kube::Object& object, const Context& context) {
    if (!object.HasFinalizer(managed::kFinalizer)) return runtime::Outcome{};
    if (Lacks(Precaution::kFreshFinalizer) && IdOf(object).empty()) {
      // Assumes "nothing was created" from a stale version of the object, and patches without
      // resourceVersion.
      auto patched = client_.Patch(kind_, object.key(), kube::PatchType::kMerge,
                                   R"({"metadata":{"finalizers":null}})", {}, context);
      if (!patched && patched.error().code != Code::kNotFound) return Fail(patched.error());
      return runtime::Outcome{};
    }
    if (const auto doubt = Doubt(object); doubt && IdOf(object).empty()) return runtime::Outcome{*doubt, ""};
    std::vector<std::string> there;
    CAPSTAN_TRY(const auto found, cloud_->Find(IdentityOf(object), DesiredOf(object), context));
    for (const external::Observed& one : found) {
      if (one.identity == IdentityOf(object).tag) there.push_back(one.id);
    }
    if (const std::string id = IdOf(object); !id.empty() && there.empty()) {
      CAPSTAN_TRY(const auto observed, cloud_->Get(id, context));
      if (observed) there.push_back(id);
    }
    for (const std::string& id : there) {
      const external::Outcome gone = cloud_->Delete(id, {}, Short(context));
      if (gone.verdict != external::Verdict::kDone && gone.verdict != external::Verdict::kNotFound)
        return Failed(gone);
    }
    if (!there.empty()) return runtime::Outcome{kSoon, ""};
    CAPSTAN_TRY(const auto left,
                runtime::RemoveFinalizer(client_, kind_, object, managed::kFinalizer, context));
    (void)left;
    return runtime::Outcome{};
  }

  Result<kube::Object> WriteStatus(const kube::Object& object, const std::string& status, bool conditional,
                                   const Context& context) {
    kube::PatchOptions options;
    options.subresource = "status";
    const std::string metadata =
        conditional ? StrCat(R"("metadata":{"resourceVersion":")", object.resource_version(), R"("},)") : "";
    return client_.Patch(kind_, object.key(), kube::PatchType::kMerge,
                         StrCat("{", metadata, R"("status":{)", status, "}}"), options, context);
  }

  static Failure Failed(const external::Outcome& outcome) {
    if (outcome.error) return Fail(*outcome.error);
    return Fail(Code::kUnavailable, "the cloud gave no reason");
  }
  // A change must complete while the lease lasts.
  Context Short(const Context& context) const { return context.Within(scheduler_, kSoon); }

  kube::Client& client_;
  const kube::Kind kind_;
  const std::unique_ptr<external::External> cloud_;
  Scheduler& scheduler_;
  const runtime::Fence& fence_;
  const std::string owner_;
  const Precaution left_out_;
  std::map<std::string, Instant> asked_;    // uid to the time of the last create request
  std::map<kube::ObjectKey, Instant> due_;  // when the next requeue is due
};

// Logs each renewal of the lease before sending it.
class LoggedRenewals final : public http::ForwardingTransport {
 public:
  LoggedRenewals(http::Transport& next, Log& log) : ForwardingTransport(next), log_(log) {}
  Result<http::Response> Send(const http::Request& request, const Context& context) override {
    if (request.url.find("/leases/") != std::string::npos) log_.Info("renewing", {});
    return next().Send(request, context);
  }

 private:
  Log& log_;
};

// Opens when leadership starts and stays open until the callback closes it.
class FlagFence final : public runtime::Fence {
 public:
  explicit FlagFence(std::string holder) : holder_(std::move(holder)) {}
  bool HeldUntil(Instant) const override { return open; }
  std::string holder() const override { return holder_; }
  bool open = false;

 private:
  const std::string holder_;
};

class SmallLife final : public Life {
 public:
  SmallLife(World& world, int number, Precaution left_out)
      : Life(world.door(), number),
        machine_(world.scheduler),
        log_(world.log, machine_),
        random_(MakeSeededRandom(world.options.seed + static_cast<std::uint64_t>(number))),
        metrics_(runtime::MakePrometheusMetrics()),
        logged_renewals_(port_, log_),
        flag_(holder_),
        by_flag_(left_out == Precaution::kFenceByTheClock),
        kubernetes_(by_flag_ ? static_cast<http::Transport&>(logged_renewals_) : port_, machine_, *random_),
        client_(kubernetes_, machine_, Settings(world)),
        manager_({client_, machine_, *random_, log_, *metrics_}) {
    runtime::LeaseElectorOptions election;
    election.lease = {world.options.managed.operator_namespace, "capstan"};
    election.identity = holder_;
    election.on_started = [this] {
      flag_.open = true;
      manager_.Resume();
    };
    election.on_stopped = [this] {
      flag_.open = false;
      manager_.Pause();
    };
    elector_ = std::make_unique<runtime::LeaseElector>(client_, machine_, *random_, log_, *metrics_,
                                                       std::move(election));
    const runtime::Fence& fence = by_flag_ ? static_cast<const runtime::Fence&>(flag_) : *elector_;
    fenced_ = std::make_unique<runtime::FencedTransport>(port_, fence, machine_);
    http::Transport& cloud =
        left_out == Precaution::kFenceAtEachEffect ? static_cast<http::Transport&>(port_) : *fenced_;
    provider_ = world.cloud->MakeProvider(cloud, machine_);
    external::Credentials credentials;
    credentials.data.emplace("token", Secret(world.cloud->token(0)));
    auto connected = provider_->Connect(world.kind.kind, credentials, Context{});
    if (!connected) {
      world.Violate("the cloud cannot be connected: " + connected.error().message);
      return;
    }
    runtime::ControllerOptions controller;
    controller.name = "small";
    controller.workers = 1;
    manager_.AddController(
        controller, world.kind,
        std::make_shared<SmallReconciler>(client_, world.kind, std::move(*connected), machine_, fence,
                                          managed::kOwnerPrefix + world.options.managed.owner_id, left_out));
    port_.on_death = [this] {
      machine_.Die();
      task_.RequestStop();
    };
    task_ = world.scheduler.Spawn(holder_, [this](const Context& context) { Run(context); });
  }
  ~SmallLife() override { Stop(); }

  void Stop() override { task_ = Task(); }
  void Freeze(Instant until) override {
    machine_.Freeze(until);
    (void)machine_.Sleep(Duration::zero(), Context{});
  }
  void SkewClock(Duration by) override { machine_.Skew(by); }
  void StallLog(Instant until) override { log_.Stall(until); }
  std::uint64_t lingering() const override {
    return Mix(port_.lingering(),
               static_cast<std::uint64_t>(machine_.skew().count()) + (log_.stalled() ? 1 : 0));
  }

 private:
  static kube::ClientOptions Settings(const World& world) {
    kube::ClientOptions settings;
    settings.server = "http://" + world.kubernetes;
    return settings;
  }
  void Run(const Context& context) {
    manager_.Pause();  // until it leads
    manager_.Start();
    elector_->Start();
    while (machine_.Sleep(std::chrono::hours(1), context) == Woke::kTime) {
    }
    manager_.Stop(Duration::zero());
    elector_.reset();
  }

  Machine machine_;
  MachineLog log_;
  const std::unique_ptr<Random> random_;
  const std::unique_ptr<runtime::Metrics> metrics_;
  LoggedRenewals logged_renewals_;
  FlagFence flag_;
  const bool by_flag_;
  http::RetryingTransport kubernetes_;
  kube::Client client_;
  // Its callbacks use the manager, so it stops first.
  std::unique_ptr<runtime::LeaseElector> elector_;
  std::unique_ptr<http::Transport> fenced_;
  std::unique_ptr<external::Provider> provider_;
  runtime::Manager manager_;
  Task task_;
};

// Creates, edits and deletes an object, then expects quiet.
void Act(World& world, Invariants&) {
  world.StartLife();
  if (!Made(world)) return;
  if (!Edited(world, "a", R"("size":7)")) return;
  const auto edited = [&] {
    const auto changes = world.cloud->Changes();
    return std::any_of(changes.begin(), changes.end(),
                       [](const CloudChange& change) { return change.operation == "PUT /boxes"; });
  };
  if (!Reach(world, "what a user changed", edited)) return;
  if (Gone(world)) ExpectQuiet(world);
}

}  // namespace

std::unique_ptr<Life> MakeSmallLife(World& world, int number, Precaution left_out) {
  return std::make_unique<SmallLife>(world, number, left_out);
}

Scenario SmallOperatorScenario(Precaution left_out) {
  Scenario scenario;
  scenario.name = "small-operator";
  scenario.full = true;
  scenario.meddling = true;
  scenario.options = [left_out] {
    WorldOptions options;
    options.cloud.list_lag = std::chrono::seconds(6);
    options.make_life = [left_out](World& world, int number) {
      return MakeSmallLife(world, number, left_out);
    };
    return options;
  };
  scenario.act = Act;
  return scenario;
}

}  // namespace capstan::simulation
