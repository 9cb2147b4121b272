#include <capstan/core/base/text.hpp>
#include <capstan/simulation/explorer.hpp>

namespace capstan::simulation {

RunReport RunSchedule(const Scenario& scenario, const Schedule& schedule, const Carelessness& carelessness,
                      const RunOptions& run) {
  WorldOptions options = scenario.options();
  options.full = options.full || scenario.full;
  options.meddling = scenario.meddling;
  options.carelessness = carelessness.wrap;
  options.ignore_lease = carelessness.ignore_lease;
  if (carelessness.ignore_age) options.managed.intent_age = std::chrono::hours(1);
  options.seed = run.seed;
  if (run.seed != 1) options.policy = SeededSchedule(run.seed);
  World world(std::move(options));
  world.effects.script = [&schedule, &run, &world](const Effect& effect) {
    if (run.before) run.before(effect, !world.violations.empty());
    for (const auto& item : schedule) {
      if (item.effect == effect.number) return item.mishap;
    }
    return Mishap::kNone;
  };
  if (run.states) world.effects.digest = [&world] { return world.Digest(); };
  RunReport report;
  {
    Invariants invariants(world);
    if (world.violations.empty()) scenario.act(world, invariants);
    invariants.Check("at the end");
    world.effects.check = nullptr;
    if (world.effects.endless)
      world.Violate(StrCat("does not come to rest: more than ", world.effects.most, " requests"));
  }
  report.effects = world.effects.effects;
  report.violations = world.violations;
  if (!report.violations.empty()) {
    const int last = schedule.empty() ? static_cast<int>(report.effects.size()) : schedule.back().effect + 12;
    report.timeline = world.effects.Timeline(last, 40);
  }
  if (run.done) run.done(report);
  return report;
}

Subject SubjectOf(const Scenario& scenario, const Carelessness& carelessness) {
  Subject subject;
  subject.name = scenario.name;
  subject.again =
      StrCat("capstan-explore --lives=", scenario.full ? "full" : "short", " --scenario=", scenario.name);
  subject.mishaps = scenario.full ? FullMishaps(scenario.meddling) : AllMishaps();
  subject.forks = true;
  subject.run = [scenario, carelessness](const Schedule& schedule, const RunOptions& options) {
    return RunSchedule(scenario, schedule, carelessness, options);
  };
  return subject;
}

Scenario WithFullLives(Scenario scenario) {
  scenario.full = true;
  return scenario;
}

Summary ExploreSingles(const Scenario& scenario, const std::vector<Mishap>& mishaps,
                       const Carelessness& carelessness) {
  return ExploreSingles(SubjectOf(scenario, carelessness), mishaps);
}

Summary ExplorePairs(const Scenario& scenario, int reach, std::size_t budget, std::uint64_t seed,
                     const Carelessness& carelessness) {
  ExploreOptions options;
  options.budget = budget;
  options.seed = seed;
  return ExplorePairs(SubjectOf(scenario, carelessness),
                      {Mishap::kCrashBefore, Mishap::kCrashInFlight, Mishap::kCrashAfterCommit}, AllMishaps(),
                      reach, options);
}

Summary ExploreWalks(const Scenario& scenario, int walks, int faults, std::uint64_t seed,
                     const Carelessness& carelessness) {
  ExploreOptions options;
  options.seed = seed;
  return ExploreWalks(SubjectOf(scenario, carelessness), walks, faults, options);
}

Summary ExploreTwoAlive(const Scenario& scenario, const Carelessness& carelessness) {
  return ExploreTwoAlive(SubjectOf(scenario, carelessness));
}

}  // namespace capstan::simulation
