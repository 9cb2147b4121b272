// RFC 7396 and RFC 6902, as tables of our own.
#include <gtest/gtest.h>

#include <capstan/core/json/patch.hpp>

namespace capstan::fuzz {
namespace {

struct Case {
  const char* why;
  const char* document;
  const char* patch;
  const char* result;  // null: refused
};

class MergePatch : public ::testing::TestWithParam<Case> {};
TEST_P(MergePatch, DoesWhatRfc7396Says) {
  const auto merged = json::MergePatch(GetParam().document, GetParam().patch);
  ASSERT_TRUE(merged.has_value()) << GetParam().why;
  EXPECT_TRUE(json::Equal(std::string_view(*merged), std::string_view(GetParam().result)))
      << GetParam().why << ": " << *merged;
}
INSTANTIATE_TEST_SUITE_P(
    Rfc7396, MergePatch,
    ::testing::Values(
        Case{"a member is replaced", R"({"k":"old"})", R"({"k":"new"})", R"({"k":"new"})"},
        Case{"a member is added", R"({"k":1})", R"({"m":2})", R"({"k":1,"m":2})"},
        Case{"null removes", R"({"k":1})", R"({"k":null})", R"({})"},
        Case{"null removes one of two", R"({"k":1,"m":2})", R"({"k":null})", R"({"m":2})"},
        Case{"null of what is absent does nothing", R"({"m":2})", R"({"k":null})", R"({"m":2})"},
        Case{"a list gives way to a text", R"({"k":[1]})", R"({"k":"t"})", R"({"k":"t"})"},
        Case{"a text gives way to a list", R"({"k":"t"})", R"({"k":[1]})", R"({"k":[1]})"},
        Case{"objects merge in depth", R"({"k":{"a":1,"b":2}})", R"({"k":{"a":3,"b":null}})",
             R"({"k":{"a":3}})"},
        Case{"lists are replaced whole", R"({"k":[{"a":1}]})", R"({"k":[2]})", R"({"k":[2]})"},
        Case{"a list for a list", R"([1,2])", R"([3])", R"([3])"},
        Case{"a list for an object", R"({"k":1})", R"([3])", R"([3])"},
        Case{"null for all", R"({"k":1})", "null", "null"},
        Case{"a text for all", R"({"k":1})", R"("t")", R"("t")"},
        Case{"a null that was there stays", R"({"k":null})", R"({"m":1})", R"({"k":null,"m":1})"},
        Case{"what is no object becomes one", R"([1])", R"({"k":"v","m":null})", R"({"k":"v"})"},
        Case{"nulls in what is new go", R"({})", R"({"k":{"a":{"b":null}}})", R"({"k":{"a":{}}})"}));

class JsonPatch : public ::testing::TestWithParam<Case> {};
TEST_P(JsonPatch, DoesWhatRfc6902Says) {
  const auto patched = json::JsonPatch(GetParam().document, GetParam().patch);
  ASSERT_EQ(patched.has_value(), GetParam().result != nullptr) << GetParam().why;
  if (!patched) return;
  EXPECT_TRUE(json::Equal(std::string_view(*patched), std::string_view(GetParam().result)))
      << GetParam().why << ": " << *patched;
}
INSTANTIATE_TEST_SUITE_P(
    Rfc6902, JsonPatch,
    ::testing::Values(
        Case{"nothing to do", R"({"k":1})", "[]", R"({"k":1})"},
        Case{"add a member", R"({"k":1})", R"([{"op":"add","path":"/m","value":2}])", R"({"k":1,"m":2})"},
        Case{"add replaces a member", R"({"k":1})", R"([{"op":"add","path":"/k","value":2}])", R"({"k":2})"},
        Case{"add before an item", R"([1,3])", R"([{"op":"add","path":"/1","value":2}])", R"([1,2,3])"},
        Case{"add at the end", R"([1])", R"([{"op":"add","path":"/-","value":2}])", R"([1,2])"},
        Case{"add at the size is at the end", R"([1])", R"([{"op":"add","path":"/1","value":2}])",
             R"([1,2])"},
        Case{"add beyond the end", R"([1])", R"([{"op":"add","path":"/3","value":2}])", nullptr},
        Case{"add the whole", R"({"k":1})", R"([{"op":"add","path":"","value":[2]}])", R"([2])"},
        Case{"add below what is absent", R"({})", R"([{"op":"add","path":"/a/b","value":1}])", nullptr},
        Case{"remove a member", R"({"k":1,"m":2})", R"([{"op":"remove","path":"/k"}])", R"({"m":2})"},
        Case{"remove an item", R"([1,2,3])", R"([{"op":"remove","path":"/1"}])", R"([1,3])"},
        Case{"remove what is absent", R"({})", R"([{"op":"remove","path":"/k"}])", nullptr},
        Case{"replace a member", R"({"k":1})", R"([{"op":"replace","path":"/k","value":null}])",
             R"({"k":null})"},
        Case{"replace what is absent", R"({})", R"([{"op":"replace","path":"/k","value":1}])", nullptr},
        Case{"move a member", R"({"k":1})", R"([{"op":"move","from":"/k","path":"/m"}])", R"({"m":1})"},
        Case{"move into itself", R"({"k":{}})", R"([{"op":"move","from":"/k","path":"/k/m"}])", nullptr},
        Case{"copy a member", R"({"k":[1]})", R"([{"op":"copy","from":"/k","path":"/m"}])",
             R"({"k":[1],"m":[1]})"},
        Case{"test what holds", R"({"k":[1,{"a":null}]})",
             R"([{"op":"test","path":"/k","value":[1,{"a":null}]}])", R"({"k":[1,{"a":null}]})"},
        Case{"test what does not hold", R"({"k":1})", R"([{"op":"test","path":"/k","value":"1"}])", nullptr},
        Case{"a number is equal in any form", R"({"k":1})", R"([{"op":"test","path":"/k","value":1.0}])",
             R"({"k":1})"},
        Case{"escapes in pointers", R"({"a/b":1,"m~n":2})",
             R"([{"op":"remove","path":"/a~1b"},{"op":"remove","path":"/m~0n"}])", R"({})"},
        Case{"an index with a leading zero", R"([1,2])", R"([{"op":"remove","path":"/01"}])", nullptr},
        Case{"all or nothing", R"({"k":1})",
             R"([{"op":"add","path":"/m","value":1},{"op":"test","path":"/k","value":2}])", nullptr},
        Case{"an operation that is none", R"({})", R"([{"op":"spam","path":"/k"}])", nullptr},
        Case{"no path", R"({})", R"([{"op":"add","value":1}])", nullptr}));

}  // namespace
}  // namespace capstan::fuzz
