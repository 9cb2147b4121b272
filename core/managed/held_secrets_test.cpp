#include <capstan/core/managed/held_secrets.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/testing/managed_test.hpp>
#include <capstan/core/runtime/fence.hpp>

namespace capstan::managed {
namespace {

simulation::WorldOptions Sweeping() {
  simulation::WorldOptions options;
  options.sweep_secrets = true;
  return options;
}

class HeldSecret : public ManagedTest {
 protected:
  HeldSecret() : ManagedTest(Sweeping()) {}
  bool IsHeld() {
    const auto secret = world.Get(kube::SecretKind(), "token");
    return secret && secret->HasFinalizer(kInUseFinalizer);
  }
  // As a user does who loses patience with a finalizer.
  void ForceAway(const std::string& name) {
    ASSERT_TRUE(world.Delete(name));
    ASSERT_TRUE(world.Patch(world.kind, name, R"({"metadata":{"finalizers":null}})"));
    ASSERT_FALSE(world.Get(name));
  }
  bool SecretGoes(Duration limit = std::chrono::minutes(6)) {
    return world.RunUntil([&] { return !world.Get(kube::SecretKind(), "token"); }, limit);
  }
  void DeleteSecret() { ASSERT_TRUE(world.admin().Delete(kube::SecretKind(), {"shop", "token"}, {}, {})); }
};

TEST_F(HeldSecret, IsReleasedWhenItsLastObjectVanishedWhileTheOperatorWasDown) {
  MakeReady();
  ASSERT_TRUE(IsHeld());
  world.life()->Stop();
  ForceAway("a");
  world.keys.clear();
  world.StartLife();
  EXPECT_TRUE(world.RunUntil([&] { return !IsHeld(); }, std::chrono::minutes(1))) << "at start";
  DeleteSecret();
  EXPECT_TRUE(SecretGoes(std::chrono::seconds(1)));
}

TEST_F(HeldSecret, ThatIsDeletedIsReleasedWhenItsLastObjectVanishedUnnoticed) {
  MakeReady();
  DeleteSecret();
  world.RunFor(std::chrono::minutes(10));
  ASSERT_TRUE(IsHeld()) << "an object needs it";
  ForceAway("a");
  world.keys.clear();
  EXPECT_TRUE(SecretGoes());
}

TEST_F(HeldSecret, StaysInUseWhileAnotherObjectNeedsItEvenOneThatIsNeverReconciled) {
  MakeReady("a");
  MakeReady("b");
  world.life()->Stop();
  ForceAway("a");
  world.keys.clear();
  world.StartLife();
  world.RunFor(std::chrono::minutes(20));
  EXPECT_TRUE(IsHeld());
  ForceAway("b");
  EXPECT_TRUE(world.RunUntil([&] { return !IsHeld(); }, std::chrono::minutes(6)));
}

TEST_F(HeldSecret, ThatWasLentForADeletionIsReleasedWithTheObject) {
  MakeReady();
  ASSERT_TRUE(world.MakeSecret("lent", "token-a"));
  ASSERT_TRUE(
      world.Patch(world.kind, "a", R"({"metadata":{"annotations":{"capstan.dev/credentials":"lent"}}})"));
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Goes("a"));
  EXPECT_FALSE(world.Get(kube::SecretKind(), "lent")->HasFinalizer(kInUseFinalizer));
  EXPECT_FALSE(IsHeld());
}

TEST_F(HeldSecret, ThatAnOlderVersionUsedWithoutARecordIsReleasedAtStart) {
  MakeReady();
  world.life()->Stop();
  ASSERT_TRUE(world.admin().Delete(kube::ConfigMapKind(), {"capstan-system", kInUseConfigMap}, {}, {}));
  ForceAway("a");
  world.keys.clear();
  world.StartLife();
  EXPECT_TRUE(world.RunUntil([&] { return !IsHeld(); }, std::chrono::minutes(1)));
}

TEST_F(HeldSecret, ThatAnOlderVersionUsedStaysInUseWhileAnObjectNeedsIt) {
  MakeReady();
  world.life()->Stop();
  ASSERT_TRUE(world.admin().Delete(kube::ConfigMapKind(), {"capstan-system", kInUseConfigMap}, {}, {}));
  world.keys.clear();  // an object that is not reconciled
  world.StartLife();
  world.RunFor(std::chrono::minutes(10));
  EXPECT_TRUE(IsHeld());
}

TEST_F(HeldSecret, ThatAnotherOperatorUsesIsLeftAlone) {
  MakeReady();
  ASSERT_TRUE(world.MakeSecret("theirs", "token-b"));
  kube::ClientOptions theirs;
  theirs.server = "http://" + world.kubernetes;
  theirs.field_manager = "buckets";
  kube::Client another(world.network(), world.scheduler, theirs);
  ASSERT_TRUE(another.Patch(kube::SecretKind(), {"shop", "theirs"}, kube::PatchType::kMerge,
                            R"({"metadata":{"finalizers":["capstan.dev/in-use"]}})", {}, {}));
  world.life()->Stop();
  world.StartLife();
  world.RunFor(std::chrono::minutes(10));
  EXPECT_TRUE(world.Get(kube::SecretKind(), "theirs")->HasFinalizer(kInUseFinalizer))
      << "this operator did not add that finalizer";
}

TEST_F(HeldSecret, OfAKindWhosePluginIsNotLoadedStaysInUse) {
  MakeReady();
  world.life()->Stop();
  runtime::AlwaysLeader fence("an operator without the plugin");
  external::KindInfo box;
  box.group = world.kind.group;
  box.version = world.kind.version;
  box.kind = world.kind.kind;
  box.plural = world.kind.plural;
  HeldSecrets held(world.admin(), world.scheduler, fence, world.log, {});
  held.AlsoUsedBy(box);
  ASSERT_TRUE(held.Sweep({}));
  EXPECT_TRUE(IsHeld()) << "its record in status names the Secret";
  ForceAway("a");
  world.keys.clear();
  ASSERT_TRUE(held.Sweep({}));
  EXPECT_FALSE(IsHeld());
}

// A life wrote only the first refusal to its log, whatever came after it.
TEST_F(HeldSecret, ThatCannotBeRecordedIsReportedOnceForEachReason) {
  const auto refuse = [&](int status, const std::string& words) {
    const Instant now = world.scheduler.Now();
    world.effects.refusals = {
        {"PATCH configmaps/*", false, status, words, now, After(now, std::chrono::hours(1)), 0, true}};
  };
  const auto lines = [&](const std::string& words) {
    const auto all = world.log.Lines();
    return std::count_if(all.begin(), all.end(), [&](const std::string& line) {
      return line.find("may not record which Secrets are in use") != std::string::npos &&
             line.find(words) != std::string::npos;
    });
  };
  const auto use = [&](const std::string& name) {
    ASSERT_TRUE(world.MakeSecret("token-of-" + name, "token-a"));
    MakeReady(name, StrCat(R"("size":3,"color":"red","tokenSecret":"token-of-)", name, "\""));
  };
  refuse(400, "a webhook says no");
  use("a");
  use("b");
  refuse(403, "a right is missing");
  use("c");
  use("d");
  EXPECT_EQ(lines("a webhook says no"), 1);
  EXPECT_EQ(lines("a right is missing"), 1);
  world.effects.refusals.clear();
}

TEST_F(HeldSecret, IsNoLongerRecordedOnceItIsReleased) {
  MakeReady();
  const auto names = [&] {
    const auto map = world.admin().Get(kube::ConfigMapKind(), {"capstan-system", kInUseConfigMap}, {});
    return map ? map->ValueAt("/data").value_or("") : "no ConfigMap";
  };
  EXPECT_NE(names().find("shop/token"), std::string::npos) << names();
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Goes("a"));
  EXPECT_EQ(names().find("shop/token"), std::string::npos) << names();
}

}  // namespace
}  // namespace capstan::managed
