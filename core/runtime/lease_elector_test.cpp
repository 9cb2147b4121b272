#include <capstan/core/runtime/lease_elector.hpp>

#include <capstan/core/runtime/testing/runtime_fixture.hpp>

namespace capstan::runtime {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// Several processes compete for one lease; each has its own connection to the server, which can be
// cut.
class LeaseElectorTest : public RuntimeFixture {
 protected:
  struct Process {
    Process(LeaseElectorTest& test, const std::string& name)
        : transport(test.scheduler_),
          client(transport, test.scheduler_, {"http://api", "test", seconds(30)}) {
      transport.Route("api", &test.api_);
      LeaseElectorOptions options;
      options.lease = {"capstan-system", "capstan"};
      options.identity = name;
      options.on_started = [this] { ++started; };
      options.on_stopped = [this] { ++stopped; };
      elector = std::make_unique<LeaseElector>(client, test.scheduler_, *test.random_, test.log_,
                                               *test.metrics_, options);
      elector->Start();
    }
    http::LoopbackTransport transport;
    kube::Client client;
    std::unique_ptr<LeaseElector> elector;
    int started = 0, stopped = 0;
  };
  // Advances the clock and checks that there are never two leaders.
  void RunAndWatch(Duration limit, const std::vector<Process*>& processes) {
    for (Duration passed{}; passed < limit; passed += std::chrono::milliseconds(250)) {
      scheduler_.RunFor(std::chrono::milliseconds(250));
      int leaders = 0;
      for (const Process* process : processes) leaders += process->elector && process->elector->leading();
      ASSERT_LE(leaders, 1);
    }
  }
  std::string LeaseField(std::string_view pointer) {
    return json::ValueAt(api_.Get(kube::LeaseKind(), "capstan-system", "capstan"), pointer)->value_or("");
  }
};

TEST_F(LeaseElectorTest, OneOfThreeLeadsAndTheOthersKnowWho) {
  Process a(*this, "a"), b(*this, "b"), c(*this, "c");
  RunAndWatch(minutes(2), {&a, &b, &c});
  EXPECT_EQ(a.started + b.started + c.started, 1);
  EXPECT_EQ(a.elector->leader(), b.elector->leader());
  EXPECT_EQ(b.elector->leader(), c.elector->leader());
  EXPECT_TRUE(a.elector->Health());
  EXPECT_EQ(LeaseField("/spec/leaseDurationSeconds"), "15");
  EXPECT_EQ(LeaseField("/spec/leaseTransitions"), "0");
}

TEST_F(LeaseElectorTest, WhenTheLeaderDiesAnotherTakesOverWithinDurationPlusRetry) {
  Process a(*this, "a");
  scheduler_.RunFor(seconds(5));
  Process b(*this, "b");
  scheduler_.RunFor(seconds(10));
  ASSERT_TRUE(a.elector->leading());
  a.elector.reset();  // without releasing it, as kill -9 would
  const Instant died = scheduler_.Now();
  ASSERT_TRUE(scheduler_.RunUntil([&] { return b.elector->leading(); }, minutes(1)));
  EXPECT_LE(scheduler_.Now() - died, seconds(15 + 5));
  EXPECT_EQ(LeaseField("/spec/leaseTransitions"), "1");
}

TEST_F(LeaseElectorTest, ACleanStopHandsTheLeaseOverAtOnce) {
  Process a(*this, "a");
  scheduler_.RunFor(seconds(5));
  Process b(*this, "b");
  scheduler_.RunFor(seconds(5));
  a.elector->Stop();
  EXPECT_EQ(a.stopped, 1);
  EXPECT_EQ(LeaseField("/spec/holderIdentity"), "\"\"");
  const Instant stopped = scheduler_.Now();
  ASSERT_TRUE(scheduler_.RunUntil([&] { return b.elector->leading(); }, minutes(1)));
  EXPECT_LE(scheduler_.Now() - stopped, seconds(5));
}

TEST_F(LeaseElectorTest, ACleanStopIsOneLineThatAlarmsNobody) {
  Process a(*this, "a");
  scheduler_.RunFor(seconds(5));
  const std::size_t before = log_.Lines().size();
  a.elector->Stop();
  ASSERT_EQ(log_.Lines().size(), before + 1);
  EXPECT_NE(log_.Lines().back().find("released the lease"), std::string::npos);
  EXPECT_EQ(log_.Lines().back().rfind("info ", 0), 0U) << log_.Lines().back();
  Process b(*this, "b");
  scheduler_.RunFor(seconds(5));
  EXPECT_TRUE(b.elector->leading());
  EXPECT_FALSE(log_.Contains("another process is the leader")) << "nobody was";
}

TEST_F(LeaseElectorTest, AStopThatCannotReleaseSaysWhatOthersWaitFor) {
  Process a(*this, "a");
  scheduler_.RunFor(seconds(5));
  a.transport.Route("api", nullptr);
  a.elector->Stop();
  EXPECT_TRUE(log_.Contains("cannot release the lease: other processes wait until it expires"));
}

TEST_F(LeaseElectorTest, MissingRightsAreReportedOnceAMinuteWithWhatToGrant) {
  api_.SetIntercept([](const std::string&, const http::Request&, http::ResponseWriter& writer) {
    SimulatedApi::RespondStatus(writer, 403, "Forbidden", "no");
    return true;
  });
  Process a(*this, "a");
  scheduler_.RunFor(seconds(59));
  ASSERT_EQ(log_.Lines().size(), 1U);
  for (const char* told : {"capstan-system/capstan", "http://api", "grant get, create and patch on leases"})
    EXPECT_NE(log_.Lines()[0].find(told), std::string::npos) << log_.Lines()[0];
}

// The second refusal was within the minute of the first one, and its words in no line.
TEST_F(LeaseElectorTest, ARefusalThatChangesItsWordsIsReportedAtOnce) {
  int status = 400;
  api_.SetIntercept([&](const std::string&, const http::Request&, http::ResponseWriter& writer) {
    if (status == 400) SimulatedApi::RespondStatus(writer, 400, "BadRequest", "a webhook says no");
    if (status == 403) SimulatedApi::RespondStatus(writer, 403, "Forbidden", "a right is missing");
    return true;
  });
  Process a(*this, "a");
  scheduler_.RunFor(seconds(20));
  status = 403;
  scheduler_.RunFor(seconds(20));
  EXPECT_TRUE(log_.Contains("a webhook says no"));
  EXPECT_TRUE(log_.Contains("a right is missing"));
  EXPECT_EQ(log_.Lines().size(), 2U);
}

TEST_F(LeaseElectorTest, ALeaderThatIsCutOffParksBeforeAnotherLeadsAndComesBack) {
  Process a(*this, "a");
  scheduler_.RunFor(seconds(5));
  Process b(*this, "b");
  scheduler_.RunFor(seconds(5));
  a.transport.Route("api", nullptr);
  RunAndWatch(minutes(2), {&a, &b});
  EXPECT_EQ(a.stopped, 1);
  EXPECT_TRUE(b.elector->leading());
  EXPECT_FALSE(a.elector->Health());
  EXPECT_TRUE(log_.Contains("cannot read or renew the lease"));
  a.transport.Route("api", &api_);
  b.elector->Stop();
  RunAndWatch(minutes(1), {&a});
  EXPECT_TRUE(a.elector->leading());
  EXPECT_EQ(a.started, 2);
  EXPECT_TRUE(a.elector->Health());
}

TEST_F(LeaseElectorTest, AnEffectThatWouldOutlastTheLeaseIsNotAllowed) {
  Process a(*this, "a");
  scheduler_.RunFor(seconds(5));
  ASSERT_TRUE(a.elector->leading());
  EXPECT_TRUE(a.elector->HeldUntil(scheduler_.Now() + seconds(5)));
  EXPECT_FALSE(a.elector->HeldUntil(scheduler_.Now() + seconds(15)));
}

// The machine is suspended: its clock keeps running, and no task has noticed yet.
class SleepingScheduler final : public ForwardingScheduler {
 public:
  using ForwardingScheduler::ForwardingScheduler;
  void Sleeps(Duration time) { slept_ += time; }
  Instant Now() const override { return next().Now() + slept_; }
  WallTime WallNow() const override { return next().WallNow() + slept_; }

