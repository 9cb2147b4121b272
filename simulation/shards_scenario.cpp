#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/simulation/scenario_parts.hpp>

namespace capstan::simulation {
namespace {

const std::vector<std::string> kObjects = {"a", "b", "c", "d"};

bool NothingIsLeft(World& world) {
  const auto objects = world.cloud->Objects();
  return std::none_of(objects.begin(), objects.end(), [](const auto& object) { return object.live; }) &&
         std::none_of(kObjects.begin(), kObjects.end(),
                      [&](const auto& name) { return world.Get(name).has_value(); });
}

// Two lives create the objects; they are edited while a third life joins, and deleted.
void ShareFour(World& world, Invariants&) {
  Begin(world);
  world.StartLife();
  for (const std::string& name : kObjects) {
    if (!world.Apply(name, SpecFor(world))) return world.Violate("the object is refused");
  }
  const auto all_ready = [&] {
    return std::all_of(kObjects.begin(), kObjects.end(),
                       [&](const auto& name) { return IsReady(world, name); });
  };
  if (!Reach(world, "four that are Ready", all_ready)) return;
  world.StartLife();
  for (const std::string& name : kObjects) {
    if (!Edited(world, name, R"("size":7)")) return;
  }
  const auto all_edited = [&] {
    const auto changes = world.cloud->Changes();
    return std::count_if(changes.begin(), changes.end(),
                         [](const CloudChange& change) { return change.operation == "PUT /boxes"; }) >= 4;
  };
  if (!Reach(world, "what a user changed in all four", all_edited)) return;
  for (const std::string& name : kObjects) (void)world.Delete(name);
  if (Reach(world, "the end of all four, here and in the cloud", [&] { return NothingIsLeft(world); }))
    ExpectQuiet(world);
}

}  // namespace

Scenario ShardsScenario() {
  Scenario scenario;
  scenario.name = "shards";
  scenario.full = true;
  scenario.options = [] {
    WorldOptions options;
    options.shards = 4;
    options.cloud.list_lag = std::chrono::seconds(6);
    return options;
  };
  scenario.act = ShareFour;
  return scenario;
}

}  // namespace capstan::simulation
