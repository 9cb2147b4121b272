// Properties of every object: identity, versions, names, conflicts.
#include <capstan/tests/conformance/conformance.hpp>

namespace capstan::conformance {
namespace {

TEST_P(Conformance, CreateFillsUidTimestampAndResourceVersion) {
  const Answer made = MakeGear("a", R"({"size":1})");
  EXPECT_EQ(made.uid().size(), 36U);
  EXPECT_FALSE(made.rv().empty());
  EXPECT_EQ(made.At("/metadata/creationTimestamp").size(), std::string("2026-01-01T00:00:00Z").size());
  EXPECT_EQ(made.At("/metadata/namespace"), Namespace());
  EXPECT_EQ(made.At("/kind"), Gear().kind);
  EXPECT_EQ(made.At("/apiVersion"), Gear().api_version());
}

TEST_P(Conformance, GenerationStartsAtOne) { EXPECT_EQ(MakeGear("a").At("/metadata/generation"), "1"); }

TEST_P(Conformance, CreateOfANameThatExistsIsAlreadyExists) {
  MakeGear("a");
  const Answer again = Post(Gears(), GearJson("a"));
  EXPECT_STATUS(again, 409);
  EXPECT_EQ(again.reason(), "AlreadyExists");
  EXPECT_EQ(again.At("/kind"), "Status");
  EXPECT_EQ(again.At("/details/name"), "a");
}

TEST_P(Conformance, CreateIgnoresTheUidAndTimestampsOfTheClient) {
  const Answer made =
      MakeGear("a", "{}",
               R"("uid":"11111111-1111-1111-1111-111111111111","creationTimestamp":"2001-01-01T00:00:00Z",
                                  "deletionTimestamp":"2001-01-01T00:00:00Z","generation":7)");
  EXPECT_NE(made.uid(), "11111111-1111-1111-1111-111111111111");
  EXPECT_NE(made.At("/metadata/creationTimestamp"), "2001-01-01T00:00:00Z");
  EXPECT_EQ(made.At("/metadata/deletionTimestamp"), "");
  EXPECT_EQ(made.At("/metadata/generation"), "1");
}

TEST_P(Conformance, CreateRefusesAResourceVersion) {
  const Answer made = Post(Gears(), GearJson("a", "{}", R"("resourceVersion":"5")"));
  EXPECT_GE(made.status, 400) << made;
  EXPECT_THAT(made.message(), HasSubstr("resourceVersion"));
}

TEST_P(Conformance, GenerateNameMakesANewNameEachTime) {
  const std::string body = R"({"apiVersion":")" + Gear().api_version() + R"(","kind":")" + Gear().kind +
                           R"(","metadata":{"generateName":"made-"}})";
  const std::string first = Post(Gears(), body).At("/metadata/name");
  const std::string second = Post(Gears(), body).At("/metadata/name");
  EXPECT_EQ(first.substr(0, 5), "made-");
  EXPECT_EQ(first.size(), 10U);
  EXPECT_NE(first, second);
}

TEST_P(Conformance, CreateRefusesANameThatIsNoDnsSubdomain) {
  for (const char* name : {"Upper", "under_score", "-dash", "dot.", "a b"}) {
    const Answer made = Post(Gears(), GearJson(name));
    EXPECT_STATUS(made, 422) << name;
    EXPECT_EQ(made.reason(), "Invalid");
    EXPECT_THAT(made.fields(), Contains("metadata.name")) << name;
  }
  EXPECT_STATUS(Post(Gears(), GearJson(std::string(254, 'a'))), 422);
  EXPECT_STATUS(Post(Gears(), GearJson(std::string(253, 'a'))), 201);
}

TEST_P(Conformance, CreateRefusesAnObjectWithoutAName) {
  const Answer made = Post(Gears(), R"({"apiVersion":")" + Gear().api_version() + R"(","kind":")" +
                                        Gear().kind + R"(","metadata":{}})");
  EXPECT_STATUS(made, 422);
  EXPECT_THAT(made.message(), HasSubstr("name or generateName is required"));
}

