#include <capstan/core/managed/testing/managed_test.hpp>

namespace capstan::managed {
namespace {

using simulation::Effect;
using simulation::Mishap;

class Deletion : public ManagedTest {};

TEST_F(Deletion, RemovesTheCloudObjectThenTheFinalizer) {
  MakeReady();
  bool left_early = false;
  world.effects.check = [&](const Effect&) {
    left_early = left_early || (!world.Get("a") && !boxes().Boxes().empty());
  };
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Becomes("a", "Ready", "False/Deleting"));
  ASSERT_TRUE(Goes("a"));
  EXPECT_FALSE(left_early);
  EXPECT_TRUE(boxes().Boxes().empty());
  EXPECT_FALSE(world.Get(kube::SecretKind(), "token")->HasFinalizer(kInUseFinalizer))
      << "no object uses the Secret any more";
}

TEST_F(Deletion, KeepsTheSecretWhileAnotherObjectNeedsIt) {
  MakeReady("a");
  MakeReady("b");
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Goes("a"));
  EXPECT_TRUE(world.Get(kube::SecretKind(), "token")->HasFinalizer(kInUseFinalizer));
  ASSERT_TRUE(world.Delete("b"));
  ASSERT_TRUE(Goes("b"));
  EXPECT_FALSE(world.Get(kube::SecretKind(), "token")->HasFinalizer(kInUseFinalizer));
}

TEST_F(Deletion, OfASecretWaitsUntilNoObjectUsesIt) {
  MakeReady();
  ASSERT_TRUE(world.admin().Delete(kube::SecretKind(), {"shop", "token"}, {}, {}));
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Goes("a"));
  EXPECT_TRUE(boxes().Boxes().empty());
  EXPECT_FALSE(world.Get(kube::SecretKind(), "token"));
}

TEST_F(Deletion, OfANeverCreatedCloudObjectNeedsNoCredentials) {
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", R"("size":3,"tokenSecret":"nowhere")"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/CredentialsMissing"));
  ASSERT_TRUE(world.Delete("a"));
  EXPECT_TRUE(Goes("a", std::chrono::seconds(30)));
}

TEST_F(Deletion, WhileAnOutcomeIsUnknownWaitsAndRemovesWhatAppears) {
  world.effects.script = [](const Effect& effect) {
    return effect.what == "POST boxes.test/boxes" ? Mishap::kTimeoutAfter : Mishap::kNone;
  };
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", kSecretSpec));
  ASSERT_TRUE(Becomes("a", "Synced", "False/OutcomeUnknown"));
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Goes("a"));
  EXPECT_TRUE(boxes().Boxes().empty());
  EXPECT_EQ(Changes("POST /boxes"), 1);
  EXPECT_EQ(Changes("DELETE /boxes"), 1);
}

TEST_F(Deletion, RightAfterTheCreateDoesNotTrustALaggingGet) {
  auto options = simulation::SimulatedBoxes::Options(world.options.cloud);
  options.get_lag = std::chrono::seconds(20);
  boxes().SetOptions(options);
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", kSecretSpec));
  ASSERT_TRUE(
      world.RunUntil([&] { return !Field("a", "/status/external/id").empty(); }, std::chrono::minutes(1)));
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Goes("a"));
  EXPECT_TRUE(boxes().Boxes().empty()) << "an orphan";
}

TEST_F(Deletion, UnderPolicyRetainLeavesTheCloudObjectAndRecordsIt) {
  MakeReady("a", R"("size":3,"color":"red","tokenSecret":"token","deletionPolicy":"Retain")");
  const std::string id = Field("a", "/status/boxID");
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Goes("a"));
  EXPECT_EQ(LiveBoxes().size(), 1u);
  const auto map =
      world.admin().Get(kube::ConfigMapKind(), {"capstan-system", "capstan-abandoned-2026-01"}, {});
  ASSERT_TRUE(map.has_value()) << map.error().message;
  EXPECT_NE(map->json().find(id), std::string::npos);
  EXPECT_TRUE(world.log.Contains("abandoned a cloud object"));
}

