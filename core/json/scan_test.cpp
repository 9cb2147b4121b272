#include <capstan/core/json/scan.hpp>

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>

namespace capstan::json {
namespace {

constexpr const char* kObject = R"({
  "apiVersion": "example.dev/v1", "kind": "Widget",
  "metadata": {
    "name": "w1", "namespace": "team", "uid": "u-1", "resourceVersion": "17", "generation": 3, "generateName": "w",
    "creationTimestamp": "2026-01-01T00:00:00Z", "deletionTimestamp": "2026-01-02T00:00:00Z",
    "labels": {"app": "a\u00e9", "tier": ""}, "annotations": {"note": "x\ny"},
    "finalizers": ["a/b", "c/d"],
    "ownerReferences": [{"apiVersion": "v1", "kind": "Secret", "name": "s", "uid": "u-0", "controller": true}],
    "managedFields": [{"manager": "m", "fieldsV1": {"f:a": {"}]": "\"]"}}}]
  },
  "spec": {"size": 5, "metadata": {"name": "not this"}}
})";

TEST(ScanMetadata, ReadsEveryFieldOfMetadata) {
  const auto m = ScanMetadata(kObject);
  ASSERT_TRUE(m) << m.error();
  EXPECT_EQ(m->api_version, "example.dev/v1");
  EXPECT_EQ(m->kind, "Widget");
  EXPECT_EQ(m->name, "w1");
  EXPECT_EQ(m->namespace_, "team");
  EXPECT_EQ(m->uid, "u-1");
  EXPECT_EQ(m->resource_version, "17");
  EXPECT_EQ(m->generate_name, "w");
  EXPECT_EQ(m->generation, 3);
  EXPECT_EQ(m->creation_timestamp, "2026-01-01T00:00:00Z");
  EXPECT_EQ(m->deletion_timestamp, "2026-01-02T00:00:00Z");
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(m->labels, (Pairs{{"app", "a\xC3\xA9"}, {"tier", ""}}));
  EXPECT_EQ(m->annotations, (Pairs{{"note", "x\ny"}}));
  EXPECT_EQ(m->finalizers, (std::vector<std::string>{"a/b", "c/d"}));
  ASSERT_EQ(m->owners.size(), 1U);
  EXPECT_EQ(m->owners[0], (OwnerReference{"v1", "Secret", "s", "u-0", true, false}));
}

TEST(ScanMetadata, TakesNullForAbsent) {
  const auto m = ScanMetadata(
      R"({"metadata":{"name":"n","creationTimestamp":null,"labels":null,"finalizers":null,"ownerReferences":null,"generation":null}})");
  ASSERT_TRUE(m) << m.error();
  EXPECT_EQ(m->creation_timestamp, "");
  EXPECT_TRUE(m->labels.empty());
  EXPECT_TRUE(m->finalizers.empty());
}

TEST(ScanMetadata, NamesTheFieldThatIsWrong) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {R"({"metadata":{"name":5}})", "metadata.name"},
      {R"({"metadata":{"generation":"1"}})", "metadata.generation"},
      {R"({"metadata":{"labels":[]}})", "metadata.labels"},
      {R"({"metadata":{"labels":{"a":1}}})", "metadata.labels.a"},
      {R"({"metadata":{"finalizers":{}}})", "metadata.finalizers"},
      {R"({"metadata":{"finalizers":[1]}})", "metadata.finalizers"},
      {R"({"metadata":{"ownerReferences":[1]}})", "metadata.ownerReferences"},
      {R"({"metadata":{"ownerReferences":[{"controller":"yes"}]}})", "metadata.ownerReferences"},
      {R"({"metadata":7})", "metadata"},
      {R"({"kind":"A"})", "no metadata"},
      {R"([])", "not an object"},
      {R"({"metadata":{"name":"n"},"spec":{"a":})", "not JSON"},
      {R"({"metadata":{"name":"n"}} trailing)", "not JSON"},
      {R"({"metadata":{"name":"n"})", "not JSON"},
      {"", "empty"},
  };
  for (const auto& [text, word] : cases) {
    const auto m = ScanMetadata(text);
    ASSERT_FALSE(m) << text;
    EXPECT_EQ(m.error().code, Code::kDataLoss) << text;
    EXPECT_NE(m.error().message.find(word), std::string::npos) << text << " gave " << m.error().message;
  }
}

