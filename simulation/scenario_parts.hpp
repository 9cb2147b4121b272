// Building blocks of scenarios: usual actions of a user, each with its expected result. A part that
// returns false has reported to the World what is missing, and the scenario ends there. For the
// driver thread of the scheduler.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <capstan/simulation/explorer.hpp>

namespace capstan::simulation {

// A valid spec with tokenSecret and the fields in `more`, as the inside of a JSON object.
std::string SpecFor(const World& world, const std::string& more = "");
// Waits far longer than every backoff, so that only a standstill exceeds the limit.
bool Reach(World& world, const std::string& what, const std::function<bool()>& done);
bool IsReady(World& world, const std::string& name = "a");
bool IsInSync(World& world, const std::string& name = "a");
std::string RecordedId(World& world, const std::string& name);  // status.external.id; "" without one
std::string UidOf(World& world, const std::string& name);

// Creates the Secret with the token of the first account, and starts the first life.
void Begin(World& world);
// Creates object "a" and waits until it is Ready.
bool Made(World& world, const std::string& more = "");
// Merges `spec` into the object; the API server must accept the edit.
bool Edited(World& world, const std::string& name, const std::string& spec);
// Deletes object "a" and waits until it, its cloud object and the finalizer of the Secret are gone.
bool Gone(World& world);
// Allows at most one request a minute for each remaining object.
void ExpectQuiet(World& world);

// shards_scenario.cpp: "shards", two lives that share four objects. Full lives; the explorer finds
// it by name, but it is not in AllScenarios, whose lives work alone.
Scenario ShardsScenario();

// doks_scenarios.cpp
std::vector<Scenario> DoksScenarios();
// Observes through lists, as in a fleet, although there is only one object.
Scenario Listed(Scenario scenario);
// The scenario, with users, administrators and the cloud interfering at any moment.
Scenario Open(Scenario scenario);

// Scenarios for any cloud.
void CreateDelete(World& world, Invariants& invariants);
void CreateDeleteAtOnce(World& world, Invariants& invariants);
void OtherAccount(World& world, Invariants& invariants);
void NamespaceDeleted(World& world, Invariants& invariants);

}  // namespace capstan::simulation