 private:
  Duration slept_{};
};

TEST_F(LeaseElectorTest, AfterASuspensionTheFenceIsClosedBeforeAnyTaskNoticed) {
  SleepingScheduler machine(scheduler_);
  LeaseElectorOptions options;
  options.lease = {"capstan-system", "capstan"};
  options.identity = "a";
  LeaseElector elector(client_, machine, *random_, log_, *metrics_, options);
  elector.Start();
  scheduler_.RunFor(seconds(5));
  const Instant before = machine.Now();
  ASSERT_TRUE(elector.HeldUntil(before));
  machine.Sleeps(minutes(1));
  EXPECT_FALSE(elector.HeldUntil(machine.Now()));
  EXPECT_FALSE(elector.HeldUntil(before)) << "even for an earlier deadline";
}

TEST_F(LeaseElectorTest, ARenewalThatCrossesAnotherWriteDoesNotUndoIt) {
  Process a(*this, "a");
  scheduler_.RunFor(seconds(5));
  ASSERT_TRUE(a.elector->leading());
  bool taken = false;
  api_.SetIntercept([&](const std::string& verb, const http::Request&, http::ResponseWriter&) {
    if (verb != "patch" || std::exchange(taken, true)) return false;
    // A manual edit while the renewal is in flight.
    api_.Apply(kube::LeaseKind(),
               R"({"metadata":{"name":"capstan","namespace":"capstan-system"},
      "spec":{"holderIdentity":"other","leaseDurationSeconds":15,"acquireTime":"2026-01-01T00:00:00.000000Z",
      "renewTime":"2026-01-01T00:00:00.000000Z","leaseTransitions":1}})");
    return false;
  });
  scheduler_.RunFor(seconds(5));
  ASSERT_TRUE(taken);
  EXPECT_EQ(LeaseField("/spec/holderIdentity"), "\"other\"");
  EXPECT_FALSE(a.elector->leading());
  EXPECT_EQ(a.stopped, 1);
}