TEST_F(Deletion, AbandonsOnlyWhenTheAnnotationNamesTheId) {
  MakeReady();
  const std::string id = Field("a", "/status/boxID");
  ASSERT_TRUE(world.Patch(kube::SecretKind(), "token", R"({"data":{"token":"d3Jvbmc="}})"));
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/Unauthenticated"));
  ASSERT_TRUE(world.Patch(world.kind, "a", R"({"metadata":{"annotations":{"capstan.dev/abandon":"yes"}}})"));
  world.RunFor(std::chrono::minutes(2));
  ASSERT_TRUE(world.Get("a")) << "\"yes\" is not an id";
  ASSERT_TRUE(
      world.Patch(world.kind, "a", R"({"metadata":{"annotations":{"capstan.dev/abandon":")" + id + "\"}}}"));
  EXPECT_TRUE(Goes("a"));
  EXPECT_EQ(LiveBoxes().size(), 1u);
}

TEST_F(Deletion, WithoutCredentialsSaysSoAndAcceptsOthersOfTheSameAccount) {
  MakeReady();
  ASSERT_TRUE(world.Patch(kube::SecretKind(), "token", R"({"metadata":{"finalizers":null}})"));
  ASSERT_TRUE(world.admin().Delete(kube::SecretKind(), {"shop", "token"}, {}, {}));
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/CredentialsMissing"));
  ASSERT_TRUE(world.MakeSecret("other", "token-b"));
  ASSERT_TRUE(
      world.Patch(world.kind, "a", R"({"metadata":{"annotations":{"capstan.dev/credentials":"other"}}})"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/AccountChanged"));
  ASSERT_TRUE(world.MakeSecret("other", "token-a"));
  EXPECT_TRUE(Goes("a", std::chrono::minutes(10)));
  EXPECT_TRUE(boxes().Boxes().empty());
}

TEST_F(Deletion, IsBlockedByProtectionUntilItIsLifted) {
  MakeReady("a", R"("size":3,"tokenSecret":"token","deletionProtection":true)");
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/DeletionProtected"));
  world.RunFor(std::chrono::minutes(5));
  EXPECT_EQ(Changes("DELETE /boxes"), 0);
  ASSERT_TRUE(world.Patch(world.kind, "a", R"({"spec":{"deletionProtection":false}})"));
  EXPECT_TRUE(Goes("a"));
}

TEST_F(Deletion, UnderAMisspeltPolicyWaitsAndRemovesNothing) {
  for (const char* misspelt : {R"("deletionPolicy":"Retian")", R"("managementPolicy":"observe")"}) {
    SCOPED_TRACE(misspelt);
    const std::string name = misspelt[1] == 'd' ? "a" : "b";
    MakeReady(name);
    ASSERT_TRUE(world.Apply(name, misspelt));
    ASSERT_TRUE(world.Delete(name));
    ASSERT_TRUE(Becomes(name, "Synced", "False/DeletionRejected"));
    world.RunFor(std::chrono::minutes(20));
    EXPECT_EQ(Changes("DELETE /boxes"), 0);
  }
  ASSERT_TRUE(world.Apply("a", R"("deletionPolicy":"Retain")"));
  EXPECT_TRUE(Goes("a"));
  EXPECT_EQ(LiveBoxes().size(), 2u);
}

TEST_F(Deletion, OfAnObjectWithAnInvalidSpecCanStillAbandonIt) {
  MakeReady();
  ASSERT_TRUE(world.Apply("a", R"("deletionPolicy":"Retian")"));
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/DeletionRejected"));
  const std::string uid = world.Get("a")->uid();
  ASSERT_TRUE(
      world.Patch(world.kind, "a", R"({"metadata":{"annotations":{"capstan.dev/abandon":")" + uid + "\"}}}"));
  EXPECT_TRUE(Goes("a"));
  EXPECT_EQ(LiveBoxes().size(), 1u);
}

TEST_F(Deletion, WaitsWhilePaused) {
  MakeReady();
  ASSERT_TRUE(world.Patch(world.kind, "a", R"({"metadata":{"annotations":{"capstan.dev/paused":"true"}}})"));
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/Paused"));
  world.RunFor(std::chrono::minutes(5));
  EXPECT_EQ(Changes("DELETE /boxes"), 0);
  ASSERT_TRUE(world.Patch(world.kind, "a", R"({"metadata":{"annotations":{"capstan.dev/paused":null}}})"));
  EXPECT_TRUE(Goes("a"));
  EXPECT_TRUE(LiveBoxes().empty());
}

TEST_F(Deletion, FollowsAChangeOfTheSpecUntilTheRequestIsSent) {
  MakeReady();
  bool changed = false;
  world.effects.script = [&](const simulation::Effect& effect) {
    if (!changed && effect.what.find("GET boxes.test/boxes/") == 0 && world.Get("a")->deleting())
      changed = world.Apply("a", R"("deletionPolicy":"Retain")").has_value();
    return simulation::Mishap::kNone;
  };
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Goes("a"));
  ASSERT_TRUE(changed);
  EXPECT_EQ(LiveBoxes().size(), 1u);
}

