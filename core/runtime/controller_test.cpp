#include <capstan/core/runtime/manager.hpp>

#include <algorithm>
#include <map>
#include <stdexcept>

#include <capstan/core/runtime/testing/runtime_fixture.hpp>
#include <capstan/core/trace/tracer.hpp>

namespace capstan::runtime {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

Error ErrorOf(Code code) { return MakeError(code, "for a test"); }

class ControllerTest : public RuntimeFixture {
 protected:
  // Starts a controller of widgets that runs `reconcile` and records its calls.
  Controller& Start(ReconcileFunction::Function reconcile, ControllerOptions options = Options()) {
    if (configure_) configure_(options);
    Controller& controller =
        manager_.AddController(std::move(options), WidgetKind(),
                               [this, reconcile = std::move(reconcile)](
                                   const Request& request, const Context& context) -> Result<Outcome> {
                                 calls_.push_back(request.key.ToString());
                                 if (!busy_.insert(request.key.ToString()).second) doubled_ = true;
                                 Leave leave{busy_, request.key.ToString()};
                                 return reconcile(request, context);
                               });
    manager_.Start();
    return controller;
  }
  static ControllerOptions Options() {
    ControllerOptions options;
    options.name = "widget";
    options.workers = 3;
    return options;
  }
  struct Leave {
    std::set<std::string>& busy;
    std::string key;
    ~Leave() { busy.erase(key); }
  };
  int CallsOf(const std::string& name) const {
    return static_cast<int>(std::count(calls_.begin(), calls_.end(), name));
  }
  void TearDown() override {
    manager_.Stop();
    EXPECT_FALSE(doubled_) << "a key was reconciled twice at once";
  }

  Manager manager_{dependencies()};
  std::function<void(ControllerOptions&)> configure_;
  std::vector<std::string> calls_;
  std::set<std::string> busy_;
  bool doubled_ = false;
};

TEST_F(ControllerTest, AThreeLineReconcilerServesAnUnknownClusterScopedKind) {
  for (const char* name : {"a", "b", "c"}) api_.Apply(WidgetKind(), Widget(name));
  Start([&](const Request& request, const Context& context) -> Result<Outcome> {
    if (!request.cached || request.cached->StringAt("/status/seen")) return Outcome{};
    CAPSTAN_TRY(auto written, client_.Patch(WidgetKind(), request.key, kube::PatchType::kMerge,
                                            R"({"status":{"seen":"yes"}})", {"status"}, context));
    return Outcome{std::nullopt, written.resource_version()};
  });
  ASSERT_TRUE(
      scheduler_.RunUntil([&] { return WidgetField("c", "/status/seen") == "\"yes\""; }, seconds(10)));
  api_.Apply(WidgetKind(), Widget("d"));
  scheduler_.RunFor(seconds(5));
  EXPECT_EQ(WidgetField("a", "/status/seen"), "\"yes\"");
  EXPECT_EQ(WidgetField("d", "/status/seen"), "\"yes\"");
  EXPECT_EQ(api_.CountRequests("patch"), 4) << "each is written once, and its echo changes nothing";
}

TEST_F(ControllerTest, ReconcilesNothingBeforeTheListIsComplete) {
  for (int i = 0; i < 1200; ++i) api_.Apply(WidgetKind(), Widget(StrCat("w", i)));
  int pages_before_first_call = -1;
  Start([&](const Request&, const Context&) -> Result<Outcome> {
    if (pages_before_first_call < 0) pages_before_first_call = api_.CountRequests("list");
    return Outcome{};
  });
  scheduler_.RunFor(seconds(5));
  EXPECT_EQ(pages_before_first_call, 3);
  EXPECT_EQ(calls_.size(), 1200u);
}

TEST_F(ControllerTest, AfterAWriteTheNextReconcileSeesThatWrite) {
  api_.Apply(WidgetKind(), Widget("a"));
  int counted = 0;
  bool stale = false;
  Start([&](const Request& request, const Context& context) -> Result<Outcome> {
    const auto count = request.cached->IntegerAt("/status/count").value_or(0);
    stale = stale || count != counted;
    if (counted == 20) return Outcome{};
    CAPSTAN_TRY(auto written,
                client_.Patch(WidgetKind(), request.key, kube::PatchType::kMerge,
                              StrCat(R"({"status":{"count":)", ++counted, "}}"), {"status"}, context));
    return Outcome{Duration::zero(), written.resource_version()};
  });
  scheduler_.RunFor(seconds(30));
  EXPECT_EQ(counted, 20);
  EXPECT_FALSE(stale);
}

TEST_F(ControllerTest, WhenTheCacheLagsBehindAWriteTheObjectIsReadFreshAfterTheLimit) {
  api_.Apply(WidgetKind(), Widget("a"));
  std::vector<std::pair<Instant, std::string>> seen;
  Start([&](const Request& request, const Context& context) -> Result<Outcome> {
    const std::string state = request.cached->StringAt("/status/state").value_or("none");
    seen.emplace_back(scheduler_.Now(), state);
    if (state != "none") return Outcome{};
    CAPSTAN_TRY(auto written, client_.Patch(WidgetKind(), request.key, kube::PatchType::kMerge,
                                            R"({"status":{"state":"new"}})", {"status"}, context));
    return Outcome{Duration::zero(), written.resource_version()};
  });
  // From the first watch on, the server stays silent.
  api_.SetIntercept([&](const std::string& verb, const http::Request& request, http::ResponseWriter& writer) {
    if (verb != "watch" || request.url.find("sendInitialEvents") != std::string::npos) return false;
    (void)writer.Begin(200, {});
    while (!writer.ClientGone()) scheduler_.Sleep(seconds(1), Context{});
    return true;
  });
  scheduler_.RunFor(seconds(20));
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[1].second, "new");
  EXPECT_GE(seen[1].first - seen[0].first, seconds(5));
  EXPECT_EQ(api_.CountRequests("get"), 1);
}

