#include <capstan/core/runtime/store/block_table.hpp>

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>

#include <capstan/core/runtime/store/block.hpp>

namespace capstan::runtime::detail {
namespace {

struct Releaser {
  void operator()(Block* block) const { Release(block); }
};
using BlockPtr = std::unique_ptr<Block, Releaser>;

BlockPtr Make(const std::string& namespace_, const std::string& name) {
  json::Metadata metadata;
  metadata.namespace_ = namespace_;
  metadata.name = name;
  return BlockPtr(MakeBlock(metadata, "{}", Encoding::kPlain, 2));
}

TEST(BlockTable, KnowsNothingAtFirst) {
  BlockTable table;
  const auto block = Make("a", "b");
  EXPECT_EQ(table.Find("a", "b"), nullptr);
  EXPECT_FALSE(table.Remove(block.get()));
  EXPECT_FALSE(table.begin() != table.end());
}

TEST(BlockTable, TellsNamespaceFromName) {
  BlockTable table;
  const auto one = Make("a", "bc"), two = Make("ab", "c"), three = Make("", "abc");
  for (const auto* block : {&one, &two, &three}) EXPECT_EQ(table.Put(block->get()), nullptr);
  EXPECT_EQ(table.Find("a", "bc"), one.get());
  EXPECT_EQ(table.Find("ab", "c"), two.get());
  EXPECT_EQ(table.Find("", "abc"), three.get());
  EXPECT_EQ(table.Find("abc", ""), nullptr);
}

TEST(BlockTable, ReturnsTheBlockThatIsReplaced) {
  BlockTable table;
  const auto before = Make("a", "b"), now = Make("a", "b");
  EXPECT_EQ(table.Put(before.get()), nullptr);
  EXPECT_EQ(table.Put(now.get()), before.get());
  EXPECT_EQ(table.size(), 1u);
  EXPECT_FALSE(table.Remove(before.get())) << "it is not there any more";
  EXPECT_EQ(table.Find("a", "b"), now.get());
}

// Compares with a std::map while names come and go: full tables, chains that wrap around, holes in
// them.
TEST(BlockTable, BehavesLikeAMapWhileNamesComeAndGo) {
  std::mt19937 random(7);
  for (const unsigned names : {5U, 14U, 60U, 900U}) {
    BlockTable table;
    std::map<std::pair<std::string, std::string>, BlockPtr> known;
    for (int step = 0; step < 20000; ++step) {
      const auto number = random() % names;
      const auto key = std::pair("n" + std::to_string(number % 3), "o" + std::to_string(number));
      if (random() % 100 < 55) {
        auto block = Make(key.first, key.second);
        const auto old = known.find(key);
        ASSERT_EQ(table.Put(block.get()), old == known.end() ? nullptr : old->second.get());
        known[key] = std::move(block);
      } else if (const auto old = known.find(key); old != known.end()) {
        ASSERT_TRUE(table.Remove(old->second.get()));
        known.erase(old);
      }
      ASSERT_EQ(table.size(), known.size());
      const auto other = random() % names;
      const auto look = std::pair("n" + std::to_string(other % 3), "o" + std::to_string(other));
      const auto found = known.find(look);
      ASSERT_EQ(table.Find(look.first, look.second), found == known.end() ? nullptr : found->second.get());
    }
    std::set<Block*> walked, expected;
    for (Block* block : table) EXPECT_TRUE(walked.insert(block).second);
    for (const auto& [key, block] : known) expected.insert(block.get());
    EXPECT_EQ(walked, expected);
  }
}

}  // namespace
}  // namespace capstan::runtime::detail
