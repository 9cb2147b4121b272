// ConsoleExplorer explores from a terminal: it prints progress while it runs, counts at the end,
// and each finding minimised, as text and optionally as a page.
//
// For one thread. The constructor's arguments must outlive it.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include <capstan/core/base/scheduler.hpp>
#include <capstan/simulation/engine/explorer.hpp>

namespace capstan::simulation {

struct ConsoleOptions {
  std::string mishaps;      // names, separated by commas; empty: all of the subject
  bool merge = true;        // skip runs from a state from which another run started
  bool fork = true;         // runs of a subject that forks share their common prefix
  bool singles = true;      // run single mishaps
  std::int64_t budget = 0;  // at most this many single mishaps; 0: all
  std::int64_t pairs = 0;   // number of schedules with two mishaps, in addition; -1: all
  int reach = 10;           // maximum number of effects between the first and the second mishap
  int walks = 0;            // number of random walks with three mishaps each, in addition
  std::uint64_t seed = 1;
  int jobs = 1;                       // number of parallel runs
  bool table = false;                 // print a row of a Markdown table for each subject and kind of schedule
  bool shows_progress = false;        // `progress` is a terminal; otherwise it gets a line each minute
  std::function<bool()> interrupted;  // polled after each run; null: never
};

class ConsoleExplorer {
 public:
  // `threads` runs the jobs.
  ConsoleExplorer(Scheduler& threads, ConsoleOptions options, std::ostream& out, std::ostream& progress);

  // Returns false when there was a violation. Errors: kInvalidArgument for an unknown mishap.
  Result<bool> Explore(const Subject& subject);
  // Runs one schedule and prints its timeline; false when there was a violation. Errors:
  // kInvalidArgument for a schedule that cannot be parsed, that names an effect which the run does
  // not reach, or a mishap that the subject cannot meet.
  Result<bool> Replay(const Subject& subject, const std::string& schedule);
  // The findings so far, as JSON.
  std::string Document(const std::string& title, const std::string& again) const;
  // Writes the findings so far as a page. Errors: kUnavailable, with advice.
  Status WritePage(const std::string& file, const std::string& title, const std::string& again);

  bool stopped() const { return stop_.stop_requested(); }

 private:
  bool Interrupted();
  void Show(const Progress& progress);
  void PrintRow(const std::string& name, const Subject& subject, const Summary& summary, double seconds);
  void Print(const Subject& subject, Summary& summary, double seconds);

  const ConsoleOptions options_;
  std::ostream& out_;
  std::ostream& progress_;
  std::stop_source stop_;
  ExploreOptions exploring_;
  std::string name_;
  Instant shown_{};
  Summary all_;
};

// The mishaps with these names, separated by commas; all of the subject when empty. Errors:
// kInvalidArgument listing the valid names, or those that the subject can meet.
Result<std::vector<Mishap>> MishapsNamed(const std::string& names, const Subject& subject);

}  // namespace capstan::simulation
