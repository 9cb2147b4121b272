#include <capstan/core/shards/placement.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include <capstan/core/base/random.hpp>
#include <capstan/core/base/text.hpp>

namespace capstan::shards {
namespace {

std::map<std::string, int> CountsOf(const std::vector<std::string>& holders) {
  std::map<std::string, int> counts;
  for (const std::string& holder : holders) ++counts[holder];
  return counts;
}

int Moves(const std::vector<std::string>& before, const std::vector<std::string>& after) {
  int moves = 0;
  for (std::size_t i = 0; i < before.size(); ++i) moves += before[i] != after[i];
  return moves;
}

// Values that every version of this program must compute; they were computed independently of it.
TEST(ShardOf, NeverChanges) {
  EXPECT_EQ(ShardOf("", 12), 2);
  EXPECT_EQ(ShardOf("3f1c6f0e-93a1-4f7d-9f6c-0d4b8f8f2a11", 12), 9);
  EXPECT_EQ(ShardOf("3f1c6f0e-93a1-4f7d-9f6c-0d4b8f8f2a12", 12), 3);
  EXPECT_EQ(ShardOf("anything", 1), 0);
}

TEST(ShardOf, GivesEachShardItsShare) {
  const auto random = MakeSeededRandom(7);
  std::vector<int> counts(12);
  for (int i = 0; i < 30000; ++i) ++counts[static_cast<std::size_t>(ShardOf(random->Uuid(), 12))];
  for (const int count : counts) {
    EXPECT_GT(count, 2500 * 9 / 10);
    EXPECT_LT(count, 2500 * 11 / 10);
  }
}

TEST(ShardSelectors, NameOneShardOrAllObjectsWithoutOne) {
  EXPECT_EQ(ShardSelector(12, 3), "capstan.dev/shard=12-3");
  EXPECT_EQ(StraySelector(3), "capstan.dev/shard notin (3-0,3-1,3-2)");
}

TEST(PlaceShards, GivesEveryMemberAsMuchAsTheOthers) {
  for (int members = 1; members <= 7; ++members) {
    std::vector<std::string> names;
    for (int i = 0; i < members; ++i) names.push_back(StrCat("member-", i));
    const auto counts = CountsOf(PlaceShards(names, std::vector<std::string>(12)));
    ASSERT_EQ(counts.size(), static_cast<std::size_t>(members));
    for (const auto& [name, count] : counts) {
      EXPECT_GE(count, 12 / members) << name;
      EXPECT_LE(count, (12 + members - 1) / members) << name;
    }
  }
}

TEST(PlaceShards, DoesNotDependOnTheOrderOfTheMembers) {
  const std::vector<std::string> nobody(12);
  EXPECT_EQ(PlaceShards({"a", "b", "c"}, nobody), PlaceShards({"c", "a", "b", "a"}, nobody));
}

TEST(PlaceShards, MovesNothingWhenNothingChanged) {
  const auto placed = PlaceShards({"a", "b", "c"}, std::vector<std::string>(13));
  EXPECT_EQ(PlaceShards({"a", "b", "c"}, placed), placed);
}

TEST(PlaceShards, MovesOnlyTheShardsOfAMemberThatLeft) {
  const auto before = PlaceShards({"a", "b", "c"}, std::vector<std::string>(12));
  const auto after = PlaceShards({"a", "b"}, before);
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i] != "c") {
      EXPECT_EQ(after[i], before[i]);
    }
  }
  EXPECT_EQ(CountsOf(after), (std::map<std::string, int>{{"a", 6}, {"b", 6}}));
}

TEST(PlaceShards, GivesANewMemberItsShareAndMovesNothingElse) {
  const auto before = PlaceShards({"a", "b", "c"}, std::vector<std::string>(12));
  const auto after = PlaceShards({"a", "b", "c", "d"}, before);
  EXPECT_EQ(Moves(before, after), 3);
  EXPECT_EQ(CountsOf(after)["d"], 3);
}

TEST(PlaceShards, LeavesSomeMembersWithoutAShardIfThereAreTooFew) {
  const auto counts = CountsOf(PlaceShards({"a", "b", "c"}, std::vector<std::string>(2)));
  EXPECT_EQ(counts.size(), 2U);
}

TEST(PlaceShards, PlacesNothingWithoutMembers) {
  EXPECT_EQ(PlaceShards({}, {"a", ""}), (std::vector<std::string>{"", ""}));
}

}  // namespace
}  // namespace capstan::shards
