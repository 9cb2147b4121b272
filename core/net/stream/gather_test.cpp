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
  bool Pauses() { return gather_.NextLook(now_) > now_; }
  Gather gather_;
  Instant now_{std::chrono::hours(1)};
};

TEST_F(GatherTest, WaitsForTheSocketUntilDataArrived) { EXPECT_FALSE(Pauses()); }

TEST_F(GatherTest, ASmallReadIsFollowedByAPause) {
  gather_.Came(100, now_);
  const Instant came = now_;
  now_ += kTick;
  EXPECT_EQ(gather_.NextLook(now_), came + kPause);
}

TEST_F(GatherTest, DataAfterASilenceIsReadImmediately) {
  gather_.Came(100, now_);
  ASSERT_TRUE(Pauses());
  now_ += kPause;
  EXPECT_FALSE(Pauses()) << "nothing came in the pause";
  now_ += std::chrono::seconds(5);
  gather_.Came(100, now_);
  now_ += kPause;
  EXPECT_FALSE(Pauses()) << "working on it took as long as the pause";
}

TEST_F(GatherTest, ALargeReadIsFollowedImmediatelyByTheNext) {
  for (std::size_t i = 0; i < Gather::kMuch / 1024; ++i) gather_.Came(1024, now_);
  EXPECT_FALSE(Pauses());
  gather_.Came(1024, now_);
  EXPECT_TRUE(Pauses()) << "each look counts by itself";
}

TEST_F(GatherTest, ASecondOfSmallEventsCostsAHundredReads) {
  int looks = 0;
  Instant look = now_;  // the first: the socket is ready
  for (const Instant end = now_ + std::chrono::seconds(1); now_ < end; now_ += kTick) {
    if (now_ < look) continue;
    ++looks;
    gather_.Came(100, now_);  // an event each millisecond
    look = gather_.NextLook(now_);
  }
  EXPECT_EQ(looks, 100);
}

TEST_F(GatherTest, PausesOnlyIfEnabled) {
  gather_.Start(Duration::zero());
  EXPECT_FALSE(gather_.enabled());
  gather_.Came(100, now_);
  EXPECT_FALSE(Pauses());
}

}  // namespace
}  // namespace capstan::net
