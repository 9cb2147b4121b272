// The explorer runs something once to number its effects, then again for every effect and every
// mishap. Each run starts from nothing, checks its invariants after every effect, and must converge
// and fall quiet. A violation comes with the schedule that shows it again.
//
// It is generic over what is run: a Subject is anything that runs under a schedule and reports its
// effects and violations, such as whatever puts its requests through an EffectPort.
//
// Equal states are merged when asked: two moments at which the servers hold the same, but for times
// and versions, the same request is about to leave, the life has heard the same since it last read
// its object afresh, and what still goes on of earlier mishaps is the same. What a level-triggered
// operator does next is taken to depend on no more. So no two runs with the same mishap leave from
// equal states; and a run that forks ends when it has followed others that ended well for some
// effects: see known_states.hpp.
//
// Thread-safe: runs share nothing. Figures are in docs/reliability.md.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include <capstan/simulation/engine/effect_port.hpp>

namespace capstan::simulation {

struct Perturbation {
  int effect = 0;  // its number, from 1
  Mishap mishap = Mishap::kNone;
  friend bool operator==(const Perturbation&, const Perturbation&) = default;
};
using Schedule = std::vector<Perturbation>;
// "12:crash-before,15:409"; "none" when empty.
std::string ScheduleText(const Schedule& schedule);
// Errors: kInvalidArgument naming the part that is wrong.
Result<Schedule> ParseSchedule(const std::string& text);

struct RunReport {
  std::vector<Effect> effects;
  std::vector<std::string> violations;
  bool joined = false;       // it ended where it went on as another one did that ended well
  std::string timeline;      // around the last perturbation, when something was violated
  std::size_t left_out = 0;  // effects that are not in `effects`: of a forked run nobody asks for them
};

struct RunOptions {
  std::uint64_t seed = 1;  // 1: tasks in the order they became ready; else drawn by it
  bool states = false;     // Effect::state is wanted
  // Called with each effect before it happens, and before the schedule is asked for its mishap: it
  // may change the schedule from this effect on. `violated`: something is already.
  std::function<void(const Effect&, bool violated)> before = nullptr;
  // Called with the report when all is judged and nothing is taken down yet; need not return. Null:
  // not called.
  std::function<void(const RunReport&)> done = nullptr;
};

// Something that can be explored. `run` may be called from several threads at once, asks the
// schedule at each effect, and calls RunOptions::before if it forks.
struct Subject {
  std::string name;
  std::string again;  // the command that runs it, without --schedule
  std::vector<Mishap> mishaps;
  bool forks = false;  // runs may be continued in copies of this process: see forked_runs.hpp
  std::function<RunReport(const Schedule&, const RunOptions&)> run;
};

struct Finding {
  Schedule schedule;
  std::uint64_t seed = 1;
  std::string violation;
  std::string timeline;
  std::vector<Effect> effects;
};
struct Summary {
  std::string scenario, again;
  std::uint64_t schedules = 0, effects = 0;
  std::uint64_t merged = 0;  // schedules left out, since a run from an equal state was made
  std::uint64_t joined = 0;  // runs that ended where they went on as another one did that ended well
  bool stopped = false;      // before all was tried
  std::vector<Finding> findings;
  // "create-delete: 540 schedules, 31920 effects, 0 violations", and each finding with its
  // schedule.
  std::string ToString() const;
  void Add(const Summary& other);
};

struct Progress {
  std::uint64_t done = 0, all = 0;
  std::size_t findings = 0;
};
struct ExploreOptions {
  // Where `jobs` runs at a time are made; null: one at a time, by the caller.
  Scheduler* threads = nullptr;
  int jobs = 1;
  // Runs of a subject that forks share what they have in common, in `jobs` processes instead of
  // threads.
  bool fork = false;
  std::function<void(const Progress&)> progress;  // after each run, one call at a time
  std::stop_token stop;                           // what was done so far is returned
  bool merge = false;
  std::size_t budget = ~std::size_t{0};  // schedules at most, drawn by seed when there are more
  std::uint64_t seed = 1;
};

// Every effect times every mishap that means something there.
Summary ExploreSingles(const Subject& subject, const std::vector<Mishap>& mishaps,
                       const ExploreOptions& options = {});
// A mishap at an effect, then another one within `reach` effects of it.
Summary ExplorePairs(const Subject& subject, const std::vector<Mishap>& first,
                     const std::vector<Mishap>& second, int reach, const ExploreOptions& options = {});
// `walks` runs with `faults` mishaps each at random effects, on random schedules of tasks.
Summary ExploreWalks(const Subject& subject, int walks, int faults, const ExploreOptions& options = {});
// A life falls asleep at every effect, longer than its lease; a second one takes over; the first
// wakes with its old plans. The product promises nothing to those who sleep between the check of
// the lease and the first byte of a request that changes the cloud, so pauses right before such
// requests are left out, here as in ExploreSingles.
Summary ExploreTwoAlive(const Subject& subject, const ExploreOptions& options = {});

// Takes perturbations away as long as something is still violated: the smallest schedule that shows
// it.
Schedule Minimise(const Subject& subject, Schedule schedule, std::uint64_t seed = 1);

}  // namespace capstan::simulation
