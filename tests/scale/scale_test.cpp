// Many clusters on one token, in simulated time. The simulated cloud counts every request and refuses those
// above the documented limits.
#include <gtest/gtest.h>

#include <map>

#include <capstan/core/base/text.hpp>
#include <capstan/tests/scale/fleet.hpp>

namespace capstan::scale {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr auto kReady = "True/Available";
constexpr auto kInSync = "True/InSync";

TEST(Scale, LooksAfterAThousandStableClustersWithFourHundredRequestsAnHour) {
  Fleet fleet;
  fleet.Found(0, 1000);
  fleet.StartOperator();
  ASSERT_TRUE(fleet.Until([&] { return fleet.Count(kReady, kInSync) == 1000; }, minutes(30), seconds(30)))
      << fleet.Count(kReady, kInSync) << fleet.RequestsByOperation();
  fleet.scheduler.RunFor(minutes(3));

  const auto before = fleet.Requests();
  fleet.scheduler.RunFor(minutes(20));
  EXPECT_LE((fleet.Requests() - before) * 3, 400u) << fleet.RequestsByOperation();
  EXPECT_EQ(fleet.Refusals(), 0u);
  EXPECT_EQ(fleet.Count(kReady, kInSync), 1000);
}

}  // namespace
}  // namespace capstan::scale
