// Estimated costs of rules. Verdicts and messages are those of Kubernetes 1.36 for the same
// schemas.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/local/apiserver/schema/compiled.hpp>

namespace capstan::apiserver {
namespace {

using ::testing::HasSubstr;

std::string Problems(const std::string& schema, RuleBudget budget = RuleBudget::kEachAndSum) {
  const auto tree = json::ParseObject(schema);
  if (!tree) return tree.error().message;
  const auto problems = CompileSchema(*tree, "s", budget).problems;
  return problems.empty() ? "" : ToText(problems);
}

// The problems of a rule on a field with this schema ("type": …, without braces).
std::string ProblemsOf(const std::string& field, const std::string& rule,
                       RuleBudget budget = RuleBudget::kEachAndSum) {
  return Problems(StrCat(R"({"type":"object","properties":{"f":{)", field,
                         R"(,"x-kubernetes-validations":[{"rule":)", json::Quote(rule), "}]}}}"),
                  budget);
}

constexpr const char* kText = R"("type":"string")";
constexpr const char* kTexts = R"("type":"array","items":{"type":"string"})";
constexpr const char* kFewTexts = R"("type":"array","maxItems":10,"items":{"type":"string","maxLength":10})";

TEST(RuleCost, OfOneStringIsWithinTheBudget) {
  EXPECT_EQ(ProblemsOf(kText, "self.matches('^a*b$')"), "");
  EXPECT_EQ(ProblemsOf(kText, "self.size() > 1 && self.startsWith('abc') && self != oldSelf"), "");
}

TEST(RuleCost, OfAListWithoutLimitsExceedsTheBudget) {
  EXPECT_THAT(
      ProblemsOf(kTexts, "self.all(x, self.all(y, x == y))"),
      HasSubstr("s.properties[f].x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds "
                "budget by factor of more than 100x (try simplifying the rule, or adding maxItems, "
                "maxProperties, and maxLength where arrays, maps, and strings are declared)"));
  EXPECT_EQ(ProblemsOf(kFewTexts, "self.all(x, self.all(y, x == y))"), "");
}

TEST(RuleCost, IsMultipliedByTheMaximumNumberOfValues) {
  const std::string rule =
      R"x("x-kubernetes-validations":[{"rule":"self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')"}])x";
  const auto list = [&](const std::string& limit) {
    return Problems(StrCat(R"({"type":"object","properties":{"f":{"type":"array",)", limit,
                           R"("items":{"type":"string","maxLength":63,)", rule, "}}}}"));
  };
  EXPECT_THAT(list(""), HasSubstr("estimated rule cost exceeds budget by factor of"));
  EXPECT_EQ(list(R"("maxItems":100,)"), "");
}

TEST(RuleCost, OfAllRulesIsLimitedAsASum) {
  std::string fields;
  const std::string list =
      R"x("type":"array","maxItems":4000,"items":{"type":"string","maxLength":100,"x-kubernetes-validations":[{"rule":"self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')"}]})x";
  for (int i = 0; i < 80; ++i) fields += StrCat(i ? "," : "", json::Quote(StrCat("f", i)), ":{", list, "}");
  const std::string schema = StrCat(R"({"type":"object","properties":{)", fields, "}}");
  EXPECT_THAT(Problems(schema), HasSubstr("x-kubernetes-validations estimated rule cost total for entire "
                                          "OpenAPIv3 schema exceeds budget by factor of"));
  EXPECT_THAT(Problems(schema), HasSubstr("contributed to estimated rule cost total exceeding cost limit"));
}

TEST(RuleCost, IsNotLimitedForStoredSchemas) {
  EXPECT_EQ(ProblemsOf(kTexts, "self.all(x, self.all(y, x == y))", RuleBudget::kNone), "");
}

TEST(RuleCost, AnOptionalOldSelfIsNoneAtCreation) {
  const auto tree = json::ParseObject(
      R"({"type":"object","properties":{"f":{"type":"string","x-kubernetes-validations":[{"rule":"!oldSelf.hasValue() || oldSelf.value() == self","optionalOldSelf":true}]}}})");
  const auto compiled = CompileSchema(*tree, "s");
  ASSERT_TRUE(compiled.schema) << ToText(compiled.problems);
  const auto first = *json::ParseObject(R"({"f":"a"})"), second = *json::ParseObject(R"({"f":"b"})");
  EXPECT_TRUE(compiled.schema->Validate(first, nullptr).empty());
  EXPECT_THAT(ToText(compiled.schema->Validate(second, first)), HasSubstr("failed rule"));
}

}  // namespace
}  // namespace capstan::apiserver
