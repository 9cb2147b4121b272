#include <capstan/core/json/numbers.hpp>

#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/check.hpp>
#include <capstan/core/json/object_scanner.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/json/scan.hpp>

namespace capstan::json {
namespace {

TEST(WideNumbers, AreReadAsFractionsAndNothingElseIsTouched) {
  EXPECT_EQ(
      WithoutWideNumbers(R"({"a":18446744073709551615,"b":18446744073709551616,"c":-9223372036854775809})"),
      R"({"a":18446744073709551615,"b":18446744073709551616.0,"c":-9223372036854775809.0})");
  const std::string plain =
      R"({"9223372036854775808":"a\"9223372036854775808","b":1e400,"c":12345678901234567890.5,"d":[-1,0]})";
  EXPECT_EQ(WithoutWideNumbers(plain), plain);
  const std::string beyond = StrCat("[1", std::string(400, '0'), "]");
  EXPECT_EQ(WithoutWideNumbers(beyond), beyond) << "no double holds it";
}

TEST(WideNumbers, AreFoundWhereverTheyStand) {
  for (std::size_t before = 0; before < 60; ++before) {
    const std::string text = std::string(before, ' ') + "1234567890123456789";
    EXPECT_TRUE(MayHaveWideNumbers(text)) << before;
    EXPECT_FALSE(MayHaveWideNumbers(text.substr(0, text.size() - 1))) << before;
    EXPECT_TRUE(MayHaveWideNumbers(text + " 1")) << before;
  }
}

TEST(WideNumbers, DoNotChangeHowOtherNumbersOfTheirDocumentAreRead) {
  for (const std::string number :
       {"9223372036854775807", "9223372036854775809", "18446744073709551615", "-9223372036854775808"}) {
    const auto alone = ParseTree(StrCat("[", number, "]"));
    const auto beside = ParseTree(StrCat("[", number, ",310000000000000000000]"));
    ASSERT_TRUE(alone && beside) << number;
    EXPECT_EQ(ToText(*alone), StrCat("[", number, "]"));
    EXPECT_EQ(ToText(*beside), StrCat("[", number, ",310000000000000000000]"));
  }
}

// What kube-apiserver returns for an object that was written with such numbers.
constexpr char kSent[] =
    R"({"apiVersion":"a.b/v1","kind":"K","metadata":{"name":"n","managedFields":[{"manager":"m"}]},)"
    R"("spec":{"whole":100000000000000000000,"below":-9223372036854776000,"near":18446744073709552000,"far":1e+30}})";

TEST(WideNumbers, OfAnObjectAreReadByEveryReader) {
  const auto tree = ParseObject(kSent);
  ASSERT_TRUE(tree) << tree.error();
  const ObjectPtr spec = ObjectIn(*tree, "spec");
  EXPECT_EQ(NumberIn(spec, "whole"), 1e20);
  EXPECT_EQ(NumberIn(spec, "below"), -9223372036854775808.0);
  EXPECT_EQ(NumberIn(spec, "near"), 18446744073709551616.0);
  EXPECT_EQ(IntegerIn(spec, "whole"), std::nullopt);
  EXPECT_TRUE(CheckObject(kSent));
  EXPECT_EQ(ScanMetadata(kSent)->name, "n");
  EXPECT_EQ(**StringAt(kSent, "/metadata/name"), "n");
  ObjectScanner scanner;
  const auto scanned = scanner.Scan(kSent);
  ASSERT_TRUE(scanned) << scanned.error();
  EXPECT_EQ(scanned->metadata.name, "n");
  EXPECT_NE(scanned->text.find("100000000000000000000,"), std::string_view::npos)
      << "the text stays as it came";
  EXPECT_EQ(scanner.Scan(R"({"metadata":{"name":"next"}})")->metadata.name, "next");
}

TEST(WideNumbers, ComeThroughAPatchAsTheyWere) {
  const auto merged = MergePatch(kSent, R"({"spec":{"far":null},"status":{"n":18446744073709551616}})");
  ASSERT_TRUE(merged) << merged.error();
  EXPECT_TRUE(Equal(std::string_view(*merged), std::string_view(R"({"apiVersion":"a.b/v1","kind":"K",
    "metadata":{"name":"n","managedFields":[{"manager":"m"}]},"status":{"n":18446744073709552000},
    "spec":{"whole":1e20,"below":-9223372036854775808.0,"near":18446744073709552000}})")))
      << *merged;
  const auto patched = JsonPatch(kSent, R"([{"op":"add","path":"/spec/far","value":100000000000000000000}])");
  ASSERT_TRUE(patched) << patched.error();
  EXPECT_NE(patched->find(R"("far":100000000000000000000)"), std::string::npos) << *patched;
}

TEST(WideNumbers, ThatNoDoubleHoldsAreRefusedWithAReason) {
  const auto far = ParseTree(StrCat("[1", std::string(400, '0'), "]"));
  ASSERT_FALSE(far);
  EXPECT_NE(far.error().message.find("beyond what a double holds"), std::string::npos) << far.error();
}

}  // namespace
}  // namespace capstan::json
