// Private to the tests of core/managed: a World of boxes with one operator and one token, and
// helpers for tests.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include <capstan/core/kube/conditions.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/simulation/simulated_boxes.hpp>
#include <capstan/simulation/world.hpp>

namespace capstan::managed {

class ManagedTest : public ::testing::Test {
 protected:
  using World = simulation::World;
  static constexpr auto kSecretSpec = R"("size":3,"color":"red","tokenSecret":"token")";

  explicit ManagedTest(simulation::WorldOptions options = {}) : world(std::move(options)) {
    EXPECT_TRUE(world.MakeSecret("token", "token-a"));
  }
  ~ManagedTest() override {
    for (const auto& violation : world.violations) ADD_FAILURE() << violation;
  }

  simulation::BoxCloud& boxes() { return static_cast<simulation::SimulatedBoxes&>(*world.cloud).cloud(); }
  std::vector<simulation::Box> LiveBoxes() {
    auto all = boxes().Boxes();
    all.erase(std::remove_if(all.begin(), all.end(),
                             [](const auto& box) { return box.delete_requested.has_value(); }),
              all.end());
    return all;
  }
  int Changes(const std::string& operation) {
    const auto all = boxes().Changes();
    return static_cast<int>(
        std::count_if(all.begin(), all.end(), [&](const auto& c) { return c.operation == operation; }));
  }
  std::string Field(const std::string& name, const std::string& pointer) {
    const auto object = world.Get(name);
    return object ? object->StringAt(pointer).value_or("") : "no object";
  }
  std::string Message(const std::string& name, const std::string& type) {
    const auto object = world.Get(name);
    const auto condition = object ? kube::ConditionIn(*object, type) : std::nullopt;
    return condition ? condition->message : "";
  }
  // Number of recorded Events with that reason.
  int EventsOf(const std::string& reason) {
    const auto lines = world.log.Lines();
    return static_cast<int>(std::count_if(lines.begin(), lines.end(), [&](const std::string& line) {
      return line.find("event ") != std::string::npos && line.find("reason=" + reason) != std::string::npos;
    }));
  }
  // Runs until a condition has the given value ("False/NameTaken").
  ::testing::AssertionResult Becomes(const std::string& name, const std::string& type,
                                     const std::string& condition, Duration limit = std::chrono::minutes(5)) {
    if (world.RunUntil([&] { return world.ConditionOf(name, type) == condition; }, limit))
      return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure()
           << type << " is " << world.ConditionOf(name, type) << ", not " << condition << ": "
           << Message(name, type) << "\n"
           << world.effects.Timeline(static_cast<int>(world.effects.effects.size()), 30);
  }
  ::testing::AssertionResult Goes(const std::string& name, Duration limit = std::chrono::minutes(5)) {
    if (world.RunUntil([&] { return !world.Get(name); }, limit)) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure()
           << name << " stays; Synced is " << world.ConditionOf(name, "Synced") << ": "
           << Message(name, "Synced") << "\n"
           << world.effects.Timeline(static_cast<int>(world.effects.effects.size()), 30);
  }
  // Creates one object and waits until it is ready.
  void MakeReady(const std::string& name = "a", const std::string& spec = kSecretSpec) {
    if (world.life() == nullptr) world.StartLife();
    ASSERT_TRUE(world.Apply(name, spec));
    ASSERT_TRUE(Becomes(name, "Ready", "True/Available"));
  }

  simulation::World world;
};

}  // namespace capstan::managed
