#include <capstan/core/managed/testing/managed_test.hpp>

namespace capstan::managed {
namespace {

using simulation::Effect;
using simulation::Mishap;

class Observe : public ManagedTest {};

TEST_F(Observe, ReportsALostCloudObjectOnlyAfterTheSettleWindow) {
  MakeReady();
  world.RunFor(std::chrono::minutes(2));
  boxes().VanishBox(Field("a", "/status/boxID"));
  ASSERT_TRUE(Becomes("a", "Ready", "Unknown/NotVisible"));
  const Instant first = world.scheduler.Now();
  ASSERT_TRUE(Becomes("a", "Ready", "False/Lost"));
  EXPECT_GE(world.scheduler.Now() - first, std::chrono::seconds(30));
  world.RunFor(std::chrono::minutes(10));
  EXPECT_EQ(Changes("POST /boxes"), 1) << "created again without being asked";
}

TEST_F(Observe, RecreatesALostCloudObjectWhenAsked) {
  MakeReady("a", R"("size":3,"color":"red","tokenSecret":"token","recreateIfLost":true)");
  const std::string first = Field("a", "/status/boxID");
  boxes().VanishBox(first);
  ASSERT_TRUE(world.RunUntil([&] { return LiveBoxes().size() == 1; }, std::chrono::minutes(5)));
  ASSERT_TRUE(Becomes("a", "Ready", "True/Available"));
  EXPECT_NE(Field("a", "/status/boxID"), first);
  EXPECT_NE(std::string(*world.Get("a")->Annotation(kExternalAnnotation)).find(Field("a", "/status/boxID")),
            std::string::npos);
}

TEST_F(Observe, ConcludesNothingFromPassingNotFounds) {
  MakeReady();
  world.effects.script = [misses = 0](const Effect& effect) mutable {
    return effect.what.find("GET boxes.test/boxes/") == 0 && misses < 2 ? (++misses, Mishap::kErrorBefore)
                                                                        : Mishap::kNone;
  };
  ASSERT_TRUE(Becomes("a", "Synced", "False/CloudUnavailable"));
  EXPECT_EQ(world.ConditionOf("a", "Ready"), "True/Available")
      << "an unanswered request says nothing about the object";
  EXPECT_TRUE(Becomes("a", "Synced", "True/InSync"));
}

TEST_F(Observe, LeavesACloudObjectWithoutItsTagAlone) {
  MakeReady();
  boxes().SetTags(Field("a", "/status/boxID"), {});
  ASSERT_TRUE(world.Apply("a", R"("size":9)"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/IdentityTagMissing"));
  world.RunFor(std::chrono::minutes(5));
  EXPECT_EQ(Changes("PUT /boxes"), 0);
}

TEST_F(Observe, StopsWhenTheCredentialsBelongToAnotherAccount) {
  MakeReady();
  ASSERT_TRUE(world.MakeSecret("token", "token-b"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/AccountChanged"));
  world.RunFor(std::chrono::minutes(10));
  EXPECT_EQ(Changes("POST /boxes"), 1);
  ASSERT_TRUE(world.MakeSecret("token", "token-a"));
  EXPECT_TRUE(Becomes("a", "Synced", "True/InSync", std::chrono::minutes(10)));
}

TEST_F(Observe, ConcludesNothingFromCredentialsOfAnUnknownAccount) {
  auto options = simulation::SimulatedBoxes::Options(world.options.cloud);
  options.account_readable = false;
  boxes().SetOptions(options);
  MakeReady();
  EXPECT_EQ(Field("a", "/status/external/account").rfind("credentials:sha256:", 0), 0u);
  ASSERT_TRUE(world.MakeSecret("token", "token-b"));
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/AccountUnknown"));
  world.RunFor(std::chrono::minutes(10));
  ASSERT_TRUE(world.Get("a"));
  ASSERT_TRUE(world.MakeSecret("token", "token-a"));
  EXPECT_TRUE(Goes("a", std::chrono::minutes(10)));
}

TEST_F(Observe, RecreatesNothingInAnAccountThatMayBeAnother) {
  auto options = simulation::SimulatedBoxes::Options(world.options.cloud);
  options.account_readable = false;
  boxes().SetOptions(options);
  MakeReady("a", std::string(kSecretSpec) + R"(,"recreateIfLost":true)");
  ASSERT_TRUE(world.MakeSecret("token", "token-b"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/AccountUnknown"));
  world.RunFor(std::chrono::minutes(10));
  EXPECT_EQ(world.ConditionOf("a", "Synced"), "False/AccountUnknown");
  EXPECT_EQ(Changes("POST /boxes"), 1);
  ASSERT_TRUE(world.MakeSecret("token", "token-a"));
  EXPECT_TRUE(Becomes("a", "Synced", "True/InSync", std::chrono::minutes(10)));
}

TEST_F(Observe, RestoresARemovedFinalizer) {
  MakeReady();
  ASSERT_TRUE(world.Patch(world.kind, "a", R"({"metadata":{"finalizers":null}})"));
  EXPECT_TRUE(
      world.RunUntil([&] { return world.Get("a")->HasFinalizer(kFinalizer); }, std::chrono::minutes(2)));
}

TEST_F(Observe, RecognisesItsOwnCloudObjectWhenStatusWasWiped) {
  MakeReady();
  const std::string id = Field("a", "/status/boxID");
  auto wiped = world.admin().Patch(world.kind, {"shop", "a"}, kube::PatchType::kMerge, R"({"status":null})",
                                   kube::PatchOptions{"status", false, false}, {});
  ASSERT_TRUE(wiped.has_value());
  world.life()->ReconcileAll();
  ASSERT_TRUE(Becomes("a", "Ready", "True/Available"));
  EXPECT_EQ(Field("a", "/status/external/id"), id);
  EXPECT_EQ(Changes("POST /boxes"), 1);
}

TEST_F(Observe, ChangesNothingWhilePaused) {
  MakeReady();
  ASSERT_TRUE(world.Patch(world.kind, "a",
                          R"({"metadata":{"annotations":{"capstan.dev/paused":"true"}},"spec":{"size":8}})"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/Paused"));
  ASSERT_TRUE(world.Delete("a"));
  world.RunFor(std::chrono::minutes(3));
  EXPECT_EQ(boxes().Changes().size(), 2u) << "more than the create and the key";
  ASSERT_TRUE(world.Patch(world.kind, "a", R"({"metadata":{"annotations":{"capstan.dev/paused":null}}})"));
  EXPECT_TRUE(Goes("a"));
}

TEST_F(Observe, KeepsConditionsOfOthers) {
  MakeReady();
  auto patched = world.admin().Patch(
      world.kind, {"shop", "a"}, kube::PatchType::kJson,
      R"([{"op":"add","path":"/status/conditions/0","value":{"type":"Audited","status":"True",
      "reason":"Theirs","message":"","lastTransitionTime":"2026-01-01T00:00:00Z"}}])",
      kube::PatchOptions{"status", false, false}, {});
  ASSERT_TRUE(patched.has_value()) << patched.error().message;
  ASSERT_TRUE(world.Apply("a", R"("color":"blue")"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/UpdateUnsupported"));
  EXPECT_EQ(world.ConditionOf("a", "Audited"), "True/Theirs");
}

TEST_F(Observe, LosesNoConditionThatAnotherWriterAddsRightBeforeItsOwn) {
  MakeReady();
  bool written = false;
  world.effects.script = [&](const Effect& effect) {
    if (!written && effect.what.find("PATCH") == 0 &&
        effect.what.find("/boxes/a/status") != std::string::npos) {
      written = world.admin()
                    .Patch(world.kind, {"shop", "a"}, kube::PatchType::kJson,
                           R"([{"op":"add","path":"/status/conditions/-","value":{"type":"Audited",
                           "status":"True","reason":"Theirs","message":"",
                           "lastTransitionTime":"2026-01-01T00:00:00Z"}}])",
                           kube::PatchOptions{"status", false, false}, {})
                    .has_value();
    }
    return Mishap::kNone;
  };
  ASSERT_TRUE(world.Apply("a", R"("color":"blue")"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/UpdateUnsupported"));
  ASSERT_TRUE(written);
  EXPECT_EQ(world.ConditionOf("a", "Audited"), "True/Theirs");
}

// Plans.

TEST_F(Observe, SaysWhichEditCannotBeCarriedOut) {
  MakeReady();
  ASSERT_TRUE(world.Apply("a", R"("color":"blue")"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/UpdateUnsupported"));
  EXPECT_NE(Message("a", "Synced").find("set spec.color to red"), std::string::npos)
      << Message("a", "Synced");
  EXPECT_EQ(Message("a", "Synced").find("delete"), std::string::npos)
      << "it runs: no message advises to delete it";
  EXPECT_EQ(world.ConditionOf("a", "Ready"), "True/Available");
  ASSERT_TRUE(world.Apply("a", R"("color":"red")"));
  EXPECT_TRUE(Becomes("a", "Synced", "True/InSync"));
}

TEST_F(Observe, CarriesOutAPlanStepByStep) {
  MakeReady();
  ASSERT_TRUE(world.Apply("a", R"("size":7,"lids":["x","y"])"));
  ASSERT_TRUE(world.RunUntil(
      [&] { return LiveBoxes()[0].lids.size() == 2 && world.ConditionOf("a", "Synced") == "True/InSync"; },
      std::chrono::minutes(10)));
  EXPECT_EQ(LiveBoxes()[0].size, 7);
  EXPECT_EQ(Changes("POST lids"), 2);
  EXPECT_EQ(LiveBoxes()[0].lids[0].tags.size(), 2u) << "a part carries both tags";
  EXPECT_FALSE(world.Get("a")->ValueAt("/status/external/pending").has_value());
}

TEST_F(Observe, AppliesNoStepOfASpecThatChangedDuringTheObservation) {
  MakeReady();
  bool changed = false;
  world.effects.script = [&](const simulation::Effect& effect) {
    if (!changed && effect.what.find("GET boxes.test/boxes/") == 0 &&
        world.Get("a")->IntegerAt("/spec/size") == 5) {
      changed = world.Apply("a", R"("size":9)").has_value();
    }
    return simulation::Mishap::kNone;
  };
  ASSERT_TRUE(world.Apply("a", R"("size":5)"));
  ASSERT_TRUE(world.RunUntil([&] { return changed && LiveBoxes()[0].size != 3; }, std::chrono::minutes(10)));
  EXPECT_EQ(LiveBoxes()[0].size, 9) << "the former step was applied";
  EXPECT_EQ(Changes("PUT /boxes"), 1);
}

TEST_F(Observe, AppliesNoStepForAnObjectThatWasDeletedDuringTheObservation) {
  MakeReady();
  bool deleted = false;
  world.effects.script = [&](const simulation::Effect& effect) {
    const auto object = world.Get("a");
    if (!deleted && effect.what.find("GET boxes.test/boxes/") == 0 && object->IntegerAt("/spec/size") == 5) {
      deleted = world.Delete("a").has_value();
    }
    return simulation::Mishap::kNone;
  };
  ASSERT_TRUE(world.Apply("a", R"("size":5)"));
  ASSERT_TRUE(Goes("a"));
  ASSERT_TRUE(deleted);
  EXPECT_EQ(Changes("PUT /boxes"), 0);
}

TEST_F(Observe, ChangesNothingOfAForeignOwnerAndRecognizesItsOwnInCapitals) {
  MakeReady();
  const std::string id = Field("a", "/status/boxID"), tag = "capstan:" + world.Get("a")->uid();
  boxes().SetTags(id, {tag, "capstan-owner:another"});
  ASSERT_TRUE(world.Apply("a", R"("size":5)"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/ForeignOwner"));
  world.RunFor(std::chrono::minutes(5));
  EXPECT_EQ(Changes("PUT /boxes"), 0);
  boxes().SetTags(id, {tag, "capstan-owner:OWNER-1"});
  EXPECT_TRUE(Becomes("a", "Synced", "True/InSync", std::chrono::minutes(20)));
  EXPECT_EQ(LiveBoxes()[0].size, 5);
}

TEST_F(Observe, DestroysNothingWithoutApprovalOfThatVeryPlan) {
  MakeReady();
  ASSERT_TRUE(world.Apply("a", R"("size":1)"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/ApprovalNeeded"));
  ASSERT_TRUE(world.Patch(world.kind, "a",
                          R"({"metadata":{"annotations":{"capstan.dev/approve":"of another plan"}}})"));
  world.RunFor(std::chrono::minutes(3));
  EXPECT_EQ(Changes("PUT /boxes"), 0);
  const std::string message = Message("a", "Synced");
  const auto at = message.find("capstan.dev/approve=") + 20;
  const std::string hash = message.substr(at, message.find(',', at) - at);
  ASSERT_TRUE(world.Patch(world.kind, "a",
                          R"({"metadata":{"annotations":{"capstan.dev/approve":")" + hash + "\"}}}"));
  ASSERT_TRUE(Becomes("a", "Synced", "True/InSync"));
  EXPECT_EQ(LiveBoxes()[0].size, 1);
}

TEST_F(Observe, UsesUpAnApprovalSoThatTheSameEditAsksAgain) {
  MakeReady();
  const auto approve = [&] {
    return world.Patch(
        world.kind, "a",
        R"({"metadata":{"annotations":{"capstan.dev/approve":")" + Field("a", "/status/plan/hash") + "\"}}}");
  };
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(world.Apply("a", R"("size":1)"));
    ASSERT_TRUE(Becomes("a", "Synced", "False/ApprovalNeeded")) << round;
    EXPECT_EQ(LiveBoxes()[0].size, 3) << "not approved, round " << round;
    ASSERT_TRUE(approve());
    ASSERT_TRUE(Becomes("a", "Synced", "True/InSync")) << round;
    EXPECT_FALSE(world.Get("a")->Annotation("capstan.dev/approve").has_value()) << round;
    ASSERT_TRUE(world.Apply("a", R"("size":3)"));
    ASSERT_TRUE(world.RunUntil([&] { return LiveBoxes()[0].size == 3; }, std::chrono::minutes(5)));
    ASSERT_TRUE(Becomes("a", "Synced", "True/InSync"));
  }
  ASSERT_TRUE(world.Patch(world.kind, "a",
                          R"({"metadata":{"annotations":{"capstan.dev/approve":"of what comes"}}})"));
  world.RunFor(std::chrono::minutes(3));
  EXPECT_EQ(world.Get("a")->Annotation("capstan.dev/approve"), "of what comes") << "nothing used it";
}

TEST_F(Observe, ShowsTheCloudsMessageForARefusedChangeAndRecoversWithTheNextEdit) {
  MakeReady("a", R"("size":3,"color":"red","tokenSecret":"token","allowDestructive":true)");
  ASSERT_TRUE(world.Apply("a", R"("size":0)"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/UpdateRejected"));
  EXPECT_NE(Message("a", "Synced").find("size must be at least 1"), std::string::npos);
  ASSERT_TRUE(world.Apply("a", R"("size":4)"));
  EXPECT_TRUE(Becomes("a", "Synced", "True/InSync", std::chrono::minutes(1)));
}

TEST_F(Observe, ShowsThePlanInStatusAndRemovesItWhenNothingDiffers) {
  MakeReady();
  EXPECT_FALSE(world.Get("a")->ValueAt("/status/plan").has_value());
  ASSERT_TRUE(world.Apply("a", R"("size":1,"color":"blue","lids":["x"])"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/ApprovalNeeded"));
  const auto a = *world.Get("a");
  EXPECT_EQ(a.StringAt("/status/plan/current"), "size");
  EXPECT_EQ(a.StringAt("/status/plan/steps/0/verb"), "scale");
  EXPECT_EQ(a.BooleanAt("/status/plan/steps/0/destroys"), true);
  EXPECT_EQ(a.StringAt("/status/plan/steps/1/target"), "lids/x");
  EXPECT_EQ(a.ValueAt("/status/plan/monthlyCostChange"), "-5") << a.ValueAt("/status/plan").value_or("");
  EXPECT_EQ(a.StringAt("/status/plan/unsupported/0/field"), "spec.color");
  EXPECT_NE(Message("a", "Synced").find("approve=" + a.StringAt("/status/plan/hash").value_or("none")),
            std::string::npos);
  ASSERT_TRUE(world.Apply("a", R"("size":3,"color":"red","lids":null)"));
  ASSERT_TRUE(Becomes("a", "Synced", "True/InSync"));
  EXPECT_FALSE(world.Get("a")->ValueAt("/status/plan").has_value());
}

TEST_F(Observe, StopsAtARefusedStepAndContinuesFromThereWithTheNextEdit) {
  MakeReady("a", R"("size":3,"color":"red","tokenSecret":"token","allowDestructive":true)");
  ASSERT_TRUE(world.Apply("a", R"("size":0,"lids":["x"])"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/UpdateRejected"));
  world.RunFor(std::chrono::minutes(3));
  EXPECT_EQ(Changes("POST lids"), 0) << "a step after the refused one was tried";
  EXPECT_EQ(Field("a", "/status/plan/current"), "size");
  ASSERT_TRUE(world.Apply("a", R"("size":3)"));
  ASSERT_TRUE(Becomes("a", "Synced", "True/InSync"));
  EXPECT_EQ(Changes("PUT /boxes"), 0);
  EXPECT_EQ(Changes("POST lids"), 1);
}

TEST_F(Observe, AsksForApprovalBeforeTheReplacementIsCreatedAndNotAgainAfterwards) {
  MakeReady();
  ASSERT_TRUE(world.Apply("a", R"("lids":["x","y"],"lidShape":"round")"));
  ASSERT_TRUE(world.RunUntil(
      [&] { return world.ConditionOf("a", "Synced") == "True/InSync" && Changes("POST lids") == 2; },
      std::chrono::minutes(10)));
  ASSERT_TRUE(world.Apply("a", R"("lidShape":"flat")"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/ApprovalNeeded"));
  world.RunFor(std::chrono::minutes(2));
  EXPECT_EQ(Changes("POST lids"), 2) << "created before it was approved";
  const std::string hash = Field("a", "/status/plan/hash");
  ASSERT_TRUE(world.Patch(world.kind, "a",
                          R"({"metadata":{"annotations":{"capstan.dev/approve":")" + hash + "\"}}}"));
  ASSERT_TRUE(Becomes("a", "Synced", "True/InSync", std::chrono::minutes(15)));
  const auto lids = LiveBoxes()[0].lids;
  ASSERT_EQ(lids.size(), 2u);
  EXPECT_EQ(lids[0].shape, "flat");
  EXPECT_EQ(lids[1].shape, "flat");
}

TEST_F(Observe, SaysWhatTheCloudIsDoing) {
  MakeReady();
  ASSERT_TRUE(world.Apply("a", R"("waitFor":"the paint dries")"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/Waiting"));
  EXPECT_EQ(Message("a", "Synced"), "the paint dries");
  ASSERT_TRUE(world.Apply("a", R"("size":5)"));
  world.RunFor(std::chrono::minutes(2));
  EXPECT_EQ(Changes("PUT /boxes"), 0) << "a waiting step began meanwhile";
  ASSERT_TRUE(world.Apply("a", R"("waitFor":null)"));
  EXPECT_TRUE(Becomes("a", "Synced", "True/InSync"));
}

TEST_F(Observe, PassesNoticesOnOnceAndRequestsThemAtMostOnceAMinute) {
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", kSecretSpec));
  ASSERT_TRUE(world.RunUntil([&] { return !LiveBoxes().empty(); }, std::chrono::minutes(1)));
  boxes().AddNotice(LiveBoxes()[0].id, "the wood is late");
  ASSERT_TRUE(Becomes("a", "Ready", "True/Available"));
  world.RunFor(std::chrono::minutes(10));
  const auto told = [&](const std::string& text) {
    const auto lines = world.log.Lines();
    return std::count_if(lines.begin(), lines.end(), [&](const std::string& line) {
      return line.find("CloudNotice") != std::string::npos && line.find(text) != std::string::npos;
    });
  };
  EXPECT_EQ(told("the wood is late"), 1);
  EXPECT_FALSE(Field("a", "/status/external/noticedAt").empty());
  int asked = 0;
  for (const auto& effect : world.effects.effects)
    asked += effect.what.find("/notices") != std::string::npos ? 1 : 0;
  EXPECT_LE(asked, 2) << "queried although nothing happens";
}

TEST_F(Observe, AsksACloudWithoutNoticesOnlyOnce) {
  auto options = simulation::SimulatedBoxes::Options(world.options.cloud);
  options.has_notices = false;
  options.provisioning = std::chrono::minutes(10);
  boxes().SetOptions(options);
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", kSecretSpec));
  ASSERT_TRUE(Becomes("a", "Ready", "True/Available", std::chrono::minutes(20)));
  int asked = 0;
  for (const auto& effect : world.effects.effects)
    asked += effect.what.find("/notices") != std::string::npos ? 1 : 0;
  EXPECT_EQ(asked, 1);
}

// The connection Secret.

TEST_F(Observe, PublishesTheConnectionOnceOwnedByTheObject) {
  MakeReady();
  world.RunFor(std::chrono::minutes(10));
  EXPECT_EQ(Changes("POST key"), 1);
  EXPECT_EQ(Field("a", "/status/keySecret"), "a-key");
  const auto secret = world.Get(kube::SecretKind(), "a-key");
  ASSERT_TRUE(secret);
  ASSERT_EQ(secret->metadata().owners.size(), 1u);
  EXPECT_EQ(secret->metadata().owners[0].uid, world.Get("a")->uid());
  EXPECT_TRUE(secret->StringAt("/data/key").has_value());
}

TEST_F(Observe, RenewsTheConnectionAtTwoThirdsOfItsLife) {
  MakeReady();
  world.RunFor(std::chrono::hours(15));
  EXPECT_EQ(Changes("POST key"), 1);
  world.RunFor(std::chrono::hours(2));
  EXPECT_EQ(Changes("POST key"), 2);
}

TEST_F(Observe, AppliesAnotherLifetimeOfTheConnectionAtTheNextRenewal) {
  MakeReady();
  auto options = simulation::SimulatedBoxes::Options(world.options.cloud);
  options.key_life = std::chrono::hours(3);
  boxes().SetOptions(options);
  ASSERT_TRUE(world.Apply("a", R"("size":4)"));
  world.RunFor(std::chrono::hours(1));
  EXPECT_EQ(Changes("POST key"), 1) << "an edit alone renews nothing";
  ASSERT_TRUE(world.admin().Delete(kube::SecretKind(), {"shop", "a-key"}, {}, {}));
  world.RunFor(std::chrono::minutes(3));
  EXPECT_EQ(Changes("POST key"), 2) << "a user who cannot wait deletes the Secret";
  world.RunFor(std::chrono::hours(2));
  EXPECT_EQ(Changes("POST key"), 3) << "two thirds of three hours";
}

TEST_F(Observe, KeepsTheConnectionWhileAStepIsRefused) {
  MakeReady("a", R"("size":3,"color":"red","tokenSecret":"token","allowDestructive":true)");
  ASSERT_TRUE(world.Apply("a", R"("size":0)"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/UpdateRejected"));
  const auto before = Changes("POST key");
  ASSERT_TRUE(world.admin().Delete(kube::SecretKind(), {"shop", "a-key"}, {}, {}));
  ASSERT_TRUE(world.RunUntil([&] { return Changes("POST key") > before; }, std::chrono::minutes(15)));
  world.RunFor(std::chrono::hours(17));
  EXPECT_EQ(Changes("POST key"), before + 2) << "created again, and renewed at two thirds of its lifetime";
  EXPECT_EQ(world.ConditionOf("a", "Synced"), "False/UpdateRejected") << "and the refusal is still reported";
  EXPECT_NE(Message("a", "Synced").find("size must be at least 1"), std::string::npos);
}

TEST_F(Observe, NeverOverwritesASecretThatIsNotOurs) {
  ASSERT_TRUE(world.MakeSecret("a-key", "theirs"));
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", kSecretSpec));
  ASSERT_TRUE(Becomes("a", "Synced", "False/ConnectionSecretTaken"));
  EXPECT_EQ(Changes("POST key"), 0);
  EXPECT_TRUE(world.Get(kube::SecretKind(), "a-key")->StringAt("/data/token").has_value());
  ASSERT_TRUE(world.admin().Delete(kube::SecretKind(), {"shop", "a-key"}, {}, {}));
  EXPECT_TRUE(Becomes("a", "Synced", "True/InSync"));
}

simulation::WorldOptions WithoutACollector() {
  simulation::WorldOptions options;
  options.collects_garbage = false;
  return options;
}
class Uncollected : public ManagedTest {
 protected:
  Uncollected() : ManagedTest(WithoutACollector()) {}
};

// Users delete an object and recreate it immediately: the garbage collector has not removed its
// Secret yet, or is down.
TEST_F(Uncollected, TakesOverTheSecretOfAnEarlierObjectOfTheSameName) {
  MakeReady();
  ASSERT_TRUE(Becomes("a", "Synced", "True/InSync"));
  const std::string key = world.Get(kube::SecretKind(), "a-key")->StringAt("/data/key").value_or("");
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Goes("a"));
  ASSERT_TRUE(world.Get(kube::SecretKind(), "a-key"));
  MakeReady();
  ASSERT_TRUE(Becomes("a", "Synced", "True/InSync"));
  const auto secret = world.Get(kube::SecretKind(), "a-key");
  ASSERT_EQ(secret->metadata().owners.size(), 1u);
  EXPECT_EQ(secret->metadata().owners[0].uid, world.Get("a")->uid());
  EXPECT_EQ(Changes("POST key"), 2);
  EXPECT_NE(secret->StringAt("/data/key").value_or(""), key);
}

TEST_F(Uncollected, LeavesTheSecretOfAnObjectOfAnotherNameAlone) {
  ASSERT_TRUE(world.MakeSecret("a-key", "theirs"));
  ASSERT_TRUE(world.Patch(kube::SecretKind(), "a-key",
                          R"({"metadata":{"ownerReferences":[{"apiVersion":"example.test/v1alpha1",)"
                          R"("kind":"Box","name":"b","uid":"0b0c9de2-0000-4000-8000-000000000000"}]}})"));
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", kSecretSpec));
  ASSERT_TRUE(Becomes("a", "Synced", "False/ConnectionSecretTaken"));
  EXPECT_TRUE(world.Get(kube::SecretKind(), "a-key")->StringAt("/data/token").has_value());
}

simulation::WorldOptions SlowToMake() {
  simulation::WorldOptions options;
  options.make_cloud = [](const simulation::CloudSetting& setting, const Clock& clock) {
    auto cloud = std::make_unique<simulation::SimulatedBoxes>(setting, clock);
    auto boxes = simulation::SimulatedBoxes::Options(setting);
    boxes.provisioning = std::chrono::hours(2);
    cloud->cloud().SetOptions(boxes);
    return cloud;
  };
  return options;
}
class Creating : public ManagedTest {
 protected:
  Creating() : ManagedTest(SlowToMake()) {}
};

TEST_F(Creating, ReportsSinceWhenAndThatItTakesTooLongAndIsSyncedOnlyOnceItExists) {
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", kSecretSpec));
  ASSERT_TRUE(Becomes("a", "Ready", "False/Creating"));
  world.RunFor(std::chrono::minutes(20));
  EXPECT_EQ(world.ConditionOf("a", "Ready"), "False/Creating");
  EXPECT_NE(Message("a", "Ready").find(" since 20"), std::string::npos) << Message("a", "Ready");
  EXPECT_EQ(world.ConditionOf("a", "Synced"), "False/Waiting");
  const std::string version = world.Get("a")->resource_version();
  world.RunFor(std::chrono::minutes(8));
  EXPECT_EQ(world.Get("a")->resource_version(), version) << "waiting writes nothing";
  ASSERT_TRUE(Becomes("a", "Ready", "False/CreatingTooLong"));
  EXPECT_NE(Message("a", "Ready").find("longer than 30m"), std::string::npos) << Message("a", "Ready");
  world.RunFor(std::chrono::minutes(60));
  EXPECT_EQ(EventsOf("CreatingTooLong"), 1);
  EXPECT_EQ(world.ConditionOf("a", "Synced"), "False/Waiting");
  ASSERT_TRUE(Becomes("a", "Ready", "True/Available", std::chrono::hours(1)));
  EXPECT_TRUE(Becomes("a", "Synced", "True/InSync"));
}

TEST_F(Creating, ReportsThatItTakesTooLongAfterTheTimeoutOfTheSpecAndCreatesNoSecondOne) {
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", std::string(kSecretSpec) + R"(,"createTimeoutSeconds":120)"));
  ASSERT_TRUE(Becomes("a", "Ready", "False/Creating"));
  world.RunFor(std::chrono::seconds(100));
  EXPECT_EQ(world.ConditionOf("a", "Ready"), "False/Creating");
  world.RunFor(std::chrono::seconds(30));
  EXPECT_EQ(world.ConditionOf("a", "Ready"), "False/CreatingTooLong") << "said within seconds";
  EXPECT_NE(Message("a", "Ready").find("longer than 2m0s (spec.createTimeoutSeconds)"), std::string::npos)
      << Message("a", "Ready");
  world.RunFor(std::chrono::minutes(10));
  EXPECT_EQ(EventsOf("CreatingTooLong"), 1);
  EXPECT_EQ(LiveBoxes().size(), 1u);
  EXPECT_EQ(Changes("POST /boxes"), 1);
  ASSERT_TRUE(world.Apply("a", R"("createTimeoutSeconds":7200)"));
  ASSERT_TRUE(Becomes("a", "Ready", "False/Creating")) << "a longer timeout was configured";
  EXPECT_EQ(Changes("POST /boxes"), 1);
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Goes("a")) << "an object that takes too long can be abandoned";
  EXPECT_TRUE(LiveBoxes().empty());
}

class ConnectionSecret : public ManagedTest {
 protected:
  std::string Data(const std::string& secret, const std::string& key) {
    const auto there = world.Get(kube::SecretKind(), secret);
    return there ? there->StringAt("/data/" + key).value_or("") : "no Secret";
  }
};

TEST_F(ConnectionSecret, ThatAUserEditedIsRepairedAtTheNextLookAndOthersKeysStay) {
  MakeReady();
  world.RunFor(std::chrono::minutes(2));
  const std::string good = Data("a-key", "key");
  ASSERT_TRUE(world.Patch(kube::SecretKind(), "a-key", R"({"data":{"key":"YmFk","theirs":"eA=="}})"));
  world.RunFor(std::chrono::minutes(2));
  EXPECT_NE(Data("a-key", "key"), "YmFk");
  EXPECT_NE(Data("a-key", "key"), good) << "it is requested again";
  EXPECT_EQ(Data("a-key", "theirs"), "eA==");
  EXPECT_EQ(Changes("POST key"), 2);
  ASSERT_TRUE(world.Patch(kube::SecretKind(), "a-key", R"({"data":{"theirs":"eQ=="}})"));
  world.RunFor(std::chrono::minutes(10));
  EXPECT_EQ(Changes("POST key"), 2) << "keys of others stay";
}

TEST_F(ConnectionSecret, IsRenewedWhenTheFieldsItDependsOnChange) {
  MakeReady();
  ASSERT_TRUE(world.Apply("a", R"("size":4)"));
  world.RunFor(std::chrono::minutes(3));
  EXPECT_EQ(Changes("POST key"), 1);
  ASSERT_TRUE(world.Apply("a", R"("keyHolder":"ops")"));
  world.RunFor(std::chrono::minutes(2));
  EXPECT_EQ(Changes("POST key"), 2);
  world.RunFor(std::chrono::minutes(10));
  EXPECT_EQ(Changes("POST key"), 2);
}

TEST_F(ConnectionSecret, HasTheNameAndTheKeysThatTheSpecAsksFor) {
  MakeReady("a", std::string(kSecretSpec) + R"(,"keySecret":{"name":"access","keys":{"key":"value"}})");
  world.RunFor(std::chrono::minutes(1));
  EXPECT_EQ(Field("a", "/status/keySecret"), "access");
  EXPECT_NE(Data("access", "value"), "");
  EXPECT_EQ(Data("access", "key"), "");
  EXPECT_EQ(Data("a-key", "key"), "no Secret");
  ASSERT_TRUE(world.Apply("a", R"("keySecret":{"keys":{"key":"token"}})"));
  world.RunFor(std::chrono::minutes(2));
  EXPECT_NE(Data("access", "token"), "");
  EXPECT_EQ(Data("access", "value"), "") << "the former key is removed";
  ASSERT_TRUE(world.Apply("a", R"("keySecret":{"keys":{"nosuch":"x"}})"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/ConnectionUnavailable"));
  EXPECT_NE(Message("a", "Synced").find("there is only key"), std::string::npos) << Message("a", "Synced");
}

TEST_F(ConnectionSecret, WithAnImpossibleNameIsReportedBeforeAnythingIsCreated) {
  world.StartLife();
  const std::string longest(249, 'x'), longer(250, 'y');  // "-key" makes 253 and 254
  ASSERT_TRUE(world.Apply(longer, kSecretSpec));
  ASSERT_TRUE(Becomes(longer, "Synced", "False/SpecInvalid"));
  EXPECT_NE(Message(longer, "Synced").find("set spec.keySecret.name"), std::string::npos);
  EXPECT_TRUE(boxes().Boxes().empty());
  ASSERT_TRUE(world.Apply(longer, R"("keySecret":{"name":"short"})"));
  EXPECT_TRUE(Becomes(longer, "Ready", "True/Available", std::chrono::minutes(10)));
  MakeReady(longest);
  EXPECT_EQ(Field(longest, "/status/keySecret"), longest + "-key");
  for (const char* requested :
       {R"({"name":"No Name"})", R"({"nam":"x"})", R"("x")", R"({"keys":{"key":"a b"}})"}) {
    ASSERT_TRUE(world.Apply("bad", std::string(kSecretSpec) + ",\"keySecret\":" + requested));
    ASSERT_TRUE(Becomes("bad", "Synced", "False/SpecInvalid")) << requested;
    ASSERT_TRUE(world.Delete("bad"));
    ASSERT_TRUE(Goes("bad"));
  }
}

}  // namespace
}  // namespace capstan::managed
