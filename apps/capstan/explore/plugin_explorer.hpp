// `capstan explore`: a plugin under the product's own operator, on simulated time, with a mishap at
// every effect. ExplorePlugin is for the main thread; a scenario can run on several threads.
#pragma once

#include <string>

#include <capstan/apps/capstan/explore/plugin_cloud.hpp>
#include <capstan/simulation/explorer.hpp>

namespace capstan::app {

// The flags of `explore`, for CommandInfo::flags.
extern const char kExplorerFlags[];

// The lifecycle of one object: created, edited if `explored.changed` is set, deleted, then quiet.
// `explored` and `real_time` must outlive the scenario.
simulation::Scenario LifeOf(const ExploredPlugin& explored, Scheduler& real_time);

// Explores according to the flags of plugin_explorer.cpp. 0: no violation; 1: a violation; 2: wrong
// usage, or nothing could be explored.
int ExplorePlugin();

}  // namespace capstan::app
