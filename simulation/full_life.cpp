#include <capstan/core/assembly/managed_operator.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/simulation/engine/machine.hpp>
#include <capstan/simulation/life.hpp>
#include <capstan/simulation/world.hpp>

namespace capstan::simulation {
namespace {

class FullLife final : public Life {
 public:
  FullLife(World& world, int number)
      : Life(world.door(), number),
        world_(world),
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
    // Twice the default period: renewals are half the cost of an idle life, and all alike.
    options.lease_timing.retry_period = std::chrono::seconds(4);
    options.announce = false;  // lives that ignore the lease are there to show the consequences
    options.sweep_secrets = true;
    options.workers = world.options.workers;
    options.shards = world.options.shards;
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
    (void)machine_.Sleep(Duration::zero(), Context{});  // suspends this task as well
  }
  void SkewClock(Duration by) override { machine_.Skew(by); }
  void StallLog(Instant until) override { log_.Stall(until); }
  std::uint64_t lingering() const override {
    return Mix(port_.lingering(),
               static_cast<std::uint64_t>(machine_.skew().count()) + (log_.stalled() ? 1 : 0));
  }

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

  World& world_;
  Machine machine_;
  MachineLog log_;
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
