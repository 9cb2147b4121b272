// The cloud for runs of an explored plugin: the simulated DigitalOcean of this program, new for
// each run, or a simulator on this machine that all runs share. Thread-safe: runs share only
// constants.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/random.hpp>
#include <capstan/plugins/loader/adapt.hpp>
#include <capstan/simulation/cloud_under_test.hpp>
#include <capstan/simulation/simulated_doks.hpp>

namespace capstan::app {

// What all runs share. Constant.
struct ExploredPlugin {
  std::shared_ptr<const loader::Plugin> plugin;
  external::KindInfo kind;
  std::string config;   // of the plugin
  std::string crd;      // of the kind, completed with the operator's fields
  std::string spec;     // the inside of a JSON object
  std::string changed;  // the spec after an edit, in the same form; empty: no edit
  external::Credentials credentials;
  // A simulator on this machine; null: the simulated DigitalOcean.
  http::Transport* network = nullptr;
  std::string authority;  // of that simulator
};

// Creates the CloudUnderTest for an object of this name. `explored` and `real_time`, which bounds
// requests to a simulator, must outlive it.
std::unique_ptr<simulation::CloudUnderTest> MakePluginCloud(const ExploredPlugin& explored,
                                                            const std::string& name,
                                                            const simulation::CloudSetting& setting,
                                                            const Clock& simulated_clock,
                                                            Scheduler& real_time);

}  // namespace capstan::app
