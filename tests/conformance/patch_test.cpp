// The patches that operators use.
#include <capstan/tests/conformance/conformance.hpp>

namespace capstan::conformance {
namespace {

TEST_P(Conformance, ATestInAPatchComparesNumbersAsTheyAreWritten) {
  MakeGear("a", R"({"size":1})");
  EXPECT_STATUS(JsonPatch(GearPath("a"), R"([{"op":"test","path":"/spec/size","value":1}])"), 200);
  EXPECT_STATUS(JsonPatch(GearPath("a"), R"([{"op":"test","path":"/spec/size","value":1.0}])"), 422);
  EXPECT_STATUS(JsonPatch(GearPath("a"), R"([{"op":"test","path":"/spec","value":{"size":1e0}}])"), 422);
  EXPECT_STATUS(JsonPatch(GearPath("a"), R"([{"op":"replace","path":"/spec/size","value":2.0}])"), 200);
}

TEST_P(Conformance, AMergePatchDeletesANullKey) {
  MakeGear("a", R"({"size":1,"note":"x","nested":{"a":"1","b":"2"}})");
  const Answer patched = Merge(GearPath("a"), R"({"spec":{"note":null,"nested":{"a":null}}})");
  EXPECT_STATUS(patched, 200);
  EXPECT_EQ(patched.At("/spec/note"), "");
  EXPECT_EQ(patched.At("/spec/nested"), R"({"b":"2"})");
  EXPECT_EQ(patched.At("/spec/size"), "1");
}

TEST_P(Conformance, AMergePatchReplacesAListWhole) {
  MakeGear("a", R"({"tags":["a","b"],"parts":[{"name":"x"},{"name":"y"}]})",
           R"("finalizers":["a.b/one","a.b/two"])");
  const Answer patched =
      Merge(GearPath("a"),
            R"({"metadata":{"finalizers":["a.b/two"]},"spec":{"tags":["c"],"parts":[{"name":"z"}]}})");
  EXPECT_EQ(patched.At("/spec/tags"), R"(["c"])");
  EXPECT_EQ(patched.Each("/spec/parts", "/name"), std::vector<std::string>{"z"});
  EXPECT_EQ(patched.At("/metadata/finalizers"), R"(["a.b/two"])");
  Merge(GearPath("a"), R"({"metadata":{"finalizers":null}})");
}

TEST_P(Conformance, AMergePatchDropsNullMembersOfObjectsInLists) {
  MakeGear("a", R"({"raw":{"b":1}})");
  const Answer patched =
      Merge(GearPath("a"), R"({"spec":{"raw":{"l":[1,{"x":null,"y":1}],"o":{"z":null}}}})");
  EXPECT_STATUS(patched, 200);
  EXPECT_EQ(patched.At("/spec/raw"), R"({"b":1,"l":[1,{"y":1}],"o":{}})");
}

TEST_P(Conformance, AMergePatchWithAStaleResourceVersionIsAConflict) {
  const Answer made = MakeGear("a", R"({"size":1})");
  ASSERT_STATUS(Merge(GearPath("a"), R"({"spec":{"size":2}})"), 200);
  EXPECT_STATUS(
      Merge(GearPath("a"), R"({"metadata":{"resourceVersion":")" + made.rv() + R"("},"spec":{"size":3}})"),
      409);
  EXPECT_EQ(Get(GearPath("a")).At("/spec/size"), "2");
}

TEST_P(Conformance, APatchThatChangesNothingKeepsTheResourceVersion) {
  const Answer made = MakeGear("a", R"({"size":1})");
  EXPECT_EQ(Merge(GearPath("a"), R"({"spec":{"size":1}})").rv(), made.rv());
  EXPECT_EQ(Merge(GearPath("a"), "{}").rv(), made.rv());
}

TEST_P(Conformance, AJsonPatchAppliesInOrder) {
  MakeGear("a", R"({"size":1,"tags":["a"]})");
  const Answer patched = JsonPatch(
      GearPath("a"),
      R"([{"op":"add","path":"/spec/tags/-","value":"b"},{"op":"replace","path":"/spec/size","value":2},
      {"op":"copy","from":"/spec/tags/0","path":"/spec/note"},{"op":"remove","path":"/spec/tags/0"}])");
  EXPECT_STATUS(patched, 200);
  EXPECT_EQ(patched.At("/spec/tags"), R"(["b"])");
  EXPECT_EQ(patched.At("/spec/size"), "2");
  EXPECT_EQ(patched.At("/spec/note"), "a");
}

TEST_P(Conformance, AJsonPatchIsAllOrNothing) {
  MakeGear("a", R"({"size":1})");
  const Answer failed = JsonPatch(
      GearPath("a"),
      R"([{"op":"replace","path":"/spec/size","value":2},{"op":"test","path":"/spec/size","value":7}])");
  EXPECT_STATUS(failed, 422);
  EXPECT_EQ(Get(GearPath("a")).At("/spec/size"), "1");
}

TEST_P(Conformance, AJsonPatchCanTestTheUid) {
  const Answer made = MakeGear("a", R"({"size":1})");
  const auto patch = [&](const std::string& uid) {
    return JsonPatch(GearPath("a", "status"),
                     R"([{"op":"test","path":"/metadata/uid","value":")" + uid +
                         R"("},{"op":"add","path":"/status","value":{"phase":"one"}}])");
  };
  EXPECT_STATUS(patch("11111111-1111-1111-1111-111111111111"), 422);
  EXPECT_STATUS(patch(made.uid()), 200);
}