TEST(ScanMetadata, RefusesDeepNestingAsTooLarge) {
  std::string deep = R"({"metadata":{"name":"n"},"spec":)";
  deep.append(100000, '[').append(100000, ']').append("}");
  const auto m = ScanMetadata(deep);
  ASSERT_FALSE(m);
  EXPECT_EQ(m.error().code, Code::kTooLarge);
}

TEST(WithoutManagedFields, CutsThemAndLeavesEveryOtherByte) {
  const std::string f = R"("managedFields":[{"a":"}]\""},[[]]])";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"metadata":{)" + f + R"(,"name":"n"},"spec":{"x":1.0}})",
       R"({"metadata":{"name":"n"},"spec":{"x":1.0}})"},
      {R"({"metadata":{"name":"n",)" + f + R"(},"spec":{}})", R"({"metadata":{"name":"n"},"spec":{}})"},
      {R"({"metadata":{"a":1,)" + f + R"(,"z":2}})", R"({"metadata":{"a":1,"z":2}})"},
      {R"({"metadata":{)" + f + R"(}})", R"({"metadata":{}})"},
      {R"({ "metadata" : { "name":"n" , "managedFields" : [ ] } })", R"({ "metadata" : { "name":"n"  } })"},
      {R"({"metadata":{"name":"n"},"spec":{)" + f + "}}", R"({"metadata":{"name":"n"},"spec":{)" + f + "}}"},
      {R"({"metadata":{"annotations":{)" + f + "}}}", R"({"metadata":{"annotations":{)" + f + "}}}"},
      {R"({"metadata":{"name":"n"}})", R"({"metadata":{"name":"n"}})"},
  };
  for (const auto& [text, want] : cases) {
    const auto cut = WithoutManagedFields(text);
    ASSERT_TRUE(cut) << text << ": " << cut.error();
    EXPECT_EQ(*cut, want);
  }
}

TEST(WithoutManagedFields, LeavesTheRestOfARealObjectReadable) {
  const auto cut = WithoutManagedFields(kObject);
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut->find("managedFields"), std::string::npos);
  EXPECT_EQ(StringAt(*cut, "/metadata/ownerReferences/0/uid").value(), "u-0");
  EXPECT_EQ(IntegerAt(*cut, "/spec/size").value(), 5);
}

TEST(WithoutManagedFields, RefusesMalformedTextAroundThem) {
  for (const char* text : {R"({"metadata":{"managedFields":[}})", R"({"metadata":{"managedFields":5}})",
                           R"({"metadata":{"managedFields":[1])", R"(["managedFields")",
                           // Found by libFuzzer: the array never ends.
                           R"({"metadata":{"name":"a","managedFields":[{"a":true}},"spec":{}}})"}) {
    const auto cut = WithoutManagedFields(text);
    ASSERT_FALSE(cut) << text << " gave " << *cut;
    EXPECT_EQ(cut.error().code, Code::kDataLoss) << text;
  }
}

TEST(Members, GiveEachValueAsItStands) {
  const auto members = Members(R"( { "type":"ADDED" ,"ob\u006aect":{"a":[1.0,"}"]},"n": -1e3 ,"t":true} )");
  ASSERT_TRUE(members) << members.error();
  using Pairs = std::vector<std::pair<std::string, std::string_view>>;
  EXPECT_EQ(*members,
            (Pairs{{"type", "\"ADDED\""}, {"object", R"({"a":[1.0,"}"]})"}, {"n", "-1e3"}, {"t", "true"}}));
  EXPECT_TRUE(Members("{}")->empty());
}

TEST(Members, RefuseWhatIsNoObject) {
  for (const char* text : {"", "[]", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":[}", "{\"a\":1} 2",
                           "{a:1}", "{\"a\":\"", "{\"a\":{\"b\":1}", "{\"a\" \"b\"}", "{\"\\x\":1}"}) {
    const auto members = Members(text);
    ASSERT_FALSE(members) << text;
    EXPECT_EQ(members.error().code, Code::kInvalidArgument) << text;
  }
  EXPECT_EQ(Members("{\"a\":" + std::string(100000, '[')).error().code, Code::kTooLarge);
}

