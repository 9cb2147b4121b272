// capstan-explore: the scenarios of simulation/ under every mishap. Exit status: 0 nothing was
// violated, 1 something was, 2 misused.
#include <gflags/gflags.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <iostream>
#include <thread>

#include <capstan/core/base/text.hpp>
#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/simulation/engine/console.hpp>
#include <capstan/simulation/explorer.hpp>

DEFINE_string(scenario, "", "one scenario (default: all of them)");
DEFINE_string(lives, "short",
              "short: the reconciler in a loop; full: the operator with watches, queue, lease and events");
DEFINE_string(schedule, "",
              "one schedule such as 8:crash-after-commit, shown with its timeline; needs --scenario");
DEFINE_string(mishaps, "", "comma-separated mishaps to try (default: all that the lives can meet)");
DEFINE_bool(merge, true, "leave out runs from a state that another run began from");
DEFINE_bool(fork, true, "fork at each effect, so that runs share what comes before their mishaps");
DEFINE_bool(singles, true, "try one mishap at a time");
DEFINE_int64(budget, 0, "runs of single mishaps at most, drawn by --seed when there are more (0: all)");
DEFINE_int64(pairs, 0, "additional schedules of two mishaps in each scenario (-1: all)");
DEFINE_int32(reach, 10, "how many effects after the first mishap the second one may come");
DEFINE_int32(walks, 0, "additional random walks with three mishaps in each scenario");
DEFINE_uint64(seed, 1, "the seed of pairs and walks, and of the order of tasks of --schedule");
DEFINE_int32(jobs, 0, "runs at a time (0: one for each processor)");
DEFINE_string(html, "", "write a page with the findings to this file");
DEFINE_bool(table, false,
            "print rows of a Markdown table, one for single mishaps, pairs and walks of each scenario");

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

ConsoleOptions Options() {
  ConsoleOptions options;
  options.mishaps = FLAGS_mishaps;
  options.merge = FLAGS_merge;
  options.fork = FLAGS_fork;
  options.singles = FLAGS_singles;
  options.budget = FLAGS_budget;
  options.pairs = FLAGS_pairs;
  options.reach = FLAGS_reach;
  options.walks = FLAGS_walks;
  options.seed = FLAGS_seed;
  options.jobs = FLAGS_jobs > 0 ? FLAGS_jobs : static_cast<int>(std::thread::hardware_concurrency());
  options.table = FLAGS_table;
  options.shows_progress = isatty(2) != 0;
  options.interrupted = [] { return interrupted.load(); };
  return options;
}

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
  std::signal(SIGINT, Interrupt);
  ThreadScheduler threads;
  ConsoleExplorer explorer(threads, Options(), std::cout, std::cerr);
  const auto write_page = [&] {
    const std::string again = StrCat("capstan-explore --lives=", FLAGS_lives, " --scenario=", FLAGS_scenario);
    return FLAGS_html.empty()
               ? Status()
               : explorer.WritePage(FLAGS_html, one == nullptr ? "all scenarios" : one->name, again);
  };
  if (const Status page = write_page(); !page) return Misused(page.error().message);
  bool held = true;
  for (const Scenario& scenario : AllScenarios()) {
    if ((one != nullptr && one != &scenario) || explorer.stopped()) continue;
    const Subject subject = SubjectOf(FLAGS_lives == "full" ? WithFullLives(scenario) : scenario);
    const auto kept =
        FLAGS_schedule.empty() ? explorer.Explore(subject) : explorer.Replay(subject, FLAGS_schedule);
    if (!kept) return Misused(kept.error().message);
    held = *kept && held;
  }
  if (const Status page = write_page(); !page) return Misused(page.error().message);
  return held ? 0 : 1;
}
