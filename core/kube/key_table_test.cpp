#include <capstan/core/kube/key_table.hpp>

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace capstan::kube {
namespace {

class Thing {
 public:
  Thing(std::string namespace_, std::string name)
      : own_namespace_(std::move(namespace_)), own_name_(std::move(name)) {}
  std::string_view namespace_() const { return own_namespace_; }
  std::string_view name() const { return own_name_; }

 private:
  std::string own_namespace_, own_name_;
};
using ThingPtr = std::unique_ptr<Thing>;

ThingPtr Make(const std::string& namespace_, const std::string& name) {
  return std::make_unique<Thing>(namespace_, name);
}

TEST(KeyTable, KnowsNothingAtFirst) {
  KeyTable<Thing> table;
  const auto thing = Make("a", "b");
  EXPECT_EQ(table.Find("a", "b"), nullptr);
  EXPECT_FALSE(table.Remove(thing.get()));
  EXPECT_FALSE(table.begin() != table.end());
}

TEST(KeyTable, TellsNamespaceFromName) {
  KeyTable<Thing> table;
  const auto one = Make("a", "bc"), two = Make("ab", "c"), three = Make("", "abc");
  for (const auto* thing : {&one, &two, &three}) EXPECT_EQ(table.Put(thing->get()), nullptr);
  EXPECT_EQ(table.Find("a", "bc"), one.get());
  EXPECT_EQ(table.Find("ab", "c"), two.get());
  EXPECT_EQ(table.Find("", "abc"), three.get());
  EXPECT_EQ(table.Find("abc", ""), nullptr);
}

TEST(KeyTable, ReturnsWhatIsReplaced) {
  KeyTable<Thing> table;
  const auto before = Make("a", "b"), now = Make("a", "b");
  EXPECT_EQ(table.Put(before.get()), nullptr);
  EXPECT_EQ(table.Put(now.get()), before.get());
  EXPECT_EQ(table.size(), 1u);
  EXPECT_FALSE(table.Remove(before.get())) << "it is not there any more";
  EXPECT_EQ(table.Find("a", "b"), now.get());
}

TEST(KeyTable, ShrinksWhenMostAreGone) {
  KeyTable<Thing> table;
  std::vector<ThingPtr> things;
  for (int i = 0; i < 10'000; ++i) {
    things.push_back(Make("a", std::to_string(i)));
    table.Put(things.back().get());
  }
  const std::size_t slots = table.slots();
  for (int i = 1; i < 10'000; ++i) table.Remove(things[static_cast<std::size_t>(i)].get());
  EXPECT_LT(table.slots(), slots / 100);
  EXPECT_EQ(table.Find("a", "0"), things[0].get());
}

// Compares with a std::map while names come and go: full tables, chains that wrap around, holes in
// them.
TEST(KeyTable, BehavesLikeAMapWhileNamesComeAndGo) {
  std::mt19937 random(7);
  for (const unsigned names : {5U, 14U, 60U, 900U}) {
    KeyTable<Thing> table;
    std::map<std::pair<std::string, std::string>, ThingPtr> known;
    for (int step = 0; step < 20000; ++step) {
      const auto number = random() % names;
      const auto key = std::pair("n" + std::to_string(number % 3), "o" + std::to_string(number));
      if (random() % 100 < 55) {
        auto thing = Make(key.first, key.second);
        const auto old = known.find(key);
        ASSERT_EQ(table.Put(thing.get()), old == known.end() ? nullptr : old->second.get());
        known[key] = std::move(thing);
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
    std::set<Thing*> walked, expected;
    for (Thing* thing : table) EXPECT_TRUE(walked.insert(thing).second);
    for (const auto& [key, thing] : known) expected.insert(thing.get());
    EXPECT_EQ(walked, expected);
  }
}

}  // namespace
}  // namespace capstan::kube
