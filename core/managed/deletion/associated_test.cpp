#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/testing/managed_test.hpp>

namespace capstan::managed {
namespace {

using simulation::Effect;
using simulation::Mishap;

class AssociatedResources : public ManagedTest {
 protected:
  void MakeWithExtras(const std::string& choice) {
    MakeReady("a", std::string(kSecretSpec) + (choice.empty() ? "" : ",\"associatedResources\":" + choice));
    id = Field("a", "/status/boxID");
    ribbon = boxes().AddExtra(id, "ribbons", "red");
    other_ribbon = boxes().AddExtra(id, "ribbons", "blue");
    sticker = boxes().AddExtra(id, "stickers", "star");
  }
  std::vector<std::string> Left() {
    std::vector<std::string> ids;
    for (const auto& extra : boxes().Extras()) ids.push_back(extra.id);
    return ids;
  }
  // The contents of all records in the operator's namespace.
  std::string WrittenDown() {
    std::string all;
    const auto maps = world.admin().ListAll(kube::ConfigMapKind(), "capstan-system", {}, {});
    for (const auto& map : *maps) {
      if (map.metadata().name.rfind(kAbandonedPrefix, 0) == 0) all += map.ValueAt("/data").value_or("");
    }
    return all;
  }
  // Captures status right before the request that removes the box is sent.
  void WatchStatus() {
    world.effects.script = [this](const Effect& effect) {
      if (effect.what.find("DELETE boxes.test") == 0) {
        shown = world.Get("a")->ValueAt("/status/extras").value_or("");
        was_shown_first = !shown.empty();
        before = world.ConditionOf("a", "Ready");
      }
      return Mishap::kNone;
    };
  }
  std::string id, ribbon, other_ribbon, sticker, shown, before;
  bool was_shown_first = false;
};

TEST_F(AssociatedResources, StayByDefaultAndAreShownAnnouncedAndRecordedFirst) {
  MakeWithExtras("");
  WatchStatus();
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Goes("a"));
  EXPECT_EQ(Left().size(), 3u);
  EXPECT_NE(shown.find(ribbon), std::string::npos) << shown;
  EXPECT_EQ(shown.find("\"goes\":true"), std::string::npos) << shown;
  EXPECT_NE(shown.find("\"monthlyCost\":1.5"), std::string::npos) << shown;
  EXPECT_EQ(EventsOf("LeftBehind"), 1);
  const std::string written = WrittenDown();
  for (const auto& item : {ribbon, other_ribbon, sticker, std::string("star"), std::string("1.5"), id})
    EXPECT_NE(written.find(item), std::string::npos) << item << " in " << written;
}

TEST_F(AssociatedResources, ThatDoNotExistAreNotAnnounced) {
  MakeReady();
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Goes("a"));
  EXPECT_EQ(EventsOf("LeftBehind"), 0);
  EXPECT_EQ(WrittenDown(), "");
}

TEST_F(AssociatedResources, ThatStayAreAnnouncedOnceWhereverTheOperatorDies) {
  bool died = true;
  for (const Mishap mishap : {Mishap::kCrashBefore, Mishap::kCrashAfterCommit}) {
    const std::string name = mishap == Mishap::kCrashBefore ? "a" : "b";
    MakeReady(name);
    const std::string box = Field(name, "/status/boxID");
    const std::string extra = boxes().AddExtra(box, "ribbons", "red");
    died = false;
    world.effects.script = [&](const Effect& effect) {
      const bool here = !died && effect.what.rfind("DELETE boxes.test", 0) == 0;
      died = died || here;
      return here ? mishap : Mishap::kNone;
    };
    ASSERT_TRUE(world.Delete(name));
    ASSERT_TRUE(Goes(name));
    EXPECT_NE(WrittenDown().find(extra), std::string::npos);
  }
  EXPECT_EQ(EventsOf("LeftBehind"), 2);
}

TEST_F(AssociatedResources, ThatAreMisspeltRemoveNothingUntilTheSpecIsValid) {
  MakeWithExtras("");
  for (const char* choice :
       {R"({"Ribbons":true})", R"("delete")", R"({"ribbons":"yes"})", R"({"ribbons":[1]})", "7"}) {
    ASSERT_TRUE(world.Apply("a", StrCat("\"associatedResources\":", choice)));
    world.RunFor(std::chrono::minutes(2));
    EXPECT_EQ(world.ConditionOf("a", "Synced"), "False/SpecInvalid") << choice;
    EXPECT_EQ(world.ConditionOf("a", "Ready"), "True/Available") << "it is still observed";
  }
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/DeletionRejected"));
  EXPECT_NE(Message("a", "Synced").find("spec.associatedResources is 7"), std::string::npos)
      << Message("a", "Synced");
  world.RunFor(std::chrono::minutes(30));
  EXPECT_EQ(Changes("DELETE /boxes"), 0);
  ASSERT_TRUE(world.Patch(world.kind, "a", R"({"spec":{"associatedResources":"Delete"}})"));
  ASSERT_TRUE(Goes("a"));
  EXPECT_TRUE(Left().empty());
}

TEST_F(AssociatedResources, AreAllRemovedWithDeleteAfterStatusHasShownThem) {
  MakeWithExtras("\"Delete\"");
  WatchStatus();
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Goes("a"));
  EXPECT_TRUE(Left().empty());
  EXPECT_TRUE(was_shown_first);
  EXPECT_EQ(before, "True/Available") << "it is not being removed before that is requested";
  EXPECT_NE(shown.find(ribbon), std::string::npos);
  EXPECT_NE(shown.find(sticker), std::string::npos);
}

