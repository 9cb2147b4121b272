#include <capstan/simulation/world.hpp>

#include <algorithm>
#include <map>

#include <capstan/core/base/backoff.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/kube/conditions.hpp>
#include <capstan/simulation/direct_transport.hpp>

namespace capstan::simulation {

class Life::WorldFence final : public runtime::Fence {
 public:
  WorldFence(World& world, int number, std::string holder)
      : world_(world), number_(number), holder_(std::move(holder)) {}
  bool HeldUntil(Instant until) const override {
    if (world_.options.ignore_lease) return true;
    if (world_.options.lease) return world_.options.lease();
    return world_.leader == number_ && (!world_.takeover_ || until <= *world_.takeover_);
  }
  std::string holder() const override { return holder_; }

 private:
  World& world_;
  const int number_;
  const std::string holder_;
};

// Events are no effects that matter here; what they say is kept in the log.
class Life::Events final : public runtime::EventRecorder {
 public:
  explicit Events(World& world) : world_(world) {}
  void Record(const kube::Kind&, const kube::Object& about, runtime::EventType type,
              const std::string& reason, const std::string& message, const Context&) override {
    world_.log.Info(type == runtime::EventType::kWarning ? "event warning" : "event normal",
                    {{"about", about.key()}, {"reason", reason}, {"message", message}});
  }

 private:
  World& world_;
};

Life::Life(World& world, int number)
    : world_(world),
      number_(number),
      holder_(StrCat("operator-", number)),
      port_(world.network(), world.scheduler, world.effects, number, world.kubernetes) {
  http::Transport* transport = &port_;
  if (world.options.carelessness) {
    careless_ = world.options.carelessness(port_, world.scheduler);
    transport = careless_.get();
  }
  kube::ClientOptions client;
  client.server = "http://" + world.kubernetes;
  client_ = std::make_unique<kube::Client>(*transport, world.scheduler, client);
  provider_ = world.cloud->MakeProvider(*transport, world.scheduler);
  random_ = MakeSeededRandom(world.options.seed + static_cast<std::uint64_t>(number));
  fence_ = std::make_unique<WorldFence>(world, number, holder_);
  events_ = std::make_unique<Events>(world);
  managed::ManagedParts parts{*client_, *provider_, world.scheduler, *random_, *fence_, *events_, world.log};
  reconciler_ = std::make_unique<managed::ManagedReconciler>(provider_->manifest().kinds.front(), parts,
                                                             world.options.managed);
  port_.on_death = [this] { task_.RequestStop(); };
  task_ = world.scheduler.Spawn(holder_, [this](const Context& context) { Run(context); });
}

Life::~Life() { Stop(); }

void Life::Stop() { task_ = Task(); }

void Life::Poke() {
  MutexLock lock(mutex_);
  poke_ = true;
  world_.scheduler.Notify(poked_);
}

Duration Life::Once(const kube::ObjectKey& key, const Context& context, int& failures) {
  auto outcome = reconciler_->Reconcile(runtime::Request{key, std::nullopt},
                                        context.Within(world_.scheduler, std::chrono::minutes(5)));
  if (outcome) {
    failures = 0;
    return outcome->requeue_after.value_or(std::chrono::hours(24));
  }
  ++failures;
  const Error& error = outcome.error();
  if (error.retry_after) return *error.retry_after;
  if (RetryClassOf(error.code) == RetryClass::kAtOnce && failures < 5) return Duration::zero();
  return BackoffDelay(BackoffOptions{}, failures, *random_);
}

void Life::Run(const Context& context) {
  std::map<kube::ObjectKey, Instant> due;
  std::map<kube::ObjectKey, int> failures;
  while (!context.stopped() && !dead()) {
    if (world_.leader != number_ && !world_.options.ignore_lease) {  // parked
      if (world_.scheduler.Sleep(std::chrono::seconds(2), context) == Woke::kStopped) return;
      continue;
    }
    for (const auto& key : world_.keys) due.try_emplace(key, world_.scheduler.Now());
    Instant next = kForever;
    for (auto& [key, when] : due) {
      if (when <= world_.scheduler.Now())
        when = After(world_.scheduler.Now(), Once(key, context, failures[key]));
      if (context.stopped() || dead()) return;
      next = std::min(next, when);
    }
    MutexLock lock(mutex_);
    if (!poke_ && next > world_.scheduler.Now()) (void)world_.scheduler.Wait(poked_, lock, next, context);
    if (poke_) due.clear();
    poke_ = false;
  }
}

World::World(WorldOptions wanted) : options(std::move(wanted)), scheduler(options.policy) {
  if (options.managed.owner_id.empty()) options.managed.owner_id = "owner-1";
  random_ = MakeSeededRandom(options.seed);
  storage_ = apiserver::MakeMemoryStorage();
  auto api = apiserver::ApiServer::Start(scheduler, *random_, log, *storage_, {});
  if (!api) {
    violations.push_back("the API server does not start: " + api.error().message);
    return;
  }
  api_ = std::move(*api);
  cloud = options.make_cloud(options.cloud, scheduler);
  network_ = std::make_unique<http::LoopbackTransport>(scheduler);
  network_->Route(kubernetes, api_.get());
  network_->Route(cloud->authority(), &cloud->handler());
  direct_ = std::make_unique<DirectTransport>(*api_);
  kube::ClientOptions client;
  client.server = "http://" + kubernetes;
  admin_ = std::make_unique<kube::Client>(*direct_, scheduler, client);

  DirectTransport nowhere(cloud->handler());
  kind = managed::KindOf(cloud->MakeProvider(nowhere, scheduler)->manifest().kinds.front());
  const auto crd = admin_->Create(kube::CustomResourceDefinitionKind(), "",
                                  options.crd.empty() ? cloud->crd() : options.crd, {});
  if (!crd) Violate("the CRD is refused: " + crd.error().message);
  for (const char* name : {"shop", "capstan-system"}) {
    (void)admin_->Create(
        kube::NamespaceKind(), "",
        StrCat(R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":")", name, "\"}}"), {});
  }
  scheduler.RunReady();
  effects.on_pause = [this](int number) {
    if (number == leader && !takeover_) takeover_ = After(scheduler.Now(), lease);
  };
}