TEST_P(Conformance, CreateRefusesAnotherNamespaceInTheBody) {
  const Answer made = Post(Gears(), GearJson("a", "{}", R"("namespace":"other")"));
  EXPECT_STATUS(made, 400);
  EXPECT_EQ(made.reason(), "BadRequest");
}

TEST_P(Conformance, CreateRefusesAnotherKindOrGroupInTheBody) {
  const Answer kind = Post(
      Gears(), R"({"apiVersion":")" + Gear().api_version() + R"(","kind":"Other","metadata":{"name":"a"}})");
  EXPECT_THAT(kind.status, AnyOf(400, 422)) << kind;
  EXPECT_THAT(kind.message(), HasSubstr("Other"));
  const Answer group = Post(
      Gears(), R"({"apiVersion":"other.dev/v1","kind":")" + Gear().kind + R"(","metadata":{"name":"a"}})");
  EXPECT_STATUS(group, 400);
  EXPECT_STATUS(Post(ConfigMaps(), R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"}})"), 400);
}

TEST_P(Conformance, GetOfAMissingObjectIsNotFoundAndNamesIt) {
  const Answer missing = Get(GearPath("none"));
  EXPECT_STATUS(missing, 404);
  EXPECT_EQ(missing.reason(), "NotFound");
  EXPECT_EQ(missing.At("/status"), "Failure");
  EXPECT_EQ(missing.At("/code"), "404");
  EXPECT_EQ(missing.At("/details/name"), "none");
  EXPECT_EQ(missing.At("/details/group"), Gear().group);
  EXPECT_EQ(missing.At("/details/kind"), Gear().plural);
  EXPECT_THAT(missing.message(), HasSubstr("\"none\" not found"));
}

TEST_P(Conformance, UpdateWithAStaleResourceVersionIsAConflict) {
  const Answer made = MakeGear("a", R"({"size":1})");
  ASSERT_STATUS(Merge(GearPath("a"), R"({"spec":{"size":2}})"), 200);
  const Answer stale =
      Put(GearPath("a"), GearJson("a", R"({"size":3})", R"("resourceVersion":")" + made.rv() + "\""));
  EXPECT_STATUS(stale, 409);
  EXPECT_EQ(stale.reason(), "Conflict");
  EXPECT_EQ(Get(GearPath("a")).At("/spec/size"), "2");
}

TEST_P(Conformance, UpdateOfACustomResourceNeedsAResourceVersion) {
  MakeGear("a");
  const Answer update = Put(GearPath("a"), GearJson("a", R"({"size":3})"));
  EXPECT_STATUS(update, 422);
  EXPECT_THAT(update.fields(), Contains("metadata.resourceVersion"));
}

TEST_P(Conformance, UpdateThatChangesNothingKeepsTheResourceVersion) {
  const Answer made = MakeGear("a", R"({"size":1})");
  const Answer same = Put(GearPath("a"), made.body);
  EXPECT_STATUS(same, 200);
  EXPECT_EQ(same.rv(), made.rv());
}

TEST_P(Conformance, GenerationMovesWithTheSpecAndNotWithMetadata) {
  MakeGear("a", R"({"size":1})");
  EXPECT_EQ(Merge(GearPath("a"), R"({"metadata":{"labels":{"x":"y"},"annotations":{"n":"1"}}})")
                .At("/metadata/generation"),
            "1");
  EXPECT_EQ(Merge(GearPath("a"), R"({"spec":{"size":2}})").At("/metadata/generation"), "2");
  EXPECT_EQ(Merge(GearPath("a"), R"({"metadata":{"generation":9}})").At("/metadata/generation"), "2");
}

TEST_P(Conformance, UpdateWithAnotherUidIsAConflict) {
  const Answer made = MakeGear("a");
  const Answer update =
      Put(GearPath("a"),
          GearJson("a", "{}",
                   R"("uid":"11111111-1111-1111-1111-111111111111","resourceVersion":")" + made.rv() + "\""));
  EXPECT_STATUS(update, 409);
  EXPECT_EQ(Get(GearPath("a")).uid(), made.uid());
}

