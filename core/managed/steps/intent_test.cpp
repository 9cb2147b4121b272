// No creating or adopting request is sent under an intent older than promised, however slow the
// servers are, and that delays none of them forever.
#include <capstan/core/managed/testing/managed_test.hpp>

namespace capstan::managed {
namespace {

using simulation::Effect;
using simulation::Mishap;

class Intent : public ManagedTest {
 protected:
  static constexpr int kAlways = 1000;
  static constexpr Duration kSlow = std::chrono::seconds(6);  // longer than an intent may be old

  // The first `times` effects that contain `what` take kSlow, under the intent of `step`. For
  // requests that contain `request`, records how old the intent is at that moment.
  void Slow(const std::string& what, const std::string& request, const std::string& step, int times) {
    world.effects.script = [=, this](const Effect& effect) {
      if (EndsWith(effect.what, request)) oldest = std::max(oldest, Age());
      const bool begun = Field("a", "/status/external/pending/step") == step;
      if (effect.what.find(what) != std::string::npos && slowed < times && (begun || what != kLook)) {
        ++slowed;
        world.scheduler.Sleep(kSlow, {});
      }
      return Mishap::kNone;
    };
  }
  static bool EndsWith(const std::string& text, const std::string& end) {
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
  }
  Duration Age() {
    const auto started = ParseRfc3339(Field("a", "/status/external/pending/startedAt"));
    return started ? world.scheduler.WallNow() - *started : Duration::max();
  }
  void ExpectFresh() {
    EXPECT_GT(slowed, 0);
    EXPECT_GE(oldest, Duration::zero()) << "no request left";
    EXPECT_LE(oldest, world.options.managed.intent_age);
  }
  const std::string kLook = "GET boxes.test/boxes";
  int slowed = 0;
  Duration oldest = Duration(-1);
};

TEST_F(Intent, OfACreateIsRewrittenWhenTheSearchTookLong) {
  Slow(kLook, "POST boxes.test/boxes", "create", kAlways);
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", kSecretSpec));
  ASSERT_TRUE(Becomes("a", "Ready", "True/Available"));
  ExpectFresh();
  EXPECT_EQ(Changes("POST /boxes"), 1);
}

TEST_F(Intent, ThatBecameOldDuringItsWriteSendsNoCreate) {
  Slow("PATCH /apis/example.test/v1/namespaces/shop/boxes/a/status", "POST boxes.test/boxes", "create", 3);
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", kSecretSpec));
  ASSERT_TRUE(Becomes("a", "Ready", "True/Available"));
  ExpectFresh();
  EXPECT_EQ(Changes("POST /boxes"), 1);
}

TEST_F(Intent, OfAPartIsRewrittenWhenTheSearchTookLong) {
  MakeReady();
  Slow(kLook, "/lids", "lids/x", kAlways);
  ASSERT_TRUE(world.Apply("a", R"("lids":["x"])"));
  ASSERT_TRUE(world.RunUntil([&] { return Changes("POST lids") == 1; }, std::chrono::minutes(5)));
  ExpectFresh();
}

TEST_F(Intent, ThatBecameOldDuringItsWriteSendsNoPart) {
  MakeReady();
  Slow("PATCH /apis/example.test/v1/namespaces/shop/boxes/a/status", "/lids", "lids/x", 3);
  ASSERT_TRUE(world.Apply("a", R"("lids":["x"])"));
  ASSERT_TRUE(world.RunUntil([&] { return Changes("POST lids") == 1; }, std::chrono::minutes(5)));
  ExpectFresh();
  ASSERT_TRUE(Becomes("a", "Synced", "True/InSync"));
  EXPECT_EQ(LiveBoxes()[0].lids.size(), 1u);
}

TEST_F(Intent, OfAnAdoptionIsRewrittenWhenTheLookTookLong) {
  const std::string id = boxes().PutByHand("account-a", "theirs", {"by-hand"});
  Slow(kLook, "PUT boxes.test/boxes/" + id + "/tags", "adopt", kAlways);
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", R"("tokenSecret":"token","size":5,"adopt":{"boxID":")" + id + "\"}"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/ObserveOnly"));
  EXPECT_EQ(Changes("PUT tags"), 1);
}

TEST_F(Intent, ThatBecameOldDuringItsWriteAdoptsNothing) {
  const std::string id = boxes().PutByHand("account-a", "theirs", {"by-hand"});
  Slow("PATCH /apis/example.test/v1/namespaces/shop/boxes/a/status", "PUT boxes.test/boxes/" + id + "/tags",
       "adopt", 3);
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", R"("tokenSecret":"token","size":5,"adopt":{"boxID":")" + id + "\"}"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/ObserveOnly"));
  ExpectFresh();
  EXPECT_EQ(Changes("PUT tags"), 1);
}

}  // namespace
}  // namespace capstan::managed
