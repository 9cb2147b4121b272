// Subjects of the conformance suite for tests: loaded plugins, with the made-up cloud or without.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <capstan/sdk/conformance/conformance.hpp>
#include <capstan/tests/abi/plugin_world.hpp>

namespace capstan::abi {

inline conformance::Subject SubjectOf(PluginWorld& world, std::shared_ptr<const loader::Plugin> plugin,
                                      std::string config) {
  const auto make = [&world, plugin = std::move(plugin), config = std::move(config)](
                        http::Transport& transport, Log& log) {
    return loader::MakeProvider(plugin, config, {world.scheduler, transport, *world.random, log});
  };
  conformance::Subject subject{world.scheduler, world.transport, make, "", {}, {}, nullptr, nullptr};
  subject.desired = [](const std::string& name) {
    return R"({"name":")" + name + R"(","namespace":"n","uid":"u","spec":{"size":2}})";
  };
  subject.changed = [](const std::string& name) {
    return R"({"name":")" + name + R"(","namespace":"n","uid":"u","spec":{"size":5}})";
  };
  return subject;
}

// Access to the made-up cloud that bypasses the provider.
inline void AddObservers(PluginWorld& world, conformance::Subject& subject) {
  subject.tags = [&world](const std::string& id) {
    for (const auto& cluster : world.cloud.Clusters()) {
      if (cluster.id == id) return cluster.tags;
    }
    return std::vector<std::string>();
  };
  subject.add_tag = [&world, tags = subject.tags](const std::string& id, const std::string& tag) {
    auto all = tags(id);
    all.push_back(tag);
    world.cloud.Tag(id, all);
  };
}

inline std::string FailuresOf(const std::vector<conformance::Finding>& findings) {
  std::string failures;
  for (const conformance::Finding& one : findings) {
    if (one.verdict == conformance::Verdict::kFailed) failures += one.check + ": " + one.why + "\n";
  }
  return failures;
}

inline conformance::Subject MadeUpSubject(PluginWorld& world, std::shared_ptr<const loader::Plugin> plugin) {
  conformance::Subject subject = SubjectOf(world, std::move(plugin), R"({"apiURL":"http://cloud.test"})");
  subject.kind = "MadeUpCluster";
  subject.credentials = {{{"token", Secret("token-a")}}};
  subject.refused_credentials = external::Credentials{{{"token", Secret("token-x")}}};
  AddObservers(world, subject);
  return subject;
}

}  // namespace capstan::abi