TEST_P(Conformance, UpdateOfAMissingObjectIsNotFound) {
  EXPECT_STATUS(Put(GearPath("none"), GearJson("none", "{}", R"("resourceVersion":"1")")), 404);
}

TEST_P(Conformance, UpdateWithAnotherNameInTheBodyIsRefused) {
  const Answer made = MakeGear("a");
  EXPECT_STATUS(Put(GearPath("a"), GearJson("b", "{}", R"("resourceVersion":")" + made.rv() + "\"")), 400);
}

TEST_P(Conformance, ADryRunStoresNothing) {
  const Answer made = Post(Gears() + "?dryRun=All", GearJson("a", R"({"size":1})"));
  EXPECT_STATUS(made, 201);
  EXPECT_EQ(made.At("/spec/mode"), "slow") << "it went through defaulting like any other";
  EXPECT_STATUS(Get(GearPath("a")), 404);
  const std::string rv = MakeGear("a", R"({"size":1})").rv();
  const Answer patched = Merge(GearPath("a") + "?dryRun=All", R"({"spec":{"size":2}})");
  EXPECT_STATUS(patched, 200);
  EXPECT_EQ(patched.At("/spec/size"), "2");
  EXPECT_STATUS(Delete(GearPath("a") + "?dryRun=All"), 200);
  EXPECT_EQ(Get(GearPath("a")).rv(), rv);
  EXPECT_STATUS(Post(Gears() + "?dryRun=All", GearJson("b", R"({"size":1000})")), 422) << "and validation";
  EXPECT_STATUS(Post(Gears() + "?dryRun=Maybe", GearJson("b")), 422);
}

TEST_P(Conformance, LaterWritesHaveGreaterResourceVersions) {
  unsigned long long last = 0;
  for (const char* name : {"a", "b", "c"}) {
    const unsigned long long version = std::stoull(MakeGear(name).rv());
    EXPECT_GT(version, last);
    last = version;
  }
  EXPECT_GT(std::stoull(Merge(GearPath("a"), R"({"spec":{"size":2}})").rv()), last);
  EXPECT_GE(std::stoull(Get(Gears()).rv()), last) << "a list is at least as new as the last write";
}

TEST_P(Conformance, LabelsAndAnnotationsAreChecked) {
  EXPECT_STATUS(Post(Gears(), GearJson("a", "{}", R"("labels":{"bad key":"v"})")), 422);
  EXPECT_STATUS(Post(Gears(), GearJson("a", "{}", R"("labels":{"k":"bad value!"})")), 422);
  EXPECT_STATUS(Post(Gears(), GearJson("a", "{}", R"("labels":{"k":")" + std::string(64, 'v') + "\"}")), 422);
  EXPECT_STATUS(Post(Gears(), GearJson("a", "{}", R"("annotations":{"bad key":"v"})")), 422);
  EXPECT_STATUS(
      Post(Gears(), GearJson("a", "{}", R"("annotations":{"k":")" + std::string(262145, 'v') + "\"}")), 422);
  EXPECT_STATUS(
      Post(Gears(),
           GearJson("a", "{}",
                    R"("labels":{"example.dev/k":"v.1_2"},"annotations":{"example.dev/k":"any thing!"})")),
      201);
}

TEST_P(Conformance, FinalizersAndOwnersAreChecked) {
  EXPECT_STATUS(Post(Gears(), GearJson("a", "{}", R"("finalizers":["bad finalizer"])")), 422);
  EXPECT_STATUS(
      Post(Gears(),
           GearJson("a", "{}",
                    R"("ownerReferences":[{"apiVersion":"v1","kind":"Secret","name":"s","uid":""}])")),
      422);
  EXPECT_STATUS(
      Post(
          Gears(),
          GearJson(
              "a", "{}",
              R"("ownerReferences":[{"apiVersion":"v1","kind":"Secret","name":"s","uid":"u","controller":true},
      {"apiVersion":"v1","kind":"Secret","name":"t","uid":"w","controller":true}])")),
      422)
      << "two controllers";
}

}  // namespace
}  // namespace capstan::conformance
