// capstan-explore: the scenarios of simulation/ under every mishap. Exit status: 0 nothing was
// violated, 1 something was, 2 misused.
#include <gflags/gflags.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iostream>
#include <thread>

#include <capstan/core/base/text.hpp>
#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/simulation/engine/finding_report.hpp>
#include <capstan/simulation/explorer.hpp>

DEFINE_string(scenario, "", "one scenario (default: all of them)");
DEFINE_string(lives, "short",
              "short: the reconciler in a loop; full: the operator with watches, queue, lease and events");
DEFINE_string(schedule, "",
              "one schedule such as 8:crash-after-commit, shown with its timeline; needs --scenario");
DEFINE_string(mishaps, "", "comma-separated mishaps to try (default: all that the lives can meet)");
DEFINE_bool(merge, true, "leave out runs from a state that another run began from");
DEFINE_int64(budget, 0, "runs of single mishaps at most, drawn by --seed when there are more (0: all)");
DEFINE_int64(pairs, 0, "schedules of two mishaps to try in each scenario, on top (-1: all)");
DEFINE_int32(reach, 10, "how many effects after the first mishap the second one may strike");
DEFINE_int32(walks, 0, "random walks with three mishaps each to try in each scenario, on top");
DEFINE_uint64(seed, 1, "what pairs and walks are drawn by, and the order of tasks of --schedule");
DEFINE_int32(jobs, 0, "runs at a time (0: one for each processor)");
DEFINE_string(html, "", "a file for a page with the findings");
DEFINE_bool(table, false, "print one line of a Markdown table for each scenario");

namespace {

using namespace capstan;
using namespace capstan::simulation;

std::atomic<bool> interrupted{false};
void Interrupt(int) { interrupted = true; }

int Misused(const std::string& why) {
  std::cerr << "capstan-explore: " << why << "\n";
  return 2;
}

std::string Names() {
  std::vector<std::string> names;
  for (const Scenario& scenario : AllScenarios()) names.push_back(scenario.name);
  return Join(names, " ");
}

Result<std::vector<Mishap>> Wanted(const Subject& subject) {
  if (FLAGS_mishaps.empty()) return subject.mishaps;
  std::vector<Mishap> wanted;
  for (const std::string& name : Split(FLAGS_mishaps, ',')) {
    const auto& table = MishapTable();
    const auto found =
        std::find_if(table.begin(), table.end(), [&](const MishapInfo& info) { return info.name == name; });
    if (found == table.end()) {
      std::vector<std::string> names;
      for (const MishapInfo& info : table) names.push_back(info.name);
      return Fail(Code::kInvalidArgument,
                  StrCat("there is no mishap \"", Shorten(name, 60), "\"; there are ", Join(names, ", ")));
    }
    wanted.push_back(found->mishap);
  }
  return wanted;
}

int Replay(const Subject& subject, const std::string& text) {
  const auto schedule = ParseSchedule(text);
  if (!schedule) return Misused(schedule.error().message);
  const RunReport report = subject.run(*schedule, RunOptions{FLAGS_seed, false});
  std::cout << subject.name << " with " << ScheduleText(*schedule) << ": " << report.effects.size()
            << " effects, " << report.violations.size() << " violations\n";
  for (const std::string& violation : report.violations) std::cout << "violated: " << violation << "\n";
  std::cout << report.timeline;
  return report.violations.empty() ? 0 : 1;
}

class Explorer {
 public:
  explicit Explorer(ThreadScheduler& threads) {
    options_.threads = &threads;
    options_.jobs = FLAGS_jobs > 0 ? FLAGS_jobs : static_cast<int>(std::thread::hardware_concurrency());
    options_.merge = FLAGS_merge;
    options_.seed = FLAGS_seed;
    options_.stop = stop_.get_token();
    options_.progress = [this](const Progress& progress) {
      if (interrupted) stop_.request_stop();
      Show(progress);
    };
  }