TEST_F(AssociatedResources, AreRemovedByKindAndById) {
  MakeWithExtras("\"Keep\"");
  ASSERT_TRUE(world.Apply("a", "\"associatedResources\":{\"stickers\":true,\"ribbons\":[\"" + other_ribbon +
                                   "\"],\"bows\":true}"));
  WatchStatus();
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Goes("a"));
  EXPECT_EQ(Left(), std::vector<std::string>{ribbon});
  EXPECT_NE(shown.find(ribbon), std::string::npos) << "what stays is shown as well";
}

TEST_F(AssociatedResources, OfAKindThatIsNotNamedStay) {
  MakeWithExtras(R"({"stickers":true})");
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Goes("a"));
  EXPECT_EQ(Left(), (std::vector<std::string>{ribbon, other_ribbon}));
}

TEST_F(AssociatedResources, ThatAppearedAfterTheListAreShownFirst) {
  MakeWithExtras("\"Delete\"");
  std::string late;
  world.effects.script = [&](const Effect& effect) {
    // After the list was shown, before the second reconcile lists again.
    if (late.empty() && effect.what.find("GET") == 0 && effect.what.find("/extras") != std::string::npos &&
        world.Get("a")->ValueAt("/status/extras")) {
      late = boxes().AddExtra(id, "stickers", "late");
    }
    if (effect.what.find("DELETE boxes.test") == 0)
      shown = world.Get("a")->ValueAt("/status/extras").value_or("");
    return Mishap::kNone;
  };
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Goes("a"));
  ASSERT_FALSE(late.empty());
  EXPECT_NE(shown.find(late), std::string::npos);
  EXPECT_TRUE(Left().empty());
}

TEST_F(AssociatedResources, ThatWereShownAsStayingAreShownAsRemovedBeforeTheyAre) {
  MakeWithExtras(R"({"stickers":true})");
  bool changed = false;
  world.effects.script = [&](const Effect& effect) {
    // The spec changes after the list, in which the ribbons stay, was shown.
    if (!changed && effect.what.find("/extras") != std::string::npos &&
        world.Get("a")->ValueAt("/status/extras")) {
      changed = world.Apply("a", R"("associatedResources":"Delete")").has_value();
    }
    if (effect.what.find("DELETE boxes.test") == 0)
      shown = world.Get("a")->ValueAt("/status/extras").value_or("");
    return Mishap::kNone;
  };
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Goes("a"));
  ASSERT_TRUE(changed);
  EXPECT_TRUE(Left().empty());
  EXPECT_NE(shown.find(ribbon), std::string::npos);
  EXPECT_EQ(shown.find("\"goes\":false"), std::string::npos) << shown;
}

TEST_F(AssociatedResources, OfASurplusObjectStayBecauseStatusNeverShowedThem) {
  MakeWithExtras("\"Delete\"");
  const std::string second =
      boxes().PutByHand("account-a", "a", {"capstan:" + world.Get("a")->uid(), "capstan-owner:owner-1"});
  const std::string theirs = boxes().AddExtra(second, "ribbons", "of the second");
  ASSERT_TRUE(world.admin()
                  .Patch(world.kind, {"shop", "a"}, kube::PatchType::kMerge,
                         R"({"status":{"external":{"surplus":[")" + second + R"("]}}})",
                         kube::PatchOptions{"status", false, false}, {})
                  .has_value());
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Goes("a"));
  EXPECT_TRUE(boxes().Boxes().empty()) << "both go";
  EXPECT_EQ(Left(), std::vector<std::string>{theirs});
}

TEST_F(AssociatedResources, ThatTheCloudDoesNotKnowDoNotDelayTheDeletion) {
  auto options = simulation::SimulatedBoxes::Options(world.options.cloud);
  options.extras_known = false;
  boxes().SetOptions(options);
  MakeWithExtras("\"Delete\"");
  ASSERT_TRUE(world.Delete("a"));
  EXPECT_TRUE(Goes("a"));
}

TEST_F(AssociatedResources, DelayTheDeletionWhenTheyCannotBeListed) {
  MakeWithExtras("\"Delete\"");
  world.effects.script = [fails = 0](const Effect& effect) mutable {
    return effect.what.find("/extras") != std::string::npos && ++fails <= 3 ? Mishap::kErrorBefore
                                                                            : Mishap::kNone;
  };
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/CloudUnavailable"));
  EXPECT_EQ(Changes("DELETE /boxes"), 0);
  ASSERT_TRUE(Goes("a"));
  EXPECT_TRUE(Left().empty());
}

TEST_F(AssociatedResources, AreRemovedAsShownWhereverTheOperatorDies) {
  MakeWithExtras("\"Delete\"");
  ASSERT_TRUE(world.Delete("a"));
  world.effects.script = [dead = 0](const Effect& effect) mutable {
    if (dead < 3 && effect.what.find("GET") != 0) return ++dead, Mishap::kCrashAfterCommit;
    return Mishap::kNone;
  };
  ASSERT_TRUE(Goes("a"));
  EXPECT_TRUE(Left().empty());
}

}  // namespace
}  // namespace capstan::managed
