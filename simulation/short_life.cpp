#include <algorithm>
#include <map>

#include <capstan/core/base/backoff.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/managed/held_secrets.hpp>
#include <capstan/core/managed/reconciler.hpp>
#include <capstan/simulation/life.hpp>
#include <capstan/simulation/world.hpp>

namespace capstan::simulation {
namespace {

class WorldFence final : public runtime::Fence {
 public:
  WorldFence(World& world, int number, std::string holder)
      : world_(world), number_(number), holder_(std::move(holder)) {}
  bool HeldUntil(Instant until) const override {
    if (world_.options.ignore_lease) return true;
    if (world_.options.lease) return world_.options.lease();
    return world_.HoldsLease(number_, until);
  }
  std::string holder() const override { return holder_; }

 private:
  World& world_;
  const int number_;
  const std::string holder_;
};

// Events are not numbered effects here; their text goes to the log.
class LoggedEvents final : public runtime::EventRecorder {
 public:
  explicit LoggedEvents(World& world) : world_(world) {}
  void Record(const kube::Kind&, const kube::Object& about, runtime::EventType type,
              const std::string& reason, const std::string& message, const Context&) override {
    world_.log.Info(type == runtime::EventType::kWarning ? "event warning" : "event normal",
                    {{"about", about.key()}, {"reason", reason}, {"message", message}});
  }

 private:
  World& world_;
};

class ShortLife final : public Life {
 public:
  ShortLife(World& world, int number)
      : Life(world.door(), number),
        world_(world),
        random_(MakeSeededRandom(world.options.seed + static_cast<std::uint64_t>(number))),
        fence_(world, number, holder_),
        events_(world) {
    http::Transport* transport = &port_;
    if (world.options.carelessness) {
      careless_ = world.options.carelessness(port_, world.scheduler);
      transport = careless_.get();
    }
    kube::ClientOptions client;
    client.server = "http://" + world.kubernetes;
    client_ = std::make_unique<kube::Client>(*transport, world.scheduler, client);
    provider_ = world.cloud->MakeProvider(*transport, world.scheduler);
    if (world.options.sweep_secrets) {
      managed::HeldSecretsOptions secrets;
      secrets.operator_namespace = world.options.managed.operator_namespace;
      secrets.kinds = provider_->manifest().kinds;
      held_ = std::make_unique<managed::HeldSecrets>(*client_, world.scheduler, fence_, world.log,
                                                     std::move(secrets));
    }
    managed::ManagedParts parts{*client_, *provider_, world.scheduler, *random_, fence_, events_, world.log};
    parts.held = held_.get();
    reconciler_ = std::make_unique<managed::ManagedReconciler>(provider_->manifest().kinds.front(), parts,
                                                               world.options.managed);
    port_.on_death = [this] {
      task_.RequestStop();
      sweeping_.RequestStop();
    };
    task_ = world.scheduler.Spawn(holder_, [this](const Context& context) { Run(context); });
    if (held_) {
      sweeping_ = world.scheduler.Spawn(holder_ + " sweeping",
                                        [this](const Context& context) { held_->Run(context); });
    }
  }
  ~ShortLife() override { Stop(); }

  void Stop() override {
    task_ = Task();
    sweeping_ = Task();
  }
  void Freeze(Instant until) override {
    (void)world_.scheduler.Sleep(until - world_.scheduler.Now(), Context{});
  }
  void ReconcileAll() override {
    MutexLock lock(mutex_);
    poke_ = true;
    world_.scheduler.Notify(poked_);
  }

 private:
  // Returns the delay until the key's next reconcile.
  Duration Once(const kube::ObjectKey& key, const Context& context, int& failures) {
    auto outcome = reconciler_->Reconcile(runtime::Request{key, std::nullopt},
                                          context.Within(world_.scheduler, std::chrono::minutes(5)));
    if (outcome) {
      failures = 0;
      return outcome->requeue_after.value_or(std::chrono::hours(24));
    }
    ++failures;
    const Error& error = outcome.error();
    if (error.retry_after) return *error.retry_after;
    const RetryClass retry = runtime::RetryOf(error);
    // Or until a user changes something.
    if (retry == RetryClass::kNever) return std::chrono::hours(24);
    if (retry == RetryClass::kAtOnce && failures < 5) return Duration::zero();
    return BackoffDelay(BackoffOptions{}, failures, *random_);
  }

  void Run(const Context& context) {
    std::map<kube::ObjectKey, Instant> due;
    std::map<kube::ObjectKey, int> failures;
    while (!context.stopped() && !dead()) {
      if (world_.leader != number_ && !world_.options.ignore_lease) {  // it does not lead
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

  // Constant after construction.
  World& world_;
  std::unique_ptr<http::Transport> careless_;
  std::unique_ptr<kube::Client> client_;
  std::unique_ptr<external::Provider> provider_;
  const std::unique_ptr<Random> random_;
  WorldFence fence_;
  LoggedEvents events_;
  std::unique_ptr<managed::HeldSecrets> held_;
  std::unique_ptr<managed::ManagedReconciler> reconciler_;

  // Guarded by mutex_.
  Mutex mutex_;
  Event poked_;
  bool poke_ CAPSTAN_GUARDED_BY(mutex_) = false;

  Task task_, sweeping_;
};

}  // namespace

std::unique_ptr<Life> MakeShortLife(World& world, int number) {
  return std::make_unique<ShortLife>(world, number);
}

}  // namespace capstan::simulation
