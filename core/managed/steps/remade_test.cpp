// An object is deleted by force and recreated under its name during its reconcile: what was begun
// for the former one is neither applied to the new one nor recorded in its name.
#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/testing/managed_test.hpp>

namespace capstan::managed {
namespace {

using simulation::Effect;
using simulation::Mishap;

class Remade : public ManagedTest {
 protected:
  // Recreates the object at the first effect that contains `what`, once `ready` says so.
  void RemakeAt(const std::string& what, const std::string& spec) {
    world.effects.script = [=, this](const Effect& effect) {
      if (remade || effect.what.find(what) == std::string::npos) return Mishap::kNone;
      remade = true;
      former = world.Get("a")->uid();
      EXPECT_TRUE(world.Patch(world.kind, "a", R"({"metadata":{"finalizers":null}})"));
      (void)world.Delete("a");
      EXPECT_FALSE(world.Get("a"));
      EXPECT_TRUE(world.Apply("a", spec));
      return Mishap::kNone;
    };
  }
  bool remade = false;
  std::string former;
};

TEST_F(Remade, DuringAnObservationGetsNoStepOfTheFormerSpec) {
  MakeReady();
  RemakeAt("GET boxes.test/boxes/", R"("size":7,"tokenSecret":"token","managementPolicy":"Observe")");
  ASSERT_TRUE(world.Apply("a", R"("size":7)"));
  ASSERT_TRUE(world.RunUntil([&] { return remade; }, std::chrono::minutes(5)));
  world.RunFor(std::chrono::minutes(5));
  EXPECT_EQ(Changes("PUT /boxes"), 0) << "a step for an object that no longer exists";
  EXPECT_EQ(Field("a", "/status/external/id"), "") << "the new one got what the former had";
  EXPECT_EQ(Field("a", "/status/boxID"), "");
  EXPECT_EQ(world.ConditionOf("a", "Synced"), "False/ObserveOnly");
}

TEST_F(Remade, DuringItsDeletionLosesNothingOfTheNewOne) {
  MakeReady();
  ASSERT_TRUE(world.Delete("a"));
  RemakeAt("GET boxes.test/boxes/", R"("size":3,"tokenSecret":"token","managementPolicy":"Observe")");
  ASSERT_TRUE(world.RunUntil([&] { return remade; }, std::chrono::minutes(5)));
  world.RunFor(std::chrono::minutes(5));
  EXPECT_EQ(Changes("DELETE /boxes"), 0);
  ASSERT_TRUE(world.Get("a"));
  EXPECT_NE(world.Get("a")->uid(), former);
}

TEST_F(Remade, DuringItsCreationLeavesTheNewOneWithoutTheFormersIdAndLogsWhatStays) {
  RemakeAt("POST boxes.test/boxes", R"("size":3,"tokenSecret":"token","managementPolicy":"Observe")");
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", kSecretSpec));
  ASSERT_TRUE(world.RunUntil([&] { return remade; }, std::chrono::minutes(5)));
  world.RunFor(std::chrono::minutes(5));
  EXPECT_EQ(Changes("POST /boxes"), 1);
  EXPECT_EQ(Field("a", "/status/external/id"), "");
  EXPECT_TRUE(world.log.Contains("abandoned a cloud object"));
  const auto map =
      world.admin().Get(kube::ConfigMapKind(), {"capstan-system", "capstan-abandoned-2026-01"}, {});
  ASSERT_TRUE(map.has_value());
  EXPECT_NE(map->json().find(former), std::string::npos);
  EXPECT_NE(map->json().find(LiveBoxes()[0].id), std::string::npos);
}

}  // namespace
}  // namespace capstan::managed
