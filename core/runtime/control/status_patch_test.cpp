// A status that a reconcile returns is written by the controller, together with others.
#include <algorithm>
#include <map>

#include <capstan/core/http/forwarding_transport.hpp>
#include <capstan/core/runtime/manager.hpp>
#include <capstan/core/runtime/testing/runtime_fixture.hpp>
#include <capstan/core/trace/traced_transport.hpp>
#include <capstan/core/trace/tracer.hpp>

namespace capstan::runtime {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// Holds groups of requests back while it is closed, and records their sizes.
class Gate final : public http::ForwardingTransport {
 public:
  Gate(http::Transport& next, Scheduler& scheduler) : ForwardingTransport(next), scheduler_(scheduler) {}
  std::vector<Result<http::Response>> SendAll(std::span<const http::Request> requests,
                                              const Context& context) override {
    {
      MutexLock lock(mutex_);
      groups_.push_back(requests.size());
      while (closed_ && !context.stopped()) scheduler_.Wait(opened_, lock, kForever, context);
    }
    return Transport::SendAll(requests, context);
  }
  void Close() {
    MutexLock lock(mutex_);
    closed_ = true;
  }
  void Let() {
    MutexLock lock(mutex_);
    closed_ = false;
    scheduler_.Notify(opened_);
  }
  std::vector<std::size_t> groups() const {
    MutexLock lock(mutex_);
    return groups_;
  }

 private:
  Scheduler& scheduler_;
  mutable Mutex mutex_;
  Event opened_;
  bool closed_ CAPSTAN_GUARDED_BY(mutex_) = false;
  std::vector<std::size_t> groups_ CAPSTAN_GUARDED_BY(mutex_);
};

class StatusPatchTest : public RuntimeFixture {
 protected:
  Controller& Start(ReconcileFunction::Function reconcile, int workers = 1) {
    ControllerOptions options;
    options.name = "widget";
    options.workers = workers;
    Controller& controller = manager_.AddController(
        std::move(options), WidgetKind(),
        [this, reconcile = std::move(reconcile)](const Request& request, const Context& context) {
          ++calls_[request.key.name];
          return reconcile(request, context);
        });
    manager_.Start();
    return controller;
  }
  // Marks each object once.
  static Result<Outcome> MarkSeen(const Request& request, const Context&) {
    if (!request.cached || request.cached->StringAt("/status/seen")) return Outcome{};
    return Outcome{std::nullopt, "", StatusPatch{R"({"status":{"seen":"yes"}})", nullptr}};
  }
  void Apply(int count) {
    for (int i = 0; i < count; ++i) api_.Apply(WidgetKind(), Widget(StrCat("w", i)));
  }
  int Seen() const {
    int seen = 0;
    while (WidgetField(StrCat("w", seen), "/status/seen") == "\"yes\"") ++seen;
    return seen;
  }
  void TearDown() override {
    gate_.Let();
    manager_.Stop();
  }

  Gate gate_{transport_, scheduler_};
  kube::Client gated_{gate_, scheduler_, {"http://api", "test", seconds(30)}};
  Manager manager_{{gated_, scheduler_, *random_, log_, *metrics_}};
  std::map<std::string, int> calls_;
};

TEST_F(StatusPatchTest, IsWrittenOnceAndItsEchoChangesNothing) {
  Apply(5);
  Start(MarkSeen);
  ASSERT_TRUE(scheduler_.RunUntil([&] { return Seen() == 5; }, seconds(10)));
  scheduler_.RunFor(seconds(5));
  EXPECT_EQ(api_.CountRequests("patch"), 5);
}

TEST_F(StatusPatchTest, TheNextReconcileSeesIt) {
  Apply(1);
  int counted = 0;
  bool stale = false;
  Start([&](const Request& request, const Context&) -> Result<Outcome> {
    stale = stale || request.cached->IntegerAt("/status/count").value_or(0) != counted;
    if (counted == 20) return Outcome{};
    return Outcome{Duration::zero(), "",
                   StatusPatch{StrCat(R"({"status":{"count":)", ++counted, "}}"), nullptr}};
  });
  scheduler_.RunFor(seconds(30));
  EXPECT_EQ(counted, 20);
  EXPECT_FALSE(stale);
  EXPECT_EQ(WidgetField("w0", "/status/count"), "20");
}

TEST_F(StatusPatchTest, NoWorkerWaitsForItAndThoseThatWaitAreWrittenTogether) {
  gate_.Close();
  Apply(40);
  Start(MarkSeen);
  scheduler_.RunFor(seconds(5));
  EXPECT_EQ(calls_.size(), 40u) << "the only worker goes on";
  EXPECT_EQ(Seen(), 0);
  gate_.Let();
  ASSERT_TRUE(scheduler_.RunUntil([&] { return Seen() == 40; }, seconds(10)));
  const auto groups = gate_.groups();
  EXPECT_LE(groups.size(), 4u);
  EXPECT_EQ(*std::max_element(groups.begin(), groups.end()), 16u);
}

TEST_F(StatusPatchTest, WorkersWaitWhileTooManyStatusesDo) {
  gate_.Close();
  Apply(300);
  Start(MarkSeen, 2);
  scheduler_.RunFor(seconds(5));
  EXPECT_GE(calls_.size(), 64u);
  EXPECT_LE(calls_.size(), 64u + 16u + 2u);
  gate_.Let();
  ASSERT_TRUE(scheduler_.RunUntil([&] { return Seen() == 300; }, seconds(30)));
}

TEST_F(StatusPatchTest, LargeStatusesWaitInBoundedMemoryAndAreSentInSmallGroups) {
  gate_.Close();
  Apply(40);
  const std::string status =
      StrCat(R"({"status":{"seen":"yes","text":")", std::string(600 << 10, 'x'), "\"}}");
  Start(
      [&](const Request& request, const Context&) -> Result<Outcome> {
        if (request.cached->StringAt("/status/seen")) return Outcome{};
        return Outcome{std::nullopt, "", StatusPatch{status, nullptr}};
      },
      2);
  scheduler_.RunFor(seconds(5));
  EXPECT_GE(calls_.size(), 7u) << "of 600 KiB each, 4 MiB wait";
  EXPECT_LE(calls_.size(), 7u + 1u + 2u);
  gate_.Let();
  ASSERT_TRUE(scheduler_.RunUntil([&] { return Seen() == 40; }, seconds(30)));
  const auto groups = gate_.groups();
  EXPECT_EQ(*std::max_element(groups.begin(), groups.end()), 1u) << "1 MiB is sent together";
}

