#include <capstan/simulation/explorer.hpp>

#include <algorithm>
#include <memory>

#include <capstan/core/base/random.hpp>
#include <capstan/core/base/text.hpp>

namespace capstan::simulation {
namespace {

void Judge(const Scenario& scenario, const Schedule& schedule, const Carelessness& carelessness,
           Summary& summary, std::uint64_t seed = 1) {
  RunReport report = RunSchedule(scenario, schedule, carelessness, seed);
  ++summary.schedules;
  summary.effects += report.effects.size();
  if (!report.violations.empty()) {
    summary.findings.push_back({schedule, Join(report.violations, "; "), report.timeline});
  }
}

int CountEffects(const Scenario& scenario, const Carelessness& carelessness, Summary& summary) {
  const std::size_t known = summary.findings.size();
  const std::uint64_t before = summary.effects;
  Judge(scenario, {}, carelessness, summary);
  return summary.findings.size() > known ? 0 : static_cast<int>(summary.effects - before);
}

}  // namespace

std::string ScheduleText(const Schedule& schedule) {
  if (schedule.empty()) return "none";
  std::vector<std::string> parts;
  for (const auto& item : schedule) parts.push_back(StrCat(item.effect, ":", MishapName(item.mishap)));
  return Join(parts, ",");
}

Result<Schedule> ParseSchedule(const std::string& text) {
  Schedule schedule;
  if (text == "none" || text.empty()) return schedule;
  for (const auto& part : Split(text, ',')) {
    const auto colon = part.find(':');
    Perturbation item;
    for (std::size_t i = 0; i < part.size() && i < colon && i < 7; ++i) {
      item.effect = part[i] >= '0' && part[i] <= '9' ? item.effect * 10 + (part[i] - '0') : 0;
    }
    std::vector<Mishap> known = AllMishaps();
    known.push_back(Mishap::kPauseBefore);
    known.push_back(Mishap::kPauseAfter);
    for (const Mishap mishap : known) {
      if (colon != std::string::npos && part.substr(colon + 1) == MishapName(mishap)) item.mishap = mishap;
    }
    if (item.effect == 0 || item.mishap == Mishap::kNone) {
      return Fail(Code::kInvalidArgument,
                  StrCat("\"", part, "\" is no perturbation; write EFFECT:MISHAP, such as 12:crash-before"));
    }
    schedule.push_back(item);
  }
  return schedule;
}

RunReport RunSchedule(const Scenario& scenario, const Schedule& schedule, const Carelessness& carelessness,
                      std::uint64_t seed) {
  WorldOptions options = scenario.options();
  options.carelessness = carelessness.wrap;
  options.ignore_lease = carelessness.ignore_lease;
  if (carelessness.ignore_age) options.managed.intent_age = std::chrono::hours(1);
  options.seed = seed;
  if (seed != 1) options.policy = SeededSchedule(seed);
  World world(std::move(options));
  world.effects.script = [&schedule](const Effect& effect) {
    for (const auto& item : schedule) {
      if (item.effect == effect.number) return item.mishap;
    }
    return Mishap::kNone;
  };
  RunReport report;
  {
    Invariants invariants(world);
    if (world.violations.empty()) scenario.act(world, invariants);
    invariants.Check("at the end");
    world.effects.check = nullptr;
  }
  report.effects = world.effects.effects;
  report.violations = world.violations;
  if (!report.violations.empty()) {
    const int last = schedule.empty() ? static_cast<int>(report.effects.size()) : schedule.back().effect + 12;
    report.timeline = world.effects.Timeline(last, 40);
  }
  return report;
}

std::string Summary::ToString() const {
  std::string text = StrCat(scenario, ": ", schedules, " schedules, ", effects, " effects, ", findings.size(),
                            " violations\n");
  for (const auto& finding : findings) {
    text += StrCat("  violated: ", finding.violation, "\n  again with: capstan-explore --scenario=", scenario,
                   " --schedule=", ScheduleText(finding.schedule), "\n", finding.timeline);
  }
  return text;
}

void Summary::Add(const Summary& other) {
  schedules += other.schedules;
  effects += other.effects;
  findings.insert(findings.end(), other.findings.begin(), other.findings.end());
}

Summary ExploreSingles(const Scenario& scenario, const std::vector<Mishap>& mishaps,
                       const Carelessness& carelessness) {
  Summary summary;
  summary.scenario = scenario.name;
  const int count = CountEffects(scenario, carelessness, summary);
  for (const Mishap mishap : mishaps) {
    for (int effect = 1; effect <= count; ++effect)
      Judge(scenario, {{effect, mishap}}, carelessness, summary);
  }
  return summary;
}

Summary ExplorePairs(const Scenario& scenario, int reach, std::size_t budget, std::uint64_t seed,
                     const Carelessness& carelessness) {
  Summary summary;
  summary.scenario = scenario.name;
  const int count = CountEffects(scenario, carelessness, summary);
  std::vector<Schedule> all;
  for (int first = 1; first <= count; ++first) {
    for (const Mishap crash : {Mishap::kCrashBefore, Mishap::kCrashInFlight, Mishap::kCrashAfterCommit}) {
      for (int second = first + 1; second <= first + reach; ++second) {
        for (const Mishap mishap : AllMishaps()) all.push_back({{first, crash}, {second, mishap}});
      }
    }
  }
  auto random = MakeSeededRandom(seed);
  for (std::size_t i = 0; i < all.size() && i < budget; ++i) {
    if (all.size() > budget)
      std::swap(all[i], all[i + static_cast<std::size_t>(random->Below(all.size() - i))]);
    Judge(scenario, all[i], carelessness, summary);
  }
  return summary;
}

Summary ExploreWalks(const Scenario& scenario, int walks, int faults, std::uint64_t seed,
                     const Carelessness& carelessness) {
  Summary summary;
  summary.scenario = scenario.name;
  const int count = CountEffects(scenario, carelessness, summary);
  if (count == 0) return summary;
  auto random = MakeSeededRandom(seed);
  for (int walk = 0; walk < walks; ++walk) {
    Schedule schedule;
    for (int fault = 0; fault < faults; ++fault) {
      const auto effect = static_cast<int>(random->Below(static_cast<std::uint64_t>(count) * 2)) + 1;
      schedule.push_back(
          {effect, AllMishaps()[static_cast<std::size_t>(random->Below(AllMishaps().size()))]});
    }
    std::sort(schedule.begin(), schedule.end(),
              [](const auto& a, const auto& b) { return a.effect < b.effect; });
    Judge(scenario, schedule, carelessness, summary, seed + static_cast<std::uint64_t>(walk) + 2);
  }
  return summary;
}

Summary ExploreTwoAlive(const Scenario& scenario, const Carelessness& carelessness) {
  Summary summary;
  summary.scenario = scenario.name;
  const RunReport plain = RunSchedule(scenario, {}, carelessness);
  for (const Effect& effect : plain.effects) {
    const bool changes = effect.cloud && effect.what.rfind("GET", 0) != 0;
    if (!changes) Judge(scenario, {{effect.number, Mishap::kPauseBefore}}, carelessness, summary);
    Judge(scenario, {{effect.number, Mishap::kPauseAfter}}, carelessness, summary);
  }
  return summary;
}

Schedule Minimise(const Scenario& scenario, Schedule schedule, const Carelessness& carelessness) {
  for (std::size_t i = 0; i < schedule.size();) {
    Schedule shorter = schedule;
    shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(i));
    if (RunSchedule(scenario, shorter, carelessness).violations.empty()) {
      ++i;
    } else {
      schedule = std::move(shorter);
    }
  }
  return schedule;
}

}  // namespace capstan::simulation