TEST_F(ControllerTest, ErrorsAreRetriedByTheirClass) {
  for (const char* name : {"backoff", "never", "once"}) api_.Apply(WidgetKind(), Widget(name));
  Start([&](const Request& request, const Context&) -> Result<Outcome> {
    if (request.key.name == "backoff") return Fail(ErrorOf(Code::kUnavailable));
    if (request.key.name == "never") return Fail(ErrorOf(Code::kInvalidArgument));
    if (CallsOf("once") < 3) return Fail(ErrorOf(Code::kConflict));
    return Outcome{};
  });
  scheduler_.RunFor(milliseconds(300));
  EXPECT_EQ(CallsOf("backoff"), 1);
  EXPECT_EQ(CallsOf("never"), 1);
  EXPECT_EQ(CallsOf("once"), 3) << "a conflict is read again immediately";
  EXPECT_EQ(api_.CountRequests("get"), 2) << "and from the server";
  scheduler_.RunFor(minutes(10));
  EXPECT_GE(CallsOf("backoff"), 7);
  EXPECT_LE(CallsOf("backoff"), 14);
  api_.Apply(WidgetKind(), Widget("never", 2));
  const int before = CallsOf("never");
  scheduler_.RunFor(seconds(1));
  EXPECT_EQ(CallsOf("never"), before + 1) << "a change of the object fixes what never would";
}

// A webhook that refuses can be fixed by others, without any change that we would observe.
TEST_F(ControllerTest, ATerminalRefusalIsRetriedEveryFiveMinutes) {
  api_.Apply(WidgetKind(), Widget("never"));
  Start([&](const Request&, const Context&) -> Result<Outcome> {
    if (calls_.size() < 3) return Fail(ErrorOf(Code::kInvalidArgument));
    return Outcome{};
  });
  scheduler_.RunFor(minutes(4));
  EXPECT_EQ(calls_.size(), 1u);
  scheduler_.RunFor(minutes(7));
  EXPECT_EQ(calls_.size(), 3u);
  scheduler_.RunFor(minutes(30));
  EXPECT_EQ(calls_.size(), 3u) << "and not once it is done";
}

