#include <capstan/core/json/patch.hpp>

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace capstan::json {
namespace {

struct MergeCase {
  const char* reason;
  const char* document;
  const char* patch;
  const char* want;
};

// The cases of RFC 7386, appendix A, and further ones from Kubernetes objects.
TEST(MergePatch, FollowsRfc7386) {
  const std::vector<MergeCase> cases = {
      {"a value replaces a value", R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
      {"a new key is added", R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
      {"null removes a key", R"({"a":"b"})", R"({"a":null})", "{}"},
      {"null leaves other keys", R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
      {"a value replaces an array", R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
      {"an array replaces a value", R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
      {"objects merge inside", R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
      {"arrays are replaced whole", R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
      {"an array document is replaced", R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
      {"an object replaced by an array", R"({"a":"b"})", R"(["c"])", R"(["c"])"},
      {"a null patch gives null", R"({"a":"foo"})", "null", "null"},
      {"a string patch gives the string", R"({"a":"foo"})", R"("bar")", R"("bar")"},
      {"a null already there stays", R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
      {"an array document becomes an object", "[1,2]", R"({"a":"b","c":null})", R"({"a":"b"})"},
      {"nulls deep in a new object vanish", "{}", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"},
      {"nulls inside arrays stay", "{}", R"({"a":[null,{"b":null}]})", R"({"a":[null,{"b":null}]})"},
      {"an object replaces a scalar", R"({"a":1})", R"({"a":{"b":2}})", R"({"a":{"b":2}})"},
      {"removing what is not there is fine", R"({"a":1})", R"({"b":null})", R"({"a":1})"},
      {"a finalizer list is replaced", R"({"metadata":{"finalizers":["x","y"]}})",
       R"({"metadata":{"finalizers":["y"]}})", R"({"metadata":{"finalizers":["y"]}})"},
  };
  for (const auto& c : cases) {
    const auto result = MergePatch(c.document, c.patch);
    ASSERT_TRUE(result) << c.reason << ": " << result.error();
    EXPECT_TRUE(Equal(*result, c.want)) << c.reason << ": " << *result;
  }
}

TEST(MergePatch, NamesTheSideThatIsNotJson) {
  const auto document = MergePatch("{", "{}");
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().code, Code::kInvalidArgument);
  EXPECT_NE(document.error().message.find("document"), std::string::npos) << document.error().message;
  const auto patch = MergePatch("{}", "nope");
  ASSERT_FALSE(patch);
  EXPECT_NE(patch.error().message.find("merge patch"), std::string::npos) << patch.error().message;
}

TEST(MergePatch, RefusesDeepNestingAsTooLarge) {
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "{\"a\":";
  deep += "1" + std::string(100000, '}');
  const auto result = MergePatch("{}", deep);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::kTooLarge);
}

TEST(MakeMergePatch, LeadsFromOneObjectToTheOther) {
  const std::vector<std::vector<const char*>> cases = {
      {R"({"a":1})", R"({"a":1.0})", "{}"},
      {R"({"a":1,"b":2})", R"({"b":3,"c":4})", R"({"a":null,"b":3,"c":4})"},
      {R"({"a":{"b":1,"c":2}})", R"({"a":{"b":1,"c":3}})", R"({"a":{"c":3}})"},
      {R"({"a":[1,2]})", R"({"a":[1,2,3]})", R"({"a":[1,2,3]})"},
      {R"({"a":1})", R"({"a":{}})", R"({"a":{}})"},
      {R"({"a":{"b":1}})", R"({"a":{}})", R"({"a":{"b":null}})"},
      {"{}", R"({"a":{"b":{}}})", R"({"a":{"b":{}}})"},
      {R"({"b":1,"a":2})", R"({"a":2,"b":1})", "{}"},
      {R"({"a":1})", R"({"a":null})", R"({"a":null})"},
      {"{}", R"({"a":null})", "{}"},
      {R"({"a":null})", "{}", R"({"a":null})"},
  };
  for (const auto& c : cases) {
    const auto patch = MakeMergePatch(c[0], c[1]);
    ASSERT_TRUE(patch) << c[0];
    EXPECT_TRUE(Equal(*patch, c[2])) << c[0] << " to " << c[1] << " gave " << *patch;
  }
}

TEST(MakeMergePatch, GivesAPatchThatMergePatchTurnsBackIntoTheTarget) {
  const char* from = R"({"spec":{"a":[1],"b":{"x":1,"y":{"z":true}}},"status":{"c":"d"}})";
  const char* to = R"({"spec":{"a":[2],"b":{"y":{"q":"r"}},"n":5},"other":[{"k":null}]})";
  const auto patch = MakeMergePatch(from, to);
  ASSERT_TRUE(patch);
  EXPECT_TRUE(Equal(*MergePatch(from, *patch), to));
}

TEST(MakeMergePatch, RefusesWhatIsNoObject) {
  EXPECT_FALSE(MakeMergePatch("[]", "{}"));
  EXPECT_FALSE(MakeMergePatch("{}", "1"));
  EXPECT_FALSE(MakeMergePatch("{}", "{"));
}

struct PatchCase {
  const char* reason;
  const char* document;
  const char* patch;
  const char* want;  // nullptr: refused with code
  Code code = Code::kInternal;
};

// The cases of RFC 6902, appendix A, and edge cases of its section 4.
TEST(JsonPatch, FollowsRfc6902) {
  constexpr Code kBad = Code::kInvalidArgument;
  constexpr Code kMisfit = Code::kConflict;
  const std::vector<PatchCase> cases = {
      {"adds a member", R"({"foo":"bar"})", R"([{"op":"add","path":"/baz","value":"qux"}])",
       R"({"baz":"qux","foo":"bar"})"},
      {"inserts an element", R"({"foo":["bar","baz"]})", R"([{"op":"add","path":"/foo/1","value":"qux"}])",
       R"({"foo":["bar","qux","baz"]})"},
      {"inserts at the front", "[1,2]", R"([{"op":"add","path":"/0","value":0}])", "[0,1,2]"},
      {"inserts at the end by index", "[1,2]", R"([{"op":"add","path":"/2","value":3}])", "[1,2,3]"},
      {"removes a member", R"({"baz":"qux","foo":"bar"})", R"([{"op":"remove","path":"/baz"}])",
       R"({"foo":"bar"})"},
      {"removes an element", R"({"foo":["bar","qux","baz"]})", R"([{"op":"remove","path":"/foo/1"}])",
       R"({"foo":["bar","baz"]})"},
      {"replaces a value", R"({"baz":"qux","foo":"bar"})",
       R"([{"op":"replace","path":"/baz","value":"boo"}])", R"({"baz":"boo","foo":"bar"})"},
      {"replaces an element", "[1,2,3]", R"([{"op":"replace","path":"/1","value":9}])", "[1,9,3]"},
      {"moves a value", R"({"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}})",
       R"([{"op":"move","from":"/foo/waldo","path":"/qux/thud"}])",
       R"({"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}})"},
      {"moves an element", R"({"foo":["all","grass","cows","eat"]})",
       R"([{"op":"move","from":"/foo/1","path":"/foo/3"}])", R"({"foo":["all","cows","eat","grass"]})"},
      {"moving to itself changes nothing", R"({"a":1})", R"([{"op":"move","from":"/a","path":"/a"}])",
       R"({"a":1})"},
      {"copies a value", R"({"a":{"b":1}})",
       R"([{"op":"copy","from":"/a","path":"/c"},{"op":"replace","path":"/c/b","value":2}])",
       R"({"a":{"b":1},"c":{"b":2}})"},
      {"passes a test", R"({"baz":"qux","foo":["a",2,"c"]})",
       R"([{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}])",
       R"({"baz":"qux","foo":["a",2,"c"]})"},
      {"fails a test", R"({"baz":"qux"})", R"([{"op":"test","path":"/baz","value":"bar"}])", nullptr,
       kMisfit},
      {"fails a test of what is missing", "{}", R"([{"op":"test","path":"/a","value":null}])", nullptr,
       kMisfit},
      {"adds a nested object", R"({"foo":"bar"})",
       R"([{"op":"add","path":"/child","value":{"grandchild":{}}}])",
       R"({"foo":"bar","child":{"grandchild":{}}})"},
      {"ignores unknown members", R"({"foo":"bar"})",
       R"([{"op":"add","path":"/baz","value":"qux","xyz":123}])", R"({"foo":"bar","baz":"qux"})"},
      {"does not make parents", R"({"foo":"bar"})", R"([{"op":"add","path":"/baz/bat","value":"qux"}])",
       nullptr, kMisfit},
      {"knows ~0 and ~1", R"({"/":9,"~1":10})",
       R"([{"op":"test","path":"/~01","value":10},{"op":"test","path":"/~1","value":9}])",
       R"({"/":9,"~1":10})"},
      {"tells strings from numbers", R"({"~1":10})", R"([{"op":"test","path":"/~01","value":"10"}])", nullptr,
       kMisfit},
      {"appends with -", R"({"foo":["bar"]})", R"([{"op":"add","path":"/foo/-","value":["abc","def"]}])",
       R"({"foo":["bar",["abc","def"]]})"},
      {"compares numbers by value", R"({"a":1})", R"([{"op":"test","path":"/a","value":1.0}])", R"({"a":1})"},
      {"compares objects in any order", R"({"a":{"x":1,"y":2}})",
       R"([{"op":"test","path":"/a","value":{"y":2,"x":1}}])", R"({"a":{"x":1,"y":2}})"},
      {"adding replaces a member", R"({"a":1})", R"([{"op":"add","path":"/a","value":2}])", R"({"a":2})"},
      {"the empty path is the document", R"({"a":1})", R"([{"op":"replace","path":"","value":[1]}])", "[1]"},
      {"the empty key is a key", R"({"":1})", R"([{"op":"replace","path":"/","value":2}])", R"({"":2})"},
      {"null is a value", R"({"a":1})",
       R"([{"op":"add","path":"/b","value":null},{"op":"test","path":"/b","value":null}])",
       R"({"a":1,"b":null})"},
      {"an empty patch changes nothing", R"({"a":1})", "[]", R"({"a":1})"},
      {"removing what is missing", R"({"a":1})", R"([{"op":"remove","path":"/b"}])", nullptr, kMisfit},
      {"replacing what is missing", R"({"a":1})", R"([{"op":"replace","path":"/b","value":1}])", nullptr,
       kMisfit},
      {"inserting beyond the end", "[1]", R"([{"op":"add","path":"/2","value":1}])", nullptr, kMisfit},
      {"an index with a leading zero", "[1,2]", R"([{"op":"replace","path":"/01","value":1}])", nullptr,
       kMisfit},
      {"a negative index", "[1,2]", R"([{"op":"remove","path":"/-1"}])", nullptr, kMisfit},
      {"- names no element to remove", "[1,2]", R"([{"op":"remove","path":"/-"}])", nullptr, kMisfit},
      {"a huge index", "[1]", R"([{"op":"remove","path":"/99999999999999999999999"}])", nullptr, kMisfit},
      {"a way through a scalar", R"({"a":1})", R"([{"op":"add","path":"/a/b","value":1}])", nullptr, kMisfit},
      {"moving into itself", R"({"a":{"b":1}})", R"([{"op":"move","from":"/a","path":"/a/b"}])", nullptr,
       kBad},
      {"removing the document", R"({"a":1})", R"([{"op":"remove","path":""}])", nullptr, kBad},
      {"an unknown op", "{}", R"([{"op":"spam","path":"/a"}])", nullptr, kBad},
      {"an op that is missing", "{}", R"([{"path":"/a"}])", nullptr, kBad},
      {"a path that is missing", "{}", R"([{"op":"add","value":1}])", nullptr, kBad},
      {"a path that is no string", "{}", R"([{"op":"add","path":7,"value":1}])", nullptr, kBad},
      {"a path without a slash", "{}", R"([{"op":"add","path":"a","value":1}])", nullptr, kBad},
      {"a bad escape", "{}", R"([{"op":"add","path":"/~2","value":1}])", nullptr, kBad},
      {"a value that is missing", "{}", R"([{"op":"add","path":"/a"}])", nullptr, kBad},
      {"a from that is missing", R"({"a":1})", R"([{"op":"copy","path":"/b"}])", nullptr, kBad},
      {"a patch that is an object", "{}", R"({"op":"add","path":"/a","value":1})", nullptr, kBad},
      {"an operation that is a number", "{}", "[1]", nullptr, kBad},
      {"a patch that is not JSON", "{}", "[", nullptr, kBad},
      {"a document that is not JSON", "{", "[]", nullptr, kBad},
  };
  for (const auto& c : cases) {
    const auto result = JsonPatch(c.document, c.patch);
    if (c.want == nullptr) {
      ASSERT_FALSE(result) << c.reason << " gave " << *result;
      EXPECT_EQ(result.error().code, c.code) << c.reason << ": " << result.error();
    } else {
      ASSERT_TRUE(result) << c.reason << ": " << result.error();
      EXPECT_TRUE(Equal(*result, c.want)) << c.reason << ": " << *result;
    }
  }
}

TEST(JsonPatch, NamesTheOperationThatDidNotFit) {
  const auto result =
      JsonPatch(R"({"a":1})", R"([{"op":"test","path":"/a","value":1},{"op":"remove","path":"/b"}])");
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("operation 1"), std::string::npos) << result.error().message;
  EXPECT_NE(result.error().message.find("/b"), std::string::npos) << result.error().message;
}

TEST(JsonPatch, RefusesCopiesThatDoubleTheDocumentAgainAndAgain) {
  std::string wide = "[", deep = "[";
  for (int i = 0; i < 300; ++i) {
    wide += std::string(i ? "," : "") + R"({"op":"copy","from":"/a","path":"/a/-"})";
    deep += std::string(i ? "," : "") + R"({"op":"copy","from":"","path":"/a"})";
  }
  for (const auto& [document, patch] : {std::pair<std::string, std::string>{R"({"a":[1,2,3]})", wide + "]"},
                                        std::pair<std::string, std::string>{R"({"a":1})", deep + "]"}}) {
    const auto result = JsonPatch(document, patch);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Code::kTooLarge) << result.error();
  }
}

TEST(JsonPatch, RefusesMoreOperationsThanKubernetesTakes) {
  std::string patch = "[";
  for (int i = 0; i < 10001; ++i)
    patch += std::string(i ? "," : "") + R"({"op":"test","path":"/a","value":1})";
  const auto result = JsonPatch(R"({"a":1})", patch + "]");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::kTooLarge);
}

TEST(Equal, ComparesWhatTextsMean) {
  EXPECT_TRUE(Equal(R"({"a":1, "b":[true]})", R"({"b":[true],"a":1.0})"));
  EXPECT_TRUE(Equal(R"("A\/")", R"("A/")"));
  EXPECT_FALSE(Equal(R"({"a":1})", R"({"a":2})"));
  EXPECT_FALSE(Equal("{", "{"));
}

}  // namespace
}  // namespace capstan::json
