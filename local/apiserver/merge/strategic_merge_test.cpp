#include <capstan/local/apiserver/merge/strategic_merge.hpp>

#include <string>

#include <gtest/gtest.h>

#include <capstan/local/apiserver/schema/builtin.hpp>
#include <capstan/local/apiserver/testing/parse_testing.hpp>

namespace capstan::apiserver {
namespace {

class StrategicMerge : public ::testing::Test {
 protected:
  std::string Merge(std::string_view kind, std::string_view document, std::string_view patch) {
    const CompiledSchema* schema = schemas_->Find(kind == "Deployment" ? "apps" : "", "v1", kind);
    if (!schema) return "no such kind";
    auto merged = StrategicMergePatch(Parse(document), Parse(patch), *schema);
    return merged ? json::ToText(merged.value()) : "error: " + merged.error().message;
  }
  std::shared_ptr<const BuiltinSchemas> schemas_ = BuiltinSchemas::Make();
};

TEST_F(StrategicMerge, MergesObjectsAndRemovesNulls) {
  EXPECT_EQ(Merge("ConfigMap", R"({"data":{"a":"1","b":"2"}})", R"({"data":{"b":null,"c":"3"}})"),
            R"({"data":{"a":"1","c":"3"}})");
  EXPECT_EQ(Merge("ConfigMap", R"({})", R"({"data":{"b":null,"c":"3"}})"), R"({"data":{"c":"3"}})");
}

TEST_F(StrategicMerge, DoesNotChangeItsArguments) {
  const auto document = Parse(R"({"metadata":{"finalizers":["a"]}})"),
             patch = Parse(R"({"metadata":{"finalizers":["b"]}})");
  ASSERT_TRUE(StrategicMergePatch(document, patch, *schemas_->Find("", "v1", "ConfigMap")));
  EXPECT_EQ(json::ToText(document), R"({"metadata":{"finalizers":["a"]}})");
  EXPECT_EQ(json::ToText(patch), R"({"metadata":{"finalizers":["b"]}})");
}

TEST_F(StrategicMerge, TreatsFinalizersAsASet) {
  EXPECT_EQ(Merge("ConfigMap", R"({"metadata":{"finalizers":["a","b"]}})",
                  R"({"metadata":{"finalizers":["c","b"]}})"),
            R"({"metadata":{"finalizers":["c","a","b"]}})");
  EXPECT_EQ(Merge("ConfigMap", R"({"metadata":{"finalizers":["a","b","c"]}})",
                  R"({"metadata":{"$deleteFromPrimitiveList/finalizers":["b"]}})"),
            R"({"metadata":{"finalizers":["a","c"]}})");
  EXPECT_EQ(
      Merge(
          "ConfigMap", R"({"metadata":{"finalizers":["a","b"]}})",
          R"({"metadata":{"$deleteFromPrimitiveList/finalizers":["b"],"$setElementOrder/finalizers":["c","a"],"finalizers":["c"]}})"),
      R"({"metadata":{"finalizers":["c","a"]}})");
}

TEST_F(StrategicMerge, MergesOwnersByUid) {
  EXPECT_EQ(
      Merge("ConfigMap",
            R"({"metadata":{"ownerReferences":[{"uid":"1","name":"a"},{"uid":"2","name":"b"}]}})",
            R"({"metadata":{"ownerReferences":[{"uid":"2","controller":true},{"uid":"3","name":"c"}]}})"),
      R"({"metadata":{"ownerReferences":[{"uid":"1","name":"a"},{"uid":"2","name":"b","controller":true},{"uid":"3","name":"c"}]}})");
  EXPECT_EQ(Merge("ConfigMap", R"({"metadata":{"ownerReferences":[{"uid":"1"},{"uid":"2"}]}})",
                  R"({"metadata":{"ownerReferences":[{"uid":"1","$patch":"delete"}]}})"),
            R"({"metadata":{"ownerReferences":[{"uid":"2"}]}})");
}

TEST_F(StrategicMerge, MergesContainersPortsAndEnvironment) {
  EXPECT_EQ(
      Merge(
          "Deployment",
          R"({"spec":{"template":{"spec":{"containers":[{"name":"a","image":"x","env":[{"name":"E","value":"1"}]},{"name":"b"}]}}}})",
          R"({"spec":{"template":{"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}],"containers":[{"name":"a","image":"y","env":[{"name":"F","value":"2"}]}]}}}})"),
      R"({"spec":{"template":{"spec":{"containers":[{"name":"b"},{"name":"a","image":"y","env":[{"name":"F","value":"2"},{"name":"E","value":"1"}]}]}}}})");
}

TEST_F(StrategicMerge, ReplacesListsWithoutAKey) {
  EXPECT_EQ(
      Merge("Namespace", R"({"spec":{"finalizers":["kubernetes"]}})", R"({"spec":{"finalizers":["x"]}})"),
      R"({"spec":{"finalizers":["x"]}})");
}

TEST_F(StrategicMerge, FollowsDirectives) {
  EXPECT_EQ(Merge("ConfigMap", R"({"data":{"a":"1"}})", R"({"data":{"$patch":"replace","b":"2"}})"),
            R"({"data":{"b":"2"}})");
  EXPECT_EQ(Merge("ConfigMap", R"({"data":{"a":"1"}})", R"({"data":{"$patch":"delete"}})"), R"({"data":{}})");
  EXPECT_EQ(Merge("ServiceAccount", R"({"secrets":[{"name":"a"}]})",
                  R"({"secrets":[{"$patch":"replace"},{"name":"b"}]})"),
            R"({"secrets":[{"name":"b"}]})");
  EXPECT_EQ(
      Merge("Deployment", R"({"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1}}}})",
            R"({"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}})"),
      R"({"spec":{"strategy":{"type":"Recreate"}}})");
}

TEST_F(StrategicMerge, RefusesMalformedPatches) {
  EXPECT_EQ(Merge("ServiceAccount", R"({"secrets":[{"name":"a"}]})", R"({"secrets":[{"uid":"b"}]})"),
            R"(error: map: {"uid":"b"} does not contain declared merge key: name)");
  EXPECT_EQ(Merge("ConfigMap", R"({"data":{}})", R"({"data":{"$patch":"explode"}})"),
            R"(error: unknown patch type: explode in map: {"$patch":"explode"})");
  EXPECT_EQ(Merge("Deployment", R"({"spec":{"strategy":{}}})",
                  R"({"spec":{"strategy":{"$retainKeys":["a"],"type":"x"}}})"),
            "error: invalid patch format of retainKeys");
  EXPECT_NE(Merge("ConfigMap", R"({"metadata":{"finalizers":["a"]}})",
                  R"({"metadata":{"$setElementOrder/finalizers":["a"],"finalizers":["b"]}})")
                .find("doesn't match $setElementOrder"),
            std::string::npos);
}

}  // namespace
}  // namespace capstan::apiserver
