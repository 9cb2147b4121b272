#include <capstan/core/shards/membership.hpp>

#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>
#include <capstan/core/shards/placement.hpp>

namespace capstan::shards {
namespace {

using std::chrono::seconds;

// Four shards, seen by member "self" on a clock that starts at one minute.
class MembershipTest : public testing::Test {
 protected:
  static Instant At(int second) { return Instant(std::chrono::minutes(1) + seconds(second)); }
  static SeenLease Member(const std::string& name, int version, int shards = 4) {
    return {StrCat("capstan-member-", name),
            "uid-" + name,
            std::to_string(version),
            name,
            shards,
            {},
            seconds(15)};
  }
  static SeenLease Claim(int shard, const std::string& holder, int version = 1, int shards = 4) {
    return {StrCat("capstan-shard-", shards, "-", shard),
            StrCat("uid-", shard),
            std::to_string(version),
            holder,
            shards,
            shard,
            seconds(15)};
  }
  void See(std::vector<SeenLease> leases, int second) {
    membership.Observe(std::move(leases), At(second), At(second));
  }
  static std::set<int> ClaimedBy(const Steps& steps) {
    std::set<int> shards;
    for (const auto& [shard, lease] : steps.claim) shards.insert(shard);
    return shards;
  }

  Membership membership{"self", 4, seconds(15)};
};

TEST_F(MembershipTest, AloneItClaimsEverything) {
  See({}, 0);
  const Steps steps = membership.Decide({});
  EXPECT_EQ(ClaimedBy(steps), (std::set<int>{0, 1, 2, 3}));
  EXPECT_EQ(steps.members, 1U);
  EXPECT_TRUE(steps.remove.empty());
}

TEST_F(MembershipTest, NeverClaimsWhatALiveMemberHolds) {
  std::vector<SeenLease> leases = {Member("other", 1)};
  for (int shard = 0; shard < 4; ++shard) leases.push_back(Claim(shard, "other"));
  See(leases, 0);
  const Steps steps = membership.Decide({});
  EXPECT_TRUE(steps.claim.empty());
  EXPECT_EQ(steps.members, 2U);
}

TEST_F(MembershipTest, GivesUpHalfOfItsShardsWhenASecondMemberComes) {
  See({Member("other", 1), Claim(0, "self"), Claim(1, "self"), Claim(2, "self"), Claim(3, "self")}, 0);
  const Steps steps = membership.Decide({0, 1, 2, 3});
  EXPECT_EQ(steps.give_up.size(), 2U);
  EXPECT_TRUE(steps.claim.empty());
  EXPECT_TRUE(steps.release.empty());
}

TEST_F(MembershipTest, AMemberIsDeadWhenItsLeaseDidNotChangeForItsDuration) {
  See({Member("other", 1), Claim(0, "other")}, 0);
  EXPECT_EQ(membership.Decide({}).look_again, At(15));
  See({Member("other", 1), Claim(0, "other")}, 14);
  EXPECT_TRUE(membership.Decide({}).remove.empty());
  See({Member("other", 2), Claim(0, "other")}, 16);
  EXPECT_TRUE(membership.Decide({}).remove.empty());
  See({Member("other", 2), Claim(0, "other")}, 31);
  const Steps steps = membership.Decide({});
  ASSERT_EQ(steps.remove.size(), 1U);
  EXPECT_EQ(steps.remove[0].resource_version, "2");
  EXPECT_EQ(steps.members, 1U);
}

TEST_F(MembershipTest, TheShardsOfADeadMemberAreFreeOnlyOnceItsLeaseIsGone) {
  See({Member("other", 1), Claim(0, "other")}, 0);
  See({Member("other", 1), Claim(0, "other")}, 15);
  EXPECT_EQ(ClaimedBy(membership.Decide({})), (std::set<int>{1, 2, 3}));
  See({Claim(0, "other")}, 15);
  const Steps steps = membership.Decide({1, 2, 3});
  ASSERT_EQ(ClaimedBy(steps), (std::set<int>{0}));
  EXPECT_EQ(steps.claim.at(0), Claim(0, "other"));
}

TEST_F(MembershipTest, AClaimOfAnUnknownMemberIsRespectedUntilItExpires) {
  See({Claim(0, "stranger")}, 0);
  EXPECT_EQ(ClaimedBy(membership.Decide({})), (std::set<int>{1, 2, 3}));
  See({Claim(0, "stranger")}, 15);
  EXPECT_EQ(ClaimedBy(membership.Decide({})), (std::set<int>{0, 1, 2, 3}));
}

TEST_F(MembershipTest, ALeaseThatWasDeletedByHandDoesNotMakeItsMemberDead) {
  See({Member("other", 1), Claim(0, "other")}, 0);
  See({Claim(0, "other")}, 2);
  EXPECT_EQ(ClaimedBy(membership.Decide({})).count(0), 0U);
  See({Member("other", 5), Claim(0, "other")}, 4);
  See({Member("other", 5), Claim(0, "other")}, 18);
  EXPECT_EQ(ClaimedBy(membership.Decide({})).count(0), 0U);
}

TEST_F(MembershipTest, ASlowListMakesNoMemberDead) {
  See({Member("other", 1), Claim(0, "other")}, 0);
  // Requested immediately, and read after a suspension of a minute.
  membership.Observe({Claim(0, "other")}, At(1), At(61));
  EXPECT_EQ(ClaimedBy(membership.Decide({})).count(0), 0U);
}

TEST_F(MembershipTest, ClaimsInOurNameThatWeDoNotOwnAreRenewedOrReleased) {
  std::vector<SeenLease> leases = {Member("other", 1)};
  for (int shard = 0; shard < 4; ++shard) leases.push_back(Claim(shard, "self", 7));
  See(leases, 0);
  const Steps steps = membership.Decide({});
  EXPECT_EQ(steps.claim.size(), 2U);
  EXPECT_EQ(steps.release.size(), 2U);
  for (const auto& [shard, lease] : steps.claim) EXPECT_EQ(lease, Claim(shard, "self", 7));
}

TEST_F(MembershipTest, AMemberOfAnotherDivisionGetsNothingAndItsClaimsGoWithIt) {
  See({Member("old", 1, 6), Claim(0, "old", 1, 6)}, 0);
  Steps steps = membership.Decide({});
  EXPECT_EQ(ClaimedBy(steps), (std::set<int>{0, 1, 2, 3}));
  EXPECT_TRUE(steps.remove.empty());
  See({Member("old", 1, 6), Claim(0, "old", 1, 6)}, 15);
  steps = membership.Decide({});
  ASSERT_EQ(steps.remove.size(), 1U);
  See({Claim(0, "old", 1, 6)}, 16);
  steps = membership.Decide({});
  ASSERT_EQ(steps.remove.size(), 1U);
  EXPECT_EQ(steps.remove[0].name, "capstan-shard-6-0");
}

TEST_F(MembershipTest, ALeaseWithoutAHolderIsRemovedInTheEnd) {
  SeenLease left = Member("left", 3);
  left.holder.clear();
  See({left}, 0);
  EXPECT_TRUE(membership.Decide({}).remove.empty());
  See({left}, 15);
  EXPECT_EQ(membership.Decide({}).remove.size(), 1U);
}

}  // namespace
}  // namespace capstan::shards