// A webhook, a quota or a changed CRD answers 400 or 422, and can pass later although the object
// did not change.
TEST_F(ControllerTest, ARequestThatTheApiServerRefusesIsRetriedUntilItIsAllowed) {
  for (const char* name : {"write", "read"}) api_.Apply(WidgetKind(), Widget(name));
  bool refuses = true;
  api_.SetIntercept([&](const std::string& verb, const http::Request&, http::ResponseWriter& writer) {
    if (!refuses || verb != "patch") return false;
    SimulatedApi::RespondStatus(writer, calls_.size() % 2 == 0 ? 400 : 422, "Invalid", "a webhook says no");
    return true;
  });
  Start([&](const Request& request, const Context& context) -> Result<Outcome> {
    if (request.cached->StringAt("/status/state")) return Outcome{};
    CAPSTAN_TRY(auto written, client_.Patch(WidgetKind(), request.key, kube::PatchType::kMerge,
                                            R"({"status":{"state":"new"}})", {"status"}, context));
    return Outcome{std::nullopt, written.resource_version()};
  });
  scheduler_.RunFor(minutes(20));
  refuses = false;
  const int before = CallsOf("write");
  EXPECT_GE(before, 5);
  scheduler_.RunFor(minutes(6));
  EXPECT_GT(CallsOf("write"), before) << "minutes, not forever";
  EXPECT_EQ(WidgetField("write", "/status/state"), "\"new\"");
}

TEST_F(ControllerTest, AConflictThatNeverEndsDoesNotBecomeATightLoop) {
  api_.Apply(WidgetKind(), Widget("a"));
  Start([&](const Request&, const Context&) -> Result<Outcome> { return Fail(ErrorOf(Code::kConflict)); });
  scheduler_.RunFor(minutes(10));
  EXPECT_LE(calls_.size(), 80u);
}

TEST_F(ControllerTest, TheCloudsRetryAfterIsHonoured) {
  api_.Apply(WidgetKind(), Widget("a"));
  Start([&](const Request&, const Context&) -> Result<Outcome> {
    Error error = ErrorOf(Code::kResourceExhausted);
    error.retry_after = minutes(3);
    return Fail(error);
  });
  scheduler_.RunFor(seconds(175));
  EXPECT_EQ(calls_.size(), 1u);
  scheduler_.RunFor(seconds(10));
  EXPECT_EQ(calls_.size(), 2u);
}

TEST_F(ControllerTest, AnExceptionOfAReconcilerIsCountedAndRetriedWithBackoff) {
  api_.Apply(WidgetKind(), Widget("a"));
  Start([&](const Request&, const Context&) -> Result<Outcome> {
    if (calls_.size() == 1) throw std::runtime_error("index 7 of 3");
    if (calls_.size() == 2) throw 42;
    return Outcome{};
  });
  scheduler_.RunFor(seconds(30));
  EXPECT_EQ(calls_.size(), 3u);
  EXPECT_TRUE(log_.Contains("index 7 of 3"));
  EXPECT_NE(metrics_->Text().find("controller_runtime_reconcile_panics_total{controller=\"widget\"} 2"),
            std::string::npos);
}

TEST_F(ControllerTest, RequeueAfterReconcilesAgainAlthoughNothingChanged) {
  api_.Apply(WidgetKind(), Widget("a"));
  Start([&](const Request&, const Context&) -> Result<Outcome> { return Outcome{seconds(30), ""}; });
  scheduler_.RunFor(seconds(95));
  EXPECT_EQ(calls_.size(), 4u);
}

TEST_F(ControllerTest, ADeletedObjectIsReconciledOnceMoreWithoutACachedObject) {
  api_.Apply(WidgetKind(), Widget("a"));
  std::vector<bool> cached;
  Start([&](const Request& request, const Context&) -> Result<Outcome> {
    cached.push_back(request.cached.has_value());
    return Outcome{};
  });
  scheduler_.RunFor(seconds(1));
  api_.Delete(WidgetKind(), "", "a");
  scheduler_.RunFor(seconds(1));
  EXPECT_EQ(cached, (std::vector<bool>{true, false}));
}

TEST_F(ControllerTest, AFilterOfIntentIgnoresChangesOfStatus) {
  api_.Apply(WidgetKind(), Widget("a"));
  configure_ = [](ControllerOptions& options) { options.filters = {IntentChanged()}; };
  Start([&](const Request&, const Context&) -> Result<Outcome> { return Outcome{}; });
  scheduler_.RunFor(seconds(1));
  Do([&](const Context& context) {
    EXPECT_TRUE(client_.Patch(WidgetKind(), {"", "a"}, kube::PatchType::kMerge, R"({"status":{"x":1}})",
                              {"status"}, context));
  });
  scheduler_.RunFor(seconds(1));
  EXPECT_EQ(calls_.size(), 1u);
  api_.Apply(WidgetKind(), Widget("a", 2));
  scheduler_.RunFor(seconds(1));
  EXPECT_EQ(calls_.size(), 2u);
  api_.Apply(WidgetKind(), Widget("a", 2, R"(,"annotations":{"k":"v"})"));
  scheduler_.RunFor(seconds(1));
  EXPECT_EQ(calls_.size(), 3u);
}