TEST_F(StatusPatchTest, NoOtherReconcileOfTheObjectBeginsBeforeItIsWritten) {
  gate_.Close();
  Apply(1);
  Start(MarkSeen, 3);
  scheduler_.RunFor(seconds(1));
  api_.Apply(WidgetKind(), Widget("w0", 2));
  scheduler_.RunFor(seconds(10));
  EXPECT_EQ(calls_["w0"], 1);
  gate_.Let();
  ASSERT_TRUE(scheduler_.RunUntil([&] { return calls_["w0"] >= 2; }, seconds(10)));
  EXPECT_EQ(Seen(), 1);
}

TEST_F(StatusPatchTest, ItsErrorIsThatOfTheReconcile) {
  Apply(2);
  int conflicts = 2;
  api_.SetIntercept([&](const std::string& verb, const http::Request& request, http::ResponseWriter& writer) {
    if (verb != "patch") return false;
    const bool first = request.url.find("/w0/") != std::string::npos;
    if (first && conflicts-- <= 0) return false;
    SimulatedApi::RespondStatus(writer, first ? 409 : 422, first ? "Conflict" : "Invalid", "not now");
    return true;
  });
  Start(MarkSeen);
  ASSERT_TRUE(scheduler_.RunUntil([&] { return Seen() == 1; }, seconds(5)))
      << "a conflict is retried at once";
  EXPECT_EQ(calls_["w0"], 3);
  EXPECT_TRUE(log_.Contains("not now"));
  const int tried = calls_["w1"];
  scheduler_.RunFor(minutes(10));
  EXPECT_GT(calls_["w1"], tried) << "a refusal is tried again later";
  EXPECT_LT(calls_["w1"], tried + 30);
}

TEST_F(StatusPatchTest, WhatItsAnswerMeansIsForTheReconcilerToSay) {
  Apply(3);
  std::map<std::string, std::string> answers;
  api_.SetIntercept([&](const std::string& verb, const http::Request& request, http::ResponseWriter& writer) {
    if (verb != "patch" || request.url.find("/w2/") == std::string::npos) return false;
    SimulatedApi::RespondStatus(writer, 422, "Invalid", "never");
    return true;
  });
  Start([&](const Request& request, const Context& context) -> Result<Outcome> {
    CAPSTAN_TRY(Outcome outcome, MarkSeen(request, context));
    if (!outcome.status) return outcome;
    outcome.status->conclude = [&, name = request.key.name](const Result<std::string>& answer,
                                                            const Context&) -> Result<std::string> {
      answers[name] += answer ? kube::ObjectIn(answer)->StringAt("/status/seen").value_or("none")
                              : answer.error().message.substr(answer.error().message.find("never"));
      if (name == "w0") return kube::ObjectIn(answer)->resource_version();
      if (name == "w1" && calls_["w1"] == 1) return Fail(Code::kConflict, "the reconciler objects");
      return std::string();
    };
    return outcome;
  });
  scheduler_.RunFor(seconds(30));
  EXPECT_EQ(answers["w0"], "yes");
  EXPECT_EQ(answers["w1"], "yes") << "retried, and found written";
  EXPECT_EQ(calls_["w1"], 2);
  EXPECT_EQ(answers["w2"].substr(0, 5), "never");
  EXPECT_EQ(calls_["w2"], 1) << "the error was accepted";
}

