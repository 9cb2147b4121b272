// Two processes without an election, on one API server and one clock.
#include <capstan/core/assembly/presence.hpp>

#include <capstan/core/assembly/testing/assembly_test.hpp>

namespace capstan::assembly {
namespace {

class PresenceTest : public AssemblyTest {
 protected:
  std::unique_ptr<Presence> Of(const std::string& holder) {
    return std::make_unique<Presence>(client, scheduler, *random, log, events,
                                      kube::ObjectKey{"default", "capstan"}, holder);
  }
  Status Check(Presence& presence) {
    Status alone;
    Do([&](const Context& context) { alone = presence.CheckAlone(context); });
    return alone;
  }
  std::string Holder() {
    std::string holder;
    Do([&](const Context& context) {
      const auto lease = client.Get(kube::LeaseKind(), {"default", "capstan"}, context);
      if (lease) holder = lease->StringAt("/spec/holderIdentity").value_or("");
    });
    return holder;
  }
};

TEST_F(PresenceTest, OfTheFirstProcessIsAnnouncedWithoutMentionOfLeading) {
  const auto first = Of("first");
  ASSERT_TRUE(Check(*first));
  first->Start(*metrics);
  scheduler.RunFor(std::chrono::minutes(2));
  EXPECT_EQ(Holder(), "first");
  EXPECT_TRUE(log.Contains("announced this process"));
  EXPECT_FALSE(log.Contains("lead")) << "no election takes place";
  EXPECT_EQ(metrics->Text().find("leader_election"), std::string::npos) << metrics->Text();
  EXPECT_TRUE(events.lines.empty()) << events.lines.front();
  first->Stop();
  EXPECT_EQ(Holder(), "");
}

TEST_F(PresenceTest, OfALiveProcessKeepsTheSecondFromStartingAndAnEventSaysSo) {
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
      events.Has("Lease default/capstan TwoOperators: second does not start: another operator works on this "
                 "cluster: first holds Lease default/capstan. Stop that one, or start all of them with "
                 "--leader-elect"));
}

TEST_F(PresenceTest, OfACrashedProcessKeepsNoOtherFromStarting) {
  auto first = Of("first");
  ASSERT_TRUE(Check(*first));
  first->Start(*metrics);
  scheduler.RunFor(std::chrono::seconds(5));
  first.reset();  // releases nothing
  EXPECT_EQ(Holder(), "first");
  EXPECT_TRUE(Check(*Of("second")));
  EXPECT_TRUE(events.lines.empty());
}

TEST_F(PresenceTest, OfTwoRunningProcessesIsReportedEachMinuteInLogAndEvents) {
  const auto first = Of("first"), second = Of("second");
  ASSERT_TRUE(Check(*first));
  ASSERT_TRUE(Check(*second)) << "at the same moment: no Lease was there yet";
  first->Start(*metrics);
  second->Start(*metrics);
  scheduler.RunFor(std::chrono::minutes(5));
  EXPECT_TRUE(log.Contains("two operators work on this cluster, and undo each other's work"));
  EXPECT_TRUE(events.Has("TwoOperators: second runs too") || events.Has("TwoOperators: first runs too"));
  EXPECT_GE(events.lines.size(), 3u) << "once a minute";
}

}  // namespace
}  // namespace capstan::assembly
