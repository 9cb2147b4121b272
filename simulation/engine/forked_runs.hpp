// Forked runs: many runs of one subject, each branching off where it differs from the others. A
// process executes the common prefix and forks itself at each effect where a run meets its mishap,
// so that nothing is executed twice, and building a world costs once. The result of a run does not
// depend on forking.
//
// REQUIRES: a Subject that forks (its runs stay on this thread and use nothing outside of this
// process), and a caller whose other threads hold no lock meanwhile. Linux.
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
  int jobs = 1;         // number of parallel processes
  bool states = false;  // record Effect::state
  // Runs end early where they follow a known run, and become known from then on. Null: every run
  // executes to its end.
  KnownStates* known = nullptr;
  // Polled about ten times a second: true ends all runs, and MakeForked returns.
  std::function<bool()> stop;
};

// `take` receives each report with the index of its run, in any order, on the caller's thread. A
// run whose process died is reported as a violation that says so. Returns false when reports are
// missing because this machine cannot create processes or `stop` returned true.
bool MakeForked(const Subject& subject, const std::vector<DepartingRun>& runs, const ForkOptions& options,
                const std::function<void(std::size_t run, RunReport report)>& take);

}  // namespace capstan::simulation
