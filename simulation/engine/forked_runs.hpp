// Forked runs: many runs of one subject, each from where it departs from the others. A process
// walks what they share and forks itself at each effect where one of them meets its mishap, so that
// nothing is run twice, and the start of a world costs once. What a run does does not depend on it.
//
// Needs a Subject that forks (its runs stay in this thread and use nothing outside of this
// process), and a caller whose other threads hold no lock at that time. Linux.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <capstan/simulation/engine/explorer.hpp>

namespace capstan::simulation {

class KnownStates;

struct DepartingRun {
  Schedule schedule;
  std::uint64_t seed = 1;
};

struct ForkOptions {
  int jobs = 1;         // processes that run at a time
  bool states = false;  // Effect::state is wanted
  // Runs end where they go on as a known one did, and are known from then on. Null: they are all
  // run to their end.
  KnownStates* known = nullptr;
  // Asked about ten times a second: true ends all runs, and MakeForked returns.
  std::function<bool()> stop;
};

// `take` gets each report with the place of its run, in any order, on the caller's thread. A run
// whose process died is reported as a violation that says so. False: this machine lets no process
// be made, and runs are missing; or `stop` said so.
bool MakeForked(const Subject& subject, const std::vector<DepartingRun>& runs, const ForkOptions& options,
                const std::function<void(std::size_t run, RunReport report)>& take);

}  // namespace capstan::simulation
