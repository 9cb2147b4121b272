#include <capstan/local/apiserver/content.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace capstan::apiserver {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(DuplicateFields, AreFoundAtAnyDepthAndNowhereElse) {
  EXPECT_THAT(DuplicateFields(R"({"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}],"d":"\",\"a\":"})"), IsEmpty());
  EXPECT_THAT(DuplicateFields(R"({"spec":{"size":1,"x":[1,2],"size":2},"l":[{},{"k":1,"k":"k"}],"spec":3})"),
              ElementsAre("spec.size", "l[1].k", "spec"));
  EXPECT_THAT(DuplicateFields(R"({"a": "x" , "a" : "y"})"), ElementsAre("a"));
}

TEST(Negotiate, TakesTheFirstFormItCanGive) {
  auto table = Negotiate(
      {{"Accept",
        "application/json;as=Table;v=v9;g=meta.k8s.io, application/json;as=Table;g=meta.k8s.io;v=v1beta1"}});
  ASSERT_TRUE(table);
  EXPECT_EQ(table->shape, Accepted::Shape::kTable);
  EXPECT_EQ(table->meta_version, "v1beta1");
  EXPECT_EQ(Negotiate({{"Accept", "application/vnd.kubernetes.protobuf,application/json"}})->shape,
            Accepted::Shape::kObject);
  EXPECT_TRUE(Negotiate({{"Accept", "application/yaml"}})->yaml);
  EXPECT_TRUE(Negotiate({{"Accept", "*/*"}}));
  EXPECT_FALSE(Negotiate({{"Accept", "application/vnd.kubernetes.protobuf"}}));
}

TEST(Yaml, KeepsTypesOnTheWayThereAndBack) {
  auto tree = ParseYaml("a: \"1\"\nb: 1\nc: 1.5\nd: true\ne: ~\nf: [x, \"true\"]\ng: {h: '2'}\n", 20);
  ASSERT_TRUE(tree) << tree.error();
  EXPECT_EQ(json::ToText(*tree),
            R"({"a":"1","b":1,"c":1.5,"d":true,"e":null,"f":["x","true"],"g":{"h":"2"}})");
  auto again = ParseYaml(ToYaml(*tree), 20);
  ASSERT_TRUE(again) << again.error();
  EXPECT_TRUE(json::Equal(*tree, *again));
}

TEST(Yaml, SaysWhatItCannotRead) {
  EXPECT_EQ(ParseYaml("a: [", 20).error().code, Code::kInvalidArgument);
  EXPECT_EQ(ParseYaml("a: {b: {c: {d: 1}}}", 3).error().code, Code::kTooLarge);
}

TEST(MalformedJson, TellsATextThatEndsTooEarlyFromOneThatIsWrong) {
  EXPECT_EQ(MalformedJson("{\"a\":", "x"), "unexpected end of JSON input");
  EXPECT_EQ(MalformedJson("{\"a}", "x"), "unexpected end of JSON input");
  EXPECT_EQ(MalformedJson("  ", "x"), "unexpected end of JSON input");
  EXPECT_EQ(MalformedJson("{a}", "x"), "x");
}

}  // namespace
}  // namespace capstan::apiserver