TEST_F(ControllerTest, AChangeOfAnOwnedObjectRequeuesItsOwner) {
  api_.Apply(WidgetKind(), Widget("a"));
  api_.Apply(WidgetKind(), Widget("b"));
  configure_ = [&](ControllerOptions& options) { options.owns = manager_.AddInformer(GadgetKind()); };
  Start([&](const Request&, const Context&) -> Result<Outcome> { return Outcome{}; });
  scheduler_.RunFor(seconds(1));
  calls_.clear();
  const std::string owner =
      R"(,"ownerReferences":[{"apiVersion":"made.up/v1","kind":"Widget","name":"b","uid":"u","controller":true}])";
  api_.Apply(GadgetKind(), Gadget("default", "g", owner));
  api_.Apply(GadgetKind(), Gadget("default", "h"));
  scheduler_.RunFor(seconds(1));
  EXPECT_EQ(calls_, std::vector<std::string>{"b"});
  api_.Delete(GadgetKind(), "default", "g");
  scheduler_.RunFor(seconds(1));
  EXPECT_EQ(calls_, (std::vector<std::string>{"b", "b"}));
}

TEST_F(ControllerTest, ChangesByUsersOvertakeTheFirstList) {
  for (int i = 0; i < 50; ++i) api_.Apply(WidgetKind(), Widget(StrCat("w", i)));
  ControllerOptions options = Options();
  options.workers = 1;
  Start(
      [&](const Request&, const Context& context) -> Result<Outcome> {
        scheduler_.Sleep(seconds(1), context);
        return Outcome{};
      },
      options);
  scheduler_.RunFor(seconds(5));
  api_.Apply(WidgetKind(), Widget("urgent"));
  scheduler_.RunFor(seconds(3));
  EXPECT_EQ(CallsOf("urgent"), 1);
  EXPECT_LT(calls_.size(), 12u);
}

TEST_F(ControllerTest, StoppingLetsRunningReconcilesFinishAndBeginsNone) {
  for (int i = 0; i < 10; ++i) api_.Apply(WidgetKind(), Widget(StrCat("w", i)));
  int finished = 0;
  Start([&](const Request&, const Context& context) -> Result<Outcome> {
    if (scheduler_.Sleep(seconds(8), context) == Woke::kStopped) return Fail(ErrorOf(Code::kCancelled));
    ++finished;
    return Outcome{};
  });
  scheduler_.RunFor(seconds(2));
  const Instant before = scheduler_.Now();
  EXPECT_TRUE(manager_.Stop(seconds(20)));
  EXPECT_LT(scheduler_.Now() - before, seconds(10));
  EXPECT_EQ(finished, 3);
  EXPECT_EQ(calls_.size(), 3u);
}

TEST_F(ControllerTest, StoppingIsBoundedEvenWhenAReconcileHangs) {
  api_.Apply(WidgetKind(), Widget("a"));
  bool told = false;
  Start([&](const Request&, const Context& context) -> Result<Outcome> {
    told = scheduler_.Sleep(std::chrono::hours(1), context) == Woke::kStopped;
    return Fail(ErrorOf(Code::kCancelled));
  });
  scheduler_.RunFor(seconds(2));
  const Instant before = scheduler_.Now();
  EXPECT_FALSE(manager_.Stop(seconds(20)));
  EXPECT_TRUE(told);
  EXPECT_LE(scheduler_.Now() - before, seconds(21));
}