// Arrays and objects of random shape, with strings that contain brackets, quotes and backslashes.
std::string RandomNest(std::mt19937& random, int depth) {
  const bool object = random() % 2 == 0;
  std::string text(1, object ? '{' : '[');
  const unsigned children = depth == 0 ? 0 : random() % 4;
  for (unsigned i = 0; i < children; ++i) {
    if (i != 0) text += ',';
    if (object) text += StrCat("\"", std::string(random() % 40, 'k'), i, "\":");
    switch (random() % 5) {
      case 0:
        text += R"("]}\"[{\\")";
        break;
      case 1:
        text += StrCat("\"", std::string(random() % 80, ']'), "\"");
        break;
      case 2: {
        const std::string pairs(2 * (random() % 40), '\\');
        text += StrCat("\"", pairs, random() % 2 == 0 ? R"(\"]")" : "\"");
        break;
      }
      default:
        text += RandomNest(random, depth - 1);
    }
  }
  return text += object ? '}' : ']';
}

// Brackets are searched 64 bytes at a time.
TEST(Members, EndAValueWhereItsBracketsEndWhateverItsShape) {
  std::mt19937 random(11);
  for (int i = 0; i < 3000; ++i) {
    const std::string nest = RandomNest(random, static_cast<int>(random() % 9));
    const std::string text = StrCat(R"({"v":)", nest, R"(,"w":)", nest, "}");
    const auto members = Members(text);
    ASSERT_TRUE(members) << members.error() << ": " << text;
    ASSERT_EQ(members->size(), 2u) << text;
    ASSERT_EQ(members->front().second, nest);
    ASSERT_EQ(members->back().second, nest);
    ASSERT_FALSE(Members(text.substr(0, text.size() - 2))) << "an end is missing: " << text;
  }
  for (const std::size_t depth : {512u, 513u}) {
    const auto members = Members("{\"v\":" + std::string(depth, '[') + std::string(depth, ']') + "}");
    EXPECT_EQ(members.has_value(), depth == 512) << depth;
    if (!members) {
      EXPECT_EQ(members.error().code, Code::kTooLarge);
    }
  }
}

TEST(ValueAt, GivesTheTextOfTheValueAtAPointer) {
  constexpr std::string_view kText = R"({"a":{"b/c":[1,{"~":"x"},1.0,null]},"":true,"a~b":2})";
  EXPECT_EQ(ValueAt(kText, "/a/b~1c/1").value(), R"({"~":"x"})");
  EXPECT_EQ(ValueAt(kText, "/a/b~1c/2").value(), "1.0");
  EXPECT_EQ(ValueAt(kText, "/a/b~1c/3").value(), "null");
  EXPECT_EQ(ValueAt(kText, "/").value(), "true");
  EXPECT_EQ(ValueAt(kText, "/a~0b").value(), "2");
  EXPECT_TRUE(Equal(ValueAt(kText, "").value().value(), kText));
  EXPECT_EQ(ValueAt(R"({"a":"\u0001\"é"})", "/a").value(), R"("\u0001\"é")");
}

TEST(ValueAt, GivesNothingWhereThereIsNothing) {
  constexpr std::string_view kText = R"({"a":[1],"s":"x"})";
  for (const char* pointer : {"/b", "/a/1", "/a/-", "/a/00", "/a/x", "/s/0", "/a/0/0"}) {
    const auto value = ValueAt(kText, pointer);
    ASSERT_TRUE(value) << pointer;
    EXPECT_EQ(*value, std::nullopt) << pointer;
  }
}

TEST(ValueAt, RefusesABadPointerAndABadDocument) {
  for (const auto& value :
       {ValueAt("{}", "a"), ValueAt("{}", "/~"), ValueAt("{}", "/~2"), ValueAt("{", "/a")}) {
    ASSERT_FALSE(value);
    EXPECT_EQ(value.error().code, Code::kInvalidArgument);
  }
}

TEST(ValueAt, ReadsTypedValuesOnlyOfTheirType) {
  constexpr std::string_view kText = R"({"s":"7","i":7,"d":7.0,"b":false,"n":null,"u":18446744073709551615})";
  EXPECT_EQ(StringAt(kText, "/s").value(), "7");
  EXPECT_EQ(StringAt(kText, "/i").value(), std::nullopt);
  EXPECT_EQ(IntegerAt(kText, "/i").value(), 7);
  EXPECT_EQ(IntegerAt(kText, "/s").value(), std::nullopt);
  EXPECT_EQ(IntegerAt(kText, "/d").value(), std::nullopt);
  EXPECT_EQ(IntegerAt(kText, "/u").value(), std::nullopt);
  EXPECT_EQ(BooleanAt(kText, "/b").value(), false);
  EXPECT_EQ(BooleanAt(kText, "/n").value(), std::nullopt);
}

