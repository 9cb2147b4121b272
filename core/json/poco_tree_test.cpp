#include <capstan/core/json/poco_tree.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>

namespace capstan::json {
namespace {

std::string RoundTrip(std::string_view text) {
  const auto tree = ParseTree(text);
  return tree ? ToText(*tree) : "error: " + tree.error().message;
}

std::string Nested(int levels) {
  return std::string(static_cast<std::size_t>(levels), '[') + '1' +
         std::string(static_cast<std::size_t>(levels), ']');
}

TEST(PocoTree, KeepsTheOrderOfKeys) {
  EXPECT_EQ(RoundTrip(R"({"z":1,"a":{"y":2,"b":3},"m":[{"d":4,"c":5}]})"),
            R"({"z":1,"a":{"y":2,"b":3},"m":[{"d":4,"c":5}]})");
}

TEST(PocoTree, KeepsIntegersExactAcrossInt64AndUint64) {
  EXPECT_EQ(RoundTrip("[-9223372036854775808,9223372036854775807,18446744073709551615,0]"),
            "[-9223372036854775808,9223372036854775807,18446744073709551615,0]");
}

TEST(PocoTree, KeepsADoubleADouble) {
  EXPECT_EQ(RoundTrip("[1.0,0.1,-0.0,2.5,1e300]"), "[1.0,0.1,-0.0,2.5,1e+300]");
}

TEST(PocoTree, WritesTheShortestDoubleThatReadsBackTheSame) {
  for (const double value : {0.1 + 0.2, 5e-324, 1.7976931348623157e308, 123456789.125}) {
    const auto text = ToText(Tree(value));
    const auto back = ParseTree(text);
    ASSERT_TRUE(back) << text;
    EXPECT_EQ(back->extract<double>(), value) << text;
  }
  EXPECT_EQ(ToText(Tree(0.3)), "0.3");
}

TEST(PocoTree, WritesNullForWhatJsonHasNoNumberFor) {
  EXPECT_EQ(ToText(Tree(std::numeric_limits<double>::infinity())), "null");
  EXPECT_EQ(ToText(Tree(std::numeric_limits<double>::quiet_NaN())), "null");
}

TEST(PocoTree, RefusesNumbersItCannotHold) {
  for (const char* text : {"1e400", "01", "1.", "-", "+1", "0x10"}) {
    const auto tree = ParseTree(text);
    ASSERT_FALSE(tree) << text;
    EXPECT_EQ(tree.error().code, Code::kInvalidArgument) << text;
  }
}

TEST(PocoTree, ReadsScalarsAtTheTop) {
  EXPECT_EQ(RoundTrip(" true "), "true");
  EXPECT_EQ(RoundTrip("null"), "null");
  EXPECT_EQ(RoundTrip("\"a\""), "\"a\"");
  EXPECT_EQ(RoundTrip("-7"), "-7");
}

TEST(PocoTree, TakesTheLastOfAKeyGivenTwice) {
  EXPECT_EQ(RoundTrip(R"({"a":1,"b":2,"a":3})"), R"({"a":3,"b":2})");
}

TEST(PocoTree, RefusesWhatIsNotJson) {
  for (const char* text : {"", " ", "{", "{\"a\":}", "[1,]", "{} {}", "nul", "{'a':1}", "\"\\x\"", "\"\xff\"",
                           "\"\n\"", "{\"a\" 1}", "[1 2]", "\"open"}) {
    const auto tree = ParseTree(text);
    ASSERT_FALSE(tree) << text;
    EXPECT_EQ(tree.error().code, Code::kInvalidArgument) << text;
    EXPECT_FALSE(tree.error().message.empty());
  }
}

TEST(PocoTree, AllowsExactlyAsManyLevelsAsAsked) {
  EXPECT_TRUE(ParseTree(Nested(5), 5));
  const auto deeper = ParseTree(Nested(6), 5);
  ASSERT_FALSE(deeper);
  EXPECT_EQ(deeper.error().code, Code::kTooLarge);
}

TEST(PocoTree, ReadsATextTheSameWhateverThisThreadReadBefore) {
  const std::string large = StrCat("[\"", std::string(300'000, 'x'), "\"]");
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(RoundTrip(large), large);
    EXPECT_EQ(RoundTrip("{}"), "{}");
    EXPECT_TRUE(ParseTree(Nested(1000), 1000));
    EXPECT_FALSE(ParseTree(Nested(4), 3)) << "the deeper limit was for another text";
    EXPECT_TRUE(ParseTree(Nested(3), 3));
    EXPECT_FALSE(ParseTree("[1,"));
    EXPECT_EQ(RoundTrip("[\"a\"]"), "[\"a\"]") << "after one that was refused";
    EXPECT_FALSE(ParseTree(""));
  }
}

TEST(PocoTree, RefusesAMillionLevelsInsteadOfOverflowingTheStack) {
  for (const int depth : {256, 1 << 30}) {
    const auto tree = ParseTree(Nested(1000000), depth);
    ASSERT_FALSE(tree);
    EXPECT_EQ(tree.error().code, Code::kTooLarge);
  }
  const auto open = ParseTree(std::string(1000000, '['));
  EXPECT_FALSE(open);
}

TEST(PocoTree, ReadsAnObjectOfManyKeysInReasonableTime) {
  std::string text = "{";
  for (int i = 0; i < 100000; ++i)
    text += (i ? ",\"k" : "\"k") + std::to_string(i) + "\":" + std::to_string(i);
  const auto object = ParseObject(text + "}");
  ASSERT_TRUE(object);
  EXPECT_EQ((*object)->size(), 100000U);
  EXPECT_EQ(IntegerIn(*object, "k99999"), 99999);
  EXPECT_EQ(Clone(*object)->size(), 100000U);
}

TEST(PocoTree, SaysWhenTheTextIsNoObject) {
  const auto object = ParseObject("[1]");
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().code, Code::kInvalidArgument);
}

TEST(PocoTree, EscapesWhatAStringMustEscapeAndNothingElse) {
  const std::string text = "\"\\/\b\f\n\r\t\x01\x1f\x7f \xC3\xA9 \xE2\x80\xA8 \xF0\x9F\x98\x80";
  EXPECT_EQ(ToText(Tree(text)),
            "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f \xC3\xA9 \xE2\x80\xA8 \xF0\x9F\x98\x80\"");
  const auto back = ParseTree(ToText(Tree(text)));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->extract<std::string>(), text);
}

TEST(PocoTree, WritesZeroBytesInStrings) { EXPECT_EQ(ToText(Tree(std::string("a\0b", 3))), "\"a\\u0000b\""); }

TEST(PocoTree, ReplacesBytesThatAreNotUtf8) {
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(Quote("a\xff"), "\"a" + bad + "\"");
  EXPECT_EQ(Quote("\xC3"), "\"" + bad + "\"");                                // cut
  EXPECT_EQ(Quote("\xC0\xAF"), "\"" + bad + bad + "\"");                      // overlong
  EXPECT_EQ(Quote("\xED\xA0\x80"), "\"" + bad + bad + bad + "\"");            // a surrogate
  EXPECT_EQ(Quote("\xF4\x90\x80\x80"), "\"" + bad + bad + bad + bad + "\"");  // above U+10FFFF
  EXPECT_EQ(Quote("\xF0\x8F\xBF\xBF"), "\"" + bad + bad + bad + bad + "\"");  // overlong
}

TEST(PocoTree, WritesEveryTypeThatPocoMayHold) {
  ObjectPtr object = MakeObject();
  object->set("text", "literal");
  object->set("int", 1);
  object->set("unsigned", 2U);
  object->set("long long", static_cast<long long>(-3));
  object->set("char16", static_cast<std::int16_t>(-4));
  object->set("float", 0.5F);
  object->set("none", Tree());
  object->set("null object", ObjectPtr());
  object->set("by value", Poco::JSON::Object());
  object->set("yes", true);
  EXPECT_EQ(ToText(object),
            R"({"text":"literal","int":1,"unsigned":2,"long long":-3,"char16":-4,"float":0.5,)"
            R"("none":null,"null object":null,"by value":{},"yes":true})");
}

TEST(PocoTree, CopiesDeeply) {
  const auto original = ParseObject(R"({"a":{"b":[{"c":1}]}})");
  ASSERT_TRUE(original);
  const ObjectPtr copy = Clone(*original);
  ObjectPtr inner = AsObject(ArrayIn(ObjectIn(copy, "a"), "b")->get(0));
  inner->set("c", 2);
  EXPECT_EQ(ToText(*original), R"({"a":{"b":[{"c":1}]}})");
  EXPECT_EQ(ToText(copy), R"({"a":{"b":[{"c":2}]}})");
}

// What was sent as the first comes back as the second: not a change.
TEST(PocoTree, ComparesWholeNumbersBeyondInt64AsTheDoublesThatServersStore) {
  const auto equal = [](std::string_view a, std::string_view b) {
    return Equal(*ParseTree(a), *ParseTree(b)) && Equal(*ParseTree(b), *ParseTree(a));
  };
  EXPECT_TRUE(equal("11580151242505162219", "11580151242505163000"));
  EXPECT_TRUE(equal("11580151242505162752.0", "11580151242505163000"));
  EXPECT_TRUE(equal("18446744073709551615", "18446744073709552000"));
  EXPECT_FALSE(equal("11580151242505162219", "11580151242505169000"));
  EXPECT_FALSE(equal("9223372036854775807", "9223372036854775808"));
}

// Its 17 digits, read as a whole number, are another number.
TEST(PocoTree, WritesAWholeDoubleSoThatItStaysOne) {
  EXPECT_EQ(RoundTrip("[3333333333333333.5e3,-9.2e18,9.3e18,1.5e3,1e21]"),
            "[3333333333333333500.0,-9200000000000000000.0,9300000000000000000,1500.0,1e+21]");
  EXPECT_EQ(RoundTrip("3333333333333333500.0"), "3333333333333333500.0");
}

TEST(PocoTree, ComparesNumbersByValueAndKeysInAnyOrder) {
  const auto equal = [](std::string_view a, std::string_view b) {
    return Equal(*ParseTree(a), *ParseTree(b));
  };
  EXPECT_TRUE(equal(R"({"a":1,"b":[1,2]})", R"({"b":[1.0,2e0],"a":1})"));
  EXPECT_TRUE(equal("0", "-0.0"));
  EXPECT_FALSE(equal("9007199254740993", "9007199254740992.0"));
  EXPECT_FALSE(equal("18446744073709551615", "-1"));
  EXPECT_FALSE(equal("9223372036854775807", "9223372036854775806"));
  EXPECT_FALSE(equal("1", "true"));
  EXPECT_FALSE(equal("\"1\"", "1"));
  EXPECT_FALSE(equal("[1,2]", "[2,1]"));
  EXPECT_FALSE(equal(R"({"a":null})", "{}"));
  EXPECT_FALSE(equal("null", "{}"));
  EXPECT_FALSE(equal("{}", "[]"));
}

TEST(PocoTree, FindsNothingUnderAMissingKeyOrAnotherType) {
  const auto object =
      ParseObject(R"({"s":"7","i":7,"d":2.5,"b":true,"o":{},"a":[],"n":null,"u":18446744073709551615})");
  ASSERT_TRUE(object);
  EXPECT_EQ(StringIn(*object, "s"), "7");
  EXPECT_EQ(StringIn(*object, "i"), std::nullopt);
  EXPECT_EQ(IntegerIn(*object, "i"), 7);
  EXPECT_EQ(IntegerIn(*object, "s"), std::nullopt);
  EXPECT_EQ(IntegerIn(*object, "d"), std::nullopt);
  EXPECT_EQ(IntegerIn(*object, "b"), std::nullopt);
  EXPECT_EQ(IntegerIn(*object, "u"), std::nullopt);
  EXPECT_EQ(NumberIn(*object, "i"), 7.0);
  EXPECT_EQ(NumberIn(*object, "d"), 2.5);
  EXPECT_EQ(BooleanIn(*object, "b"), true);
  EXPECT_EQ(BooleanIn(*object, "i"), std::nullopt);
  EXPECT_FALSE(ObjectIn(*object, "a"));
  EXPECT_FALSE(ArrayIn(*object, "o"));
  EXPECT_FALSE(ObjectIn(*object, "n"));
  EXPECT_FALSE(ObjectIn(*object, "missing"));
  EXPECT_FALSE(ObjectIn(ObjectPtr(), "any"));
  EXPECT_EQ(StringIn(ObjectPtr(), "any"), std::nullopt);
}

TEST(PocoTree, GivesTheStringsAndTheObjectsOfAnArray) {
  const auto tree = ParseObject(R"({"a":["x",1,null,{"n":1},"y",{"n":2}],"b":"x"})");
  ASSERT_TRUE(tree) << tree.error();
  EXPECT_EQ(StringsIn(*tree, "a"), (std::vector<std::string>{"x", "y"}));
  ASSERT_EQ(ObjectsIn(*tree, "a").size(), 2U);
  EXPECT_EQ(IntegerIn(ObjectsIn(*tree, "a")[1], "n"), 2);
  EXPECT_TRUE(StringsIn(*tree, "b").empty());
  EXPECT_TRUE(ObjectsIn(nullptr, "b").empty());
  EXPECT_TRUE(StringsOf(nullptr).empty());
  EXPECT_EQ(ToText(ArrayOf({"x", "y"})), R"(["x","y"])");
}

}  // namespace
}  // namespace capstan::json
