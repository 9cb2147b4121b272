// The explorer runs a scenario once to count its effects, then again for every effect and every
// mishap: crashes before, in flight, after the commit and after the reply; refusals, faults,
// timeouts and cuts. Each run starts from nothing, checks the invariants after every effect, and
// must converge and fall quiet. A violation comes with the schedule that shows it again.
//
// Thread-safe: runs share nothing. Figures: a run is some forty effects; see docs/reliability.md
// for how many fit in a minute.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <capstan/simulation/invariants.hpp>
#include <capstan/simulation/world.hpp>

namespace capstan::simulation {

struct Perturbation {
  int effect = 0;  // its number, from 1
  Mishap mishap = Mishap::kNone;
  friend bool operator==(const Perturbation&, const Perturbation&) = default;
};
using Schedule = std::vector<Perturbation>;
// "12:crash-before,15:409"; "none" when empty.
std::string ScheduleText(const Schedule& schedule);
// Errors: kInvalidArgument naming the part that is none.
Result<Schedule> ParseSchedule(const std::string& text);

// What users do and the world does, from the first life to the end. `act` runs the world itself,
// and calls Violate when something that must come about does not.
struct Scenario {
  std::string name;
  std::function<WorldOptions()> options;
  std::function<void(World&, Invariants&)> act;
};
const std::vector<Scenario>& AllScenarios();
// Null when there is none of that name.
const Scenario* FindScenario(const std::string& name);

struct RunReport {
  std::vector<Effect> effects;
  std::vector<std::string> violations;
  std::string timeline;  // around the last perturbation, when something was violated
};
// How an operator of the run is made careless; empty: it is the true one.
struct Carelessness {
  Wrap wrap;
  bool ignore_lease = false;
  bool ignore_age = false;  // an intent is never too old for its request
};
RunReport RunSchedule(const Scenario& scenario, const Schedule& schedule,
                      const Carelessness& carelessness = {}, std::uint64_t seed = 1);

struct Finding {
  Schedule schedule;
  std::string violation;
  std::string timeline;
};
struct Summary {
  std::string scenario;
  std::uint64_t schedules = 0, effects = 0;
  std::vector<Finding> findings;
  // "create-delete: 540 schedules, 31920 effects, 0 violations", and each finding with its
  // schedule.
  std::string ToString() const;
  void Add(const Summary& other);
};

// Every effect times every mishap.
Summary ExploreSingles(const Scenario& scenario, const std::vector<Mishap>& mishaps,
                       const Carelessness& carelessness = {});
// A crash at an effect, then a crash or failure within `reach` effects of it; at most `budget`
// schedules, drawn by seed when there are more.
Summary ExplorePairs(const Scenario& scenario, int reach, std::size_t budget, std::uint64_t seed,
                     const Carelessness& carelessness = {});
// `walks` runs with `faults` mishaps each at random effects, on random schedules of tasks.
Summary ExploreWalks(const Scenario& scenario, int walks, int faults, std::uint64_t seed,
                     const Carelessness& carelessness = {});

// A life falls asleep at every effect, longer than its lease; a second one takes over; the first
// wakes with its old plans. The product promises nothing to those who sleep between the check of
// the lease and the first byte of a request that changes the cloud, so pauses right before such
// requests are left out.
Summary ExploreTwoAlive(const Scenario& scenario, const Carelessness& carelessness = {});

// Takes perturbations away as long as something is still violated: the smallest schedule that shows
// it.
Schedule Minimise(const Scenario& scenario, Schedule schedule, const Carelessness& carelessness = {});

}  // namespace capstan::simulation
