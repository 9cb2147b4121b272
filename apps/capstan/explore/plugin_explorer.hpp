// `capstan explore`: a plugin under the product's own operator, on simulated time, with a mishap at
// every effect.
#pragma once

#include <string>

#include <capstan/apps/capstan/explore/plugin_cloud.hpp>
#include <capstan/simulation/explorer.hpp>

namespace capstan::app {

// The flags of `explore`, for CommandInfo::flags.
extern const char kExplorerFlags[];

// One object's life: made, edited where `explored.changed` says how, deleted, and quiet after that.
// `explored` and `real_time` must outlive the scenario.
simulation::Scenario LifeOf(const ExploredPlugin& explored, Scheduler& real_time);

// As the flags of plugin_explorer.cpp say. 0: nothing was violated; 1: something was; 2: misused,
// or nothing could be explored.
int ExplorePlugin();

}  // namespace capstan::app