TEST(ValueAt, TakesTheLastOfAKeyGivenTwice) { EXPECT_EQ(IntegerAt(R"({"a":1,"a":2})", "/a").value(), 2); }

// Compares FindInParsed with the parser for every pointer of these documents.
TEST(FindInParsed, GivesTheTextOfTheValueThatTheParserFinds) {
  for (const std::string& document : std::vector<std::string>{
           R"({"a":1,"b":{"c":[10,{"d":"x"},[],"[}"],"e":{}},"":"empty","f/g~h":true,"k\"l":null})",
           R"( { "a" : { "b" : [ 1 , 2 , 3 ] , "b" : [ 4 ] } , "long" : ")" + std::string(200, '{') +
               R"(\\\"}" , "z" : -1.5e3 } )",
           R"([[1,2],{"a":[{"b":2}]},"s",[]])", R"("text")", R"(12)", R"({})", R"([])"}) {
    for (const std::string pointer :
         {"",        "/",        "/a",       "/a/b",     "/a/b/0",   "/a/b/1", "/b",     "/b/c",
          "/b/c/0",  "/b/c/1",   "/b/c/1/d", "/b/c/2",   "/b/c/2/0", "/b/c/3", "/b/c/4", "/b/c/-",
          "/b/c/01", "/b/e",     "/b/e/x",   "/f~1g~0h", "/k\"l",    "/long",  "/z",     "/0",
          "/0/1",    "/1/a/0/b", "/2",       "/3",       "/4",       "/text/0"}) {
      const auto expected = ValueAt(document, pointer);
      ASSERT_TRUE(expected) << document << " " << pointer;
      const auto found = FindInParsed(document, pointer);
      ASSERT_EQ(found.has_value(), expected->has_value()) << document << " " << pointer;
      if (!found) continue;
      EXPECT_EQ(ValueAt(*found, "").value(), *expected) << document << " " << pointer;
    }
  }
}

TEST(FindInParsed, EndsInAnyTextAndStaysInIt) {
  const std::string whole = R"({"a":[1,{"b":"c\"d"}],"e":{"f":null}})";
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    for (std::size_t from = 0; from <= cut; ++from) {
      const std::string_view text = std::string_view(whole).substr(from, cut - from);
      for (const std::string_view pointer : {"", "/a", "/a/1/b", "/e/f", "/0", "/0/a"}) {
        const auto found = FindInParsed(text, pointer);
        if (!found || found->empty()) continue;
        EXPECT_GE(found->data(), text.data());
        EXPECT_LE(found->data() + found->size(), text.data() + text.size());
      }
    }
  }
}

TEST(FindInParsed, FindsNothingAtAMalformedPointer) {
  EXPECT_EQ(FindInParsed(R"({"a":1})", "a"), std::nullopt);
  EXPECT_EQ(FindInParsed(R"({"a":1})", "/~2"), std::nullopt);
}

TEST(ScanResourceVersion, ReadsTheVersionThatTheWholeParserReads) {
  for (
      const std::string text :
      {R"({"metadata":{"resourceVersion":"12","labels":{"resourceVersion":"x"}},"spec":{"metadata":{"resourceVersion":"3"}}})",
       R"( {"spec":{},"metadata" : { "name":"a", "resourceVersion" : "4\\u0035" } } )",
       R"({"metadata":{"resourceVersion":"1","resourceVersion":"2"}})"}) {
    const auto version = ScanResourceVersion(text);
    ASSERT_TRUE(version) << text << version.error();
    EXPECT_EQ(*version, ScanMetadata(text).value().resource_version) << text;
  }
}

TEST(ScanResourceVersion, RefusesAnAnswerWithoutOne) {
  for (const std::string text :
       {"", "<html>", "{}", R"({"metadata":{}})", R"({"metadata":{"resourceVersion":7}})",
        R"({"metadata":{"resourceVersion":""}})", R"({"metadata":{"resourceVersion":"7"})",
        R"({"metadata":{"resourceVersion":"7"},"spec":{]})", R"({"metadata":{"resourceVersion":"7"}} x)"}) {
    const auto version = ScanResourceVersion(text);
    ASSERT_FALSE(version) << text;
    EXPECT_EQ(version.error().code, Code::kDataLoss) << text;
  }
}

}  // namespace
}  // namespace capstan::json
