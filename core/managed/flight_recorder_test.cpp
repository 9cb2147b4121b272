#include <capstan/core/managed/flight_recorder.hpp>

#include <gtest/gtest.h>

#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/base/text.hpp>

namespace capstan::managed {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const kube::ObjectKey kWeb{"shop", "web"};

Effect Asked(std::string operation, std::string outcome = "ok") {
  Effect effect;
  effect.operation = std::move(operation);
  effect.outcome = std::move(outcome);
  effect.took = milliseconds(12);
  return effect;
}

TEST(FlightRecorder, ReturnsTheEffectsOfAnObjectInOrder) {
  SimulatedScheduler scheduler;
  FlightRecorder recorder(scheduler);
  recorder.Note("Box", kWeb, Asked("find"));
  recorder.Note("Box", kWeb, Asked("create", "done"));
  const auto of = recorder.Of(kWeb);
  ASSERT_EQ(of.size(), 1u);
  ASSERT_EQ(of[0].effects.size(), 2u);
  EXPECT_EQ(of[0].effects[1].operation, "create");
  EXPECT_TRUE(recorder.Of({"shop", "other"}).empty());
}

TEST(FlightRecorder, CountsTheSameAnswerInARowOnce) {
  SimulatedScheduler scheduler;
  FlightRecorder recorder(scheduler);
  for (int i = 0; i < 5; ++i) recorder.Note("Box", kWeb, Asked("observe"));
  recorder.Note("Box", kWeb, Asked("observe", "unavailable"));
  const auto effects = recorder.Of(kWeb).at(0).effects;
  ASSERT_EQ(effects.size(), 2u);
  EXPECT_EQ(effects[0].count, 5u);
  EXPECT_EQ(effects[1].count, 1u);
}

TEST(FlightRecorder, KeepsTheLastEffectsAndSaysHowManyItDropped) {
  SimulatedScheduler scheduler;
  FlightRecorder recorder(scheduler, {.effects_of_an_object = 3});
  for (int i = 0; i < 10; ++i) recorder.Note("Box", kWeb, Asked(StrCat("effect ", i)));
  const auto of = recorder.Of(kWeb).at(0);
  ASSERT_EQ(of.effects.size(), 3u);
  EXPECT_EQ(of.effects[0].operation, "effect 7");
  EXPECT_EQ(of.dropped, 7u);
}

TEST(FlightRecorder, ReturnsEveryFieldOfAnEffectAsItWasNotedAndTheTimesOfTheLatestRepeat) {
  SimulatedScheduler scheduler;
  FlightRecorder recorder(scheduler, {.effects_of_an_object = 2});
  const WallTime begun = scheduler.WallNow();
  const auto noted = [&](const char* target, const char* detail, int at, std::uint64_t count = 1) {
    return Effect{"apply", target, "done", detail, begun + seconds(at), milliseconds(at), count};
  };
  recorder.Note("Box", kWeb, noted("dropped", "", 1));
  recorder.Note("Box", kWeb, noted("", "of no target", 2));
  recorder.Note("Box", kWeb, noted("nodePools/web", "", 3));
  recorder.Note("Box", kWeb, noted("nodePools/web", "", 4));
  const auto effects = recorder.Of(kWeb).at(0).effects;
  ASSERT_EQ(effects.size(), 2u);
  const Effect expected[] = {noted("", "of no target", 2), noted("nodePools/web", "", 4, 2)};
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(effects[i].operation, expected[i].operation);
    EXPECT_EQ(effects[i].target, expected[i].target);
    EXPECT_EQ(effects[i].outcome, expected[i].outcome);
    EXPECT_EQ(effects[i].detail, expected[i].detail);
    EXPECT_EQ(effects[i].at, expected[i].at);
    EXPECT_EQ(effects[i].took, expected[i].took);
    EXPECT_EQ(effects[i].count, expected[i].count);
  }
}

TEST(FlightRecorder, DropsTheObjectsThatWereReconciledLongestAgo) {
  SimulatedScheduler scheduler;
  FlightRecorder recorder(scheduler, {.objects_of_a_kind = 2});
  recorder.Note("Box", {"shop", "a"}, Asked("find"));
  recorder.Note("Box", {"shop", "b"}, Asked("find"));
  recorder.Ended("Box", {"shop", "a"}, std::nullopt, "");
  recorder.Note("Box", {"shop", "c"}, Asked("find"));
  EXPECT_EQ(recorder.Of({"shop", "a"}).size(), 1u);
  EXPECT_TRUE(recorder.Of({"shop", "b"}).empty());
  EXPECT_EQ(recorder.Of({"shop", "c"}).size(), 1u);
}

TEST(FlightRecorder, SaysUntilWhenAnObjectWaits) {
  SimulatedScheduler scheduler;
  FlightRecorder recorder(scheduler);
  recorder.Ended("Box", kWeb, seconds(41), "RateLimited");
  const auto of = recorder.Of(kWeb).at(0);
  EXPECT_EQ(of.until, scheduler.WallNow() + seconds(41));
  EXPECT_EQ(of.waits_for, "RateLimited");
  recorder.Ended("Box", kWeb, std::nullopt, "");
  EXPECT_FALSE(recorder.Of(kWeb).at(0).until);
  EXPECT_EQ(recorder.Of(kWeb).at(0).reconciles, 2u);
}

TEST(FlightRecorder, IsReadBackFromItsOwnJson) {
  SimulatedScheduler scheduler;
  FlightRecorder recorder(scheduler);
  Effect refused = Asked("apply", "rejected");
  refused.target = "nodePools/web";
  refused.detail = "the size \"s-9\" is not offered";
  refused.at = scheduler.WallNow();
  recorder.Note("Box", kWeb, refused);
  recorder.Ended("Box", kWeb, seconds(5), "UpdateRejected");
  const std::string text = RecordingsToJson(recorder.Of(kWeb));
  const auto read = RecordingsFromJson(text);
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(RecordingsToJson(*read), text);
  EXPECT_EQ(read->at(0).effects.at(0).detail, refused.detail);
}

TEST(FlightRecorder, RefusesAFileThatIsNoRecordingWithOneSentence) {
  for (const char* text : {"", "{", "[]", "{}", R"({"recordings":3})", R"({"recordings":[{}]})",
                           R"({"recordings":[{"kind":"Box","name":"a","effects":[{"time":"soon"}]}]})"}) {
    const auto read = RecordingsFromJson(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().message.find('\n'), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace capstan::managed