TEST_F(LeaseElectorTest, ALeaseThatIsDeletedUnderItsLeaderNeverMakesTwoLeaders) {
  Process a(*this, "a");
  scheduler_.RunFor(seconds(5));
  Process b(*this, "b"), c(*this, "c");
  scheduler_.RunFor(seconds(5));
  ASSERT_TRUE(a.elector->leading());
  // At every moment between two renewals of the leader and two reads of the others.
  for (int i = 0; i < 40; ++i) {
    api_.Delete(kube::LeaseKind(), "capstan-system", "capstan");
    RunAndWatch(std::chrono::milliseconds(5250), {&a, &b, &c});
    ASSERT_EQ(LeaseField("/spec/holderIdentity"), "\"a\"") << i;
  }
  EXPECT_EQ(a.stopped + b.started + c.started, 0);
}

TEST_F(LeaseElectorTest, ALeaseThatWasDeletedIsOneLine) {
  Process a(*this, "a");
  scheduler_.RunFor(seconds(5));
  const std::size_t before = log_.Lines().size();
  api_.Delete(kube::LeaseKind(), "capstan-system", "capstan");
  scheduler_.RunFor(seconds(30));
  ASSERT_EQ(log_.Lines().size(), before + 1);
  EXPECT_EQ(log_.Lines().back(),
            "warning the lease was deleted: creating it again lease=capstan-system/capstan");
}

TEST_F(LeaseElectorTest, ALeaseWhoseRenewalWasInFlightIsReleasedToo) {
  Process a(*this, "a");
  scheduler_.RunFor(seconds(5));
  ASSERT_TRUE(a.elector->leading());
  bool renewed = false;
  api_.SetIntercept([&](const std::string& verb, const http::Request&, http::ResponseWriter&) {
    if (verb != "patch" || std::exchange(renewed, true)) return false;
    // The server applies it, but its answer is slow.
    const std::string held = api_.Get(kube::LeaseKind(), "capstan-system", "capstan");
    api_.Apply(kube::LeaseKind(), held);
    (void)scheduler_.Sleep(seconds(3), Context{});
    return false;
  });
  ASSERT_TRUE(scheduler_.RunUntil([&] { return renewed; }, seconds(5)));
  a.elector->Stop();
  EXPECT_EQ(LeaseField("/spec/holderIdentity"), "\"\"");
  EXPECT_FALSE(a.elector->leading());
}

TEST_F(LeaseElectorTest, ALeaseOfAnotherKindOfProcessIsRespectedAndItsLabelsStay) {
  api_.Apply(kube::LeaseKind(),
             R"({"metadata":{"name":"capstan","namespace":"capstan-system","labels":{"by":"go"}},
    "spec":{"holderIdentity":"go-process","leaseDurationSeconds":40,"acquireTime":"2026-01-01T00:00:00.000000Z",
    "renewTime":"2026-01-01T00:00:00.000000Z","leaseTransitions":3}})");
  Process a(*this, "a");
  scheduler_.RunFor(seconds(38));
  EXPECT_EQ(a.started, 0);
  EXPECT_EQ(a.elector->leader(), "go-process");
  scheduler_.RunFor(seconds(10));
  EXPECT_EQ(a.started, 1);
  EXPECT_EQ(LeaseField("/metadata/labels/by"), "\"go\"");
  EXPECT_EQ(LeaseField("/spec/leaseTransitions"), "4");
}

}  // namespace
}  // namespace capstan::runtime
