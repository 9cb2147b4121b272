#include <atomic>

#include <capstan/core/assembly/managed_operator.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/simulation/life.hpp>
#include <capstan/simulation/world.hpp>

namespace capstan::simulation {
namespace {

// The machine on which one life runs: its clock may be off, and it may be suspended, when no task
// of it goes on.
class Machine final : public Scheduler {
 public:
  explicit Machine(Scheduler& real) : real_(real) {}
  Instant Now() const override { return real_.Now(); }
  WallTime WallNow() const override { return real_.WallNow() + skew_; }
  [[nodiscard]] Task Spawn(std::string name, std::function<void(const Context&)> run) override {
    return real_.Spawn(std::move(name), std::move(run));
  }
  Woke Wait(Event& event, MutexLock& lock, Instant until,
            const Context& context) CAPSTAN_NO_THREAD_SAFETY_ANALYSIS override {
    Woke woke = real_.Wait(event, lock, until, context);
    while (frozen_until_ > real_.Now() && !dead_) {
      Event thaw;  // nobody notifies it: waking is the clock's
      woke = real_.Wait(thaw, lock, frozen_until_, Context{});
      if (woke == Woke::kTime) woke = Woke::kNotified;  // the caller looks again
    }
    return woke;
  }
  void Notify(Event& event) override { real_.Notify(event); }

  void Freeze(Instant until) { frozen_until_ = until; }
  void Skew(Duration by) { skew_ += by; }
  void Die() {
    dead_ = true;
    frozen_until_ = {};
  }

 private:
  Scheduler& real_;
  Duration skew_{};
  Instant frozen_until_{};
  bool dead_ = false;
};

// The log of one life. While what reads it stands still, a task that writes waits, unless it holds
// a lock: nothing may wait then.
class LifeLog final : public Log {
 public:
  LifeLog(Log& next, Machine& machine) : next_(next), machine_(machine) {}
  bool Enabled(LogLevel level) const override { return next_.Enabled(level); }
  void Write(LogLevel level, std::string_view message, const std::vector<LogField>& fields) override {
    if (stalled_until_ > machine_.Now() && LocksHeldByThisThread() == 0)
      (void)machine_.Sleep(stalled_until_ - machine_.Now(), Context{});
    next_.Write(level, message, fields);
  }
  void Stall(Instant until) { stalled_until_ = until; }

 private:
  Log& next_;
  Machine& machine_;
  Instant stalled_until_{};
};

class FullLife final : public Life {
 public:
  FullLife(World& world, int number)
      : Life(world, number),
        machine_(world.scheduler),
        log_(world.log, machine_),
        random_(MakeSeededRandom(world.options.seed + static_cast<std::uint64_t>(number))) {
    http::Transport* transport = &port_;
    if (world.options.carelessness) {
      careless_ = world.options.carelessness(port_, world.scheduler);
      transport = careless_.get();
    }
    assembly::ManagedOperatorOptions options;
    options.server = "http://" + world.kubernetes;
    options.holder = holder_;
    options.leader_elect = !world.options.ignore_lease;
    options.announce = false;  // lives that ignore the lease are there to show what that does
    options.sweep_secrets = true;
    options.workers = world.options.workers;
    options.managed = world.options.managed;
    operator_ = std::make_unique<assembly::ManagedOperator>(
        std::move(options), assembly::ManagedOperatorParts{machine_, *random_, log_, *transport, *transport});
    operator_->Add(world.cloud->MakeProvider(operator_->cloud(), machine_));
    port_.on_death = [this] {
      machine_.Die();
      task_.RequestStop();
    };
    task_ = world.scheduler.Spawn(holder_, [this](const Context& context) { Run(context); });
  }
  ~FullLife() override { Stop(); }

  void Stop() override { task_ = Task(); }
  void Freeze(Instant until) override {
    machine_.Freeze(until);
    (void)machine_.Sleep(Duration::zero(), Context{});  // this task too
  }
  void SkewClock(Duration by) override { machine_.Skew(by); }
  void StallLog(Instant until) override { log_.Stall(until); }

 private:
  void Run(const Context& context) {
    const Status prepared = operator_->Prepare(context);
    if (!prepared) {
      if (!dead() && !context.stopped())
        world_.Violate("the operator gave up at its start: " + prepared.error().message);
      return operator_->Abandon();
    }
    operator_->Start();
    while (machine_.Sleep(std::chrono::hours(1), context) == Woke::kTime) {
    }
    if (dead()) return operator_->Abandon();
    (void)operator_->Stop();
  }

  Machine machine_;
  LifeLog log_;
  const std::unique_ptr<Random> random_;
  std::unique_ptr<http::Transport> careless_;
  std::unique_ptr<assembly::ManagedOperator> operator_;
  Task task_;
};

}  // namespace

std::unique_ptr<Life> MakeFullLife(World& world, int number) {
  return std::make_unique<FullLife>(world, number);
}

}  // namespace capstan::simulation