// Retain after the removal was requested: nothing is reported as kept.
TEST_F(Deletion, ThatHasBegunIsCompletedWhenThePolicyBecomesRetain) {
  MakeReady();
  bool left_early = false;
  world.effects.check = [&](const Effect&) {
    left_early = left_early || (!world.Get("a") && !boxes().Boxes().empty());
  };
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(world.RunUntil([&] { return Changes("DELETE /boxes") == 1; }, std::chrono::minutes(1)));
  ASSERT_TRUE(world.Apply("a", R"("deletionPolicy":"Retain")"));
  ASSERT_TRUE(
      world.RunUntil([&] { return Message("a", "Synced").find("came too late") != std::string::npos; },
                     std::chrono::seconds(8)))
      << Message("a", "Synced");
  ASSERT_TRUE(Goes("a"));
  EXPECT_FALSE(left_early);
  EXPECT_FALSE(world.log.Contains("abandoned a cloud object")) << "nothing stays";
}

TEST_F(Deletion, ThatHasBegunIsCompletedUnderRetainEvenAfterACrash) {
  MakeReady();
  world.effects.script = [&](const Effect& effect) {
    if (effect.what.find("DELETE boxes.test") != 0) return Mishap::kNone;
    EXPECT_TRUE(world.Apply("a", R"("deletionPolicy":"Retain")"));
    return Mishap::kCrashAfterCommit;
  };
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Goes("a"));
  EXPECT_TRUE(boxes().Boxes().empty());
  EXPECT_FALSE(world.log.Contains("abandoned a cloud object"));
}

TEST_F(Deletion, ThatHasBegunIsCompletedUnderRetainEvenWhenTheCloudDoesNotAnswer) {
  MakeReady();
  world.effects.script = [&, begun = false, refused = false](const Effect& effect) mutable {
    if (effect.what.find("DELETE boxes.test") == 0) {
      begun = true;
      EXPECT_TRUE(world.Apply("a", R"("deletionPolicy":"Retain")"));
    } else if (begun && !refused && effect.cloud) {
      refused = true;
      return Mishap::kUnauthorized;
    }
    return Mishap::kNone;
  };
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Goes("a", std::chrono::minutes(10)));
  EXPECT_FALSE(world.log.Contains("abandoned a cloud object"));
}

TEST_F(Deletion, ThatTheCloudLostIsNotRequestedAgainUnderRetain) {
  MakeReady();
  world.effects.script = [&](const Effect& effect) {
    return effect.what.find("DELETE boxes.test") == 0 ? Mishap::kTimeoutBefore : Mishap::kNone;
  };
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/CloudUnavailable"));
  ASSERT_TRUE(world.Apply("a", R"("deletionPolicy":"Retain")"));
  ASSERT_TRUE(Goes("a"));
  EXPECT_EQ(LiveBoxes().size(), 1u);
  EXPECT_TRUE(world.log.Contains("abandoned a cloud object"));
}

