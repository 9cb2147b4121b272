#include <capstan/core/managed/testing/managed_test.hpp>
#include <capstan/simulation/box_provider.hpp>

namespace capstan::managed {
namespace {

using simulation::Effect;
using simulation::Mishap;

class Create : public ManagedTest {
 protected:
  // Applies `mishap` to the n-th effect whose description contains `what`.
  void Strike(const std::string& what, Mishap mishap, int nth = 1) {
    world.effects.script = [=, seen = 0](const Effect& effect) mutable {
      return effect.what.find(what) != std::string::npos && ++seen == nth ? mishap : Mishap::kNone;
    };
  }
};

TEST_F(Create, CreatesOneCloudObjectWithBothTagsAndShowsIt) {
  MakeReady();
  const auto all = LiveBoxes();
  ASSERT_EQ(all.size(), 1u);
  const std::string uid = world.Get("a")->uid();
  EXPECT_EQ(all[0].tags, (std::vector<std::string>{"capstan:" + uid, "capstan-owner:owner-1"}));
  EXPECT_EQ(Field("a", "/status/boxID"), all[0].id);
  EXPECT_EQ(Field("a", "/status/progress"), "ready");
  EXPECT_EQ(Field("a", "/status/external/id"), all[0].id);
  EXPECT_EQ(Field("a", "/status/external/account"), "account-a");
  EXPECT_FALSE(world.Get("a")->ValueAt("/status/external/pending").has_value());
  EXPECT_EQ(world.ConditionOf("a", "Synced"), "True/InSync");
  EXPECT_EQ(world.Get("a")->IntegerAt("/status/observedGeneration"), world.Get("a")->generation());
  EXPECT_TRUE(world.Get("a")->HasFinalizer(kFinalizer));
  EXPECT_TRUE(world.Get(kube::SecretKind(), "token")->HasFinalizer(kInUseFinalizer));
  EXPECT_NE(std::string(*world.Get("a")->Annotation(kExternalAnnotation)).find(all[0].id), std::string::npos);
}

TEST_F(Create, WritesFinalizersAndIntentBeforeTheRequestThatMakesIt) {
  MakeReady();
  std::vector<std::string> order;
  for (const auto& effect : world.effects.effects) {
    if (effect.what.find("PATCH") == 0 || effect.what.find("POST boxes") == 0) order.push_back(effect.what);
  }
  ASSERT_GE(order.size(), 5u);
  EXPECT_NE(order[0].find("/boxes/a"), std::string::npos) << "our finalizer";
  EXPECT_NE(order[1].find("/secrets/token"), std::string::npos) << "in-use on the Secret";
  EXPECT_NE(order[2].find("/boxes/a/status"), std::string::npos) << "the intent";
  EXPECT_EQ(order[3], "POST boxes.test/boxes");
  EXPECT_NE(order[4].find("/boxes/a/status"), std::string::npos) << "the record";
}

TEST_F(Create, KeepsFinalizersThatAnotherWriterAddsAtTheSameTime) {
  bool object = false, secret = false;
  const char* theirs = R"({"metadata":{"finalizers":["somebody.test/else"]}})";
  world.effects.script = [&](const simulation::Effect& effect) {
    // While ours is in flight: a merge patch replaces the whole list.
    if (effect.what.find("PATCH") != 0) return simulation::Mishap::kNone;
    if (!object && effect.what.find("/boxes/a") != std::string::npos)
      object = world.Patch(world.kind, "a", theirs).has_value();
    if (!secret && effect.what.find("/secrets/token") != std::string::npos)
      secret = world.Patch(kube::SecretKind(), "token", theirs).has_value();
    return simulation::Mishap::kNone;
  };
  MakeReady();
  ASSERT_TRUE(object && secret);
  EXPECT_TRUE(world.Get("a")->HasFinalizer("somebody.test/else"));
  EXPECT_TRUE(world.Get("a")->HasFinalizer(kFinalizer));
  const auto token = world.Get(kube::SecretKind(), "token");
  EXPECT_TRUE(token->HasFinalizer("somebody.test/else"));
  EXPECT_TRUE(token->HasFinalizer(kInUseFinalizer));
}

TEST_F(Create, SendsNothingMoreWhenAllIsAsDesired) {
  MakeReady();
  world.RunFor(std::chrono::minutes(1));
  const auto before = world.effects.effects.size();
  const std::string version = world.Get("a")->resource_version();
  world.RunFor(std::chrono::minutes(10));
  const auto after = world.effects.effects.size();
  EXPECT_EQ(world.Get("a")->resource_version(), version)
      << "status is written again although nothing changed";
  std::size_t looks = 0;
  for (auto i = before; i < after; ++i)
    looks += world.effects.effects[i].what == "GET boxes.test/boxes/box-1" ? 1 : 0;
  EXPECT_LE(looks, 11u) << "more than one look a minute";
  // One may have begun before.
  EXPECT_LE(after - before, 5 * looks + 4) << "a look is one read of the cloud and four of Kubernetes";
}

TEST_F(Create, FindsWhatAnUnansweredRequestMadeInsteadOfMakingItAgain) {
  Strike("POST boxes.test/boxes", Mishap::kTimeoutAfter);
  MakeReady();
  EXPECT_EQ(Changes("POST /boxes"), 1);
  EXPECT_TRUE(world.Get("a")->BooleanAt("/status/external/doubt").value_or(false));
}

TEST_F(Create, SaysThatTheOutcomeIsUnknownWhileItWaits) {
  Strike("POST boxes.test/boxes", Mishap::kErrorAfter);
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", kSecretSpec));
  EXPECT_TRUE(Becomes("a", "Synced", "False/OutcomeUnknown"));
  EXPECT_EQ(LiveBoxes().size(), 1u);
  EXPECT_EQ(Field("a", "/status/boxID"), "") << "nothing is claimed without being observed";
  EXPECT_TRUE(Becomes("a", "Ready", "True/Available"));
}

TEST_F(Create, LooksForWhatAnUnansweredRequestMadeOnlyInTheAccountItWentTo) {
  Strike("POST boxes.test/boxes", Mishap::kTimeoutAfter);
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", kSecretSpec));
  ASSERT_TRUE(Becomes("a", "Synced", "False/OutcomeUnknown"));
  ASSERT_TRUE(world.MakeSecret("token", "token-b"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/AccountChanged"));
  world.RunFor(std::chrono::minutes(5));
  EXPECT_EQ(Changes("POST /boxes"), 1) << "a second one in another account";
  ASSERT_TRUE(world.MakeSecret("token", "token-a"));
  EXPECT_TRUE(Becomes("a", "Ready", "True/Available", std::chrono::minutes(10)));
  EXPECT_EQ(Changes("POST /boxes"), 1);
}

TEST_F(Create, TriesAgainAfterTheSettleWindowWhenNothingWasMade) {
  Strike("POST boxes.test/boxes", Mishap::kErrorBefore);
  const Instant start = world.scheduler.Now();
  MakeReady();
  EXPECT_EQ(Changes("POST /boxes"), 1);
  EXPECT_GE(world.scheduler.Now() - start, std::chrono::seconds(30))
      << "concluded before the cloud had to show it";
}

TEST_F(Create, TakesOverTheIntentOfAnEarlierLife) {
  Strike("POST boxes.test/boxes", Mishap::kCrashAfterCommit);
  MakeReady();
  EXPECT_EQ(Changes("POST /boxes"), 1);
  EXPECT_EQ(world.life()->holder(), "operator-2");
}

TEST_F(Create, RecordsThroughFaultsOfTheApiServer) {
  // The first status PATCH after the POST is the record.
  world.effects.script = [made = false, failed = 0](const Effect& effect) mutable {
    made = made || effect.what == "POST boxes.test/boxes";
    if (!made || effect.what.find("PATCH") != 0 || failed == 4) return Mishap::kNone;
    return ++failed % 2 != 0 ? Mishap::kErrorBefore : Mishap::kTimeoutAfter;
  };
  MakeReady();
  EXPECT_EQ(Changes("POST /boxes"), 1);
  EXPECT_FALSE(world.Get("a")->BooleanAt("/status/external/doubt").value_or(false))
      << "the record was abandoned too early";
}

TEST_F(Create, ReportsACertainRefusalAndRecoversWithTheSpec) {
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", R"("size":0,"tokenSecret":"token")"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/CreateRejected"));
  EXPECT_NE(Message("a", "Synced").find("size must be at least 1"), std::string::npos);
  EXPECT_FALSE(world.Get("a")->ValueAt("/status/external/pending").has_value());
  world.RunFor(std::chrono::seconds(1));
  EXPECT_TRUE(world.log.Contains("reason=CreateRejected"));
  const auto before = world.effects.effects.size();
  world.RunFor(std::chrono::minutes(10));
  EXPECT_LE(world.effects.effects.size() - before, 8u * 8) << "a tight loop on a refusal";
  ASSERT_TRUE(world.Apply("a", R"("size":2)"));
  EXPECT_TRUE(Becomes("a", "Ready", "True/Available", std::chrono::minutes(1)));
}

TEST_F(Create, LeavesTheCloudObjectOfAnotherOwnerWithTheSameNameAlone) {
  const std::string other = boxes().PutByHand("account-a", "a", {"theirs"});
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", kSecretSpec));
  ASSERT_TRUE(Becomes("a", "Synced", "False/NameTaken"));
  EXPECT_NE(
      Message("a", "Synced").find("-n shop --type merge -p '{\"spec\":{\"adopt\":{\"boxID\":\"" + other),
      std::string::npos)
      << "no command to paste";
  EXPECT_EQ(Changes("POST /boxes"), 0);
}

TEST_F(Create, LeavesTheCloudObjectOfALiveObjectAloneAndSuggestsNoAdoption) {
  MakeReady("a", std::string(kSecretSpec) + R"(,"name":"auto")");
  ASSERT_TRUE(world.Apply("b", std::string(kSecretSpec) + R"(,"name":"auto")"));
  ASSERT_TRUE(Becomes("b", "Synced", "False/NameTaken"));
  const std::string message = Message("b", "Synced");
  EXPECT_NE(message.find("another object of this operator"), std::string::npos) << message;
  EXPECT_EQ(message.find("kubectl patch"), std::string::npos) << message;
  EXPECT_EQ(message.find(Field("a", "/status/boxID")), std::string::npos) << "they must not learn that";
}

TEST_F(Create, LeavesTheCloudObjectOfAnotherOperatorAloneAndNamesItsTag) {
  boxes().PutByHand("account-a", "a", {"capstan:somebody", "capstan-owner:other"});
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", kSecretSpec));
  ASSERT_TRUE(Becomes("a", "Synced", "False/NameTaken"));
  EXPECT_NE(Message("a", "Synced").find("capstan-owner:other"), std::string::npos) << Message("a", "Synced");
  EXPECT_EQ(Message("a", "Synced").find("kubectl patch"), std::string::npos) << Message("a", "Synced");
}

// What Retain left behind carries the tags of an object that is gone.
TEST_F(Create, SuggestsTheAdoptionOfWhatAFormerObjectLeftBehind) {
  const std::string left = boxes().PutByHand("account-a", "a", {"capstan:gone", "capstan-owner:owner-1"});
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", kSecretSpec));
  ASSERT_TRUE(Becomes("a", "Synced", "False/NameTaken"));
  EXPECT_NE(Message("a", "Synced").find("\"boxID\":\"" + left), std::string::npos) << Message("a", "Synced");
}

TEST_F(Create, StopsBeforeTheCloudObjectOfAForeignOwner) {
  world.StartLife();
  world.effects.script = [](const Effect& effect) {
    return effect.cloud ? Mishap::kErrorBefore : Mishap::kNone;
  };
  ASSERT_TRUE(world.Apply("a", kSecretSpec));
  ASSERT_TRUE(Becomes("a", "Synced", "False/CloudUnavailable"));
  boxes().PutByHand("account-a", "a", {"capstan:" + world.Get("a")->uid(), "capstan-owner:somebody"});
  world.effects.script = nullptr;
  ASSERT_TRUE(Becomes("a", "Synced", "False/ForeignOwner", std::chrono::minutes(15)));
  EXPECT_EQ(Changes("POST /boxes"), 0);
}

TEST_F(Create, WaitsForADecisionWhenTheObjectWasRestored) {
  world.keys.push_back({"shop", "a"});
  auto made = world.admin().Create(
      world.kind, "shop",
      R"({"apiVersion":"example.test/v1","kind":"Box","metadata":{"name":"a","annotations":
      {"capstan.dev/external":"{\"id\":\"box-77\",\"account\":\"account-a\",\"uid\":\"of-yore\"}"}},
      "spec":{"size":3,"tokenSecret":"token"}})",
      {});
  ASSERT_TRUE(made.has_value());
  world.StartLife();
  ASSERT_TRUE(Becomes("a", "Synced", "False/AwaitingAdoption"));
  EXPECT_NE(Message("a", "Synced").find("box-77"), std::string::npos);
  world.RunFor(std::chrono::minutes(5));
  EXPECT_EQ(Changes("POST /boxes"), 0);
  ASSERT_TRUE(world.Patch(world.kind, "a", R"({"metadata":{"annotations":{"capstan.dev/external":null}}})"));
  EXPECT_TRUE(Becomes("a", "Ready", "True/Available"));
}

