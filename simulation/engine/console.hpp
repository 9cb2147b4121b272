// ConsoleExplorer explores for a person at a terminal: progress while it runs, counts at the end,
// and each finding as small as it can be made, in words and, if wanted, as a page.
//
// For one thread. What it is made with must outlive it.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include <capstan/core/base/scheduler.hpp>
#include <capstan/simulation/engine/explorer.hpp>

namespace capstan::simulation {

struct ConsoleOptions {
  std::string mishaps;      // names, separated by commas; empty: all that the subject can meet
  bool merge = true;        // leave out runs from a state that another run began from
  bool fork = true;         // runs of a subject that forks share what they have in common
  bool singles = true;      // runs of single mishaps are made
  std::int64_t budget = 0;  // so many of them at most; 0: all
  std::int64_t pairs = 0;   // schedules of two mishaps, on top; -1: all
  int reach = 10;           // how many effects after the first mishap the second one may come
  int walks = 0;            // random walks with three mishaps each, on top
  std::uint64_t seed = 1;
  int jobs = 1;                       // runs at a time
  bool table = false;                 // a row of a Markdown table for each subject and kind of schedules
  bool shows_progress = false;        // `progress` is a terminal; else it gets a line a minute
  std::function<bool()> interrupted;  // asked after each run; null: never
};

class ConsoleExplorer {
 public:
  // `threads` runs the jobs.
  ConsoleExplorer(Scheduler& threads, ConsoleOptions options, std::ostream& out, std::ostream& progress);

  // False when something was violated. Errors: kInvalidArgument, a mishap that does not exist.
  Result<bool> Explore(const Subject& subject);
  // One schedule with its timeline; false when something was violated. Errors: kInvalidArgument, it
  // cannot be read, or names an effect that the run does not come to, or a mishap that the subject
  // cannot meet.
  Result<bool> Replay(const Subject& subject, const std::string& schedule);
  // What was found so far, as JSON.
  std::string Document(const std::string& title, const std::string& again) const;
  // Writes what was found so far as a page. Errors: kUnavailable, with the advice.
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

// The mishaps of these names, separated by commas; all of the subject's when empty. Errors:
// kInvalidArgument, naming what there is and what the subject can meet.
Result<std::vector<Mishap>> MishapsNamed(const std::string& names, const Subject& subject);

}  // namespace capstan::simulation
