#include <capstan/local/apiserver/api/selector.hpp>

#include <gtest/gtest.h>

namespace capstan::apiserver {
namespace {

bool Match(const char* selector, const std::vector<std::pair<std::string, std::string>>& labels) {
  auto parsed = LabelSelector::Parse(selector);
  EXPECT_TRUE(parsed) << selector << ": " << (parsed ? "" : parsed.error().message);
  return parsed && parsed->Matches(labels);
}

TEST(LabelSelector, MatchesEachOperator) {
  const std::vector<std::pair<std::string, std::string>> web{
      {"app", "web"}, {"n", "5"}, {"example.com/x", ""}};
  EXPECT_TRUE(Match("", web));
  EXPECT_TRUE(Match("app=web", web));
  EXPECT_TRUE(Match("app == web , n=5", web));
  EXPECT_FALSE(Match("app!=web", web));
  EXPECT_TRUE(Match("tier!=front", web)) << "a missing label is unequal to everything";
  EXPECT_TRUE(Match("app in (db, web)", web));
  EXPECT_FALSE(Match("app notin (db,web)", web));
  EXPECT_TRUE(Match("tier notin (front)", web));
  EXPECT_TRUE(Match("example.com/x", web));
  EXPECT_TRUE(Match("example.com/x=", web));
  EXPECT_TRUE(Match("!tier", web));
  EXPECT_FALSE(Match("!app", web));
  EXPECT_TRUE(Match("n>4,n<6", web));
  EXPECT_FALSE(Match("n>5", web));
  EXPECT_FALSE(Match("app>5", web));
  EXPECT_TRUE(Match("in in (in)", {{"in", "in"}})) << "the operators are also fine names";
}

TEST(LabelSelector, RefusesMalformedSelectorsWith400) {
  for (const char* bad : {"=a", "a in", "a in (b", "a in b", "a=b=c", "a,,b", "a b", "a,", "a=b c", "-a",
                          "a=-", "A B/c=1", "x in ()y", "a=(b)"}) {
    auto parsed = LabelSelector::Parse(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().code, 400) << bad;
  }
}

TEST(FieldSelector, ReadsEscapesAndBothKindsOfEquality) {
  auto parsed = FieldSelector::Parse(R"(a=x\,y,b!=z,c==w)");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->fields(), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(parsed->Required("a"), "x,y");
  EXPECT_EQ(parsed->Required("b"), std::nullopt);
  EXPECT_TRUE(parsed->Matches([](const std::string& field) {
    return field == "a" ? "x,y" : field == "c" ? "w" : "q";
  }));
  EXPECT_FALSE(parsed->Matches([](const std::string&) { return "z"; }));
  EXPECT_FALSE(FieldSelector::Parse("just a word"));
}

}  // namespace
}  // namespace capstan::apiserver
