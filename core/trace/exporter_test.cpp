#include <capstan/core/trace/exporter.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include <capstan/core/base/json.hpp>
#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/http/loopback.hpp>
#include <capstan/core/trace/traced_transport.hpp>
#include <capstan/core/trace/tracer.hpp>

namespace capstan::trace {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

// Accepts what it is sent, or answers as the test says.
class FakeCollector final : public http::Handler {
 public:
  void Handle(const http::Request& request, http::ResponseWriter& writer, const Context&) override {
    requests.push_back(request);
    http::Response answer;
    answer.status = 200;
    if (!answers.empty()) {
      answer = answers.front();
      answers.erase(answers.begin());
    }
    (void)writer.Respond(answer);
  }
  std::vector<Json> Spans() const {
    std::vector<Json> spans;
    for (const http::Request& request : requests) {
      const Json body = Body(request);
      for (const Json& span : body.At("/resourceSpans/0/scopeSpans/0/spans").items()) spans.push_back(span);
    }
    return spans;
  }
  static Json Body(const http::Request& request) { return Json::Parse(request.body).value(); }
  static std::string AttributeOf(const Json& span, std::string_view key) {
    for (const Json& field : span["attributes"].items()) {
      if (field["key"].AsString() == key)
        return field["value"]["stringValue"].AsString(field["value"]["intValue"].AsString());
    }
    return "";
  }

  std::vector<http::Request> requests;
  std::vector<http::Response> answers;
};

http::Response Answer(int status, http::Headers headers = {}) { return {status, std::move(headers), ""}; }

class SentTraces : public testing::Test {
 protected:
  SentTraces() { network_.Route("collector:4318", &collector_); }
  void Start(ExportSettings settings = {}) {
    settings.endpoint = "http://collector:4318/v1/traces";
    settings.resource = {{"service.name", "capstan"}};
    exporter_.emplace(std::move(settings), Exporter::Parts{scheduler_, *random_, log_, network_});
    tracer_ = MakeTracer(*exporter_, scheduler_, *random_);
    sending_ = scheduler_.Spawn("traces", [this](const Context& context) { exporter_->Run(context); });
  }
  void EndSpans(int count) {
    for (int i = 0; i < count; ++i) tracer_->Begin("reconcile", "Cluster team/web")->End();
  }

