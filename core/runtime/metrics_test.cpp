#include <capstan/core/runtime/metrics.hpp>

#include <gtest/gtest.h>

#include <capstan/core/runtime/health.hpp>

namespace capstan::runtime {
namespace {

TEST(PrometheusMetrics, TheSameNameAndLabelsAreTheSameCounter) {
  const auto metrics = MakePrometheusMetrics();
  metrics->counter("things_total", "Things", {{"kind", "a"}}).Add();
  metrics->counter("things_total", "Things, said otherwise", {{"kind", "a"}}).Add(2);
  metrics->counter("things_total", "Things", {{"kind", "b"}}).Add();
  const std::string text = metrics->Text();
  EXPECT_NE(text.find("# TYPE things_total counter"), std::string::npos) << text;
  EXPECT_NE(text.find("things_total{kind=\"a\"} 3"), std::string::npos) << text;
  EXPECT_NE(text.find("things_total{kind=\"b\"} 1"), std::string::npos) << text;
}

TEST(PrometheusMetrics, GaugesCanBeComputedAtScrapeTime) {
  const auto metrics = MakePrometheusMetrics();
  int looks = 0;
  metrics->OnText([&] { metrics->gauge("looks", "How often somebody looked").Set(++looks); });
  EXPECT_NE(metrics->Text().find("looks 1"), std::string::npos);
  EXPECT_NE(metrics->Text().find("looks 2"), std::string::npos);
}

TEST(PrometheusMetrics, HistogramsCountInBucketsOfSeconds) {
  const auto metrics = MakePrometheusMetrics();
  metrics->histogram("took_seconds", "How long").Observe(0.3);
  const std::string text = metrics->Text();
  EXPECT_NE(text.find("took_seconds_bucket{le=\"0.2\"} 0"), std::string::npos) << text;
  EXPECT_NE(text.find("took_seconds_bucket{le=\"0.5\"} 1"), std::string::npos) << text;
  EXPECT_NE(text.find("took_seconds_count 1"), std::string::npos) << text;
}

TEST(Health, AnswersOkAndListsEveryCheckWhenVerboseOrFailing) {
  HealthChecks checks;
  EXPECT_EQ(checks.Run(false).text, "ok");
  bool broken = false;
  checks.Add("lease", [] { return Status(); });
  checks.Add("plugins", [&]() -> Status {
    if (broken) return Fail(Code::kUnavailable, "digitalocean.so is truncated");
    return {};
  });
  EXPECT_EQ(checks.Run(true).text, "[+]lease ok\n[+]plugins ok\ncheck passed\n");
  broken = true;
  EXPECT_FALSE(checks.Run(false).healthy);
  EXPECT_EQ(checks.Run(false).text,
            "[+]lease ok\n[-]plugins failed: digitalocean.so is truncated\ncheck failed\n");
  checks.Remove("plugins");
  EXPECT_TRUE(checks.Run(false).healthy);
}

TEST(MetricsTest, SeriesOfALabelEndTogetherAndMayBeginAgain) {
  const auto metrics = MakePrometheusMetrics();
  metrics->counter("done_total", "What was done", {{"queue", "a"}}).Add(2);
  metrics->gauge("depth", "What waits", {{"queue", "a"}}).Set(3);
  metrics->histogram("took_seconds", "How long", {{"queue", "a"}}).Observe(1);
  metrics->gauge("depth", "What waits", {{"queue", "b"}}).Set(4);
  metrics->EndSeries("queue", "a");
  EXPECT_EQ(metrics->Text().find("queue=\"a\""), std::string::npos);
  EXPECT_NE(metrics->Text().find("depth{queue=\"b\"} 4\n"), std::string::npos);
  metrics->counter("done_total", "What was done", {{"queue", "a"}}).Add();
  EXPECT_NE(metrics->Text().find("done_total{queue=\"a\"} 1\n"), std::string::npos);
}

TEST(MetricsTest, AShownSeriesEndsWhenItIsNoLongerShown) {
  const auto metrics = MakePrometheusMetrics();
  metrics->ShowGauges("left", "What is left", {{{{"who", "a"}}, 1}, {{{"who", "b"}}, 2}});
  EXPECT_NE(metrics->Text().find("left{who=\"a\"} 1\n"), std::string::npos);
  metrics->ShowGauges("left", "What is left", {{{{"who", "b"}}, 3}});
  EXPECT_EQ(metrics->Text().find("who=\"a\""), std::string::npos);
  EXPECT_NE(metrics->Text().find("left{who=\"b\"} 3\n"), std::string::npos);
  metrics->ShowGauges("left", "What is left", {});
  EXPECT_EQ(metrics->Text().find("left{"), std::string::npos);
}

}  // namespace
}  // namespace capstan::runtime
