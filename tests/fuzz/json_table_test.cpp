// Texts that RFC 8259 allows and texts that it does not, for both JSON readers: the core's and that
// of plugin authors.
#include <gtest/gtest.h>

#include <string>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/sdk/cpp/json.hpp>

namespace capstan::fuzz {
namespace {

constexpr const char* kGood[] = {
    "{}",
    "[]",
    " [ ] ",
    "\t{\r\n}\n",
    "[1]",
    "[0]",
    "[-0]",
    "[-1]",
    "[1.5]",
    "[1e2]",
    "[1E+2]",
    "[1e-2]",
    "[123456789012345678]",
    "[true,false,null]",
    R"([""])",
    R"(["\"\\\/\b\f\n\r\t"])",
    R"(["\u0041"])",
    R"(["\uD834\udd1e"])",
    R"(["\u0000"])",
    "[\"\xc3\xa9\"]",
    "[\"\xf0\x9d\x84\x9e\"]",
    "[\"\x7f\"]",
    R"({"a":1})",
    R"({"a":{"b":[{"c":null}]}})",
    R"({"":0})",
    R"({"a":1,"b":2})",
    R"([[[[[[[[]]]]]]]])",
    R"(["a","b" , "c"])",
};

constexpr const char* kBad[] = {
    "",
    " ",
    "[",
    "]",
    "{",
    "}",
    "[1",
    "[1,",
    "[1,]",
    "[,1]",
    "[1,,2]",
    "[1 2]",
    "[1]]",
    "[1]x",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{,\"a\":1}",
    "{a:1}",
    "{'a':1}",
    "{1:1}",
    "{\"a\":1 \"b\":2}",
    "{\"a\":1}}",
    "[01]",
    "[-]",
    "[+1]",
    "[1.]",
    "[.5]",
    "[1e]",
    "[1e+]",
    "[0x1]",
    "[1_0]",
    "[NaN]",
    "[Infinity]",
    "[-Infinity]",
    "[nul]",
    "[True]",
    "[truee]",
    "[\"a]",
    "[\"\\x\"]",
    "[\"\\u12\"]",
    "[\"\\u12G4\"]",
    "[\"\n\"]",
    "[\"\t\"]",
    "[\"\\\"]",
    "['a']",
    "[/* no */1]",
    "// no\n[]",
    "[\"\xff\"]",
    "[\"\xc3\"]",
    "[\"\xed\xa0\x80\"]",
    "\xef\xbb\xbf{",
    "[\v1]",
};

TEST(JsonTable, WhatTheRfcTakesIsTaken) {
  for (const std::string text : kGood) {
    EXPECT_TRUE(json::ParseTree(text).has_value()) << text;
    EXPECT_TRUE(sdk::Json::Parse(text).has_value()) << text;
  }
}

TEST(JsonTable, WhatTheRfcDoesNotTakeIsRefused) {
  for (const std::string text : kBad) {
    EXPECT_FALSE(json::ParseTree(text).has_value()) << text;
    EXPECT_FALSE(sdk::Json::Parse(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace capstan::fuzz
