#include <capstan/apps/capstan/web/samples.hpp>

#include <gtest/gtest.h>

namespace capstan::app {
namespace {

constexpr char kMetrics[] =
    "# HELP workqueue_depth Keys\n# TYPE workqueue_depth gauge\n"
    "workqueue_depth{name=\"a\"} 3\nworkqueue_depth{name=\"b\"} 4\n"
    "controller_runtime_reconcile_time_seconds_count{controller=\"a\"} 10\n"
    "controller_runtime_reconcile_time_seconds_sum{controller=\"a\"} 2.5\n"
    "capstan_provider_quota_remaining{account=\"x\"} 100\ncapstan_provider_quota_limit{account=\"x\"} 400\n"
    "capstan_provider_quota_remaining{account=\"y\"} 390\ncapstan_provider_quota_limit{account=\"y\"} 400\n"
    "capstan_provider_quota_remaining{account=\"z\"} 5\n";

TEST(Samples, HaveTheQueueTheReconcilesAndTheLowestQuota) {
  const Sample sample = SampleOf(kMetrics, WallTime{});
  EXPECT_EQ(sample.queue_depth, 7);
  EXPECT_EQ(sample.reconciles, 10);
  EXPECT_EQ(sample.reconcile_seconds, 2.5);
  EXPECT_EQ(sample.quota_left, 0.25);
}

TEST(Samples, OmitAnUnknownQuota) { EXPECT_FALSE(SampleOf("up 1\n", WallTime{}).quota_left); }

TEST(Samples, HaveRateAndLatencySinceThePreviousSample) {
  Samples samples;
  Sample sample;
  samples.Add(sample);
  sample.at += std::chrono::seconds(5);
  sample.reconciles = 10;
  sample.reconcile_seconds = 1;
  samples.Add(sample);
  const Json json = samples.ToJson();
  ASSERT_EQ(json.items().size(), 2u);
  EXPECT_TRUE(json.items()[0]["rate"].is_null());
  EXPECT_DOUBLE_EQ(json.items()[1]["rate"].AsNumber(), 2);
  EXPECT_DOUBLE_EQ(json.items()[1]["latency"].AsNumber(), 0.1);
}

TEST(Samples, KeepTheLastHour) {
  Samples samples;
  for (int i = 0; i < 1000; ++i) samples.Add({WallTime{} + std::chrono::seconds(5 * i)});
  const Json json = samples.ToJson();
  EXPECT_EQ(json.items().size(), Samples::kKept);
  EXPECT_EQ(json.items().back()["t"].AsInteger(), 4995);
}

}  // namespace
}  // namespace capstan::app