World::~World() {
  for (auto& life : lives_) life->Stop();
  lives_.clear();
}

void World::Violate(const std::string& what) {
  if (std::find(violations.begin(), violations.end(), what) == violations.end()) violations.push_back(what);
}

Life& World::StartLife() {
  leader = static_cast<int>(lives_.size()) + 1;
  takeover_.reset();
  lives_.push_back(std::make_unique<Life>(*this, leader));
  return *lives_.back();
}

bool World::RunUntil(const std::function<bool()>& done, Duration limit) {
  const Instant end = After(scheduler.Now(), limit);
  while (scheduler.Now() < end) {
    const auto interrupted = [&] { return done() || (life() != nullptr && life()->dead()) || takeover_; };
    bool finished = takeover_ ? scheduler.RunUntil(done, std::min(end, *takeover_) - scheduler.Now())
                              : scheduler.RunUntil(interrupted, end - scheduler.Now());
    if (takeover_) {
      if (scheduler.Now() >= *takeover_) StartLife();
      finished = done();
      if (!finished) continue;
    }
    if (life() != nullptr && life()->dead()) {
      life()->Stop();
      scheduler.RunFor(restart);
      StartLife();
      continue;
    }
    if (finished) return true;
  }
  return done();
}

Status World::MakeSecret(const std::string& name, const std::string& token) {
  const std::string text = StrCat(R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":")", name,
                                  R"("},"data":{"token":")", Base64Encode(token), "\"}}");
  auto made = admin_->Create(kube::SecretKind(), "shop", text, {});
  if (made) return {};
  if (made.error().code != Code::kAlreadyExists) return Fail(made.error());
  return Patch(kube::SecretKind(), name, StrCat(R"({"data":{"token":")", Base64Encode(token), "\"}}"));
}

Status World::Apply(const std::string& name, const std::string& spec) {
  const kube::ObjectKey key{"shop", name};
  if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
  if (Get(name)) return Patch(kind, name, StrCat(R"({"spec":{)", spec, "}}"));
  auto made = admin_->Create(kind, "shop",
                             StrCat(R"({"apiVersion":")", kind.api_version(), R"(","kind":")", kind.kind,
                                    R"(","metadata":{"name":")", name, R"("},"spec":{)", spec, "}}"),
                             {});
  if (life() != nullptr) life()->Poke();
  return made ? Status() : Status(Fail(made.error()));
}

Status World::Patch(const kube::Kind& which, const std::string& name, const std::string& merge_patch) {
  auto patched = admin_->Patch(which, {"shop", name}, kube::PatchType::kMerge, merge_patch, {}, {});
  if (life() != nullptr) life()->Poke();
  return patched ? Status() : Status(Fail(patched.error()));
}

Status World::Delete(const std::string& name) {
  const Status done = admin_->Delete(kind, {"shop", name}, {}, {});
  if (life() != nullptr) life()->Poke();
  return done;
}

std::optional<kube::Object> World::Get(const std::string& name) { return Get(kind, name); }

std::optional<kube::Object> World::Get(const kube::Kind& which, const std::string& name) {
  auto object = admin_->Get(which, {"shop", name}, {});
  if (!object) return std::nullopt;
  return *object;
}

std::string World::ConditionOf(const std::string& name, const std::string& type) {
  const auto object = Get(name);
  const auto condition = object ? kube::ConditionIn(*object, type) : std::nullopt;
  return condition ? StrCat(condition->status, "/", condition->reason) : "";
}

}  // namespace capstan::simulation
