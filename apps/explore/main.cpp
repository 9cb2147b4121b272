// capstan-explore [--scenario=NAME] [--schedule=SCHEDULE] [--pairs=N] [--walks=N] [--seed=N] Exit
// status: 0 nothing was violated, 1 something was, 2 misused.
#include <gflags/gflags.h>

#include <chrono>
#include <iostream>

#include <capstan/core/base/text.hpp>
#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/simulation/explorer.hpp>

DEFINE_string(scenario, "", "scenario to run (default: all)");
DEFINE_string(schedule, "",
              "one schedule such as 8:crash-after-commit, shown with its timeline; needs --scenario");
DEFINE_int32(pairs, 0, "schedules of two mishaps to try per scenario, on top of every single mishap");
DEFINE_int32(walks, 0, "random walks of three mishaps to try per scenario");
DEFINE_uint64(seed, 1, "seed of pairs and walks");

namespace {

using namespace capstan;
using namespace capstan::simulation;

int Replay(const Scenario& scenario, const std::string& text) {
  const auto schedule = ParseSchedule(text);
  if (!schedule) {
    std::cerr << "capstan-explore: " << schedule.error().message << "\n";
    return 2;
  }
  const RunReport report = RunSchedule(scenario, *schedule);
  std::cout << scenario.name << " with " << ScheduleText(*schedule) << ": " << report.effects.size()
            << " effects, " << report.violations.size() << " violations\n";
  for (const std::string& violation : report.violations) std::cout << "violated: " << violation << "\n";
  std::cout << report.timeline;
  return report.violations.empty() ? 0 : 1;
}

bool Explore(const Scenario& scenario, const Clock& clock) {
  const Instant began = clock.Now();
  Summary summary = ExploreSingles(scenario, AllMishaps());
  if (FLAGS_pairs > 0)
    summary.Add(ExplorePairs(scenario, 10, static_cast<std::size_t>(FLAGS_pairs), FLAGS_seed));
  if (FLAGS_walks > 0) summary.Add(ExploreWalks(scenario, FLAGS_walks, 3, FLAGS_seed));
  const double seconds = std::chrono::duration<double>(clock.Now() - began).count();
  std::cout << summary.ToString() << "  "
            << static_cast<int>(static_cast<double>(summary.schedules) / seconds * 60) << " lives a minute\n"
            << std::flush;
  return summary.findings.empty();
}

}  // namespace

int main(int count, char** values) {
  gflags::SetUsageMessage("explores what a crash, a fault or a pause at every effect does to the operator");
  gflags::ParseCommandLineFlags(&count, &values, true);
  const Scenario* one = FLAGS_scenario.empty() ? nullptr : FindScenario(FLAGS_scenario);
  const bool needs_one = !FLAGS_scenario.empty() || !FLAGS_schedule.empty();
  if ((needs_one && one == nullptr) || count > 1) {
    std::cerr << "capstan-explore: name one of the scenarios with --scenario=:";
    for (const Scenario& scenario : AllScenarios()) std::cerr << " " << scenario.name;
    std::cerr << "\n";
    return 2;
  }
  if (one != nullptr && !FLAGS_schedule.empty()) return Replay(*one, FLAGS_schedule);
  ThreadScheduler clock;
  bool held = true;
  for (const Scenario& scenario : AllScenarios()) {
    if (one == nullptr || one == &scenario) held = Explore(scenario, clock) && held;
  }
  return held ? 0 : 1;
}