TEST_P(Conformance, AJsonPatchOfAMissingPathIsRefused) {
  MakeGear("a");
  EXPECT_STATUS(JsonPatch(GearPath("a"), R"([{"op":"replace","path":"/spec/none/deeper","value":1}])"), 422);
  EXPECT_STATUS(JsonPatch(GearPath("a"), R"([{"op":"remove","path":"/spec/note"}])"), 422);
}

TEST_P(Conformance, AMalformedPatchIsABadRequest) {
  MakeGear("a");
  EXPECT_THAT(Merge(GearPath("a"), "{nope").status, AnyOf(400, 500));
  EXPECT_STATUS(JsonPatch(GearPath("a"), "{}"), 400);
  EXPECT_STATUS(JsonPatch(GearPath("a"), "[{"), 400);
}

TEST_P(Conformance, APatchOfAnUnknownTypeIsUnsupportedMedia) {
  MakeGear("a");
  const Answer patched = Patch("json", GearPath("a"), "{}");
  EXPECT_STATUS(patched, 415);
  EXPECT_EQ(patched.reason(), "UnsupportedMediaType");
  EXPECT_STATUS(Strategic(GearPath("a"), "{}"), 415) << "custom resources have no strategic merge";
}

TEST_P(Conformance, APatchOfAMissingObjectIsNotFound) {
  EXPECT_STATUS(Merge(GearPath("none"), R"({"spec":{"size":1}})"), 404);
  EXPECT_STATUS(JsonPatch(GearPath("none"), "[]"), 404);
}

TEST_P(Conformance, APatchCannotRename) {
  MakeGear("a");
  const Answer renamed = Merge(GearPath("a"), R"({"metadata":{"name":"b"}})");
  EXPECT_THAT(renamed.status, AnyOf(400, 422)) << renamed;
  EXPECT_STATUS(Get(GearPath("b")), 404);
}

TEST_P(Conformance, AStrategicMergePatchMergesListsOfBuiltIns) {
  ASSERT_STATUS(
      Post(ConfigMaps(), R"({"metadata":{"name":"a","finalizers":["a.b/one"]},"data":{"x":"1","y":"2"}})"),
      201);
  const Answer patched =
      Strategic(ConfigMaps() + "/a", R"({"metadata":{"finalizers":["a.b/two"]},"data":{"y":null,"z":"3"}})");
  EXPECT_STATUS(patched, 200);
  EXPECT_THAT(patched.Each("/metadata/finalizers", ""),
              ::testing::UnorderedElementsAre("a.b/one", "a.b/two"));
  EXPECT_EQ(patched.At("/data"), R"({"x":"1","z":"3"})");
  const Answer removed = Strategic(
      ConfigMaps() + "/a", R"({"metadata":{"$deleteFromPrimitiveList/finalizers":["a.b/one","a.b/two"]}})");
  EXPECT_STATUS(removed, 200);
  EXPECT_EQ(removed.At("/metadata/finalizers"), "");
}

TEST_P(Conformance, AStrategicMergePatchMergesOwnersByUid) {
  ASSERT_STATUS(Post(ConfigMaps(), R"({"metadata":{"name":"o"}})"), 201);
  const std::string owner = Get(ConfigMaps() + "/o").uid();
  ASSERT_STATUS(
      Post(
          ConfigMaps(),
          R"({"metadata":{"name":"a","ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"o","uid":")" +
              owner + R"("}]}})"),
      201);
  const Answer patched = Strategic(
      ConfigMaps() + "/a",
      R"({"metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"o","uid":")" + owner +
          R"(","blockOwnerDeletion":true}]}})");
  EXPECT_STATUS(patched, 200);
  EXPECT_EQ(patched.Each("/metadata/ownerReferences", "/blockOwnerDeletion"),
            std::vector<std::string>{"true"});
}

}  // namespace
}  // namespace capstan::conformance
