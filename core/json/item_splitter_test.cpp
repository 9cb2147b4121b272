#include <capstan/core/json/item_splitter.hpp>

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/scan.hpp>

namespace capstan::json {
namespace {

struct Split {
  std::vector<std::string> items;
  Result<std::string> rest = std::string();
};

Split SplitInPieces(std::string_view text, std::size_t piece, ItemSplitterOptions options = {}) {
  Split split;
  ItemSplitter splitter(
      [&](std::string_view item) -> Status {
        split.items.emplace_back(item);
        return {};
      },
      options);
  for (std::size_t at = 0; at < text.size(); at += piece) {
    if (auto fed = splitter.Feed(text.substr(at, piece)); !fed) {
      split.rest = Fail(fed.error());
      return split;
    }
  }
  split.rest = splitter.Finish();
  return split;
}

constexpr std::string_view kList =
    R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"9","continue":"a\"]}"},
 "items": [ {"a":"}]\\","b":{"items":[1,2]}} ,{"c":[{},[]]}, 7 ,"s,\"]", null,true], "extra":{"items":[3]} } )";

TEST(ItemSplitter, HandsOutTheSameItemsHoweverTheTextIsCut) {
  const std::vector<std::string> want = {
      R"({"a":"}]\\","b":{"items":[1,2]}})", R"({"c":[{},[]]})", "7", R"("s,\"]")", "null", "true"};
  for (std::size_t piece = 1; piece <= kList.size(); ++piece) {
    const Split split = SplitInPieces(kList, piece);
    ASSERT_TRUE(split.rest) << "in pieces of " << piece << ": " << split.rest.error();
    ASSERT_EQ(split.items, want) << "in pieces of " << piece;
    ASSERT_TRUE(Equal(
        *split.rest,
        R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"9","continue":"a\"]}"},"items":[],"extra":{"items":[3]}})"))
        << *split.rest;
  }
}

TEST(ItemSplitter, KeepsEverythingOfADocumentWithoutItems) {
  const std::string status =
      R"({"kind":"Status","status":"Failure","message":"items [1]","details":{"items":[1]}})";
  const Split split = SplitInPieces(status, 7);
  ASSERT_TRUE(split.rest) << split.rest.error();
  EXPECT_EQ(*split.rest, status);
  EXPECT_TRUE(split.items.empty());
}

TEST(ItemSplitter, TakesEmptyAndNullItems) {
  for (const char* text : {R"({"items":[]})", R"({"items" : [ ] })", R"({"items":null})"}) {
    const Split split = SplitInPieces(text, 3);
    ASSERT_TRUE(split.rest) << text;
    EXPECT_TRUE(split.items.empty()) << text;
  }
}

TEST(ItemSplitter, IsNotMisledByAValueThatReadsItems) {
  const Split split = SplitInPieces(R"({"kind":"items","x":[1,2],"a":{"items":[3]},"items":[4]})", 5);
  ASSERT_TRUE(split.rest);
  EXPECT_EQ(split.items, std::vector<std::string>{"4"});
}

TEST(ItemSplitter, KnowsItemsSpelledWithEscapes) {
  const Split split = SplitInPieces(R"({"\u0069tems":[1]})", 2);
  ASSERT_TRUE(split.rest) << split.rest.error();
  EXPECT_EQ(split.items, std::vector<std::string>{"1"});
}

TEST(ItemSplitter, RefusesEveryDocumentThatIsCutShort) {
  for (std::size_t length = 0; length + 2 < kList.size(); ++length) {
    const Split split = SplitInPieces(kList.substr(0, length), 16);
    ASSERT_FALSE(split.rest) << kList.substr(0, length);
    ASSERT_EQ(split.rest.error().code, Code::kDataLoss);
  }
}

TEST(ItemSplitter, RefusesWhatIsMalformed) {
  for (const char* text :
       {"[]", "7", "x", R"({"items":[1,]})", R"({"items":[,1]})", R"({"items":[1 2]})", R"({"items":[{]})",
        R"({"items":[{"a":[}]}]})", R"({"items":[1}})", R"({"items":[1]}})", R"({"items":[1]} x)",
        R"({"items":[1],})", R"({"items":[1] "a":2})", R"({"a":nope})", R"({"items":["a""b"]})"}) {
    const Split split = SplitInPieces(text, 4);
    ASSERT_FALSE(split.rest) << text << " gave " << *split.rest;
    EXPECT_EQ(split.rest.error().code, Code::kDataLoss) << text;
  }
}

TEST(ItemSplitter, RefusesAnItemAboveTheLimitWhetherSplitOrWhole) {
  ItemSplitterOptions options;
  options.item_limit = 20;
  const std::string text = R"({"items":[{"a":"0123456789012345678901234567890"}]})";
  for (const std::size_t piece : {std::size_t{3}, text.size()}) {
    const Split split = SplitInPieces(text, piece, options);
    ASSERT_FALSE(split.rest);
    EXPECT_EQ(split.rest.error().code, Code::kTooLarge);
    EXPECT_TRUE(split.items.empty());
  }
  EXPECT_EQ(SplitInPieces(R"({"a":"0123456789012345678901234567890"})", 5, options).rest.error().code,
            Code::kTooLarge);
}

TEST(ItemSplitter, RefusesDeepNestingAsTooLarge) {
  const Split split = SplitInPieces(R"({"items":[)" + std::string(100000, '['), 4096);
  ASSERT_FALSE(split.rest);
  EXPECT_EQ(split.rest.error().code, Code::kTooLarge);
  const Split rest = SplitInPieces(std::string(R"({"a":)") + std::string(100000, '['), 4096);
  ASSERT_FALSE(rest.rest);
  EXPECT_EQ(rest.rest.error().code, Code::kTooLarge);
}

TEST(ItemSplitter, StopsAtTheFirstErrorOfItsReceiverAndKeepsIt) {
  int seen = 0;
  ItemSplitter splitter([&](std::string_view) -> Status {
    ++seen;
    return Fail(Code::kDataLoss, "no more");
  });
  const auto fed = splitter.Feed(R"({"items":[1,2,3)");
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().message, "no more");
  EXPECT_FALSE(splitter.Feed("]}"));
  EXPECT_EQ(splitter.Finish().error().message, "no more");
  EXPECT_EQ(seen, 1);
}

// Text is processed 64 bytes at a time, so quotes, backslashes and brackets are tested at every
// position in a block.
TEST(ItemSplitter, CutsTheSameWhereverQuotesAndBackslashesFall) {
  const std::string tricky = R"({"a":"}]{[","b\\\"]}":["\\","\\\\\"",{"c":[[]]}],"d":{}})";
  for (std::size_t padding = 0; padding < 140; ++padding) {
    const std::string item = StrCat(R"({"p":")", std::string(padding, 'x'), R"(","q":)", tricky, "}");
    const std::string text = StrCat(R"({"items":[)", item, ",", tricky, ",", item, "]}");
    for (const std::size_t piece :
         {std::size_t{1}, std::size_t{63}, std::size_t{64}, std::size_t{65}, text.size()}) {
      const Split split = SplitInPieces(text, piece);
      ASSERT_TRUE(split.rest) << split.rest.error();
      ASSERT_EQ(split.items, (std::vector<std::string>{item, tricky, item})) << padding << " " << piece;
    }
    const auto members = Members(item);
    ASSERT_TRUE(members) << members.error();
    ASSERT_EQ(members->back().second, tricky);
  }
}

}  // namespace
}  // namespace capstan::json
