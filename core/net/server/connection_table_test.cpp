#include <capstan/core/net/server/connection_table.hpp>

#include <gtest/gtest.h>

#include <memory>

namespace capstan::net {
namespace {

using std::chrono::seconds;

class ConnectionTableTest : public testing::Test {
 protected:
  std::unique_ptr<Seat> Come(int second) {
    return std::make_unique<Seat>(table_, stop_.get_token(), At(second), At(second));
  }
  std::unique_ptr<Seat> Come(int second, ConnectionPhase phase) {
    auto seat = Come(second);
    seat->Set(phase, At(second));
    return seat;
  }
  static Instant At(int second) { return Instant(seconds(1000 + second)); }
  static bool Leaves(const std::unique_ptr<Seat>& seat) { return seat->stop().stop_requested(); }

  ConnectionTable table_{3};
  std::stop_source stop_;
};

TEST_F(ConnectionTableTest, TheConnectionIdleLongestMakesRoomForANewOne) {
  const auto first = Come(1), second = Come(2), third = Come(3);
  EXPECT_FALSE(Leaves(first));
  const auto fourth = Come(4);
  EXPECT_TRUE(fourth->admitted());
  EXPECT_TRUE(Leaves(first));
  const auto fifth = Come(5);
  EXPECT_TRUE(fifth->admitted());
  EXPECT_TRUE(Leaves(second));
  EXPECT_FALSE(Leaves(third) || Leaves(fourth) || Leaves(fifth));
}

// Threads start in any order: with four idle connections and a later one with a request, the thread
// of the last one registered first, and it was evicted in favour of earlier connections.
TEST_F(ConnectionTableTest, AConnectionNeverMakesRoomForOneThatWasAcceptedBeforeIt) {
  const auto probe = Come(9), second = Come(2), third = Come(3);
  third->Set(ConnectionPhase::kReadingRequest, At(10));  // its thread starts only now
  const auto late = std::make_unique<Seat>(table_, stop_.get_token(), At(1), At(10));
  EXPECT_TRUE(late->admitted()) << "nobody is refused for it: it has only lost its turn";
  EXPECT_TRUE(Leaves(late));
  const auto later = std::make_unique<Seat>(table_, stop_.get_token(), At(4), At(10));
  EXPECT_TRUE(Leaves(second));
  EXPECT_FALSE(Leaves(probe) || Leaves(third) || Leaves(later));
}

TEST_F(ConnectionTableTest, AConnectionDoesNotCountAsOldBecauseOthersSendTheirRequestsLate) {
  const auto first = Come(1), second = Come(2), third = Come(3);
  for (const auto* seat : {&first, &second, &third}) (*seat)->Set(ConnectionPhase::kReadingRequest, At(20));
  const auto probe = std::make_unique<Seat>(table_, stop_.get_token(), At(9), At(21));
  EXPECT_FALSE(Leaves(probe));
  EXPECT_EQ(int{Leaves(first)} + int{Leaves(second)} + int{Leaves(third)}, 1);
}

TEST_F(ConnectionTableTest, AnIdleConnectionLeavesBeforeOneThatIsAsking) {
  const auto asking = Come(1, ConnectionPhase::kReadingRequest), idle = Come(2, ConnectionPhase::kIdle),
             taking = Come(0, ConnectionPhase::kWritingResponse);
  const auto fourth = Come(3);
  EXPECT_TRUE(Leaves(idle));
  EXPECT_FALSE(Leaves(asking) || Leaves(taking));
  const auto fifth = Come(4);
  EXPECT_TRUE(Leaves(asking));
  EXPECT_FALSE(Leaves(taking));
}

TEST_F(ConnectionTableTest, AClientThatDoesNotReadItsAnswerMakesRoomAfterASecond) {
  const auto one = Come(1, ConnectionPhase::kProcessing), other = Come(1, ConnectionPhase::kProcessing),
             taking = Come(5, ConnectionPhase::kWritingResponse);
  EXPECT_FALSE(Come(5)->admitted());
  EXPECT_FALSE(Leaves(taking));
  EXPECT_TRUE(Come(6)->admitted());
  EXPECT_TRUE(Leaves(taking));
}

TEST_F(ConnectionTableTest, ARequestInProgressIsNeverInterrupted) {
  const auto a = Come(1, ConnectionPhase::kProcessing), b = Come(1, ConnectionPhase::kProcessing),
             c = Come(1, ConnectionPhase::kProcessing);
  EXPECT_FALSE(Come(100)->admitted());
  EXPECT_FALSE(Leaves(a) || Leaves(b) || Leaves(c));
}

TEST_F(ConnectionTableTest, APlaceIsFreeOnceItsConnectionHasEnded) {
  auto a = Come(1, ConnectionPhase::kProcessing);
  const auto b = Come(1, ConnectionPhase::kProcessing), c = Come(1, ConnectionPhase::kProcessing);
  a.reset();
  EXPECT_TRUE(Come(2)->admitted());
}

TEST_F(ConnectionTableTest, AServerThatStopsStopsEverySeat) {
  const auto a = Come(1, ConnectionPhase::kProcessing);
  stop_.request_stop();
  EXPECT_TRUE(Leaves(a));
  EXPECT_TRUE(Leaves(Come(2)));
}

}  // namespace
}  // namespace capstan::net
