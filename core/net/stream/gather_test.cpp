#include <capstan/core/net/stream/gather.hpp>

#include <gtest/gtest.h>

namespace capstan::net {
namespace {

constexpr Duration kPause = std::chrono::milliseconds(10);
constexpr Duration kTick = std::chrono::milliseconds(1);

class GatherTest : public ::testing::Test {
 protected:
  GatherTest() { gather_.Start(kPause); }
  // Whether the channel pauses instead of waiting for the socket.
  bool Pauses() { return gather_.NextRead(now_) > now_; }
  // How many reads a burst of one event each millisecond takes within that time.
  int LooksWithin(Duration time) {
    int looks = 0;
    for (const Instant end = now_ + time; now_ < end; now_ += kTick) {
      if (now_ < look_) continue;
      ++looks;
      gather_.Received(100, now_);
      look_ = gather_.NextRead(now_);
    }
    return looks;
  }
  Gather gather_;
  Instant look_{};  // the first: the socket is ready
  Instant now_{std::chrono::hours(1)};
};

TEST_F(GatherTest, WaitsForTheSocketUntilDataArrived) { EXPECT_FALSE(Pauses()); }

TEST_F(GatherTest, ASmallReadIsFollowedByAPause) {
  gather_.Received(100, now_);
  const Instant came = now_;
  now_ += kTick;
  EXPECT_EQ(gather_.NextRead(now_), came + kPause);
}

TEST_F(GatherTest, DataAfterASilenceIsReadImmediately) {
  gather_.Received(100, now_);
  ASSERT_TRUE(Pauses());
  now_ += kPause;
  EXPECT_FALSE(Pauses()) << "nothing came in the pause";
  now_ += std::chrono::seconds(5);
  gather_.Received(100, now_);
  now_ += kPause;
  EXPECT_FALSE(Pauses()) << "working on it took as long as the pause";
}

TEST_F(GatherTest, ALargeReadIsFollowedImmediatelyByTheNext) {
  for (std::size_t i = 0; i < Gather::kMuch / 1024; ++i) gather_.Received(1024, now_);
  EXPECT_FALSE(Pauses());
  gather_.Received(1024, now_);
  EXPECT_TRUE(Pauses()) << "each look counts by itself";
}

TEST_F(GatherTest, ALongBurstIsReadLessAndLessOften) {
  EXPECT_LE(LooksWithin(std::chrono::milliseconds(100)), 10);
  EXPECT_LE(LooksWithin(std::chrono::seconds(1)), 30);
  EXPECT_LE(LooksWithin(std::chrono::seconds(1)), 10);
}

TEST_F(GatherTest, APauseIsATenthOfTheBurstAndAtMostTenTimesTheFirst) {
  for (const int lasted : {100, 200, 500, 1000, 2000, 60'000}) {
    gather_.Start(kPause);
    const Instant began = now_;
    for (; now_ - began < lasted * kTick; now_ += kPause) gather_.Received(1, now_);
    gather_.Received(1, now_);
    EXPECT_EQ(gather_.NextRead(now_) - now_, std::min<Duration>(lasted * kTick / 10, 10 * kPause)) << lasted;
  }
}

TEST_F(GatherTest, InALastingBurstALargeReadIsFollowedByOneThatDoesNotWaitAndThenByAPause) {
  gather_.Received(Gather::kMuch, now_);
  EXPECT_FALSE(gather_.ReadsOn()) << "a list begins like this";
  LooksWithin(std::chrono::seconds(10));
  for (const std::size_t more : {std::size_t{0}, std::size_t{100}}) {
    gather_.Received(Gather::kMuch, now_);
    EXPECT_TRUE(gather_.ReadsOn());
    if (more > 0) gather_.Received(more, now_);
    EXPECT_FALSE(gather_.ReadsOn());
    EXPECT_EQ(gather_.NextRead(now_), now_ + 10 * kPause) << more;
  }
  gather_.Received(Gather::kMuch, now_);
  EXPECT_TRUE(gather_.ReadsOn());
  gather_.Received(Gather::kMuch, now_);
  EXPECT_FALSE(gather_.ReadsOn()) << "it comes as fast as it is read";
  EXPECT_FALSE(Pauses());
}

TEST_F(GatherTest, ABurstThatBringsMuchInEachPauseLastsToo) {
  for (int i = 0; i < 30; ++i) {  // as much as halves the age each time, for three seconds
    now_ += 10 * kPause;
    gather_.Received(Gather::kMuch, now_);
    EXPECT_EQ(gather_.ReadsOn(), i >= 20) << i;
    gather_.NextRead(now_);
  }
  gather_.Received(1, now_);
  EXPECT_GE(gather_.NextRead(now_) - now_, 5 * kPause) << "its pauses grow";
}

TEST_F(GatherTest, AfterASilenceANewBurstBegins) {
  LooksWithin(std::chrono::seconds(10));
  gather_.NextRead(now_);
  now_ += 10 * kPause + kTick;
  EXPECT_FALSE(Pauses());
  gather_.Received(100, now_);
  EXPECT_EQ(gather_.NextRead(now_), now_ + kPause);
}

TEST_F(GatherTest, AFastSenderIsSoonReadAsOftenAsAtFirst) {
  LooksWithin(std::chrono::seconds(10));
  for (int i = 0; i < 7; ++i) {
    gather_.Received(Gather::kMuch, now_);
    gather_.NextRead(now_);
  }
  gather_.Received(1, now_);
  EXPECT_EQ(gather_.NextRead(now_), now_ + kPause);
}

TEST_F(GatherTest, PausesOnlyIfEnabled) {
  gather_.Start(Duration::zero());
  EXPECT_FALSE(gather_.enabled());
  gather_.Received(100, now_);
  EXPECT_FALSE(Pauses());
}

}  // namespace
}  // namespace capstan::net
