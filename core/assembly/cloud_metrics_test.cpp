#include <capstan/core/assembly/cloud_metrics.hpp>

#include <gtest/gtest.h>

#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/http/loopback.hpp>

namespace capstan::assembly {
namespace {

class QuotaTellingHandler final : public http::Handler {
 public:
  void Handle(const http::Request&, http::ResponseWriter& writer, const Context&) override {
    (void)writer.Respond({status, {{"ratelimit-limit", "5000"}, {"ratelimit-remaining", "4711"}}, ""});
  }
  int status = 200;
};

struct CloudMetricsTest : testing::Test {
  CloudMetricsTest() { wire.Route("api.test", &handler); }
  static http::Request Make(const std::string& method, const std::string& host = "api.test") {
    return {method, "https://" + host + "/v2/secret-name", {{"Authorization", "Bearer dop_v1_x"}}, ""};
  }
  // Matches a whole line or any part of one.
  bool Mentions(const std::string& part) {
    text = metrics->Text();
    return text.find(part) != std::string::npos;
  }
  bool Shows(const std::string& line) {
    text = metrics->Text();
    return text.find(line + "\n") != std::string::npos;
  }
  SimulatedScheduler scheduler;
  http::LoopbackTransport wire{scheduler, {std::chrono::milliseconds(40)}};
  QuotaTellingHandler handler;
  std::unique_ptr<runtime::Metrics> metrics = runtime::MakePrometheusMetrics();
  std::string text;
};

TEST_F(CloudMetricsTest, CountsRequestsOfCloudsByHostMethodAndCode) {
  const auto measured = MeasureClouds(wire, scheduler, *metrics);
  ASSERT_TRUE(measured->Send(Make("GET"), Context{}));
  ASSERT_TRUE(measured->Send(Make("GET"), Context{}));
  handler.status = 429;
  ASSERT_TRUE(measured->Send(Make("POST"), Context{}));
  ASSERT_FALSE(measured->Send(Make("DELETE", "nobody.test:8443"), Context{}));
  ASSERT_TRUE(measured->Open(Make("BREW"), Context{}));
  EXPECT_TRUE(Shows("capstan_external_requests_total{code=\"200\",host=\"api.test\",method=\"GET\"} 2"))
      << text;
  EXPECT_TRUE(Shows("capstan_external_requests_total{code=\"429\",host=\"api.test\",method=\"POST\"} 1"));
  EXPECT_TRUE(Shows(
      "capstan_external_requests_total{code=\"<error>\",host=\"nobody.test:8443\",method=\"DELETE\"} 1"))
      << text;
  EXPECT_TRUE(Shows("capstan_external_requests_total{code=\"429\",host=\"api.test\",method=\"OTHER\"} 1"));
  EXPECT_EQ(text.find("secret-name"), std::string::npos);
}

TEST_F(CloudMetricsTest, CountsRequestsOfKubernetesUnderTheNamesOfClientGo) {
  const auto measured = MeasureKubernetes(wire, scheduler, *metrics);
  handler.status = 409;
  ASSERT_TRUE(measured->Send(Make("PATCH"), Context{}));
  EXPECT_TRUE(Shows("rest_client_requests_total{code=\"409\",host=\"api.test\",method=\"PATCH\"} 1")) << text;
  EXPECT_TRUE(Shows("rest_client_request_duration_seconds_count{host=\"api.test\",verb=\"PATCH\"} 1"))
      << text;
  EXPECT_TRUE(Shows("rest_client_request_duration_seconds_sum{host=\"api.test\",verb=\"PATCH\"} 0.08"))
      << text;
}

TEST_F(CloudMetricsTest, ShowsTheQuotaOfACredentialByItsFingerprint) {
  http::QuotaOptions options;
  options.credentials = 1;
  options.hosts["api.test"].per_minute = 250;
  http::QuotaTransport quota(wire, scheduler, options);
  QuotaGauges gauges(quota, *metrics);
  metrics->OnText([&] { gauges.Collect(); });
  ASSERT_TRUE(quota.Send(Make("GET"), Context{}));
  const std::string account = quota.States().front().credential;
  const std::string labels = "{account=\"" + account + "\",host=\"api.test\"} ";
  EXPECT_TRUE(Shows("capstan_provider_quota_remaining" + labels + "4711")) << text;
  EXPECT_TRUE(Shows("capstan_provider_quota_limit" + labels + "5000")) << text;
  EXPECT_TRUE(Shows("capstan_provider_quota_waiting" + labels + "0")) << text;
  EXPECT_TRUE(Shows("capstan_provider_quota_held_seconds" + labels + "0")) << text;
  EXPECT_TRUE(Shows("capstan_provider_quota_declared_per_minute" + labels + "250")) << text;
  EXPECT_TRUE(Shows("capstan_provider_quota_effective_per_minute" + labels + "250")) << text;
  EXPECT_TRUE(Shows("capstan_provider_quota_others_per_minute" + labels + "0")) << text;
  EXPECT_TRUE(Shows("capstan_provider_quota_deferred" + labels + "0")) << text;
  EXPECT_TRUE(Shows("capstan_provider_quota_obstacle{account=\"" + account +
                    "\",cause=\"retry_after\",host=\"api.test\"} 0"))
      << text;
  EXPECT_EQ(text.find("dop_v1_x"), std::string::npos);

  http::Request other = Make("GET");
  other.headers.Set("Authorization", "Bearer another");
  ASSERT_TRUE(quota.Send(other, Context{}));  // the first one is evicted
  EXPECT_FALSE(Shows(account)) << text;
}

TEST_F(CloudMetricsTest, TheSeriesOfATokenEndWhenItIsRotated) {
  http::QuotaTransport quota(wire, scheduler);
  QuotaGauges gauges(quota, *metrics);
  metrics->OnText([&] { gauges.Collect(); });
  const auto ask = [&](const std::string& token) {
    http::Request request = Make("GET");
    request.headers.Set("Authorization", "Bearer " + token);
    ASSERT_TRUE(quota.Send(request, Context{}));
  };
  ask("old");
  const std::string old_account = quota.States().front().credential;
  EXPECT_TRUE(Mentions(old_account)) << text;
  for (int minute = 0; minute < 20; ++minute) {
    scheduler.RunFor(std::chrono::minutes(1));
    ask("new");
  }
  EXPECT_EQ(quota.States().size(), 2U) << "its budget is remembered";
  EXPECT_FALSE(Mentions(old_account)) << text;
  EXPECT_TRUE(Mentions("capstan_provider_quota_waiting{")) << text;
}

}  // namespace
}  // namespace capstan::assembly
