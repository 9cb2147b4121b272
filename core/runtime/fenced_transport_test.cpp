#include <capstan/core/runtime/fenced_transport.hpp>

#include <gtest/gtest.h>

#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/http/testing/counting_transport.hpp>
#include <capstan/core/http/testing/faulty_transport.hpp>

namespace capstan::runtime {
namespace {

class LeaseUntil final : public Fence {
 public:
  bool HeldUntil(Instant until) const override { return until <= end; }
  std::string holder() const override { return "one"; }
  Instant end{};
};

class FencedTransportTest : public testing::Test {
 protected:
  Result<http::Response> Send(const char* method, Duration timeout) {
    return fenced_.Send(http::Request{method, "https://cloud.test/x", {}, ""},
                        Context{}.Within(scheduler_, timeout));
  }
  SimulatedScheduler scheduler_;
  LeaseUntil lease_;
  http::CountingTransport wire_;
  FencedTransport fenced_{wire_, lease_, scheduler_};
};

TEST_F(FencedTransportTest, LetsAChangeLeaveOnlyWhileTheLeaseOutlastsItsDeadline) {
  lease_.end = scheduler_.Now() + std::chrono::seconds(10);
  EXPECT_TRUE(Send("POST", std::chrono::seconds(10)));
  const auto refused = Send("POST", std::chrono::seconds(11));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kFailedPrecondition);
  EXPECT_EQ(refused.error().sent, Sent::kNo);
  EXPECT_EQ(wire_.sent, 1);
}

TEST_F(FencedTransportTest, LetsReadsPassWithoutALease) {
  EXPECT_TRUE(Send("GET", std::chrono::hours(1)));
  EXPECT_FALSE(Send("DELETE", std::chrono::seconds(1)));
  EXPECT_EQ(wire_.sent, 1);
}

}  // namespace
}  // namespace capstan::runtime
