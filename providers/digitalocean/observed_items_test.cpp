// An unchanged item of a list is not parsed again, and a changed one always is.
#include <capstan/providers/digitalocean/detail/observed_items.hpp>

#include <gtest/gtest.h>

#include <thread>

#include <capstan/core/base/text.hpp>
#include <capstan/providers/digitalocean/testing/scripted_api.hpp>

namespace capstan::digitalocean {
namespace {

using external::Observed;

std::string Item(int i, const std::string& version = "1.34.1-do.0") {
  return StrCat(
      R"({"id":"id-)", i, R"(","name":"cluster-)", i, R"(","region":"fra1","version":")", version,
      R"(","endpoint":"https://e","tags":["capstan:uid-)", i,
      R"(","capstan-owner:home"],"node_pools":[{"id":"p","name":"p","size":"s-2","count":2,"nodes":[]}],)",
      R"("status":{"state":"running","message":"it runs"},"created_at":"2026-01-01T00:00:00Z"})");
}

std::vector<std::string> Fleet(int count) {
  std::vector<std::string> items;
  for (int i = 0; i < count; ++i) items.push_back(Item(i));
  return items;
}

void ExpectSame(const Observed& a, const Observed& b) {
  EXPECT_EQ(std::tie(a.id, a.name, a.identity, a.owner, a.phase, a.message, a.created_at, a.status, a.state,
                     a.connectable),
            std::tie(b.id, b.name, b.identity, b.owner, b.phase, b.message, b.created_at, b.status, b.state,
                     b.connectable));
}

class ObservedItemsTest : public testing::Test {
 protected:
  // One whole list.
  std::vector<Observed> List(const std::vector<std::string>& items) {
    seen.BeginList();
    auto observed = seen.ObserveAll(items, prices, versions);
    EXPECT_TRUE(observed) << observed.error();
    return observed ? *observed : std::vector<Observed>(items.size());
  }
  // As if there had never been a list.
  Observed Parsed(const std::string& item) const {
    Cluster cluster = ParseCluster(item).value();
    cluster.prices = prices;
    cluster.versions = versions;
    return Observe(cluster);
  }
  Prices prices{{"s-2", 24}};
  std::vector<std::string> versions{"1.34.1-do.0"};
  ObservedItems seen;
};

TEST_F(ObservedItemsTest, ParseAnUnchangedItemOnce) {
  for (int list = 0; list < 3; ++list) {
    const auto observed = List(Fleet(20));
    ASSERT_EQ(observed.size(), 20u);
    for (int i = 0; i < 20; ++i) ExpectSame(observed[static_cast<std::size_t>(i)], Parsed(Item(i)));
  }
  EXPECT_EQ(seen.counts().parsed, 20u);
}

TEST_F(ObservedItemsTest, SeeAChangedItemInTheNextList) {
  auto items = Fleet(20);
  List(items);
  items[7] = Item(7, "1.35.1-do.0");  // as long as before
  const auto observed = List(items);
  ExpectSame(observed[7], Parsed(items[7]));
  EXPECT_EQ(seen.counts().parsed, 21u);
  ExpectSame(List(Fleet(20))[7], Parsed(Item(7)));
}

TEST_F(ObservedItemsTest, TellTextsApartThatDifferInOneByteAnywhere) {
  const std::string item = Item(1);
  List({item});
  for (std::size_t at = 0; at < item.size(); ++at) {
    if (item[at] < '0' || item[at] > '8') continue;
    std::string other = item;
    ++other[at];
    const auto observed = List({other, item});
    ExpectSame(observed[0], Parsed(other));
    ExpectSame(observed[1], Parsed(item));
  }
}

TEST_F(ObservedItemsTest, TellTextsApartThatHaveTheSameHash) {
  ObservedItemsOptions options;
  options.hash = [](std::string_view) { return std::size_t{1}; };
  ObservedItems colliding(options);
  auto items = Fleet(3);
  items.push_back(Item(2) + " ");  // begins with the one before
  items.push_back(Item(2));
  for (int list = 0; list < 2; ++list) {
    const auto observed = colliding.ObserveAll(items, prices, versions);
    ASSERT_TRUE(observed) << observed.error();
    for (std::size_t i = 0; i < items.size(); ++i) ExpectSame((*observed)[i], Parsed(items[i]));
  }
  EXPECT_EQ(colliding.counts().items, 1u);
}

TEST_F(ObservedItemsTest, ChangeWithPricesAndVersionsOnOffer) {
  const auto before = List(Fleet(3));
  prices["s-2"] = 30;
  const auto dearer = List(Fleet(3));
  EXPECT_NE(dearer[0].status, before[0].status);
  ExpectSame(dearer[0], Parsed(Item(0)));
  versions.push_back("1.35.1-do.0");
  const auto offered = List(Fleet(3));
  EXPECT_NE(offered[0].state, dearer[0].state);
  ExpectSame(offered[0], Parsed(Item(0)));
  EXPECT_EQ(seen.counts().parsed, 9u);
}

