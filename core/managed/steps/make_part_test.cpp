#include <capstan/core/managed/testing/managed_test.hpp>

namespace capstan::managed {
namespace {

using simulation::Effect;
using simulation::Mishap;

class Part : public ManagedTest {
 protected:
  static simulation::WorldOptions Options() {
    simulation::WorldOptions options;
    options.cloud.list_lag = Duration::zero();
    return options;
  }
  Part() : ManagedTest(Options()) {}
  // As another user of the same token would.
  void AddLidByHand(const std::string& box, const std::string& name) {
    http::Request request;
    request.method = "POST";
    request.url = "http://boxes.test/boxes/" + box + "/lids";
    request.headers.Set("Authorization", "Bearer token-a");
    request.body = R"({"name":")" + name + R"(","tags":["by-hand"]})";
    const auto reply = world.network().Send(request, {});
    EXPECT_TRUE(reply && reply->status == 201);
  }
};

TEST_F(Part, IsSearchedInItsCloudObjectAndNotCreatedNextToAnExistingOne) {
  MakeReady();
  const std::string id = Field("a", "/status/boxID");
  bool added = false;
  world.effects.script = [&](const Effect& effect) {
    // After the plan was made, right before the last look.
    if (!added && effect.what == "GET boxes.test/boxes/" + id &&
        Field("a", "/status/external/pending/step") == "lids/x") {
      added = true;
      AddLidByHand(id, "x");
    }
    return Mishap::kNone;
  };
  ASSERT_TRUE(world.Apply("a", R"("lids":["x"])"));
  ASSERT_TRUE(world.RunUntil([&] { return added; }, std::chrono::minutes(5)));
  world.RunFor(std::chrono::minutes(5));
  EXPECT_EQ(LiveBoxes()[0].lids.size(), 1u) << "a second one of that name";
  EXPECT_FALSE(world.Get("a")->ValueAt("/status/external/pending").has_value());
}

TEST_F(Part, ThatAnEarlierAttemptCreatedIsNotCreatedAgainBeforeThePlanShowsIt) {
  MakeReady();
  world.effects.script = [](const Effect& effect) {
    return effect.what.find("/lids") != std::string::npos ? Mishap::kTimeoutAfter : Mishap::kNone;
  };
  ASSERT_TRUE(world.Apply("a", R"("lids":["x"])"));
  ASSERT_TRUE(world.RunUntil([&] { return Changes("POST lids") != 0; }, std::chrono::minutes(5)));
  ASSERT_TRUE(Becomes("a", "Synced", "True/InSync", std::chrono::minutes(10)));
  EXPECT_EQ(Changes("POST lids"), 1);
}

}  // namespace
}  // namespace capstan::managed
