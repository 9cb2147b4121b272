// managementPolicy ReadOnly: the object refers to a cloud object of another owner and does nothing
// to it.
#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/testing/managed_test.hpp>

namespace capstan::managed {
namespace {

using simulation::Effect;
using simulation::Mishap;

std::string Referring(const std::string& id, const std::string& more = "") {
  return R"("tokenSecret":"token","managementPolicy":"ReadOnly","adopt":{"boxID":")" + id + "\"}" + more;
}

class Refer : public ManagedTest {
 protected:
  std::string PutTheirs(const std::string& name = "theirs", std::vector<std::string> tags = {"by-hand"}) {
    return boxes().PutByHand("account-a", name, std::move(tags));
  }
  // The only write a reference may cause in the cloud is that this cloud mints a key for the
  // connection.
  static bool IsForAKey(const std::string& what) {
    return what.rfind("POST ", 0) == 0 && what.find("key") != std::string::npos;
  }
  std::size_t Writes() {
    const auto all = boxes().Changes();
    return static_cast<std::size_t>(std::count_if(
        all.begin(), all.end(), [](const auto& change) { return !IsForAKey(change.operation); }));
  }
  // Checks that only reads were sent to the cloud, whatever their outcome.
  void MustBeUntouched() {
    EXPECT_EQ(Writes(), 0u);
    for (const auto& effect : world.effects.effects) {
      if (effect.cloud && effect.what.rfind("GET ", 0) != 0 && !IsForAKey(effect.what))
        ADD_FAILURE() << effect.what;
    }
  }
  std::size_t Count(const kube::Kind& kind, const std::string& where) {
    const auto all = world.admin().ListAll(kind, where, {}, {});
    return all ? all->size() : 99;
  }
  bool HasConnection(const std::string& name) {
    const auto secret = world.admin().Get(kube::SecretKind(), {"shop", name + "-key"}, {});
    return secret && secret->ValueAt("/data/key").has_value();
  }
};

TEST_F(Refer, ShowsStatusAndConnectionAndLeavesNoTraceAnywhereElse) {
  const std::string id = PutTheirs();
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", Referring(id, R"(,"size":99,"color":"green","recreateIfLost":true)")));
  ASSERT_TRUE(Becomes("a", "Synced", "True/ReadOnly"));
  ASSERT_TRUE(Becomes("a", "Ready", "True/Available"));
  world.RunFor(std::chrono::minutes(30));
  EXPECT_EQ(Field("a", "/status/boxID"), id);
  EXPECT_TRUE(HasConnection("a"));
  const auto object = world.Get("a");
  EXPECT_FALSE(object->ValueAt("/status/plan").has_value()) << "nothing is compared";
  EXPECT_EQ(object->StringAt("/status/external/id"), std::nullopt) << "it represents nothing";
  EXPECT_TRUE(object->metadata().finalizers.empty());
  EXPECT_FALSE(object->Annotation(kExternalAnnotation).has_value());
  EXPECT_FALSE(world.admin().Get(kube::SecretKind(), {"shop", "token"}, {})->HasFinalizer(kInUseFinalizer));
  EXPECT_EQ(Count(kube::LeaseKind(), "capstan-system"), 0u) << "no claim";
  MustBeUntouched();
  EXPECT_EQ(boxes().Boxes().at(0).tags, std::vector<std::string>{"by-hand"});
}

TEST_F(Refer, IsDeletedImmediatelyAndLeavesTheCloudAlone) {
  (void)PutTheirs();
  world.StartLife();
  ASSERT_TRUE(world.Apply("a",
                          R"("tokenSecret":"token","managementPolicy":"ReadOnly","adopt":{"name":"theirs"},)"
                          R"("deletionPolicy":"Delete")"));
  ASSERT_TRUE(Becomes("a", "Ready", "True/Available"));
  world.life()->Stop();  // no operator is needed for that
  ASSERT_TRUE(world.Delete("a"));
  EXPECT_FALSE(world.Get("a").has_value());
  world.StartLife();
  world.RunFor(std::chrono::minutes(10));
  EXPECT_EQ(LiveBoxes().size(), 1u);
  MustBeUntouched();
}

TEST_F(Refer, UsesTheNameInTheSpecOrElseTheObjectsOwn) {
  const std::string named = PutTheirs("named"), same = PutTheirs("b");
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", R"("tokenSecret":"token","managementPolicy":"ReadOnly","name":"named")"));
  ASSERT_TRUE(world.Apply("b", R"("tokenSecret":"token","managementPolicy":"ReadOnly")"));
  ASSERT_TRUE(Becomes("a", "Synced", "True/ReadOnly"));
  ASSERT_TRUE(Becomes("b", "Synced", "True/ReadOnly"));
  EXPECT_EQ(Field("a", "/status/boxID"), named);
  EXPECT_EQ(Field("b", "/status/boxID"), same);
  ASSERT_TRUE(world.Apply("a", R"("name":"b")"));
  ASSERT_TRUE(world.RunUntil([&] { return Field("a", "/status/boxID") == same; }, std::chrono::minutes(5)))
      << "another name is another reference";
  MustBeUntouched();
}

TEST_F(Refer, ListsAllOfThatNameAndChoosesNone) {
  const std::string first = PutTheirs("twins"), second = PutTheirs("twins");
  world.StartLife();
  ASSERT_TRUE(
      world.Apply("a", R"("tokenSecret":"token","managementPolicy":"ReadOnly","adopt":{"name":"twins"})"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/ReferenceNotFound"));
  EXPECT_NE(Message("a", "Synced").find(first + ", " + second), std::string::npos) << Message("a", "Synced");
  EXPECT_EQ(world.ConditionOf("a", "Ready"), "False/Pending");
  MustBeUntouched();
}

TEST_F(Refer, CreatesNothingAndFindsWhatAppearsLater) {
  world.StartLife();
  ASSERT_TRUE(world.Apply(
      "a", R"("tokenSecret":"token","managementPolicy":"ReadOnly","size":3,"recreateIfLost":true)"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/ReferenceNotFound"));
  world.RunFor(std::chrono::minutes(10));
  MustBeUntouched();
  (void)PutTheirs("a");
  ASSERT_TRUE(Becomes("a", "Synced", "True/ReadOnly", std::chrono::minutes(20)));
  boxes().VanishBox(boxes().Boxes().at(0).id);
  ASSERT_TRUE(Becomes("a", "Synced", "False/ReferenceNotFound", std::chrono::minutes(20)));
  EXPECT_EQ(world.ConditionOf("a", "Ready"), "False/Pending");
  world.RunFor(std::chrono::minutes(10));
  MustBeUntouched();
}

TEST_F(Refer, StaysReadyWhileTheCloudDoesNotAnswer) {
  const std::string id = PutTheirs();
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", Referring(id)));
  ASSERT_TRUE(Becomes("a", "Ready", "True/Available"));
  world.effects.script = [](const Effect& effect) {
    return effect.cloud ? Mishap::kErrorBefore : Mishap::kNone;
  };
  ASSERT_TRUE(Becomes("a", "Synced", "False/CloudUnavailable", std::chrono::minutes(20)));
  EXPECT_EQ(world.ConditionOf("a", "Ready"), "True/Available") << "no reader has observed anything else";
  EXPECT_EQ(Field("a", "/status/progress"), "ready") << "nor in another phase";
  world.effects.script = nullptr;
  ASSERT_TRUE(Becomes("a", "Synced", "True/ReadOnly", std::chrono::minutes(20)));
}

TEST_F(Refer, ToTheCloudObjectOfAnotherObjectDisturbsNeither) {
  MakeReady("owner");
  const std::string id = Field("owner", "/status/external/id");
  ASSERT_TRUE(world.Apply("a", Referring(id)));
  ASSERT_TRUE(world.Apply("b", Referring(id)));
  ASSERT_TRUE(Becomes("a", "Synced", "True/ReadOnly"));
  ASSERT_TRUE(Becomes("b", "Synced", "True/ReadOnly"));
  const int tags = Changes("PUT tags");
  ASSERT_TRUE(world.Delete("a"));
  world.RunFor(std::chrono::minutes(5));
  EXPECT_EQ(world.ConditionOf("owner", "Synced"), "True/InSync");
  EXPECT_EQ(Changes("PUT tags"), tags);
  EXPECT_EQ(LiveBoxes().size(), 1u);
  ASSERT_TRUE(world.Delete("owner"));
  ASSERT_TRUE(Goes("owner")) << "a reference blocks no other object";
  EXPECT_TRUE(LiveBoxes().empty());
  ASSERT_TRUE(Becomes("b", "Synced", "False/ReferenceNotFound", std::chrono::minutes(20)));
}

TEST_F(Refer, DoesNotKeepOthersFromAdoptingIt) {
  const std::string id = PutTheirs();
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", Referring(id)));
  ASSERT_TRUE(Becomes("a", "Synced", "True/ReadOnly"));
  ASSERT_TRUE(world.Apply("b", R"("tokenSecret":"token","adopt":{"boxID":")" + id + "\"}"));
  ASSERT_TRUE(Becomes("b", "Synced", "True/InSync"));
  world.RunFor(std::chrono::minutes(5));
  EXPECT_EQ(world.ConditionOf("a", "Synced"), "True/ReadOnly");
  EXPECT_EQ(Changes("PUT tags"), 1) << "by b alone";
}

TEST_F(Refer, BecomesAnAdoptionOnlyWhenTheSpecAsksForIt) {
  const std::string id = PutTheirs();
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", Referring(id, R"(,"size":5)")));
  ASSERT_TRUE(Becomes("a", "Synced", "True/ReadOnly"));
  MustBeUntouched();
  ASSERT_TRUE(world.Apply("a", R"("managementPolicy":"Full")"));
  ASSERT_TRUE(Becomes("a", "Synced", "True/InSync"));
  EXPECT_EQ(LiveBoxes().at(0).size, 5);
  EXPECT_EQ(Changes("PUT tags"), 1);
  EXPECT_EQ(Field("a", "/status/external/id"), id);
}

TEST_F(Refer, ToItsOwnCreationChangesNothingAnyMoreAndLeavesItBehind) {
  MakeReady();
  const std::string id = Field("a", "/status/external/id");
  ASSERT_TRUE(world.Apply("a", R"("managementPolicy":"ReadOnly","size":9,"allowDestructive":true)"));
  ASSERT_TRUE(Becomes("a", "Synced", "True/ReadOnly"));
  const auto before = Writes();
  world.RunFor(std::chrono::minutes(10));
  EXPECT_EQ(Writes(), before);
  EXPECT_EQ(LiveBoxes().at(0).size, 3);
  EXPECT_FALSE(world.Get("a")->ValueAt("/status/plan").has_value());
  ASSERT_TRUE(world.Apply("a", R"("deletionPolicy":"Delete")"));
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Goes("a"));
  EXPECT_EQ(Writes(), before);
  EXPECT_EQ(LiveBoxes().size(), 1u);
  const auto map =
      world.admin().Get(kube::ConfigMapKind(), {"capstan-system", "capstan-abandoned-2026-01"}, {});
  ASSERT_TRUE(map.has_value()) << "created resources are recorded when they are abandoned";
  EXPECT_NE(map->json().find(id), std::string::npos);
}

// A request that makes may have left before a user turned the object into a reference.
TEST_F(Refer, FindsTheOutcomeOfACreateAndDoesNotLoseIt) {
  world.effects.script = [](const Effect& effect) {
    return effect.cloud && effect.what.ends_with("POST boxes.test/boxes") ? Mishap::kErrorAfter
                                                                          : Mishap::kNone;
  };
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", kSecretSpec));
  ASSERT_TRUE(Becomes("a", "Synced", "False/OutcomeUnknown"));
  ASSERT_TRUE(world.Apply("a", R"("managementPolicy":"ReadOnly")"));
  world.effects.script = nullptr;
  ASSERT_TRUE(Becomes("a", "Synced", "True/ReadOnly"));
  ASSERT_EQ(LiveBoxes().size(), 1u);
  EXPECT_EQ(Field("a", "/status/external/id"), LiveBoxes().at(0).id) << "it is known to be this object's";
  EXPECT_TRUE(world.Get("a")->HasFinalizer(kFinalizer));
}

TEST_F(Refer, WithAnInvalidSpecSaysSoAndDoesNothing) {
  const std::string id = PutTheirs();
  world.StartLife();
  ASSERT_TRUE(world.Apply(
      "a", R"("tokenSecret":"token","managementPolicy":"Readonly","adopt":{"boxID":")" + id + "\"}"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/SpecInvalid"));
  EXPECT_NE(Message("a", "Synced").find("it may be Full or Observe or ReadOnly"), std::string::npos)
      << Message("a", "Synced");
  world.RunFor(std::chrono::minutes(5));
  MustBeUntouched();
}

}  // namespace
}  // namespace capstan::managed