  SimulatedScheduler scheduler_;
  std::unique_ptr<Random> random_ = MakeSeededRandom(7);
  RecordingLog log_;
  http::LoopbackTransport network_{scheduler_};
  FakeCollector collector_;
  std::optional<Exporter> exporter_;
  std::unique_ptr<Tracer> tracer_;
  Task sending_;  // destroyed before the members it uses
};

TEST_F(SentTraces, ReachTheCollectorWithParentsTimesAndOutcomes) {
  Start();
  const auto root = tracer_->Begin("reconcile Cluster", "Cluster team/web");
  root->Set("capstan.object", "team/web");
  Context context;
  context.span = root;
  {
    const Scope effect(context, "create");
    effect->Set("capstan.tries", std::int64_t{2});
    effect->Fail("the cloud said no");
    scheduler_.RunFor(milliseconds(250));
  }
  root->End();
  scheduler_.RunFor(seconds(6));

  ASSERT_EQ(collector_.requests.size(), 1U);
  EXPECT_EQ(collector_.requests[0].method, "POST");
  EXPECT_THAT(collector_.requests[0].url, HasSubstr("/v1/traces"));
  EXPECT_EQ(collector_.requests[0].headers.Get("Content-Type"), "application/json");
  const auto spans = collector_.Spans();
  ASSERT_EQ(spans.size(), 2U);
  const Json &effect = spans[0], &reconcile = spans[1];
  EXPECT_EQ(effect["traceId"], reconcile["traceId"]);
  EXPECT_EQ(effect["traceId"].AsString().size(), 32U);
  EXPECT_EQ(effect["parentSpanId"], reconcile["spanId"]);
  EXPECT_TRUE(reconcile["parentSpanId"].is_null());
  EXPECT_EQ(reconcile["name"].AsString(), "reconcile Cluster");
  EXPECT_EQ(FakeCollector::AttributeOf(reconcile, "capstan.object"), "team/web");
  EXPECT_EQ(FakeCollector::AttributeOf(effect, "capstan.tries"), "2");
  EXPECT_EQ(effect["status"]["code"].AsInteger(), 2);
  EXPECT_EQ(effect["status"]["message"].AsString(), "the cloud said no");
  EXPECT_EQ(
      std::stoll(effect["endTimeUnixNano"].AsString()) - std::stoll(effect["startTimeUnixNano"].AsString()),
      250'000'000);
  EXPECT_EQ(FakeCollector::Body(collector_.requests[0])
                .At("/resourceSpans/0/resource/attributes/0/value/stringValue")
                .AsString(),
            "capstan");
  EXPECT_EQ(exporter_->counts().exported, 2U);
}

TEST_F(SentTraces, GoManyInOneRequestAndNeverMoreThanABatch) {
  ExportSettings settings;
  settings.batch = 10;
  Start(std::move(settings));
  EndSpans(25);
  scheduler_.RunFor(seconds(1));
  EXPECT_EQ(collector_.requests.size(), 2U) << "whole batches are sent immediately";
  scheduler_.RunFor(seconds(6));
  EXPECT_EQ(collector_.requests.size(), 3U) << "the rest waits for its delay";
  EXPECT_EQ(collector_.Spans().size(), 25U);
}

TEST_F(SentTraces, AreDroppedAndCountedWhenTheQueueIsFullAndWorkNeverWaits) {
  network_.Route("collector:4318", nullptr);
  ExportSettings settings;
  settings.queue = 100;
  settings.batch = 50;
  Start(std::move(settings));
  const Instant begun = scheduler_.Now();
  EndSpans(300);
  EXPECT_EQ(scheduler_.Now(), begun);
  EXPECT_EQ(exporter_->counts().dropped, 200U);
  scheduler_.RunFor(minutes(30));
  const ExportCounts counts = exporter_->counts();
  EXPECT_EQ(counts.failed, 100U);
  EXPECT_EQ(counts.exported, 0U);
}

TEST_F(SentTraces, AreRetriedWhenTheCollectorIsBusyNoSoonerThanItAsks) {
  Start();
  collector_.answers = {Answer(429, {{"Retry-After", "20"}}), Answer(503)};
  EndSpans(1);
  scheduler_.RunFor(seconds(24));
  EXPECT_EQ(collector_.requests.size(), 1U);
  scheduler_.RunFor(seconds(30));
  EXPECT_EQ(collector_.requests.size(), 3U);
  EXPECT_EQ(exporter_->counts().exported, 1U);
  EXPECT_EQ(exporter_->counts().failed, 0U);
}

TEST_F(SentTraces, AreDroppedImmediatelyWhenTheCollectorRefusesThem) {
  Start();
  collector_.answers = {Answer(400)};
  EndSpans(3);
  scheduler_.RunFor(minutes(2));
  EXPECT_EQ(collector_.requests.size(), 1U);
  EXPECT_EQ(exporter_->counts().failed, 3U);
  EXPECT_TRUE(log_.Contains("traces do not reach their collector"));
  EndSpans(1);
  scheduler_.RunFor(minutes(1));
  EXPECT_TRUE(log_.Contains("traces reach their collector again"));
}

TEST_F(SentTraces, ShowTheirHeadersToTheCollectorAndToNoLog) {
  ExportSettings settings;
  settings.headers.emplace_back("x-key", Secret("mysterious"));
  Start(std::move(settings));
  collector_.answers = {Answer(401)};
  EndSpans(1);
  scheduler_.RunFor(seconds(10));
  ASSERT_EQ(collector_.requests.size(), 1U);
  EXPECT_EQ(collector_.requests[0].headers.Get("X-Key"), "mysterious");
  EXPECT_FALSE(log_.Contains("mysterious"));
}

TEST_F(SentTraces, OfTheLastSecondsAreSentBeforeTheTaskEnds) {
  Start();
  EndSpans(2);
  scheduler_.RunFor(milliseconds(100));
  sending_.RequestStop();
  scheduler_.RunFor(seconds(4));
  EXPECT_TRUE(sending_.finished());
  EXPECT_EQ(exporter_->counts().exported, 2U);
}

TEST_F(SentTraces, AreTheShareThatTheSamplerSelects) {
  Start();
  const auto some = MakeTracer(*exporter_, scheduler_, *random_, 0.25);
  int kept = 0;
  for (int i = 0; i < 4000; ++i) {
    const auto root = some->Begin("reconcile", "Cluster team/web");
    const auto child = root->Child("create", SpanKind::kInternal);
    EXPECT_EQ(child->ids().sampled, root->ids().sampled);
    kept += root->ids().sampled ? 1 : 0;
  }
  EXPECT_NEAR(kept, 1000, 120);
  const auto none = MakeTracer(*exporter_, scheduler_, *random_, 0);
  EXPECT_FALSE(none->Begin("reconcile", "Cluster team/web")->ids().sampled);
}

TEST_F(SentTraces, MakeEachRequestASpanAndPassTheTraceToTheServer) {
  Start();
  FakeCollector cloud;
  network_.Route("cloud", &cloud);
  TracedTransport traced(network_, Propagation::kTraceParent);
  const http::Request request{"GET", "http://cloud/v2/clusters?token=private", {}, "", 1000};
  std::string trace_parent;
  Task work = scheduler_.Spawn("work", [&](const Context& context) {
    const auto root = tracer_->Begin("reconcile", "Cluster team/web");
    (void)traced.Send(request, context.As(root));
    cloud.answers = {Answer(503)};
    (void)traced.Send(request, context.As(root));
    (void)traced.Send(request, context);  // not traced
    root->End();
  });
  scheduler_.RunFor(seconds(6));
  const auto spans = collector_.Spans();
  ASSERT_EQ(spans.size(), 3U);
  ASSERT_EQ(cloud.requests.size(), 3U);
  EXPECT_EQ(cloud.requests[0].headers.Get("traceparent"),
            StrCat("00-", spans[0]["traceId"].AsString(), "-", spans[0]["spanId"].AsString(), "-01"));
  EXPECT_FALSE(cloud.requests[2].headers.Get("traceparent"));
  EXPECT_EQ(FakeCollector::AttributeOf(spans[0], "url.path"), "/v2/clusters");
  EXPECT_EQ(FakeCollector::AttributeOf(spans[0], "http.response.status_code"), "200");
  EXPECT_EQ(spans[1]["status"]["code"].AsInteger(), 2);
  EXPECT_EQ(spans[0]["kind"].AsInteger(), 3);
  EXPECT_THAT(collector_.requests[0].body, Not(HasSubstr("private")));
}

TEST_F(SentTraces, HaveBoundedTextsAndAttributes) {
  Start();
  const auto span = tracer_->Begin("reconcile", "Cluster team/web");
  for (int i = 0; i < 100; ++i) span->Set(StrCat("key", i), std::string(5000, 'x'));
  span->End();
  span->Set("late", "lost");
  scheduler_.RunFor(seconds(6));
  const auto spans = collector_.Spans();
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0]["attributes"].items().size(), 32U);
  EXPECT_LE(FakeCollector::AttributeOf(spans[0], "key0").size(), 1024U);
}

TEST(TraceIds, AreOnlyForLogLinesWithoutACollector) {
  const auto random = MakeSeededRandom(1);
  const auto tracer = MakeIdTracer(*random);
  EXPECT_FALSE(tracer->keeps());
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i)
    seen.insert(tracer->Begin("reconcile", "Cluster team/web")->ids().TraceText());
  EXPECT_EQ(seen.size(), 100U);
}

}  // namespace
}  // namespace capstan::trace