TEST_F(Deletion, UnderRetainNeverRequestsARemovalWhateverStatusSays) {
  MakeReady("a", R"("size":3,"tokenSecret":"token","deletionPolicy":"Retain")");
  // As after a removal that the cloud reverted.
  ASSERT_TRUE(world.admin()
                  .Patch(world.kind, {"shop", "a"}, kube::PatchType::kMerge,
                         R"({"status":{"external":{"removing":true}}})",
                         kube::PatchOptions{"status", false, false}, {})
                  .has_value());
  world.effects.script = [&, failed = false](const Effect& effect) mutable {
    if (failed || effect.what.find("GET boxes.test/boxes/") != 0 || !world.Get("a")->deleting())
      return Mishap::kNone;
    failed = true;  // the record counts then, and the next observation shows it alive
    return Mishap::kErrorBefore;
  };
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Goes("a"));
  EXPECT_EQ(Changes("DELETE /boxes"), 0);
  EXPECT_EQ(LiveBoxes().size(), 1u);
}

TEST_F(Deletion, UnderRetainNeedsNoCredentials) {
  for (const char* name : {"refused", "missing"}) {
    MakeReady(name, R"("size":3,"tokenSecret":"token","deletionPolicy":"Retain")");
    ASSERT_TRUE(world.Patch(kube::SecretKind(), "token",
                            R"({"metadata":{"finalizers":null},"data":{"token":"d3Jvbmc="}})"));
    if (name == std::string("missing")) {
      ASSERT_TRUE(world.admin().Delete(kube::SecretKind(), {"shop", "token"}, {}, {}));
    }
    ASSERT_TRUE(world.Delete(name));
    ASSERT_TRUE(Goes(name, std::chrono::seconds(30)));
    ASSERT_TRUE(world.MakeSecret("token", "token-a"));
  }
  EXPECT_EQ(LiveBoxes().size(), 2u);
}

TEST_F(Deletion, DoesNotTouchAnObjectWhoseTagIsGone) {
  MakeReady();
  const std::string id = Field("a", "/status/boxID");
  boxes().SetTags(id, {"somebody"});
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/IdentityTagMissing"));
  world.RunFor(std::chrono::minutes(5));
  EXPECT_EQ(Changes("DELETE /boxes"), 0);
}

TEST_F(Deletion, OfAnObjectThatVanishedByItselfEnds) {
  MakeReady();
  world.RunFor(std::chrono::minutes(1));
  boxes().VanishBox(Field("a", "/status/boxID"));
  ASSERT_TRUE(world.Delete("a"));
  EXPECT_TRUE(Goes("a"));
}

TEST_F(Deletion, SurvivesACrashBetweenSecretAndFinalizerEvenIfTheSecretIsGoneAfterwards) {
  MakeReady();
  ASSERT_TRUE(world.admin().Delete(kube::SecretKind(), {"shop", "token"}, {}, {}));
  world.effects.script = [](const Effect& effect) {
    return effect.what.find("PATCH") == 0 && effect.what.find("/secrets/token") != std::string::npos
               ? Mishap::kCrashAfterCommit
               : Mishap::kNone;
  };
  ASSERT_TRUE(world.Delete("a"));
  EXPECT_TRUE(Goes("a"));
}

simulation::WorldOptions Unreadable() {
  simulation::WorldOptions options;
  options.cloud.account_readable = false;
  return options;
}
class DeletionWithoutAnAccount : public ManagedTest {
 protected:
  DeletionWithoutAnAccount() : ManagedTest(Unreadable()) {}
};

TEST_F(DeletionWithoutAnAccount, ConcludesNothingFromAnAbsenceObservedWithOtherCredentials) {
  MakeReady();
  ASSERT_TRUE(world.MakeSecret("token", world.cloud->token(1)));
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/AccountUnknown"));
  world.RunFor(std::chrono::minutes(10));
  ASSERT_TRUE(world.Get("a")) << "it was deleted, and its box still exists in the other account";
  EXPECT_EQ(LiveBoxes().size(), 1u);
  ASSERT_TRUE(world.MakeSecret("token", world.cloud->token(0)));
  EXPECT_TRUE(Goes("a"));
  EXPECT_TRUE(boxes().Boxes().empty());
}

}  // namespace
}  // namespace capstan::managed