  // False when something was violated.
  Result<bool> Explore(const Scenario& scenario) {
    const Subject subject = SubjectOf(scenario);
    CAPSTAN_TRY(const auto mishaps, Wanted(subject));
    name_ = scenario.name;
    const Instant began = options_.threads->Now();
    if (FLAGS_budget > 0) options_.budget = static_cast<std::size_t>(FLAGS_budget);
    Summary summary = ExploreSingles(subject, mishaps, options_);
    if (FLAGS_pairs != 0 && !Stopped()) {
      options_.budget = FLAGS_pairs > 0 ? static_cast<std::size_t>(FLAGS_pairs) : ~std::size_t{0};
      summary.Add(ExplorePairs(subject, mishaps, mishaps, FLAGS_reach, options_));
    }
    if (FLAGS_walks > 0 && !Stopped()) summary.Add(ExploreWalks(subject, FLAGS_walks, 3, options_));
    const double seconds = std::chrono::duration<double>(options_.threads->Now() - began).count();
    Print(subject, summary, seconds);
    all_.Add(summary);
    return summary.findings.empty();
  }

  bool Stopped() const { return stop_.stop_requested() || interrupted; }
  Summary& all() { return all_; }

 private:
  void Show(const Progress& progress) {
    const Instant now = options_.threads->Now();
    if (!isatty(2) || now - shown_ < std::chrono::milliseconds(200)) return;
    shown_ = now;
    std::cerr << "\r\033[K" << name_ << ": " << progress.done << " of " << progress.all << " schedules, "
              << progress.findings << " violations" << std::flush;
  }

  void Print(const Subject& subject, Summary& summary, double seconds) {
    if (isatty(2)) std::cerr << "\r\033[K";
    const auto rate =
        static_cast<int>(static_cast<double>(summary.schedules) / std::max(seconds, 0.001) * 60);
    if (FLAGS_table) {
      std::cout << "| `" << subject.name << "` | " << summary.schedules << " | " << summary.merged << " | "
                << summary.effects << " | " << summary.findings.size() << " | " << rate << " |\n"
                << std::flush;
      return;
    }
    std::cout << subject.name << ": " << summary.schedules << " schedules, " << summary.effects
              << " effects, " << summary.merged << " merged, " << summary.findings.size() << " violations, "
              << rate << " lives a minute" << (summary.stopped ? ", stopped before the end" : "") << "\n";
    for (Finding& finding : summary.findings) {
      if (!Stopped()) finding.schedule = Minimise(subject, finding.schedule, finding.seed);
      std::cout << FindingText(finding, subject.again);
    }
    std::cout << std::flush;
  }

  std::stop_source stop_;
  ExploreOptions options_;
  std::string name_;
  Instant shown_{};
  Summary all_;
};

}  // namespace

int main(int count, char** values) {
  gflags::SetUsageMessage("explores what a crash, a fault or a pause at every effect does to the operator");
  gflags::ParseCommandLineFlags(&count, &values, true);
  if (count > 1) return Misused(StrCat("it takes no operands, such as \"", values[1], "\""));
  if (FLAGS_lives != "short" && FLAGS_lives != "full")
    return Misused("--lives is short or full, not \"" + FLAGS_lives + "\"");
  const Scenario* one = FLAGS_scenario.empty() ? nullptr : FindScenario(FLAGS_scenario);
  if (one == nullptr && (!FLAGS_scenario.empty() || !FLAGS_schedule.empty()))
    return Misused("name one of the scenarios with --scenario=: " + Names());
  const auto living = [](const Scenario& scenario) {
    return FLAGS_lives == "full" ? WithFullLives(scenario) : scenario;
  };
  if (one != nullptr && !FLAGS_schedule.empty()) return Replay(SubjectOf(living(*one)), FLAGS_schedule);
  std::signal(SIGINT, Interrupt);
  ThreadScheduler threads;
  Explorer explorer(threads);
  bool held = true;
  for (const Scenario& scenario : AllScenarios()) {
    if ((one != nullptr && one != &scenario) || explorer.Stopped()) continue;
    const auto kept = explorer.Explore(living(scenario));
    if (!kept) return Misused(kept.error().message);
    held = *kept && held;
  }
  if (!FLAGS_html.empty()) {
    explorer.all().scenario = one == nullptr ? "all scenarios" : one->name;
    explorer.all().again = StrCat("capstan-explore --lives=", FLAGS_lives, " --scenario=", FLAGS_scenario);
    std::ofstream page(FLAGS_html);
    if (!(page << FindingsPage(explorer.all())))
      return Misused("cannot write " + FLAGS_html + ": check that its folder exists");
  }
  return held ? 0 : 1;
}
