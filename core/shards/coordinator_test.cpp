#include <capstan/core/shards/coordinator.hpp>

#include <capstan/core/shards/testing/shards_test.hpp>

namespace capstan::shards {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class CoordinatorTest : public ShardsTest {
 protected:
  static bool OwnsAll(const Process& process) { return process.coordinator->owned().size() == 12; }
  using Shared = std::map<std::string, int>;
};

TEST_F(CoordinatorTest, AloneOwnsEveryShardWithinASecond) {
  Process a(*this, "a");
  RunAndWatch(seconds(1), {&a}, [&] { return OwnsAll(a); });
  EXPECT_EQ(a.work.running.size(), 12U);
  EXPECT_EQ(a.part, 1);
  EXPECT_EQ(a.coordinator->members(), 1U);
  EXPECT_TRUE(a.coordinator->Health());
  EXPECT_TRUE(a.coordinator->Of("any uid").HeldUntil(scheduler.Now()));
  EXPECT_NE(metrics->Text().find("capstan_shards_owned 12\n"), std::string::npos);
}

TEST_F(CoordinatorTest, ThreeMembersOwnAThirdEachAndNothingMovesAfterwards) {
  Process a(*this, "a");
  RunAndWatch(seconds(10), {&a});
  Process b(*this, "b"), c(*this, "c");
  const std::vector<Process*> all = {&a, &b, &c};
  RunAndWatch(seconds(30), all, [&] { return Shares(all) == Shared{{"a", 4}, {"b", 4}, {"c", 4}}; });
  const int starts = a.work.starts + b.work.starts + c.work.starts;
  RunAndWatch(minutes(5), all);
  EXPECT_EQ(a.work.starts + b.work.starts + c.work.starts, starts);
  for (const Process* process : all) {
    EXPECT_EQ(process->work.running.size(), 4U);
    EXPECT_NEAR(process->part, 1.0 / 3, 0.001);
  }
}

TEST_F(CoordinatorTest, TheShardsOfAKilledMemberMoveWithinTheLeaseDurationPlusFiveSeconds) {
  Process a(*this, "a"), b(*this, "b"), c(*this, "c");
  const std::vector<Process*> all = {&a, &b, &c};
  RunAndWatch(minutes(1), all, [&] { return Shares(all).size() == 3; });
  RunAndWatch(seconds(10), all);
  c.coordinator.reset();  // releases nothing, as kill -9 would
  const Instant died = scheduler.Now();
  RunAndWatch(minutes(1), all, [&] { return Shares(all) == Shared{{"a", 6}, {"b", 6}}; });
  EXPECT_LE(scheduler.Now() - died, seconds(15 + 5));
  EXPECT_TRUE(log.Contains("a member is gone: the others take over its shards"));
  // No Lease of the dead member remains.
  EXPECT_EQ(LeaseNames().size(), 1U + 2U + 12U);
}

TEST_F(CoordinatorTest, AMemberThatStopsReleasesItsShardsImmediately) {
  Process a(*this, "a"), b(*this, "b");
  const std::vector<Process*> all = {&a, &b};
  RunAndWatch(minutes(1), all, [&] { return Shares(all) == Shared{{"a", 6}, {"b", 6}}; });
  EXPECT_TRUE(b.coordinator->Stop(seconds(20)));
  EXPECT_TRUE(b.work.running.empty());
  const Instant stopped = scheduler.Now();
  RunAndWatch(minutes(1), all, [&] { return OwnsAll(a); });
  EXPECT_LE(scheduler.Now() - stopped, seconds(3));
}

TEST_F(CoordinatorTest, AShardIsHandedOverOnceNoneOfItsWorkRunsAnyMore) {
  Process a(*this, "a");
  RunAndWatch(seconds(10), {&a}, [&] { return OwnsAll(a); });
  a.work.to_stop = seconds(7);
  Process b(*this, "b");
  const std::vector<Process*> all = {&a, &b};
  RunAndWatch(seconds(30), all, [&] { return !a.work.paused.empty(); });
  RunAndWatch(seconds(6), all);
  EXPECT_EQ(Shares(all), (Shared{{"a", 12}}));  // still its own: running work may finish
  EXPECT_EQ(b.work.running.size(), 0U);
  RunAndWatch(seconds(10), all, [&] { return Shares(all) == Shared{{"a", 6}, {"b", 6}}; });
  for (const int shard : b.work.running) EXPECT_EQ(a.work.running.count(shard), 0U);
}

// The late renewals of a frozen process are sent at the thaw: see FreezingTransport.
TEST_F(CoordinatorTest, AMemberThatFrozeOwnsNothingAfterTheThawUntilItHasJoinedAgain) {
  Process a(*this, "a"), b(*this, "b"), c(*this, "c");
  const std::vector<Process*> all = {&a, &b, &c};
  RunAndWatch(minutes(1), all, [&] { return Shares(all).size() == 3; });
  for (int round = 0; round < 5; ++round) {
    RunAndWatch(seconds(20) + std::chrono::milliseconds(700 * round), all);
    ASSERT_EQ(Shares(all), (Shared{{"a", 4}, {"b", 4}, {"c", 4}}));
    c.transport.Freeze(true);
    RunAndWatch(seconds(20), all, [&] { return Shares(all) == Shared{{"a", 6}, {"b", 6}}; });
    RunAndWatch(seconds(20), all);
    c.transport.Freeze(false);
    for (int shard = 0; shard < 12; ++shard) ASSERT_NE(OwnersOf(shard, all), (std::vector<std::string>{"c"}));
    RunAndWatch(seconds(30), all, [&] { return Shares(all) == Shared{{"a", 4}, {"b", 4}, {"c", 4}}; });
  }
}

TEST_F(CoordinatorTest, AShortFreezeMovesNothing) {
  Process a(*this, "a"), b(*this, "b");
  const std::vector<Process*> all = {&a, &b};
  RunAndWatch(minutes(1), all, [&] { return Shares(all) == Shared{{"a", 6}, {"b", 6}}; });
  const int starts = a.work.starts + b.work.starts;
  b.transport.Freeze(true);
  RunAndWatch(seconds(7), all);
  b.transport.Freeze(false);
  RunAndWatch(minutes(1), all);
  EXPECT_EQ(a.work.starts + b.work.starts, starts);
}

TEST_F(CoordinatorTest, AfterAllMembersFrozeNoShardHasTwoOwners) {
  Process a(*this, "a"), b(*this, "b");
  const std::vector<Process*> all = {&a, &b};
  RunAndWatch(minutes(1), all, [&] { return Shares(all) == Shared{{"a", 6}, {"b", 6}}; });
  a.transport.Freeze(true);
  b.transport.Freeze(true);
  RunAndWatch(minutes(1), all);
  EXPECT_TRUE(Shares(all).empty());
  b.transport.Freeze(false);
  RunAndWatch(seconds(5), all);
  a.transport.Freeze(false);
  RunAndWatch(minutes(1), all, [&] { return Shares(all) == Shared{{"a", 6}, {"b", 6}}; });
}

TEST_F(CoordinatorTest, AMemberLeaseThatIsDeletedByHandMovesNothing) {
  Process a(*this, "a"), b(*this, "b");
  const std::vector<Process*> all = {&a, &b};
  RunAndWatch(minutes(1), all, [&] { return Shares(all) == Shared{{"a", 6}, {"b", 6}}; });
  const int starts = a.work.starts + b.work.starts;
  for (const std::string& name : LeaseNames()) {
    if (name.find("-member-") == std::string::npos) continue;
    Do([&](const Context& context) {
      EXPECT_TRUE(client.Delete(kube::LeaseKind(), {"default", name}, {}, context));
    });
  }
  RunAndWatch(minutes(1), all);
  EXPECT_EQ(Shares(all), (Shared{{"a", 6}, {"b", 6}}));
  EXPECT_EQ(a.work.starts + b.work.starts, starts);
}

TEST_F(CoordinatorTest, AnotherDivisionIsRefusedUntilTheLastOfThisOneEnds) {
  Process a(*this, "a"), b(*this, "b");
  Process other(*this, "other", 6);
  const std::vector<Process*> all = {&a, &b, &other};
  RunAndWatch(seconds(30), all);
  EXPECT_TRUE(other.work.running.empty());
  EXPECT_TRUE(log.Contains("refused: other replicas divide the work in another way"));
  EXPECT_TRUE(other.coordinator->Health());
  a.coordinator->Stop(seconds(1));
  RunAndWatch(seconds(30), all);
  EXPECT_TRUE(other.work.running.empty());
  b.coordinator->Stop(seconds(1));
  RunAndWatch(seconds(20), all, [&] { return other.work.running.size() == 6; });
  RunAndWatch(minutes(1), all);
  EXPECT_EQ(LeaseNames().size(), 1U + 1U + 6U);
}

TEST_F(CoordinatorTest, OtherNamespacesAreAnotherDivision) {
  Process a(*this, "a", 12, "team-a"), b(*this, "b", 12, "team-b");
  RunAndWatch(seconds(30), {&a, &b});
  EXPECT_TRUE(OwnsAll(a) != OwnsAll(b));
  EXPECT_TRUE(a.work.running.empty() || b.work.running.empty());
}

TEST_F(CoordinatorTest, AnElectedLeaderAndShardsExcludeEachOther) {
  runtime::LeaseElectorOptions election;
  election.lease = {"default", "capstan"};
  election.identity = "leader";
  runtime::LeaseElector first(client, scheduler, *random, log, *metrics, election);
  first.Start();
  scheduler.RunFor(seconds(5));
  ASSERT_TRUE(first.leading());
  Process a(*this, "a");
  RunAndWatch(minutes(1), {&a});
  EXPECT_TRUE(a.work.running.empty());
  EXPECT_TRUE(log.Contains("refused: another operator works on these objects"));
  first.Stop();
  RunAndWatch(seconds(5), {&a}, [&] { return OwnsAll(a); });
  election.identity = "next";
  runtime::LeaseElector next(client, scheduler, *random, log, *metrics, election);
  next.Start();
  RunAndWatch(minutes(1), {&a});
  EXPECT_FALSE(next.leading());
  a.coordinator->Stop(seconds(1));
  ASSERT_TRUE(scheduler.RunUntil([&] { return next.leading(); }, seconds(20)));
}

// Members freeze, thaw, die, leave and join at random; RunAndWatch checks that no shard ever has
// two owners.
TEST_F(CoordinatorTest, WhateverHappensToMembersEachShardHasOneOwnerInTheEnd) {
  const auto dice = MakeSeededRandom(20261129);
  std::vector<std::unique_ptr<Process>> members;
  std::set<const Process*> frozen;
  int number = 0;
  const auto join = [&] {
    members.push_back(std::make_unique<Process>(*this, StrCat("member-", ++number)));
    members.back()->work.to_stop = std::chrono::milliseconds(static_cast<int>(dice->Fraction() * 3000));
  };
  const auto all = [&] {
    std::vector<Process*> pointers;
    for (const auto& member : members) pointers.push_back(member.get());
    return pointers;
  };
  for (int step = 0; step < 150; ++step) {
    const double what = dice->Fraction();
    if (members.size() < 2 || (what < 0.2 && members.size() < 5)) {
      join();
    } else {
      const auto victim = members.begin() +
                          static_cast<std::ptrdiff_t>(dice->Fraction() * static_cast<double>(members.size()));
      Process& process = **victim;
      const bool sleeps = frozen.count(&process) != 0;
      if (what < 0.3) {
        frozen.erase(&process);
        members.erase(victim);  // as kill -9 would
      } else if (what < 0.4 && !sleeps) {
        EXPECT_TRUE(process.coordinator->Stop(seconds(20)));
        members.erase(victim);
      } else if (what < 0.8) {
        process.transport.Freeze(!sleeps);
        if (!frozen.erase(&process)) frozen.insert(&process);
      }
    }
    RunAndWatch(std::chrono::milliseconds(200 + static_cast<int>(dice->Fraction() * 9000)), all());
    if (HasFatalFailure()) return;
  }
  for (const auto& member : members) member->transport.Freeze(false);
  RunAndWatch(minutes(2), all(), [&] {
    int owned = 0;
    for (const auto& [name, count] : Shares(all())) owned += count;
    return owned == 12 && Shares(all()).size() == std::min<std::size_t>(members.size(), 12);
  });
}

TEST_F(CoordinatorTest, AtRestSendsThreeRequestsEveryTwoSeconds) {
  class Counting final : public http::ForwardingTransport {
   public:
    using ForwardingTransport::ForwardingTransport;
    Status Admit(const http::Request&, const Context&) override {
      ++requests;
      return {};
    }
    int requests = 0;
  } counting(wire);
  kube::Client counted(counting, scheduler, {"http://api", "test", seconds(30)});
  RecordingWork work(scheduler);
  CoordinatorOptions options;
  options.namespace_ = "default";
  options.holder = "counted";
  options.shards = 12;
  Coordinator coordinator(counted, scheduler, *random, log, *metrics, options, work);
  Process other(*this, "other");
  coordinator.Start();
  scheduler.RunFor(minutes(1));
  counting.requests = 0;
  scheduler.RunFor(minutes(1));
  EXPECT_LE(counting.requests, 92);
}

}  // namespace
}  // namespace capstan::shards
