// capstan-explore: runs the scenarios of simulation/ under every mishap. Exit status: 0 no
// violation, 1 a violation, 2 wrong usage.
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include <capstan/core/base/text.hpp>
#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/core/program/flags.hpp>
#include <capstan/simulation/engine/console.hpp>
#include <capstan/simulation/explorer.hpp>

namespace {

using namespace capstan;
using namespace capstan::simulation;

constexpr int kMost = 1'000'000'000;

std::atomic<bool> interrupted{false};
// The second signal ends the process immediately.
void Interrupt(int number) {
  interrupted = true;
  std::signal(number, SIG_DFL);
}

int Misused(const std::string& why) {
  std::cerr << "capstan-explore: " << why << "\n";
  return 2;
}

struct Settings {
  std::string scenario, lives = "short", schedule, html;
  int budget = 0, pairs = 0, seed = 1, jobs = 0;
  ConsoleOptions console;
};

program::Flags FlagsOf(Settings& settings) {
  ConsoleOptions& console = settings.console;
  program::Flags flags;
  flags.Add("scenario", &settings.scenario, "one scenario; empty: all of them");
  flags.Add("lives", &settings.lives,
            "short: the reconciler in a loop; full: the operator with watches, queue, lease and events");
  flags.Add("schedule", &settings.schedule,
            "one schedule such as 8:crash-after-commit, shown with its timeline; needs --scenario");
  flags.Add("mishaps", &console.mishaps,
            "comma-separated mishaps to try; empty: all that the lives can meet");
  flags.Add("merge", &console.merge, "leave out runs from a state that another run began from");
  flags.Add("fork", &console.fork, "fork at each effect, so that runs share what comes before their mishaps");
  flags.Add("singles", &console.singles, "try one mishap at a time");
  flags.Add("budget", &settings.budget, 0, kMost,
            "runs of single mishaps at most, drawn by --seed when there are more; 0: all");
  flags.Add("pairs", &settings.pairs, -1, kMost,
            "additional schedules of two mishaps in each scenario; -1: all");
  flags.Add("reach", &console.reach, 1, 20'000,
            "how many effects after the first mishap the second one may come");
  flags.Add("walks", &console.walks, 0, 1'000'000,
            "additional random walks with three mishaps in each scenario");
  flags.Add("seed", &settings.seed, 0, kMost,
            "the seed of pairs and walks, and of the order of tasks of --schedule");
  flags.Add("jobs", &settings.jobs, 0, 1024, "runs at a time; 0: one for each processor");
  flags.Add("html", &settings.html, "write a page with the findings to this file");
  flags.Add("table", &console.table,
            "print rows of a Markdown table, one for single mishaps, pairs and walks of each scenario");
  return flags;
}

ConsoleOptions OptionsOf(const Settings& settings) {
  ConsoleOptions options = settings.console;
  options.budget = settings.budget;
  options.pairs = settings.pairs;
  options.seed = static_cast<std::uint64_t>(settings.seed);
  options.jobs = settings.jobs > 0 ? settings.jobs : static_cast<int>(std::thread::hardware_concurrency());
  options.shows_progress = isatty(2) != 0;
  options.interrupted = [] { return interrupted.load(); };
  return options;
}

// The scenarios that the settings select. Errors: kInvalidArgument.
Result<std::vector<const Scenario*>> Chosen(const Settings& settings) {
  if (settings.lives != "short" && settings.lives != "full")
    return Fail(Code::kInvalidArgument,
                StrCat("--lives is short or full, not \"", Shorten(settings.lives, 60), "\""));
  std::vector<const Scenario*> chosen;
  std::vector<std::string> names;
  for (const Scenario& scenario : AllScenarios()) {
    chosen.push_back(&scenario);
    names.push_back(scenario.name);
  }
  if (settings.scenario.empty() && settings.schedule.empty()) return chosen;
  if (const Scenario* const one = FindScenario(settings.scenario)) return std::vector{one};
  return Fail(Code::kInvalidArgument, "name one of the scenarios with --scenario=: " + Join(names, " "));
}

int Explore(const Settings& settings, const std::vector<const Scenario*>& scenarios) {
  std::signal(SIGINT, Interrupt);
  std::signal(SIGTERM, Interrupt);
  ThreadScheduler threads;
  ConsoleExplorer explorer(threads, OptionsOf(settings), std::cout, std::cerr);
  const auto write_page = [&] {
    const std::string again =
        StrCat("capstan-explore --lives=", settings.lives, " --scenario=", settings.scenario);
    return settings.html.empty()
               ? Status()
               : explorer.WritePage(settings.html,
                                    scenarios.size() > 1 ? "all scenarios" : scenarios.front()->name, again);
  };
  if (const Status page = write_page(); !page) return Misused(page.error().message);
  bool held = true;
  for (const Scenario* const scenario : scenarios) {
    if (explorer.stopped()) break;
    const Subject subject = SubjectOf(settings.lives == "full" ? WithFullLives(*scenario) : *scenario);
    const auto kept =
        settings.schedule.empty() ? explorer.Explore(subject) : explorer.Replay(subject, settings.schedule);
    if (!kept) return Misused(kept.error().message);
    held = *kept && held;
  }
  if (const Status page = write_page(); !page) return Misused(page.error().message);
  return held ? 0 : 1;
}

}  // namespace

int main(int count, char** values) {
  Settings settings;
  program::Flags flags = FlagsOf(settings);
  const auto files = MakeSystemFiles();
  const std::vector<std::string> arguments(values + (count > 0 ? 1 : 0), values + count);
  const auto parsed = flags.Parse(arguments, *files);
  if (!parsed) return Misused(parsed.error().message);
  if (parsed->help) {
    std::cout << "capstan-explore [FLAGS]: what a crash, a fault or a pause at every effect does to the "
                 "operator\n"
              << flags.Help();
    return 0;
  }
  if (!parsed->operands.empty())
    return Misused(StrCat("it takes no operands, such as \"", Shorten(parsed->operands.front(), 60), "\""));
  const auto scenarios = Chosen(settings);
  return scenarios ? Explore(settings, *scenarios) : Misused(scenarios.error().message);
}
