#include <capstan/simulation/engine/forked_runs.hpp>

#include <gtest/gtest.h>

#include <csignal>
#include <map>

#include <capstan/simulation/engine/known_states.hpp>

namespace capstan::simulation {
namespace {

// Ten steps; executing a step twice is a violation, which "500-after" causes together with the next
// step.
Subject Steps() {
  Subject subject;
  subject.name = "steps";
  subject.again = "steps";
  subject.forks = true;
  subject.mishaps = {Mishap::kCrashBefore, Mishap::kErrorAfter};
  subject.run = [](const Schedule& schedule, const RunOptions& options) {
    RunReport report;
    std::string met;
    for (int number = 1; number <= 10; ++number) {
      Effect effect;
      effect.number = number;
      effect.what = "POST step";
      effect.state = options.states ? static_cast<std::uint64_t>(number) : 0;
      if (options.before) options.before(effect, false);
      for (const Perturbation& item : schedule) {
        if (item.effect != number) continue;
        effect.mishap = item.mishap;
        met += ScheduleText({item}) + " ";
      }
      report.effects.push_back(effect);
      if (met == "3:500-after " && number == 5) std::raise(SIGKILL);
    }
    if (met.find("500-after") != std::string::npos)
      report.violations.push_back(met + std::to_string(options.seed));
    report.timeline = met;
    return report;
  };
  return subject;
}

std::map<std::size_t, RunReport> Made(const std::vector<DepartingRun>& runs, int jobs = 2) {
  std::map<std::size_t, RunReport> reports;
  EXPECT_TRUE(
      MakeForked(Steps(), runs, {jobs, true, nullptr, nullptr}, [&](std::size_t run, RunReport report) {
        EXPECT_TRUE(reports.emplace(run, std::move(report)).second) << run;
      }));
  return reports;
}

constexpr auto kCrash = Mishap::kCrashBefore;
constexpr auto kAfter = Mishap::kErrorAfter;

TEST(ForkedRuns, ReportTheSameAsSeparateRuns) {
  const std::vector<DepartingRun> runs = {{{}, 1},
                                          {{{2, kCrash}}, 1},
                                          {{{2, kAfter}}, 1},
                                          {{{2, kCrash}, {4, kAfter}}, 1},
                                          {{{2, kCrash}, {4, kCrash}}, 1},
                                          {{{10, kAfter}}, 1},
                                          {{{10, kAfter}}, 7},
                                          {{{5, kCrash}, {6, kCrash}, {7, kAfter}}, 7}};
  for (const int jobs : {1, 2, 5}) {
    const auto reports = Made(runs, jobs);
    ASSERT_EQ(reports.size(), runs.size()) << jobs;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      RunOptions options;
      options.seed = runs[i].seed;
      options.states = true;
      const RunReport own = Steps().run(runs[i].schedule, options);
      EXPECT_EQ(reports.at(i).violations, own.violations) << i;
      EXPECT_EQ(reports.at(i).timeline, own.timeline) << i;
      ASSERT_EQ(reports.at(i).effects.size(), own.effects.size()) << i;
      for (std::size_t k = 0; k < own.effects.size(); ++k) {
        EXPECT_EQ(reports.at(i).effects[k].mishap, own.effects[k].mishap) << i;
        EXPECT_EQ(reports.at(i).effects[k].state, own.effects[k].state) << i;
        EXPECT_EQ(reports.at(i).effects[k].what, own.effects[k].what) << i;
      }
    }
  }
}

TEST(ForkedRuns, RunEvenIfTheirMishapNeverStrikes) {
  const auto reports =
      Made({{{{11, kCrash}}, 1}, {{{2, kCrash}, {11, kCrash}}, 1}, {{{2, kCrash}, {2, kAfter}}, 1}});
  ASSERT_EQ(reports.size(), 3u);
  EXPECT_EQ(reports.at(0).timeline, "");
  EXPECT_EQ(reports.at(1).timeline, "2:crash-before ");
  EXPECT_EQ(reports.at(2).timeline, "2:crash-before ");
}

TEST(ForkedRuns, ReportAProcessThatDiesAsAViolation) {
  const auto reports = Made({{{{3, kAfter}}, 1}, {{{4, kCrash}}, 1}, {{{3, kAfter}, {4, kCrash}}, 1}});
  ASSERT_EQ(reports.size(), 3u);
  ASSERT_EQ(reports.at(0).violations.size(), 1u);
  EXPECT_EQ(reports.at(0).violations[0], "the process died of signal 9");
  EXPECT_TRUE(reports.at(1).violations.empty());
}

// Many steps: "crash-before" changes only the state of the next three, "500-after" spoils all later
// ones.
Subject LongWay() {
  Subject subject;
  subject.forks = true;
  subject.run = [](const Schedule& schedule, const RunOptions& options) {
    RunReport report;
    std::uint64_t spoilt = 0, mended = 0;
    for (int number = 1; number <= 100; ++number) {
      Effect effect;
      effect.number = number;
      effect.shape = "POST step";
      effect.at = Instant{} + std::chrono::hours(1) + std::chrono::seconds(number);
      effect.state = static_cast<std::uint64_t>(number) + spoilt +
                     (static_cast<std::uint64_t>(number) < mended ? 1000u : 0u);
      if (options.before) options.before(effect, false);
      for (const Perturbation& item : schedule) {
        if (item.effect != number) continue;
        if (item.mishap == kAfter) spoilt = 5000;
        if (item.mishap == kCrash) mended = static_cast<std::uint64_t>(number) + 4;
      }
      report.effects.push_back(effect);
    }
    if (spoilt != 0) report.violations.push_back("spoilt");
    return report;
  };
  return subject;
}

TEST(ForkedRuns, EndWhereTheyFollowASuccessfulRun) {
  const auto known = KnownStates::Make();
  RunOptions states;
  states.states = true;
  const auto made = [&](const std::vector<DepartingRun>& runs) {
    std::map<std::size_t, RunReport> reports;
    EXPECT_TRUE(
        MakeForked(LongWay(), runs, {1, false, known.get(), nullptr},
                   [&](std::size_t run, RunReport report) { reports.emplace(run, std::move(report)); }));
    return reports;
  };
  EXPECT_FALSE(made({{{{10, kCrash}}, 1}}).at(0).joined) << "nothing is known yet";
  const auto second =
      made({{{{10, kCrash}}, 1}, {{{30, kCrash}}, 1}, {{{40, kAfter}}, 1}, {{{40, kAfter}}, 2}});
  EXPECT_TRUE(second.at(0).joined);
  EXPECT_EQ(second.at(0).left_out, 10u + kFollowed - 1);
  EXPECT_TRUE(second.at(1).joined);
  EXPECT_EQ(second.at(1).left_out, 30u + 4 + kFollowed - 1)
      << "after three steps that nobody knew, and the one back";
  EXPECT_FALSE(second.at(2).joined || second.at(3).joined) << "what ended ill is joined by nobody";
  EXPECT_EQ(second.at(2).violations.size() + second.at(3).violations.size(), 2u);
}

TEST(ForkedRuns, EndWhenAsked) {
  std::vector<DepartingRun> runs;
  for (int i = 0; i < 2000; ++i) runs.push_back({{{1 + i % 10, kCrash}}, static_cast<std::uint64_t>(i)});
  std::size_t taken = 0;
  const bool all = MakeForked(Steps(), runs, {2, false, nullptr, [&] { return taken > 3; }},
                              [&](std::size_t, const RunReport&) { ++taken; });
  EXPECT_FALSE(all);
  EXPECT_LT(taken, runs.size());
}

}  // namespace
}  // namespace capstan::simulation
