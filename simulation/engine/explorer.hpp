// The explorer runs a subject once to number its effects, then again for every effect and every
// mishap. Each run starts from scratch, checks its invariants after every effect, and must converge
// and become quiet. A violation is reported with the schedule that reproduces it.
//
// It does not depend on what is run: a Subject is anything that runs under a schedule and reports
// its effects and violations, such as code that sends its requests through an EffectPort.
//
// Equal states can be merged: two moments at which the servers have the same content except for
// times and versions, the same request is about to be sent, the life has received the same answers
// since it last read its object afresh, and the same earlier mishaps are pending. The explorer
// assumes that the next steps of a level-triggered operator depend on nothing else. Then no two
// runs with the same mishap start from equal states, and a forked run ends once it has followed
// successful runs for some effects: see known_states.hpp.
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
  int effect = 0;  // number of the effect, from 1
  Mishap mishap = Mishap::kNone;
  friend bool operator==(const Perturbation&, const Perturbation&) = default;
};
using Schedule = std::vector<Perturbation>;
// "12:crash-before,15:409"; "none" when empty.
std::string ScheduleText(const Schedule& schedule);
// Errors: kInvalidArgument naming the malformed part.
Result<Schedule> ParseSchedule(const std::string& text);

struct RunReport {
  std::vector<Effect> effects;
  std::vector<std::string> violations;
  bool joined = false;   // it ended early because it followed a run that ended well
  std::string timeline;  // around the last perturbation, when there was a violation
  // Number of effects missing from `effects`: a forked run omits those that nobody needs.
  std::size_t left_out = 0;
};

struct RunOptions {
  // 1: tasks run in the order in which they became ready; otherwise in a random order.
  std::uint64_t seed = 1;
  bool states = false;  // record Effect::state
  // Called with each effect before it happens, and before the schedule is queried for its mishap:
  // it can change the schedule from this effect on. `violated`: there already was a violation.
  std::function<void(const Effect&, bool violated)> before = nullptr;
  // Called with the report after all checks, before the world is destroyed; need not return. Null:
  // not called.
  std::function<void(const RunReport&)> done = nullptr;
};

// Something that can be explored. `run` can be called from several threads at the same time,
// queries the schedule at each effect, and calls RunOptions::before if it forks.
struct Subject {
  std::string name;
  std::string again;  // the command that runs it, without --schedule
  std::vector<Mishap> mishaps;
  bool forks = false;  // runs can continue in copies of this process: see forked_runs.hpp
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
  std::uint64_t merged = 0;  // schedules skipped because a run from an equal state exists
  std::uint64_t joined = 0;  // runs that ended early because they followed a run that ended well
  bool stopped = false;      // before everything was tried
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
  // Runs `jobs` runs in parallel; null: the caller runs them one after the other.
  Scheduler* threads = nullptr;
  int jobs = 1;
  // Runs of a subject that forks share their common prefix, in `jobs` processes instead of threads.
  bool fork = false;
  std::function<void(const Progress&)> progress;  // after each run, serialized
  std::stop_token stop;                           // returns the results so far
  bool merge = false;
  // Maximum number of schedules, a random sample when there are more.
  std::size_t budget = ~std::size_t{0};
  std::uint64_t seed = 1;
};

// Every effect times every mishap that makes a difference there.
Summary ExploreSingles(const Subject& subject, const std::vector<Mishap>& mishaps,
                       const ExploreOptions& options = {});
// A mishap at an effect, then another one within `reach` effects of it.
Summary ExplorePairs(const Subject& subject, const std::vector<Mishap>& first,
                     const std::vector<Mishap>& second, int reach, const ExploreOptions& options = {});
// `walks` runs with `faults` mishaps each at random effects, on random schedules of tasks.
Summary ExploreWalks(const Subject& subject, int walks, int faults, const ExploreOptions& options = {});
// At every effect a life is paused for longer than its lease; a second one takes over; the first
// wakes up with its old plans. The product does not protect against a pause between the check of
// the lease and the first byte of a request that changes the cloud, so pauses right before such
// requests are skipped, here as in ExploreSingles.
Summary ExploreTwoAlive(const Subject& subject, const ExploreOptions& options = {});

// Removes perturbations as long as there still is a violation: the smallest schedule that
// reproduces one.
Schedule Minimise(const Subject& subject, Schedule schedule, std::uint64_t seed = 1);

}  // namespace capstan::simulation
