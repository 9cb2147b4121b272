// Two processes without an election, on one API server and one clock.
#include <capstan/core/assembly/presence.hpp>

#include <gtest/gtest.h>

#include <algorithm>

#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/http/loopback.hpp>
#include <capstan/local/apiserver/server.hpp>
#include <capstan/local/apiserver/storage/storage.hpp>

namespace capstan::assembly {
namespace {

class RememberingRecorder final : public runtime::EventRecorder {
 public:
  void Record(const kube::Kind& kind, const kube::Object& about, runtime::EventType,
              const std::string& reason, const std::string& message, const Context&) override {
    told.push_back(StrCat(kind.kind, " ", about.key(), " ", reason, ": ", message));
  }
  std::vector<std::string> told;
};

class PresenceTest : public testing::Test {
 protected:
  PresenceTest() {
    static const auto schemas = apiserver::MakeBuiltinSchemas();
    apiserver::ApiServerOptions options;
    options.schemas = schemas;
    auto server = apiserver::ApiServer::Start(scheduler, *random, log, *storage, options);
    if (!server) ADD_FAILURE() << server.error();
    api = std::move(*server);
    wire.Route("api", api.get());
  }
  void Do(const std::function<void(const Context&)>& work) {
    Task task = scheduler.Spawn("test", work);
    ASSERT_TRUE(scheduler.RunUntil([&] { return task.finished(); }));
  }
  std::unique_ptr<Presence> Of(const std::string& holder) {
    return std::make_unique<Presence>(client, scheduler, *random, log, events,
                                      kube::ObjectKey{"default", "capstan"}, holder);
  }
  Status Check(Presence& presence) {
    Status alone;
    Do([&](const Context& context) { alone = presence.CheckAlone(context); });
    return alone;
  }
  bool Told(const std::string& what) {
    return std::any_of(events.told.begin(), events.told.end(),
                       [&](const std::string& one) { return one.find(what) != std::string::npos; });
  }
  std::string Holder() {
    std::string holder;
    Do([&](const Context& context) {
      const auto lease = client.Get(kube::LeaseKind(), {"default", "capstan"}, context);
      if (lease) holder = lease->StringAt("/spec/holderIdentity").value_or("");
    });
    return holder;
  }

  SimulatedScheduler scheduler{SeededSchedule(3)};
  std::unique_ptr<Random> random = MakeSeededRandom(4);
  std::unique_ptr<runtime::Metrics> metrics = runtime::MakePrometheusMetrics();
  RecordingLog log;
  std::unique_ptr<apiserver::Storage> storage = apiserver::MakeMemoryStorage();
  std::unique_ptr<apiserver::ApiServer> api;
  http::LoopbackTransport wire{scheduler};
  kube::Client client{wire, scheduler, {"http://api", "test", std::chrono::seconds(30)}};
  RememberingRecorder events;
};

TEST_F(PresenceTest, OfTheFirstIsAnnouncedWithoutAWordOfLeading) {
  const auto first = Of("first");
  ASSERT_TRUE(Check(*first));
  first->Start(*metrics);
  scheduler.RunFor(std::chrono::minutes(2));
  EXPECT_EQ(Holder(), "first");
  EXPECT_TRUE(log.Contains("this process is announced"));
  EXPECT_FALSE(log.Contains("lead")) << "no election takes place";
  EXPECT_EQ(metrics->Text().find("leader_election"), std::string::npos) << metrics->Text();
  EXPECT_TRUE(events.told.empty()) << events.told.front();
  first->Stop();
  EXPECT_EQ(Holder(), "");
}

TEST_F(PresenceTest, OfOneThatLivesKeepsTheSecondFromStartingAndAnEventSaysSo) {
  const auto first = Of("first"), second = Of("second");
  ASSERT_TRUE(Check(*first));
  first->Start(*metrics);
  scheduler.RunFor(std::chrono::seconds(5));
  const Status alone = Check(*second);
  ASSERT_FALSE(alone);
  EXPECT_EQ(alone.error().code, Code::kFailedPrecondition);
  EXPECT_NE(alone.error().message.find("first holds Lease default/capstan"), std::string::npos)
      << alone.error();
  EXPECT_TRUE(
      Told("Lease default/capstan TwoOperators: second does not start: another operator works on this "
           "cluster: first holds Lease default/capstan. Stop that one, or start all of them with "
           "--leader_elect"));
}

TEST_F(PresenceTest, OfOneThatCrashedKeepsNobodyFromStarting) {
  auto first = Of("first");
  ASSERT_TRUE(Check(*first));
  first->Start(*metrics);
  scheduler.RunFor(std::chrono::seconds(5));
  first.reset();  // releases nothing
  EXPECT_EQ(Holder(), "first");
  EXPECT_TRUE(Check(*Of("second")));
  EXPECT_TRUE(events.told.empty());
}

TEST_F(PresenceTest, OfTwoThatRunAllTheSameIsToldAgainAndAgainInLogAndEvents) {
  const auto first = Of("first"), second = Of("second");
  ASSERT_TRUE(Check(*first));
  ASSERT_TRUE(Check(*second)) << "at the same moment: no Lease was there yet";
  first->Start(*metrics);
  second->Start(*metrics);
  scheduler.RunFor(std::chrono::minutes(5));
  EXPECT_TRUE(log.Contains("two operators work on this cluster, and undo each other's work"));
  EXPECT_TRUE(Told("TwoOperators: second runs too") || Told("TwoOperators: first runs too"));
  EXPECT_GE(events.told.size(), 3u) << "once a minute";
}

}  // namespace
}  // namespace capstan::assembly
