// Deletion: finalizers, preconditions, propagation.
#include <capstan/tests/conformance/conformance.hpp>

namespace capstan::conformance {
namespace {

constexpr const char* kHeld = R"("finalizers":["conformance.capstan.dev/hold"])";

TEST_P(Conformance, DeleteRemovesAnObjectImmediatelyAndSaysSo) {
  const Answer made = MakeGear("a");
  const Answer deleted = Delete(GearPath("a"));
  EXPECT_STATUS(deleted, 200);
  EXPECT_EQ(deleted.At("/kind"), "Status");
  EXPECT_EQ(deleted.At("/status"), "Success");
  EXPECT_EQ(deleted.At("/details/uid"), made.uid());
  EXPECT_STATUS(Get(GearPath("a")), 404);
}

TEST_P(Conformance, AFinalizerBlocksDeletion) {
  MakeGear("a", "{}", kHeld);
  const Answer deleted = Delete(GearPath("a"));
  EXPECT_STATUS(deleted, 200);
  EXPECT_EQ(deleted.At("/kind"), Gear().kind) << "the answer is the object, not yet gone";
  EXPECT_EQ(deleted.At("/metadata/deletionTimestamp").size(), std::string("2026-01-01T00:00:00Z").size());
  EXPECT_EQ(deleted.At("/metadata/deletionGracePeriodSeconds"), "0");
  EXPECT_STATUS(Get(GearPath("a")), 200);
  Merge(GearPath("a"), R"({"metadata":{"finalizers":null}})");
}

TEST_P(Conformance, TheLastFinalizerToGoTakesTheObjectWithIt) {
  MakeGear("a", "{}", R"("finalizers":["a.b/one","a.b/two"])");
  ASSERT_STATUS(Delete(GearPath("a")), 200);
  EXPECT_STATUS(Merge(GearPath("a"), R"({"metadata":{"finalizers":["a.b/two"]}})"), 200);
  EXPECT_STATUS(Get(GearPath("a")), 200);
  EXPECT_STATUS(JsonPatch(GearPath("a"), R"([{"op":"remove","path":"/metadata/finalizers/0"}])"), 200);
  EXPECT_STATUS(Get(GearPath("a")), 404);
}

TEST_P(Conformance, DeletionMovesTheGeneration) {
  const Answer made = MakeGear("a", "{}", kHeld);
  const Answer deleted = Delete(GearPath("a"));
  EXPECT_EQ(deleted.At("/metadata/generation"), "2");
  EXPECT_NE(deleted.rv(), made.rv());
  Merge(GearPath("a"), R"({"metadata":{"finalizers":null}})");
}

TEST_P(Conformance, NoFinalizerIsAddedToADeletingObject) {
  MakeGear("a", "{}", kHeld);
  ASSERT_STATUS(Delete(GearPath("a")), 200);
  const Answer added =
      Merge(GearPath("a"), R"({"metadata":{"finalizers":["conformance.capstan.dev/hold","a.b/more"]}})");
  EXPECT_STATUS(added, 422);
  EXPECT_THAT(added.fields(), Contains("metadata.finalizers"));
  Merge(GearPath("a"), R"({"metadata":{"finalizers":null}})");
}

TEST_P(Conformance, ADeletingObjectCanStillBeChanged) {
  MakeGear("a", R"({"size":1})", kHeld);
  ASSERT_STATUS(Delete(GearPath("a")), 200);
  EXPECT_EQ(Merge(GearPath("a"), R"({"spec":{"size":2}})").At("/spec/size"), "2");
  EXPECT_EQ(Merge(GearPath("a", "status"), R"({"status":{"phase":"going"}})").At("/status/phase"), "going");
  Merge(GearPath("a"), R"({"metadata":{"finalizers":null}})");
}

TEST_P(Conformance, ADeletionTimestampCannotBeTakenBackOrGiven) {
  MakeGear("a", "{}", kHeld);
  EXPECT_STATUS(Merge(GearPath("a"), R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"}})"), 422);
  EXPECT_EQ(Get(GearPath("a")).At("/metadata/deletionTimestamp"), "") << "not given";
  const std::string since = Delete(GearPath("a")).At("/metadata/deletionTimestamp");
  Merge(GearPath("a"), R"({"metadata":{"deletionTimestamp":null}})");
  EXPECT_EQ(Get(GearPath("a")).At("/metadata/deletionTimestamp"), since) << "not taken back";
  Merge(GearPath("a"), R"({"metadata":{"finalizers":null}})");
}

TEST_P(Conformance, DeletingTwiceChangesNothing) {
  MakeGear("a", "{}", kHeld);
  const Answer first = Delete(GearPath("a"));
  const Answer second = Delete(GearPath("a"));
  EXPECT_STATUS(second, 200);
  EXPECT_EQ(second.At("/metadata/deletionTimestamp"), first.At("/metadata/deletionTimestamp"));
  EXPECT_EQ(Get(GearPath("a")).At("/metadata/generation"), "2");
  Merge(GearPath("a"), R"({"metadata":{"finalizers":null}})");
}

TEST_P(Conformance, DeleteWithAnotherUidIsAConflict) {
  MakeGear("a");
  const Answer deleted = Delete(
      GearPath("a"),
      R"({"kind":"DeleteOptions","apiVersion":"v1","preconditions":{"uid":"11111111-1111-1111-1111-111111111111"}})");
  EXPECT_STATUS(deleted, 409);
  EXPECT_EQ(deleted.reason(), "Conflict");
  EXPECT_STATUS(Get(GearPath("a")), 200);
}

TEST_P(Conformance, DeleteWithAStaleResourceVersionIsAConflict) {
  const Answer made = MakeGear("a");
  ASSERT_STATUS(Merge(GearPath("a"), R"({"spec":{"size":2}})"), 200);
  const std::string body =
      R"({"kind":"DeleteOptions","apiVersion":"v1","preconditions":{"resourceVersion":")";
  EXPECT_STATUS(Delete(GearPath("a"), body + made.rv() + "\"}}"), 409);
  EXPECT_STATUS(Delete(GearPath("a"), body + Get(GearPath("a")).rv() + "\"}}"), 200);
}

TEST_P(Conformance, DeleteOfAMissingObjectIsNotFound) { EXPECT_STATUS(Delete(GearPath("none")), 404); }

TEST_P(Conformance, ANewObjectOfAnOldNameHasAnotherUid) {
  const std::string first = MakeGear("a").uid();
  ASSERT_STATUS(Delete(GearPath("a")), 200);
  EXPECT_NE(MakeGear("a").uid(), first);
}

TEST_P(Conformance, ForegroundDeletionLeavesItsFinalizer) {
  MakeGear("a", "{}", kHeld);
  const Answer deleted =
      Delete(GearPath("a"), R"({"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Foreground"})");
  EXPECT_STATUS(deleted, 200);
  EXPECT_THAT(deleted.Each("/metadata/finalizers", ""), Contains("foregroundDeletion"));
  EXPECT_NE(deleted.At("/metadata/deletionTimestamp"), "");
  Merge(GearPath("a"), R"({"metadata":{"finalizers":null}})");
}

TEST_P(Conformance, OrphaningDeletionLeavesItsFinalizer) {
  MakeGear("a", "{}", kHeld);
  const Answer deleted =
      Delete(GearPath("a"), R"({"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Orphan"})");
  EXPECT_THAT(deleted.Each("/metadata/finalizers", ""), Contains("orphan"));
  Merge(GearPath("a"), R"({"metadata":{"finalizers":null}})");
}

TEST_P(Conformance, AnUnknownPropagationPolicyIsRefused) {
  MakeGear("a");
  EXPECT_STATUS(
      Delete(GearPath("a"), R"({"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Sideways"})"),
      422);
  EXPECT_STATUS(Get(GearPath("a")), 200);
}

TEST_P(Conformance, DeletingACollectionTakesWhatTheSelectorNames) {
  MakeGear("a", "{}", R"("labels":{"go":"yes"})");
  MakeGear("b", "{}", R"("labels":{"go":"yes"})");
  MakeGear("c");
  const Answer deleted = Delete(Gears() + "?labelSelector=go%3Dyes");
  EXPECT_STATUS(deleted, 200);
  EXPECT_EQ(Get(Gears()).Each("/items", "/metadata/name"), std::vector<std::string>{"c"});
}

TEST_P(Conformance, DeleteOptionsOfAnotherKindOrTypeAreRefused) {
  MakeGear("a");
  ASSERT_STATUS(Post(ConfigMaps(), R"({"metadata":{"name":"a"}})"), 201);
  // Older servers answer 500.
  const auto refused = server().embedded() ? AnyOf(400, 400) : AnyOf(400, 500);
  for (const bool builtin : {false, true}) {
    const std::string path = builtin ? ConfigMaps() + "/a" : GearPath("a");
    for (const auto& [kind, version] : {std::pair{"Pod", "v1"}, std::pair{"Pod", "foo/v1"}}) {
      const Answer answer =
          Delete(path, std::string(R"({"kind":")") + kind + R"(","apiVersion":")" + version + "\"}");
      EXPECT_THAT(answer.status, refused) << answer;
      EXPECT_THAT(answer.message(),
                  HasSubstr(std::string("no kind \"Pod\" is registered for version \"") + version));
    }
    for (const char* body : {R"({"gracePeriodSeconds":"x"})", R"({"dryRun":"All"})", R"({"preconditions":5})",
                             R"({"orphanDependents":"x"})", R"([])", R"("x")"})
      EXPECT_THAT(Delete(path, body).status, refused) << body;
    EXPECT_STATUS(Get(path), 200);
    EXPECT_STATUS(Delete(path + "?propagationPolicy=Bogus",
                         R"({"kind":"DeleteOptions","apiVersion":"foo/v1","bogus":1,"dryRun":["All"]})"),
                  200)
        << "of any version; and where there is a body, the query says nothing";
    EXPECT_STATUS(Get(path), 200);
    EXPECT_STATUS(Delete(path + "?dryRun=All", "{}"), 200);
    EXPECT_STATUS(Get(path), 404);
  }
}

}  // namespace
}  // namespace capstan::conformance
