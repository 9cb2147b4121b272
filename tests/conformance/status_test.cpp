// The status subresource: who can write what, and where.
#include <capstan/tests/conformance/conformance.hpp>

namespace capstan::conformance {
namespace {

TEST_P(Conformance, CreateDropsTheStatus) {
  const Answer made =
      Post(Gears(), R"({"apiVersion":")" + Gear().api_version() + R"(","kind":")" + Gear().kind +
                        R"(","metadata":{"name":"a"},"spec":{},"status":{"phase":"done"}})");
  EXPECT_STATUS(made, 201);
  EXPECT_EQ(made.At("/status"), "");
}

TEST_P(Conformance, TheMainResourceIgnoresStatus) {
  MakeGear("a", R"({"size":1})");
  ASSERT_STATUS(Merge(GearPath("a", "status"), R"({"status":{"phase":"one"}})"), 200);
  const Answer patched = Merge(GearPath("a"), R"({"spec":{"size":2},"status":{"phase":"two"}})");
  EXPECT_STATUS(patched, 200);
  EXPECT_EQ(patched.At("/spec/size"), "2");
  EXPECT_EQ(patched.At("/status/phase"), "one");
}

TEST_P(Conformance, TheStatusSubresourceIgnoresSpecAndLabels) {
  MakeGear("a", R"({"size":1})");
  const Answer patched = Merge(
      GearPath("a", "status"),
      R"({"metadata":{"labels":{"x":"y"},"finalizers":["a.b/c"]},"spec":{"size":2},"status":{"phase":"one"}})");
  EXPECT_STATUS(patched, 200);
  EXPECT_EQ(patched.At("/spec/size"), "1");
  EXPECT_EQ(patched.At("/metadata/labels"), "");
  EXPECT_EQ(patched.At("/metadata/finalizers"), "");
  EXPECT_EQ(patched.At("/status/phase"), "one");
}

TEST_P(Conformance, AStatusWriteLeavesTheGeneration) {
  const Answer made = MakeGear("a");
  const Answer patched = Merge(GearPath("a", "status"), R"({"status":{"phase":"one"}})");
  EXPECT_EQ(patched.At("/metadata/generation"), "1");
  EXPECT_NE(patched.rv(), made.rv());
}

TEST_P(Conformance, AUidInAStatusPatchIsNotAPrecondition) {
  MakeGear("a");
  EXPECT_STATUS(
      Merge(GearPath("a", "status"),
            R"({"metadata":{"uid":"11111111-1111-1111-1111-111111111111"},"status":{"phase":"one"}})"),
      200);
  EXPECT_EQ(Get(GearPath("a")).At("/status/phase"), "one");
}

TEST_P(Conformance, AUidInAPatchOfTheMainResourceIsAPrecondition) {
  MakeGear("a");
  const Answer patched = Merge(
      GearPath("a"), R"({"metadata":{"uid":"11111111-1111-1111-1111-111111111111"},"spec":{"size":5}})");
  EXPECT_THAT(patched.status, AnyOf(409, 422)) << patched;
  EXPECT_EQ(Get(GearPath("a")).At("/spec/size"), "");
}

TEST_P(Conformance, AStatusPatchWithAStaleResourceVersionIsAConflict) {
  const Answer made = MakeGear("a");
  ASSERT_STATUS(Merge(GearPath("a"), R"({"spec":{"size":2}})"), 200);
  EXPECT_STATUS(Merge(GearPath("a", "status"),
                      R"({"metadata":{"resourceVersion":")" + made.rv() + R"("},"status":{"phase":"one"}})"),
                409);
  EXPECT_EQ(Get(GearPath("a")).At("/status"), "");
}

TEST_P(Conformance, AStatusPutReplacesTheStatusWhole) {
  const Answer made = MakeGear("a");
  ASSERT_STATUS(Merge(GearPath("a", "status"), R"({"status":{"phase":"one","observed":1}})"), 200);
  const Answer put = Put(GearPath("a", "status"),
                         R"({"apiVersion":")" + Gear().api_version() + R"(","kind":")" + Gear().kind +
                             R"(","metadata":{"name":"a","resourceVersion":")" + Get(GearPath("a")).rv() +
                             R"("},"spec":{"size":9},"status":{"phase":"two"}})");
  EXPECT_STATUS(put, 200);
  EXPECT_EQ(put.At("/status/phase"), "two");
  EXPECT_EQ(put.At("/status/observed"), "");
  EXPECT_EQ(put.At("/spec/size"), "");
}

TEST_P(Conformance, TheStatusSubresourceReturnsTheWholeObject) {
  MakeGear("a", R"({"size":1})");
  const Answer got = Get(GearPath("a", "status"));
  EXPECT_STATUS(got, 200);
  EXPECT_EQ(got.At("/spec/size"), "1");
}

TEST_P(Conformance, AStatusIsCheckedAgainstTheSchema) {
  MakeGear("a");
  const Answer wrong = Merge(GearPath("a", "status"), R"({"status":{"observed":"many"}})");
  EXPECT_STATUS(wrong, 422);
  EXPECT_THAT(wrong.fields(), Contains("status.observed"));
  const Answer pruned = Merge(GearPath("a", "status"), R"({"status":{"phase":"x","unknown":1}})");
  EXPECT_STATUS(pruned, 200);
  EXPECT_EQ(pruned.At("/status/unknown"), "");
}

TEST_P(Conformance, WithoutAStatusSubresourceStatusIsAFieldLikeOthers) {
  KindOptions options;
  options.status = false;
  const kube::Kind kind = MakeKind(options);
  const std::string path = kube::PathOf(kind, Namespace(), "a");
  ASSERT_STATUS(Post(kube::PathOf(kind, Namespace()), Object(kind, "a")), 201);
  EXPECT_STATUS(Merge(path + "/status", R"({"status":{"phase":"one"}})"), 404);
  const Answer patched = Merge(path, R"({"status":{"phase":"one"}})");
  EXPECT_STATUS(patched, 200);
  EXPECT_EQ(patched.At("/status/phase"), "one");
  EXPECT_EQ(patched.At("/metadata/generation"), "2") << "then it moves the generation, too";
}

}  // namespace
}  // namespace capstan::conformance