TEST_F(ObservedItemsTest, ForgetWhatIsNoLongerListed) {
  List(Fleet(20));
  EXPECT_EQ(seen.counts().items, 20u);
  List({});  // failed after its first page, maybe
  List(Fleet(1));
  EXPECT_EQ(seen.counts().items, 20u);
  List(Fleet(1));
  EXPECT_EQ(seen.counts().items, 1u);
  const std::size_t bytes = seen.counts().bytes;
  EXPECT_GT(bytes, 0u);
  for (int i = 0; i < 3; ++i) List({});
  EXPECT_EQ(seen.counts().items, 0u);
  EXPECT_EQ(seen.counts().bytes, 0u);
  ExpectSame(List({Item(5)})[0], Parsed(Item(5)));
}

TEST_F(ObservedItemsTest, StayWithinTheirMemory) {
  const auto fill = [&](ObservedItemsOptions options) {
    ObservedItems bounded(options);
    for (int list = 0; list < 2; ++list) {
      bounded.BeginList();
      const auto observed = bounded.ObserveAll(Fleet(50), prices, versions);
      EXPECT_TRUE(observed);
      for (int i = 0; i < 50; ++i) ExpectSame((*observed)[static_cast<std::size_t>(i)], Parsed(Item(i)));
    }
    return bounded.counts();
  };
  EXPECT_EQ(fill({.most_items = 10}).items, 10u);
  EXPECT_EQ(fill({.most_items = 10}).parsed, 90u) << "further items are parsed each time";
  EXPECT_LE(fill({.most_bytes = 1000}).bytes, 1000u);
  EXPECT_GT(fill({.most_bytes = 1000}).items, 0u);
  EXPECT_LT(fill({}).bytes, 50u * 200) << "one cluster is the dictionary of the others";
}

TEST_F(ObservedItemsTest, NameTheItemThatIsNoCluster) {
  for (const char* bad : {"{", "[]", "7", R"({"name":"x"})", R"({"id":"1"})"}) {
    const auto observed = seen.ObserveAll({Item(0), bad}, prices, versions);
    ASSERT_FALSE(observed) << bad;
    EXPECT_EQ(observed.error().code, Code::kDataLoss) << bad;
    EXPECT_EQ(observed.error().message.rfind("item 1: ", 0), 0u) << observed.error().message;
  }
}

TEST_F(ObservedItemsTest, ServeListsOfSeveralThreads) {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      // Each with prices of its own, so that they make each other forget.
      const Prices own{{"s-2", 24 + thread}};
      Cluster cluster = ParseCluster(Item(3)).value();
      cluster.prices = own;
      const Observed expected = Observe(cluster);
      for (int list = 0; list < 50; ++list) {
        seen.BeginList();
        ExpectSame(seen.ObserveAll(Fleet(5), own, {}).value()[3], expected);
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

// Through the operations of the provider.
class ObservedListTest : public testing::Test, protected Bench {
 protected:
  static constexpr char kList[] = "GET /v2/kubernetes/clusters?page=1&per_page=200";
  static constexpr char kSizes[] = "GET /v2/sizes?page=1&per_page=200";
  void AnswerList(const std::string& item) {
    api.Answer(kList, 200, StrCat(R"({"kubernetes_clusters":[)", item, R"(],"meta":{"total":1}})"));
  }
  Observed Listed() { return cloud->List("", context).value().items.at(0); }
};

TEST_F(ObservedListTest, ShowsTheNewCostOfAnUnchangedClusterWhenPricesChange) {
  AnswerList(Item(1));
  for (const int price : {24, 30}) {
    api.Answer(kSizes, 200,
               StrCat(R"({"sizes":[{"slug":"s-2","price_monthly":)", price, R"(}],"meta":{"total":1}})"));
  }
  EXPECT_NE(Listed().status.find(R"("monthlyCost":48)"), std::string::npos);
  scheduler.RunFor(std::chrono::hours(25));
  EXPECT_NE(Listed().status.find(R"("monthlyCost":60)"), std::string::npos);
}

TEST_F(ObservedListTest, AnswersNoGetFromAList) {
  AnswerList(Item(1));
  api.Answer("GET /v2/kubernetes/clusters/id-1", 200,
             StrCat(R"({"kubernetes_cluster":)", Item(1, "1.35.1-do.0"), "}"));
  EXPECT_NE(Listed().status.find("1.34.1-do.0"), std::string::npos);
  const auto got = cloud->Get("id-1", context);
  ASSERT_TRUE(got && *got);
  EXPECT_NE((*got)->status.find("1.35.1-do.0"), std::string::npos);
  EXPECT_NE(Listed().status.find("1.34.1-do.0"), std::string::npos);
}

}  // namespace
}  // namespace capstan::digitalocean
