#include <capstan/core/base/json.hpp>

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace capstan {
namespace {

using testing::HasSubstr;

TEST(Json, GoesThroughTextUnchanged) {
  const std::string text =
      R"({"a":[1,-2,2.5,true,false,null,"x\\\"y"],"b":{"c":{}},"d":[],"big":9223372036854775807,"small":-9223372036854775808})";
  const auto parsed = Json::Parse(text);
  ASSERT_TRUE(parsed) << parsed.error();
  EXPECT_EQ(parsed->ToText(), text);
}

TEST(Json, ReadsEveryEscape) {
  const auto parsed = Json::Parse(R"("\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83d\ude00")");
  ASSERT_TRUE(parsed) << parsed.error();
  EXPECT_EQ(parsed->AsString(), "\"\\/\b\f\n\r\tA\u00e9\u20ac\U0001F600");
}

TEST(Json, WritesControlCharactersAndBrokenBytesSoThatAnyReaderTakesThem) {
  const std::string written = Json(std::string("a\x01\n\xff\xc3(\xed\xa0\x80")).ToText();
  const auto again = Json::Parse(written);
  ASSERT_TRUE(again) << written;
  EXPECT_EQ(again->AsString(), "a\x01\n\uFFFD\uFFFD(\uFFFD\uFFFD\uFFFD");
}

TEST(Json, RefusesWhatIsNoJsonAndSaysWhere) {
  const std::pair<const char*, const char*> rows[] = {{"", "byte 0"},
                                                      {"{", "byte 1"},
                                                      {"{\"a\" 1}", "colon"},
                                                      {"[1,]", "byte 3"},
                                                      {"[1 2]", "comma"},
                                                      {"01", "starts with 0"},
                                                      {"1.", "point"},
                                                      {"1e", "exponent"},
                                                      {"-", "no JSON value"},
                                                      {"nul", "unknown word"},
                                                      {"\"a", "cut short"},
                                                      {"\"\x01\"", "control"},
                                                      {"\"\\x\"", "escape"},
                                                      {"\"\\u12\"", "cut"},
                                                      {"\"\\u12g4\"", "four"},
                                                      {"\"\\ud800\"", "surrogate"},
                                                      {"\"\\udc00\"", "surrogate"},
                                                      {"\"\xff\"", "UTF-8"},
                                                      {"1 2", "follows"},
                                                      {"{\"a\":1,}", "name"},
                                                      {"1e400", "range"},
                                                      {"\"\\ud800\\u0041\"", "surrogate"},
                                                      {"[1}", "comma"},
                                                      {"'a'", "no JSON value"}};
  for (const auto& [text, why] : rows) {
    const auto parsed = Json::Parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, Code::kInvalidArgument) << text;
    EXPECT_THAT(parsed.error().message, HasSubstr(why)) << text;
  }
}

TEST(Json, RefusesNestingBeyondItsLimitInsteadOfOverflowingTheStack) {
  EXPECT_TRUE(Json::Parse("[[[[]]]]", 3));
  const auto deep = Json::Parse(std::string(1'000'000, '['));
  ASSERT_FALSE(deep);
  EXPECT_EQ(deep.error().code, Code::kTooLarge);
}

TEST(Json, LooksIntoADocumentWithoutEverFailing) {
  const auto parsed = Json::Parse(R"({"spec":{"size":3,"name":"a","on":true,"share":0.5}})");
  ASSERT_TRUE(parsed);
  const Json& spec = (*parsed)["spec"];
  EXPECT_EQ(spec["size"].AsInteger(), 3);
  EXPECT_EQ(spec["size"].AsNumber(), 3.0);
  EXPECT_EQ(spec["share"].AsNumber(), 0.5);
  EXPECT_EQ(spec["name"].AsString(), "a");
  EXPECT_TRUE(spec["on"].AsBool());
  EXPECT_EQ(spec["name"].AsInteger(7), 7) << "a string is no number";
  EXPECT_EQ(spec["missing"]["deeper"].AsString("none"), "none");
  EXPECT_TRUE(spec["size"].items().empty());
}

TEST(Json, KeepsTheLastOfTwoFieldsOfOneName) {
  const auto parsed = Json::Parse(R"({"a":1,"b":2,"a":3})");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->ToText(), R"({"a":3,"b":2})");
}

TEST(Json, KeepsNumbersThatFitNoIntegerAsDoubles) {
  const auto parsed = Json::Parse("18446744073709551616");
  ASSERT_TRUE(parsed);
  EXPECT_FALSE(*parsed == Json(std::numeric_limits<std::int64_t>::max()));
  EXPECT_EQ(parsed->AsNumber(), 18446744073709551616.0);
  EXPECT_EQ(Json(std::numeric_limits<double>::infinity()).ToText(), "null");
}

TEST(Json, WritesAWholeDoubleSoThatItIsReadBackAsTheSameNumber) {
  EXPECT_EQ(Json(233726854337261850.89).ToText(), "233726854337261860.0");
  EXPECT_EQ(Json(-9.2e18).ToText(), "-9200000000000000000.0");
  EXPECT_EQ(Json(9007199254740992.0).ToText(), "9007199254740992.0");
  EXPECT_EQ(Json(4503599627370497.0).ToText(), "4503599627370497");
  EXPECT_EQ(Json(9.3e18).ToText(), "9300000000000000000");
  const Json number(233726854337261850.89);
  EXPECT_EQ(*Json::Parse(number.ToText()), number);
}

TEST(Json, ReadsANumberTooSmallForADoubleAsZero) {
  for (const char* text : {"1e-400", "-1e-400", "1e-9223372036854775808", "0.0000000001e-330",
                           "1e-99999999999999999999", "0e999999", "123456e-500"}) {
    const auto parsed = Json::Parse(text);
    ASSERT_TRUE(parsed) << text << " " << parsed.error();
    EXPECT_EQ(parsed->AsNumber(7), 0) << text;
  }
  for (const char* text : {"1e400", "-1e309", "1e9223372036854775808", "0.001e400"})
    EXPECT_FALSE(Json::Parse(text)) << text;
}

TEST(Json, FindsWhatStandsAtAPointer) {
  const Json json = Json::Parse(R"({"a":{"b/c":[1,{"d~e":"x"}],"":7}})").value_or(Json());
  EXPECT_EQ(json.At("/a/b~1c/1/d~0e").AsString(), "x");
  EXPECT_EQ(json.At("/a/b~1c/0").AsInteger(), 1);
  EXPECT_EQ(json.At("/a/").AsInteger(), 7);
  EXPECT_EQ(json.At(""), json);
  for (const char* nothing : {"/x", "a", "/a/b~1c/2", "/a/b~1c/-", "/a/b~1c/00x", "/a/b~1c/0/y"})
    EXPECT_TRUE(json.At(nothing).is_null()) << nothing;
}

}  // namespace
}  // namespace capstan