TEST_F(Create, KeepsTheOldestOfSeveralAndReportsTheRest) {
  world.StartLife();
  world.effects.script = [](const Effect& effect) {
    return effect.cloud ? Mishap::kErrorBefore : Mishap::kNone;
  };
  ASSERT_TRUE(world.Apply("a", R"("size":1,"tokenSecret":"token")"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/CloudUnavailable"));
  const std::string tag = "capstan:" + world.Get("a")->uid();
  const std::string first = boxes().PutByHand("account-a", "a", {tag, "capstan-owner:owner-1"});
  world.scheduler.RunFor(std::chrono::seconds(5));
  const std::string second = boxes().PutByHand("account-a", "a", {tag, "capstan-owner:owner-1"});
  world.effects.script = nullptr;
  ASSERT_TRUE(Becomes("a", "Synced", "False/SurplusObjects", std::chrono::minutes(15)));
  EXPECT_EQ(Field("a", "/status/external/id"), first);
  EXPECT_NE(Message("a", "Synced").find(second), std::string::npos);
  EXPECT_EQ(Changes("DELETE /boxes"), 0) << "a surplus object is never removed while the object lives";
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Goes("a"));
  EXPECT_TRUE(boxes().Boxes().empty()) << "at deletion everything of ours is removed";
}

class OwnerInCapitals : public ManagedTest {
 protected:
  static simulation::WorldOptions Options() {
    simulation::WorldOptions options;
    options.managed.owner_id = "Prod-EU";
    return options;
  }
  OwnerInCapitals() : ManagedTest(Options()) {}
};

TEST_F(OwnerInCapitals, FindsItsOwnWhenTheCloudLowerCasesTags) {
  world.effects.script = [](const Effect& effect) {
    return effect.what == "POST boxes.test/boxes" ? Mishap::kTimeoutAfter : Mishap::kNone;
  };
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", kSecretSpec));
  ASSERT_TRUE(Becomes("a", "Synced", "False/OutcomeUnknown"));
  boxes().SetTags(LiveBoxes()[0].id, {"capstan:" + world.Get("a")->uid(), "capstan-owner:prod-eu"});
  ASSERT_TRUE(Becomes("a", "Ready", "True/Available"));
  EXPECT_EQ(Changes("POST /boxes"), 1);
}

TEST_F(OwnerInCapitals, AdoptsAgainWhatItTaggedInLowerCase) {
  const std::string id =
      boxes().PutByHand("account-a", "theirs", {"capstan:of-an-earlier-object", "capstan-owner:prod-eu"});
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", R"("tokenSecret":"token","size":5,"adopt":{"boxID":")" + id + "\"}"));
  EXPECT_TRUE(Becomes("a", "Synced", "False/ObserveOnly"));
}

class OldCrd : public ManagedTest {
 protected:
  static simulation::WorldOptions Options() {
    simulation::WorldOptions options;
    options.crd = simulation::OldBoxCrd();
    return options;
  }
  OldCrd() : ManagedTest(Options()) {}
};

TEST_F(OldCrd, ThatPrunesTheIntentStopsTheCreate) {
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", kSecretSpec));
  ASSERT_TRUE(Becomes("a", "Synced", "False/CRDOutdated"));
  world.RunFor(std::chrono::minutes(10));
  EXPECT_EQ(Changes("POST /boxes"), 0);
  ASSERT_TRUE(world.Delete("a"));
  EXPECT_TRUE(Goes("a"));
}

class WithoutLease : public ManagedTest {
 protected:
  static simulation::WorldOptions Options(bool* held) {
    simulation::WorldOptions options;
    options.lease = [held] { return *held; };
    return options;
  }
  WithoutLease() : ManagedTest(Options(&held)) {}
  bool held = false;
};

TEST_F(WithoutLease, NothingIsCreatedOrRemoved) {
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", kSecretSpec));
  world.RunFor(std::chrono::minutes(1));
  EXPECT_EQ(boxes().Changes().size(), 0u);
  EXPECT_EQ(Field("a", "/status/external/pending/step"), "")
      << "an intent without a lease only delays the next one";
  held = true;
  ASSERT_TRUE(Becomes("a", "Ready", "True/Available"));
  held = false;
  ASSERT_TRUE(world.Delete("a"));
  world.RunFor(std::chrono::minutes(2));
  EXPECT_EQ(Changes("DELETE /boxes"), 0);
  held = true;
  EXPECT_TRUE(Goes("a"));
}

TEST_F(WithoutLease, NeitherAChangeNorAPartIsRequested) {
  held = true;
  MakeReady();
  held = false;
  const auto changes = boxes().Changes().size();
  ASSERT_TRUE(world.Apply("a", R"("size":5,"lids":["top"])"));
  world.RunFor(std::chrono::minutes(2));
  EXPECT_EQ(boxes().Changes().size(), changes);
  EXPECT_EQ(Field("a", "/status/external/pending/step"), "");
  held = true;
  EXPECT_TRUE(world.RunUntil(
      [&] { return boxes().Boxes().at(0).size == 5 && boxes().Boxes().at(0).lids.size() == 1; },
      std::chrono::minutes(5)));
}

TEST_F(WithoutLease, NothingIsCreatedIfItEndsDuringARequestToTheCloud) {
  held = true;
  bool ended = false;
  world.effects.script = [&](const simulation::Effect& effect) {
    if (!ended && effect.what.find("GET boxes.test/boxes") == 0) {
      ended = true;
      held = false;
    }
    return simulation::Mishap::kNone;
  };
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", kSecretSpec));
  world.RunFor(std::chrono::minutes(2));
  ASSERT_TRUE(ended);
  EXPECT_EQ(Changes("POST /boxes"), 0);
  held = true;
  EXPECT_TRUE(Becomes("a", "Ready", "True/Available"));
  EXPECT_EQ(Changes("POST /boxes"), 1);
}

}  // namespace
}  // namespace capstan::managed
