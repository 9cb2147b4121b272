#include <string>

#include <gtest/gtest.h>
#include <capstan/core/base/text.hpp>

namespace capstan {
namespace {

TEST(Utf8, AcceptsWhatRfc3629Allows) {
  for (const char* text :
       {"", "plain", "\u00e9\u20ac\U0001F600", "\xF4\x8F\xBF\xBF", "\xEF\xBF\xBF", "\xED\x9F\xBF"}) {
    EXPECT_TRUE(IsUtf8(text)) << text;
  }
  EXPECT_TRUE(IsUtf8(std::string(1, '\0')));
}

TEST(Utf8, RefusesOverlongFormsSurrogatesAndCutCharacters) {
  for (const char* text : {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
                           "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "a\xE2\x82", "\xE2\x28\xA1", "\xFF"}) {
    EXPECT_FALSE(IsUtf8(text)) << ::testing::PrintToString(text);
  }
}

TEST(Utf8, FindsAFaultAtAnyPlaceOfALongText) {
  for (std::size_t at = 0; at < 40; ++at) {
    std::string text(40, 'x');
    EXPECT_TRUE(IsUtf8(text.substr(at) + "\u00e9" + text)) << at;
    text[at] = '\xFF';
    EXPECT_FALSE(IsUtf8(text)) << at;
  }
}

}  // namespace
}  // namespace capstan
