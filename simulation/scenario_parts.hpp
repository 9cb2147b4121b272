// What scenarios are put together from: a user's usual doings, each with what has to come about. A
// part that returns false has told the World what is missing, and the scenario ends there.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <capstan/simulation/explorer.hpp>

namespace capstan::simulation {

// spec of an object that can be made, with tokenSecret and whatever `more` says, as the inside of a
// JSON object.
std::string SpecFor(const World& world, const std::string& more = "");
// Within a time far beyond every backoff, so that only a standstill exceeds it.
bool Reach(World& world, const std::string& what, const std::function<bool()>& done);
bool IsReady(World& world, const std::string& name = "a");
bool IsInSync(World& world, const std::string& name = "a");
std::string RecordedId(World& world, const std::string& name);  // status.external.id; "" without one
std::string UidOf(World& world, const std::string& name);

// The Secret with the token of the first account, and the first life.
void Begin(World& world);
// Object "a", until it is Ready.
bool Made(World& world, const std::string& more = "");
// An edit that the API server has to take. `spec` is merged into it.
bool Edited(World& world, const std::string& name, const std::string& spec);
// Object "a" is deleted, until it, its cloud object and the hold on the Secret are gone.
bool Gone(World& world);
// No more requests than a look a minute at each object that is left.
void MustBeQuiet(World& world);

// shards_scenario.cpp: "shards", two lives that share four objects. Full lives; the explorer finds
// it by name, and it is not among AllScenarios, whose lives work alone.
Scenario ShardsScenario();

// doks_scenarios.cpp
std::vector<Scenario> DoksScenarios();
// Looks are answered from lists, as in a fleet, although there is only one object.
Scenario Listed(Scenario scenario);
// The same, where users, administrators and the cloud may interfere at any moment.
Scenario Open(Scenario scenario);

// Those that are about any cloud.
void CreateDelete(World& world, Invariants& invariants);
void CreateDeleteAtOnce(World& world, Invariants& invariants);
void OtherAccount(World& world, Invariants& invariants);
void NamespaceDeleted(World& world, Invariants& invariants);

}  // namespace capstan::simulation
