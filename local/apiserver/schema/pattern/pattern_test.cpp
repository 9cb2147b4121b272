#include <capstan/local/apiserver/schema/pattern/pattern.hpp>

#include <string>

#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>

namespace capstan::apiserver {
namespace {

bool Matches(std::string_view pattern, std::string_view text) {
  auto compiled = Pattern::Compile(pattern);
  EXPECT_TRUE(compiled) << pattern << ": " << (compiled ? "" : compiled.error().message);
  return compiled && compiled.value()->Matches(text);
}

std::string Refusal(std::string_view pattern) {
  auto compiled = Pattern::Compile(pattern);
  return compiled ? "" : compiled.error().message;
}

TEST(Pattern, MatchesAnywhereUnlessAnchored) {
  EXPECT_TRUE(Matches("b", "abc"));
  EXPECT_FALSE(Matches("^b", "abc"));
  EXPECT_TRUE(Matches("^a.c$", "abc"));
  EXPECT_TRUE(Matches("", ""));
  EXPECT_FALSE(Matches("^$", "x"));
}

TEST(Pattern, DollarMatchesOnlyAtTheVeryEnd) {
  EXPECT_FALSE(Matches("^a$", "a\n"));
  EXPECT_TRUE(Matches("(?m)^a$", "b\na\nc"));
}

TEST(Pattern, SupportsRepetitionClassesAndAlternatives) {
  EXPECT_TRUE(Matches("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "a-b-9"));
  EXPECT_FALSE(Matches("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "a-"));
  EXPECT_TRUE(Matches("^(ab|cd){2,3}$", "abcdab"));
  EXPECT_FALSE(Matches("^(ab|cd){2,3}$", "ab"));
  EXPECT_FALSE(Matches("^a{2}$", "aaa"));
  EXPECT_TRUE(Matches("^a{2,}$", "aaaa"));
  EXPECT_TRUE(Matches("^a{,2}$", "a{,2}"));
  EXPECT_TRUE(Matches("^[^a-c]+$", "xyz"));
  EXPECT_TRUE(Matches("^[]-]+$", "]-"));
  EXPECT_TRUE(Matches(R"(^\d+\.\w\s$)", "12.x "));
  EXPECT_TRUE(Matches("^[[:alpha:]]+$", "abC"));
  EXPECT_TRUE(Matches("(?i)^abc$", "aBC"));
  EXPECT_TRUE(Matches(R"(\bfoo\b)", "a foo b"));
  EXPECT_FALSE(Matches(R"(\bfoo\b)", "afoob"));
  EXPECT_TRUE(Matches(R"(^\x41\x{42}\Q*.\E$)", "AB*."));
}

TEST(Pattern, CountsCharactersNotBytes) {
  EXPECT_TRUE(Matches("^.$", "é"));
  EXPECT_TRUE(Matches("^[é-ü]$", "ö"));
  EXPECT_FALSE(Matches("^.$", "éé"));
}

TEST(Pattern, TakesLinearTimeWhereBacktrackingIsExponential) {
  const std::string text(20'000, 'a');
  EXPECT_FALSE(Matches("^(a+)+$b", text));
  EXPECT_FALSE(Matches("^(a|aa)+c$", text));
  EXPECT_TRUE(Matches("^(a*)*$", text));
}

TEST(Pattern, RefusesRepetitionsOfMoreThanAThousandAndProgramsBeyondItsMemory) {
  const std::string text(1 << 20, 'a');
  EXPECT_FALSE(Matches("a{1000}b", text));
  EXPECT_EQ(Refusal("((((a{10}){10}){10}){10})b"), "error parsing regexp: invalid repeat count: `{10}`");
  std::string long_one;
  for (int i = 0; i < 10; ++i) long_one += StrCat(std::string(1, static_cast<char>('a' + i)), "{999}");
  EXPECT_NE(Refusal(long_one).find("expression too large"), std::string::npos);
}

TEST(Pattern, FindsTheFirstMatchFromAnOffset) {
  const auto pattern = Pattern::Compile("a+");
  ASSERT_TRUE(pattern);
  EXPECT_EQ((*pattern)->Find("baab", 0), "aa");
  EXPECT_EQ((*pattern)->Find("baab", 2), "a");
  EXPECT_EQ((*pattern)->Find("baab", 3), std::nullopt);
}

TEST(Pattern, RefusesBadExpressionsInGosWords) {
  EXPECT_EQ(Refusal("(["), "error parsing regexp: missing closing ]: `[`");
  EXPECT_EQ(Refusal("(a"), "error parsing regexp: missing closing ): `(a`");
  EXPECT_EQ(Refusal("a)"), "error parsing regexp: unexpected ): `a)`");
  EXPECT_EQ(Refusal("*a"), "error parsing regexp: missing argument to repetition operator: `*`");
  EXPECT_EQ(Refusal("a**"), "error parsing regexp: invalid nested repetition operator: `**`");
  EXPECT_EQ(Refusal("a{1001}"), "error parsing regexp: invalid repeat count: `{1001}`");
  EXPECT_EQ(Refusal("[b-a]"), "error parsing regexp: invalid character class range: `b-a`");
  EXPECT_EQ(Refusal("a\\"), "error parsing regexp: trailing backslash at end of expression: ``");
  EXPECT_EQ(Refusal("(?=a)"), "error parsing regexp: invalid or unsupported Perl syntax: `(?=`");
  EXPECT_EQ(Refusal(R"((a)\1)"), R"(error parsing regexp: invalid escape sequence: `\1`)");
}

TEST(Pattern, RefusesPatternsThatWouldBecomeTooLarge) {
  EXPECT_NE(Refusal("((a{1000}){1000}){1000}").find("invalid repeat count"), std::string::npos);
  EXPECT_NE(Refusal(std::string(5'000, '(') + std::string(5'000, ')')).find("nests too deeply"),
            std::string::npos);
}

}  // namespace
}  // namespace capstan::apiserver
