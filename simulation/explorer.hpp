// Scenarios: what users do to a world with one operator in it, as subjects of the explorer
// (engine/explorer.hpp).
//
// Thread-safe: runs share nothing.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <capstan/simulation/engine/explorer.hpp>
#include <capstan/simulation/invariants.hpp>
#include <capstan/simulation/world.hpp>

namespace capstan::simulation {

// Actions of users and changes of the world, from the first life to the end. `act` runs the world
// itself, and calls Violate when an expected result does not appear.
struct Scenario {
  std::string name;
  std::function<WorldOptions()> options;
  std::function<void(World&, Invariants&)> act;
  bool full = false;      // with full lives, see life.hpp
  bool meddling = false;  // users and the cloud can interfere at any moment
};
const std::vector<Scenario>& AllScenarios();
// Returns null for an unknown name.
const Scenario* FindScenario(const std::string& name);
// The same scenario with full lives.
Scenario WithFullLives(Scenario scenario);

// How an operator of the run is made careless; empty: it is the true one.
struct Carelessness {
  Wrap wrap;
  bool ignore_lease = false;
  bool ignore_age = false;  // an intent is never too old for its request
};
RunReport RunSchedule(const Scenario& scenario, const Schedule& schedule,
                      const Carelessness& carelessness = {}, const RunOptions& options = {});
// The subject keeps no reference to the scenario.
Subject SubjectOf(const Scenario& scenario, const Carelessness& carelessness = {});

// The explorer's functions for a scenario. Pairs: a crash, then a crash or failure.
Summary ExploreSingles(const Scenario& scenario, const std::vector<Mishap>& mishaps,
                       const Carelessness& carelessness = {});
Summary ExplorePairs(const Scenario& scenario, int reach, std::size_t budget, std::uint64_t seed,
                     const Carelessness& carelessness = {});
Summary ExploreWalks(const Scenario& scenario, int walks, int faults, std::uint64_t seed,
                     const Carelessness& carelessness = {});
Summary ExploreTwoAlive(const Scenario& scenario, const Carelessness& carelessness = {});

}  // namespace capstan::simulation
