#include <capstan/core/json/check.hpp>

#include <string>

#include <gtest/gtest.h>

#include <capstan/core/json/poco_tree.hpp>

namespace capstan::json {
namespace {

TEST(CheckObject, AgreesWithParseObjectAboutEveryTextAndMessage) {
  const std::string deep = std::string(300, '[') + std::string(300, ']');
  for (const std::string& text :
       {std::string(R"({"a":[1,{"b":null}]})"), std::string("{}"), std::string("[]"), std::string("1"),
        std::string(), std::string("{"), std::string(R"({"a":1)"),
        std::string(R"({"a":99999999999999999999})"), std::string("{\"a\":\"\xff\"}"),
        std::string(R"({"a":"\x"})"), std::string(R"({} {})"), "{\"a\":" + deep + "}"}) {
    const auto parsed = ParseObject(text);
    const Status checked = CheckObject(text);
    ASSERT_EQ(parsed.has_value(), checked.has_value()) << text;
    if (parsed) continue;
    EXPECT_EQ(parsed.error().code, checked.error().code) << text;
    EXPECT_EQ(parsed.error().message, checked.error().message) << text;
  }
}

}  // namespace
}  // namespace capstan::json
