// An object at rest costs Kubernetes nothing and is observed as often as before. These are full
// operators, because they need a cache.
#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/testing/managed_test.hpp>

namespace capstan::managed {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

simulation::WorldOptions FullLives() {
  simulation::WorldOptions options;
  options.full = true;
  return options;
}

class QuietLook : public ManagedTest {
 protected:
  QuietLook() : ManagedTest(FullLives()) {}

  void MakeReadyAndLetRest(int objects = 1) {
    for (int i = 0; i < objects; ++i) MakeReady(StrCat("box-", i), kSecretSpec);
    world.RunFor(minutes(20));
  }
  // Requests of operators to Kubernetes since effect `from`, except watches, the leader lease, and
  // those of the once-a-minute sweep of Secrets, whose number does not depend on the objects.
  std::map<std::string, int> Requests(std::size_t from, bool cloud = false) {
    std::map<std::string, int> counts;
    for (std::size_t i = from; i < world.effects.effects.size(); ++i) {
      const auto& effect = world.effects.effects[i];
      const bool counted = effect.cloud == cloud && !effect.stream &&
                           effect.shape.find("leases") == std::string::npos &&
                           effect.shape.find("configmaps") == std::string::npos;
      if (counted) ++counts[effect.shape];
    }
    return counts;
  }
  static int Sum(const std::map<std::string, int>& counts) {
    int sum = 0;
    for (const auto& [shape, count] : counts) sum += count;
    return sum;
  }
  static std::string Listed(const std::map<std::string, int>& counts) {
    std::string text;
    for (const auto& [shape, count] : counts) text += StrCat(shape, ": ", count, "\n");
    return text;
  }
};

TEST_F(QuietLook, ReadsAnObjectFromKubernetesAtMostOnceInFiveMinutesAndTheCloudAsOften) {
  constexpr int kObjects = 5;
  MakeReadyAndLetRest(kObjects);
  world.RunFor(minutes(40));
  const std::size_t before = world.effects.effects.size();
  world.RunFor(hours(1));
  const auto kubernetes = Requests(before);
  // Each of two silent watches lists one item twelve times to verify itself; these are not about
  // any object.
  EXPECT_LE(Sum(kubernetes), kObjects * 60 / 5 + 24) << Listed(kubernetes);
  EXPECT_LE(kubernetes.count("GET boxes/*") ? kubernetes.at("GET boxes/*") : 0, kObjects * 2)
      << Listed(kubernetes);
  EXPECT_GE(Sum(Requests(before, true)), 60) << "it is observed in the cloud once a minute";
}

TEST_F(QuietLook, NoticesDriftOfTheCloudObjectWithinTwoMinutes) {
  MakeReadyAndLetRest(2);
  boxes().SetTags(Field("box-1", "/status/boxID"), {});
  EXPECT_TRUE(Becomes("box-1", "Synced", "False/IdentityTagMissing", minutes(2)));
  EXPECT_EQ(world.ConditionOf("box-0", "Synced"), "True/InSync");
}

TEST_F(QuietLook, NoticesDriftInAListWithinTwoMinutes) {
  MakeReadyAndLetRest(5);  // more than few_objects: looks are answered from lists
  boxes().VanishBox(Field("box-3", "/status/boxID"));
  EXPECT_TRUE(Becomes("box-3", "Ready", "Unknown/NotVisible", minutes(2)));
}

TEST_F(QuietLook, NoticesAnEditOfTheObjectImmediatelyByItsWatch) {
  MakeReadyAndLetRest();
  ASSERT_TRUE(world.Apply("box-0", R"("size":7)"));
  EXPECT_TRUE(world.RunUntil([&] { return LiveBoxes()[0].size == 7; }, seconds(5)));
  world.RunFor(minutes(20));
  ASSERT_TRUE(world.Delete("box-0"));
  EXPECT_TRUE(world.RunUntil([&] { return LiveBoxes().empty(); }, seconds(5)));
}

// The object is read again before the Secret is created, and the plan is then of the former spec.
TEST_F(QuietLook, CarriesOutAnEditDuringThePublicationOfTheConnectionAndNeverCallsItInSync) {
  bool edited = false, called = false;
  world.effects.script = [&](const simulation::Effect& effect) {
    if (!edited && effect.what.find("secrets/box-0-key") != std::string::npos)
      edited = world.Apply("box-0", R"("size":7)").has_value();
    const auto object = world.Get("box-0");
    called = called ||
             (edited && LiveBoxes()[0].size != 7 && world.ConditionOf("box-0", "Synced") == "True/InSync" &&
              object->IntegerAt("/status/observedGeneration") == object->generation());
    return simulation::Mishap::kNone;
  };
  world.StartLife();
  ASSERT_TRUE(world.Apply("box-0", kSecretSpec));
  ASSERT_TRUE(world.RunUntil([&] { return edited; }, minutes(5)));
  EXPECT_TRUE(world.RunUntil([&] { return LiveBoxes()[0].size == 7; }, seconds(20)));
  EXPECT_FALSE(called);
}

TEST_F(QuietLook, RestoresAFinalizerImmediatelyThatAUserRemoved) {
  MakeReadyAndLetRest();
  ASSERT_TRUE(world.Patch(world.kind, "box-0", R"({"metadata":{"finalizers":null}})"));
  EXPECT_TRUE(world.RunUntil([&] { return world.Get("box-0")->HasFinalizer(kFinalizer); }, seconds(5)));
}

TEST_F(QuietLook, RestoresAStatusImmediatelyThatAUserWiped) {
  MakeReadyAndLetRest();
  const std::string id = Field("box-0", "/status/boxID");
  ASSERT_TRUE(world.admin()
                  .Patch(world.kind, {"shop", "box-0"}, kube::PatchType::kMerge, R"({"status":null})",
                         kube::PatchOptions{"status", false, false}, {})
                  .has_value());
  EXPECT_TRUE(world.RunUntil([&] { return Field("box-0", "/status/boxID") == id; }, seconds(10)));
  EXPECT_EQ(Changes("POST /boxes"), 1);
}

TEST_F(QuietLook, RecreatesADeletedConnectionSecretImmediately) {
  MakeReadyAndLetRest(2);
  ASSERT_TRUE(world.admin().Delete(kube::SecretKind(), {"shop", "box-0-key"}, {}, {}));
  EXPECT_TRUE(world.RunUntil([&] { return Changes("POST key") == 3; }, seconds(5)));
  EXPECT_TRUE(world.Get(kube::SecretKind(), "box-0-key"));
}

TEST_F(QuietLook, RepairsAConnectionSecretImmediatelyAfterAnyEdit) {
  MakeReadyAndLetRest();
  const auto as_written = [&] {
    const auto secret = world.Get(kube::SecretKind(), "box-0-key");
    return secret ? StrCat(secret->ValueAt("/data").value_or(""),
                           secret->ValueAt("/metadata/labels").value_or(""))
                  : std::string("no Secret");
  };
  const std::string keys = R"({"data":{"key":"Z2FyYmFnZQ=="}})";
  int made = 1;
  for (const std::string& edit :
       {keys, std::string(R"({"data":{"key":null}})"), std::string(R"({"data":null})"),
        std::string(R"({"metadata":{"annotations":{"capstan.dev/connects-to":"another"}}})"),
        std::string(R"({"metadata":{"annotations":{"capstan.dev/expires-at":"2001-01-01T00:00:00Z"}}})")}) {
    ASSERT_TRUE(world.Patch(kube::SecretKind(), "box-0-key", edit));
    EXPECT_TRUE(world.RunUntil([&] { return Changes("POST key") == made + 1; }, seconds(5))) << edit;
    made = Changes("POST key");
    world.RunFor(minutes(3));
    EXPECT_EQ(Changes("POST key"), made) << "its own write causes no further look, after " << edit;
  }
  const std::string whole = as_written();
  ASSERT_TRUE(world.Patch(kube::SecretKind(), "box-0-key", R"({"metadata":{"labels":null}})"));
  EXPECT_TRUE(world.RunUntil([&] { return as_written() == whole; }, seconds(5))) << as_written();
  ASSERT_TRUE(world.Patch(kube::SecretKind(), "box-0-key", R"({"data":{"others":"YQ=="}})"));
  world.RunFor(seconds(5));
  EXPECT_NE(as_written().find("others"), std::string::npos) << "keys of others stay";
  EXPECT_EQ(Changes("POST key"), made);
}

TEST_F(QuietLook, DoesNotFightAnotherWriterOfAConnectionSecret) {
  MakeReadyAndLetRest();
  const int before = Changes("POST key");
  for (int i = 0; i < 120; ++i) {
    ASSERT_TRUE(world.Patch(kube::SecretKind(), "box-0-key", R"({"data":{"key":"Z2FyYmFnZQ=="}})"));
    world.RunFor(seconds(5));
  }
  EXPECT_LE(Changes("POST key") - before, 20) << "one wake-up and one look a minute, for ten minutes";
  EXPECT_GE(Changes("POST key") - before, 5);
}

TEST_F(QuietLook, RepairsAConnectionSecretThatWasEditedWhileTheWatchWasDown) {
  MakeReadyAndLetRest(2);
  world.effects.script = [](const simulation::Effect& effect) {
    return effect.stream && effect.what.find("secrets") != std::string::npos
               ? simulation::Mishap::kRightsTaken
               : simulation::Mishap::kNone;
  };
  world.CutWatches();
  world.RunFor(seconds(30));
  ASSERT_TRUE(world.Patch(kube::SecretKind(), "box-0-key", R"({"data":null})"));
  ASSERT_TRUE(world.admin().Delete(kube::SecretKind(), {"shop", "box-1-key"}, {}, {}));
  world.effects.script = nullptr;
  EXPECT_TRUE(world.RunUntil([&] { return Changes("POST key") == 4; }, minutes(11)));
}

class QuietLookWithoutSecrets : public QuietLook {
 protected:
  QuietLookWithoutSecrets() {
    world.effects.script = [](const simulation::Effect& effect) {
      return effect.what.find("GET /api/v1/secrets") != std::string::npos ? simulation::Mishap::kRightsTaken
                                                                          : simulation::Mishap::kNone;
    };
  }
};

TEST_F(QuietLookWithoutSecrets, RecreatesAConnectionSecretWithinThirteenMinutesAndSaysOnceWhatToGrant) {
  MakeReadyAndLetRest();
  const auto lines = world.log.Lines();
  EXPECT_EQ(std::count_if(lines.begin(), lines.end(),
                          [](const std::string& line) {
                            return line.find("grant list and watch on secrets") != std::string::npos;
                          }),
            1);
  EXPECT_FALSE(world.log.Contains("cannot watch")) << "everything else continues";
  ASSERT_TRUE(world.admin().Delete(kube::SecretKind(), {"shop", "box-0-key"}, {}, {}));
  EXPECT_TRUE(world.RunUntil([&] { return world.Get(kube::SecretKind(), "box-0-key").has_value(); },
                             minutes(13) + seconds(5)));
  EXPECT_TRUE(world.RunUntil([&] { return Changes("POST key") == 2; }, seconds(10)));
}

TEST_F(QuietLook, RecreatesAConnectionSecretImmediatelyWhenTheObjectIsTouched) {
  MakeReadyAndLetRest();
  ASSERT_TRUE(world.admin().Delete(kube::SecretKind(), {"shop", "box-0-key"}, {}, {}));
  ASSERT_TRUE(world.Patch(world.kind, "box-0", R"({"metadata":{"annotations":{"touched":"now"}}})"));
  EXPECT_TRUE(
      world.RunUntil([&] { return world.Get(kube::SecretKind(), "box-0-key").has_value(); }, seconds(10)));
}

TEST_F(QuietLook, RenewsTheConnectionAtTwoThirdsOfItsLife) {
  auto options = simulation::SimulatedBoxes::Options(world.options.cloud);
  options.key_life = hours(3);
  boxes().SetOptions(options);
  MakeReadyAndLetRest();
  ASSERT_EQ(Changes("POST key"), 1);
  world.RunFor(minutes(95));
  EXPECT_EQ(Changes("POST key"), 1);
  world.RunFor(minutes(10));
  EXPECT_EQ(Changes("POST key"), 2) << "two of three hours have passed";
}

TEST_F(QuietLook, TriesANewTokenAsSoonAsTheFormerIsRefused) {
  MakeReadyAndLetRest();
  ASSERT_TRUE(world.MakeSecret("token", "token-b"));  // of another account
  auto options = simulation::SimulatedBoxes::Options(world.options.cloud);
  options.accounts.erase("token-a");
  boxes().SetOptions(options);
  EXPECT_TRUE(Becomes("box-0", "Synced", "False/AccountChanged", minutes(2)));
}

TEST_F(QuietLook, NoticesANewTokenWithinThirteenMinutesAlthoughTheFormerIsValid) {
  MakeReadyAndLetRest();
  ASSERT_TRUE(world.MakeSecret("token", "token-b"));
  EXPECT_TRUE(Becomes("box-0", "Synced", "False/AccountChanged", minutes(13) + seconds(5)));
}

TEST_F(QuietLook, OfOneObjectNoticesAChangedSecretForAllThatNameIt) {
  MakeReadyAndLetRest(2);
  ASSERT_TRUE(world.MakeSecret("token", "token-b"));
  ASSERT_TRUE(world.Patch(world.kind, "box-0", R"({"metadata":{"annotations":{"touched":"now"}}})"));
  ASSERT_TRUE(Becomes("box-0", "Synced", "False/AccountChanged", seconds(10)));
  EXPECT_TRUE(Becomes("box-1", "Synced", "False/AccountChanged", minutes(1) + seconds(5)));
}

TEST_F(QuietLook, KeepsTheSecretInUseThatItDependsOn) {
  MakeReadyAndLetRest();
  const auto token = world.Get(kube::SecretKind(), "token");
  ASSERT_TRUE(token);
  EXPECT_TRUE(token->HasFinalizer(kInUseFinalizer));
  // Nothing lists all objects because a Secret seems to be unused.
  const std::size_t before = world.effects.effects.size();
  world.RunFor(minutes(20));
  const auto counts = Requests(before);
  EXPECT_LE(counts.count("GET boxes") ? counts.at("GET boxes") : 0, 4) << Listed(counts);
}

}  // namespace
}  // namespace capstan::managed