TEST_F(ControllerTest, AWorkerThatIsStuckPastItsDeadlineIsNamedByReadiness) {
  HealthChecks checks;
  manager_.AddChecks(checks);
  api_.Apply(WidgetKind(), Widget("stubborn"));
  bool go_on = false;
  ControllerOptions options = Options();
  options.reconcile_timeout = minutes(5);
  Start(
      [&](const Request&, const Context&) -> Result<Outcome> {
        while (!go_on) scheduler_.Sleep(seconds(1), Context{});  // ignores its context
        return Outcome{};
      },
      options);
  scheduler_.RunFor(minutes(5));
  EXPECT_EQ(checks.Run(false).text, "ok") << "it may take its time";
  scheduler_.RunFor(minutes(1));
  EXPECT_FALSE(checks.Run(false).healthy);
  EXPECT_NE(checks.Run(false).text.find("[-]workers failed: a worker of widget is stuck: the reconcile of "
                                        "stubborn has run for "),
            std::string::npos)
      << checks.Run(false).text;
  go_on = true;
  scheduler_.RunFor(seconds(5));
  EXPECT_EQ(checks.Run(false).text, "ok");
}

TEST_F(ControllerTest, TheTotalsOfAQueueAreCountersThatNeverFall) {
  api_.Apply(WidgetKind(), Widget("a"));
  Start([&](const Request&, const Context&) -> Result<Outcome> { return Fail(Code::kUnavailable, "away"); });
  scheduler_.RunFor(seconds(30));
  manager_.CollectMetrics();
  manager_.CollectMetrics();
  const std::string text = metrics_->Text();
  for (const char* line :
       {"# TYPE workqueue_adds_total counter\n", "# TYPE workqueue_retries_total counter\n",
        "# TYPE capstan_watch_lists_total counter\n", "# TYPE workqueue_depth gauge\n",
        "capstan_watch_lists_total{namespace=\"\",resource=\"widgets.made.up\"} 1\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  }
}

TEST_F(ControllerTest, APausedManagerKeepsItsCachesAndReconcilesNothing) {
  api_.Apply(WidgetKind(), Widget("a"));
  manager_.Pause();
  Controller& controller =
      Start([&](const Request&, const Context&) -> Result<Outcome> { return Outcome{}; });
  controller.Pause();
  scheduler_.RunFor(seconds(5));
  EXPECT_TRUE(manager_.synced());
  EXPECT_TRUE(calls_.empty());
  manager_.Resume();
  scheduler_.RunFor(seconds(1));
  EXPECT_EQ(calls_.size(), 1u);
}

TEST_F(ControllerTest, AnApiServerThatIsDownForMinutesCausesNoBusyLoop) {
  api_.Apply(WidgetKind(), Widget("a"));
  Start([&](const Request& request, const Context& context) -> Result<Outcome> {
    CAPSTAN_TRY(auto written, client_.Patch(WidgetKind(), request.key, kube::PatchType::kMerge,
                                            R"({"status":{"ok":true}})", {"status"}, context));
    return Outcome{std::nullopt, written.resource_version()};
  });
  scheduler_.RunFor(seconds(5));
  transport_.Route("api", nullptr);
  api_.EndWatches(true);
  api_.Apply(WidgetKind(), Widget("b"));
  const auto steps = scheduler_.steps();
  scheduler_.RunFor(minutes(30));
  EXPECT_LT(scheduler_.steps() - steps, 2000u);
  transport_.Route("api", &api_);
  // Within the longest backoff of a key.
  EXPECT_TRUE(scheduler_.RunUntil([&] { return WidgetField("b", "/status/ok") == "true"; }, minutes(6)));
}

TEST_F(ControllerTest, KeysThatFailedDuringAnOutageAreRequeuedAsSoonAsTheWatchReconnects) {
  for (int i = 0; i < 20; ++i) api_.Apply(WidgetKind(), Widget(StrCat("w", i)));
  std::map<kube::ObjectKey, Instant> done;
  Start([&](const Request& request, const Context& context) -> Result<Outcome> {
    CAPSTAN_TRY(const auto object, client_.Get(WidgetKind(), request.key, context));
    done[object.key()] = scheduler_.Now();
    return Outcome{minutes(1), ""};
  });
  scheduler_.RunFor(seconds(5));
  transport_.Route("api", nullptr);
  api_.EndWatches(true);
  scheduler_.RunFor(minutes(30));  // by now every key is waiting for five minutes
  const Instant back = scheduler_.Now();
  transport_.Route("api", &api_);
  scheduler_.RunFor(seconds(90));  // the watch reconnects, and an unrelated object changes
  api_.Apply(WidgetKind(), Widget("another"));
  scheduler_.RunFor(seconds(6));
  for (int i = 0; i < 20; ++i) EXPECT_GE((done[{"", StrCat("w", i)}]), back) << i;
}

TEST_F(ControllerTest, AFailureThatIsNoOutageSitsOutItsBackoff) {
  api_.Apply(WidgetKind(), Widget("a"));
  int tries = 0;
  Start([&](const Request& request, const Context&) -> Result<Outcome> {
    if (request.key.name != "a") return Outcome{};
    ++tries;
    return Fail(Code::kUnavailable, "a cloud of its own is away");
  });
  scheduler_.RunFor(minutes(10));
  const int before = tries;
  for (int i = 0; i < 100; ++i) {
    api_.Apply(WidgetKind(), Widget("another"));
    scheduler_.RunFor(seconds(1));
  }
  EXPECT_LE(tries - before, 1);
}

TEST_F(ControllerTest, MetricsHaveTheNamesThatDashboardsUse) {
  api_.Apply(WidgetKind(), Widget("a"));
  Start([&](const Request&, const Context&) -> Result<Outcome> { return Outcome{minutes(1), ""}; });
  scheduler_.RunFor(seconds(10));
  manager_.CollectMetrics();
  const std::string text = metrics_->Text();
  for (const char* line :
       {"controller_runtime_reconcile_total{controller=\"widget\",result=\"requeue_after\"} 1",
        "controller_runtime_max_concurrent_reconciles{controller=\"widget\"} 3",
        "workqueue_depth{name=\"widget\"} 0", "workqueue_adds_total{name=\"widget\"} 2",
        "controller_runtime_reconcile_time_seconds_count{controller=\"widget\"} 1",
        "capstan_cache_objects{namespace=\"\",resource=\"widgets.made.up\"} 1",
        "capstan_watch_last_sign_of_life_seconds{namespace=\"\",resource=\"widgets.made.up\"} "}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  }
}

class KeptSpans final : public trace::SpanSink {
 public:
  void Put(trace::EndedSpan span) override { spans.push_back(std::move(span)); }
  static std::string Of(const trace::EndedSpan& span, std::string_view key) {
    for (const auto& [name, value] : span.attributes) {
      if (name == key && std::holds_alternative<std::string>(value)) return std::get<std::string>(value);
    }
    return "";
  }
  std::vector<trace::EndedSpan> spans;
};

TEST_F(RuntimeFixture, AReconcileIsATraceThatEndsWithItsOutcome) {
  KeptSpans sink;
  const auto tracer = trace::MakeTracer(sink, scheduler_, *random_);
  Controller::Dependencies traced = dependencies();
  traced.tracer = tracer.get();
  Manager manager(traced);
  int calls = 0;
  ControllerOptions options;
  options.name = "widget";
  manager.AddController(std::move(options), WidgetKind(),
                        [&](const Request&, const Context& context) -> Result<Outcome> {
                          const trace::Scope effect(context, "effect");
                          EXPECT_TRUE(effect);
                          if (++calls == 1) return Fail(Code::kUnavailable, "the cloud is away");
                          return Outcome{};
                        });
  manager.Start();
  api_.Apply(WidgetKind(), Widget("a"));
  ASSERT_TRUE(scheduler_.RunUntil([&] { return calls == 2; }));
  scheduler_.RunReady();
  manager.Stop();
  ASSERT_EQ(sink.spans.size(), 4U);
  const trace::EndedSpan &effect = sink.spans[0], &failed = sink.spans[1], &done = sink.spans[3];
  EXPECT_EQ(effect.parent, failed.ids.span);
  EXPECT_EQ(failed.parent, 0U);
  EXPECT_EQ(failed.name, "reconcile Widget");
  EXPECT_TRUE(failed.failed);
  EXPECT_EQ(KeptSpans::Of(failed, "capstan.outcome"), "unavailable");
  EXPECT_EQ(KeptSpans::Of(done, "capstan.outcome"), "done");
  EXPECT_NE(failed.ids.TraceText(), done.ids.TraceText());
  EXPECT_TRUE(log_.Contains("trace_id=" + failed.ids.TraceText())) << "the line of the failed reconcile";
}

}  // namespace
}  // namespace capstan::runtime