TEST_F(StatusPatchTest, StopWaitsForItWithinTheGraceAndNoLonger) {
  for (const bool opens : {true, false}) {
    api_.Apply(WidgetKind(), Widget("w0", opens ? 1 : 2));
    Gate gate(transport_, scheduler_);
    kube::Client client(gate, scheduler_, {"http://api", "test", minutes(5)});
    Manager manager({client, scheduler_, *random_, log_, *metrics_});
    ControllerOptions options;
    options.name = "widget";
    gate.Close();
    manager.AddController(options, WidgetKind(), [&](const Request&, const Context&) -> Result<Outcome> {
      return Outcome{std::nullopt, "", StatusPatch{StrCat(R"({"status":{"seen":")", opens, "\"}}"), nullptr}};
    });
    manager.Start();
    ASSERT_TRUE(scheduler_.RunUntil([&] { return gate.groups().size() == 1; }, seconds(10)));
    bool finished = false;
    Duration took{};
    Task stopping = scheduler_.Spawn("stop", [&](const Context&) {
      const Instant began = scheduler_.Now();
      finished = manager.Stop(seconds(20));
      took = scheduler_.Now() - began;
    });
    scheduler_.RunFor(seconds(10));
    if (opens) gate.Let();
    ASSERT_TRUE(scheduler_.RunUntil([&] { return stopping.finished(); }, minutes(1)));
    EXPECT_EQ(finished, opens);
    EXPECT_GE(took, opens ? seconds(9) : seconds(20));
    EXPECT_LT(took, opens ? seconds(11) : seconds(21));
    EXPECT_EQ(WidgetField("w0", "/status/seen"), opens ? "\"1\"" : "") << "the second one was cancelled";
  }
}

TEST_F(StatusPatchTest, OfATracedReconcileIsPartOfItsTrace) {
  struct Kept final : trace::SpanSink {
    void Put(trace::EndedSpan span) override { spans.push_back(std::move(span)); }
    std::vector<trace::EndedSpan> spans;
  } sink;
  const auto tracer = trace::MakeTracer(sink, scheduler_, *random_);
  trace::TracedTransport traced(transport_, trace::Propagation::kNone);
  kube::Client client(traced, scheduler_, {"http://api", "test", seconds(30)});
  Manager manager({client, scheduler_, *random_, log_, *metrics_, tracer.get()});
  ControllerOptions options;
  options.name = "widget";
  Apply(1);
  manager.AddController(options, WidgetKind(), MarkSeen);
  manager.Start();
  ASSERT_TRUE(scheduler_.RunUntil([&] { return Seen() == 1; }, seconds(10)));
  scheduler_.RunFor(seconds(1));
  manager.Stop();
  ASSERT_GE(sink.spans.size(), 2u);
  EXPECT_EQ(sink.spans[0].name, "PATCH");
  EXPECT_EQ(sink.spans[0].parent, sink.spans[1].ids.span);
  EXPECT_EQ(sink.spans[1].name, "reconcile Widget");
}

// Programs whose traces go nowhere also have ids, for their log.
TEST_F(StatusPatchTest, OfAReconcileWhoseTraceIsNotKeptIsWrittenWithOthersAndItsErrorNamesTheTrace) {
  const auto tracer = trace::MakeIdTracer(*random_);
  Manager manager({gated_, scheduler_, *random_, log_, *metrics_, tracer.get()});
  ControllerOptions options;
  options.name = "widget";
  options.workers = 1;
  gate_.Close();
  Apply(10);
  manager.AddController(options, WidgetKind(), [this](const Request& request, const Context& context) {
    ++calls_[request.key.name];
    return MarkSeen(request, context);
  });
  manager.Start();
  scheduler_.RunFor(seconds(5));
  EXPECT_EQ(calls_.size(), 10u) << "the only worker goes on";
  api_.SetIntercept([&](const std::string& verb, const http::Request&, http::ResponseWriter& writer) {
    if (verb != "patch") return false;
    SimulatedApi::RespondStatus(writer, 422, "Invalid", "not now");
    return true;
  });
  gate_.Let();
  ASSERT_TRUE(scheduler_.RunUntil([&] { return log_.Contains("not now"); }, seconds(10)));
  EXPECT_TRUE(log_.Contains("trace_id="));
  manager.Stop();
}

}  // namespace
}  // namespace capstan::runtime
