// Watches: their events, the order of these, and how watches end.
#include <algorithm>

#include <capstan/tests/conformance/conformance.hpp>

namespace capstan::conformance {
namespace {

using std::chrono::seconds;
using Types = std::vector<std::string>;

TEST_P(Conformance, AWatchFromAVersionDeliversWhatCameAfterIt) {
  MakeGear("before");
  const std::string since = Get(Gears()).rv();
  MakeGear("a", R"({"size":1})");
  Merge(GearPath("a"), R"({"spec":{"size":2}})");
  Delete(GearPath("a"));
  const auto events = Watch(Gears() + "?watch=1&timeoutSeconds=60&resourceVersion=" + since, seconds(60),
                            [](const auto& all) { return all.size() == 3; });
  ASSERT_EQ(TypesOf(events), (Types{"ADDED", "MODIFIED", "DELETED"}));
  EXPECT_EQ(events[0].name(), "a");
  EXPECT_EQ(events[0].object.At("/spec/size"), "1");
  EXPECT_EQ(events[1].object.At("/spec/size"), "2");
  EXPECT_EQ(events[2].object.At("/spec/size"), "2") << "the last state";
  EXPECT_GT(std::stoull(events[2].object.rv()), std::stoull(events[1].object.rv()))
      << "with the version of the deletion";
  EXPECT_EQ(events[0].object.At("/kind"), Gear().kind);
}

TEST_P(Conformance, AWatchWithoutAVersionStartsWithWhatIsThere) {
  MakeGear("a");
  MakeGear("b");
  const auto events = Watch(Gears() + "?watch=1&timeoutSeconds=60", seconds(60),
                            [](const auto& all) { return all.size() == 2; });
  EXPECT_EQ(TypesOf(events), (Types{"ADDED", "ADDED"}));
}

TEST_P(Conformance, AWatchEndsAfterItsTimeout) {
  const std::string since = MakeGear("a").rv();
  const Instant before = server().scheduler().Now();
  const auto events = Watch(Gears() + "?watch=1&timeoutSeconds=2&resourceVersion=" + since, seconds(60));
  const Duration took = server().scheduler().Now() - before;
  EXPECT_EQ(TypesOf(events), Types{});
  EXPECT_GE(took, seconds(1));
  EXPECT_LT(took, seconds(60)) << "we ended it, not the server";
}

TEST_P(Conformance, ABookmarkArrivesBeforeTheEnd) {
  std::string written = MakeGear("a").rv();
  std::optional<kube::WatchEvent> bookmark;
  // It is sent shortly before the end; a very busy server may miss it, so retry with more time.
  for (auto timeout = seconds(8); !bookmark && timeout <= seconds(32); timeout *= 2) {
    kube::WatchOptions options;
    options.resource_version = written;
    options.timeout = timeout;
    auto watch = client().OpenWatch(Gear(), Namespace(), options, context());
    ASSERT_TRUE(watch) << watch.error();
    // While it is open, because a server may have no bookmark for a kind without changes.
    written = MakeGear("b" + std::to_string(timeout.count())).rv();
    while (!bookmark) {
      auto event = (*watch)->Next(context());
      ASSERT_TRUE(event) << event.error();
      if (!*event) break;
      if ((*event)->type == kube::WatchEventType::kBookmark) bookmark = **event;
    }
  }
  ASSERT_TRUE(bookmark);
  const Answer object{200, {}, bookmark->object};
  EXPECT_EQ(object.At("/kind"), Gear().kind);
  EXPECT_GE(std::stoull(object.rv()), std::stoull(written));
  EXPECT_EQ(object.At("/metadata/name"), "") << "a place in time, no object";
}

TEST_P(Conformance, NoBookmarkComesUnasked) {
  const std::string since = MakeGear("a").rv();
  const auto events = Watch(Gears() + "?watch=1&timeoutSeconds=4&resourceVersion=" + since, seconds(60));
  EXPECT_TRUE(events.empty());
}

TEST_P(Conformance, ASelectedWatchSeesObjectsComeAndGo) {
  const std::string since = MakeGear("a").rv();
  Merge(GearPath("a"), R"({"metadata":{"labels":{"in":"yes"}}})");
  Merge(GearPath("a"), R"({"spec":{"size":1}})");
  Merge(GearPath("a"), R"({"metadata":{"labels":{"in":null}}})");
  Merge(GearPath("a"), R"({"spec":{"size":2}})");
  const auto events =
      Watch(Gears() + "?watch=1&labelSelector=in%3Dyes&timeoutSeconds=60&resourceVersion=" + since,
            seconds(60), [](const auto& all) { return all.size() == 3; });
  ASSERT_EQ(TypesOf(events), (Types{"ADDED", "MODIFIED", "DELETED"}));
  EXPECT_EQ(events[2].object.At("/metadata/labels/in"), "yes") << "as it was when it still matched";
}

TEST_P(Conformance, AWatchByNameSeesOnlyThatObject) {
  const std::string since = MakeGear("a").rv();
  MakeGear("b");
  MakeGear("c");
  Merge(GearPath("a"), R"({"spec":{"size":1}})");
  Merge(GearPath("b"), R"({"spec":{"size":1}})");
  const auto events =
      Watch(Gears() + "?watch=1&fieldSelector=metadata.name%3Db&timeoutSeconds=60&resourceVersion=" + since,
            seconds(60), [](const auto& all) { return all.size() == 2; });
  ASSERT_EQ(TypesOf(events), (Types{"ADDED", "MODIFIED"}));
  for (const auto& event : events) EXPECT_EQ(event.name(), "b");
}

TEST_P(Conformance, AWatchOfANamespaceSeesOnlyItsOwn) {
  const std::string since = MakeGear("a").rv();
  ASSERT_STATUS(Post(kube::PathOf(Gear(), "default"), GearJson("elsewhere-" + Namespace())), 201);
  MakeGear("b");
  const auto events = Watch(Gears() + "?watch=1&timeoutSeconds=60&resourceVersion=" + since, seconds(60),
                            [](const auto& all) { return !all.empty(); });
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events[0].name(), "b");
  Delete(kube::PathOf(Gear(), "default", "elsewhere-" + Namespace()));
}

TEST_P(Conformance, ADeletionHeldByAFinalizerIsAModificationFirst) {
  const std::string since = MakeGear("a", "{}", R"("finalizers":["a.b/c"])").rv();
  Delete(GearPath("a"));
  Merge(GearPath("a"), R"({"metadata":{"finalizers":null}})");
  const auto events = Watch(Gears() + "?watch=1&timeoutSeconds=60&resourceVersion=" + since, seconds(60),
                            [](const auto& all) { return all.size() == 2; });
  ASSERT_EQ(TypesOf(events), (Types{"MODIFIED", "DELETED"}));
  EXPECT_NE(events[0].object.At("/metadata/deletionTimestamp"), "");
}

TEST_P(Conformance, AWatchFromAForgottenVersionIsGone) {
  MakeGear("a");
  for (int i = 0; i < 3; ++i) Merge(GearPath("a"), R"({"spec":{"size":)" + std::to_string(i) + "}}");
  if (server().embedded()) server().Compact();  // a cluster's caches never knew version 1 of this kind
  const auto events = Watch(Gears() + "?watch=1&timeoutSeconds=60&resourceVersion=1", seconds(60),
                            [](const auto& all) { return !all.empty(); });
  ASSERT_EQ(TypesOf(events), Types{"ERROR"});
  EXPECT_EQ(events[0].object.At("/code"), "410");
  EXPECT_THAT(events[0].object.reason(), AnyOf("Expired", "Gone"));
  EXPECT_EQ(events[0].object.At("/kind"), "Status");
}

TEST_P(Conformance, AWatchFromABadVersionIsRefused) {
  const auto events = Watch(Gears() + "?watch=1&timeoutSeconds=5&resourceVersion=abc", seconds(60));
  ASSERT_EQ(TypesOf(events), Types{"ERROR"});
  EXPECT_THAT(events[0].object.status, AnyOf(400, 500));
}

TEST_P(Conformance, AWatchOfAMissingKindIsNotFound) {
  const auto events =
      Watch("/apis/" + Gear().group + "/v1/nosuchthings?watch=1&timeoutSeconds=5", seconds(60));
  ASSERT_EQ(TypesOf(events), Types{"ERROR"});
  EXPECT_EQ(events[0].object.status, 404);
}

TEST_P(Conformance, AStreamingListEndsInitialEventsWithABookmark) {
  MakeGear("a");
  MakeGear("b");
  const auto events =
      Watch(Gears() +
                "?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&"
                "timeoutSeconds=60",
            seconds(60), [](const auto& all) { return !all.empty() && all.back().type == "BOOKMARK"; });
  ASSERT_FALSE(events.empty());
  if (events[0].type == "ERROR") {
    EXPECT_THAT(events[0].object.status, AnyOf(400, 422)) << "which a client takes for: not here";
    return Lacks("streaming lists");
  }
  EXPECT_EQ(TypesOf(events), (Types{"ADDED", "ADDED"}));
  ASSERT_EQ(events.back().type, "BOOKMARK");
  EXPECT_EQ(events.back().object.At("/metadata/annotations/k8s.io~1initial-events-end"), "true");
  EXPECT_GE(std::stoull(events.back().object.rv()), std::stoull(Get(GearPath("b")).rv()));
}

TEST_P(Conformance, AStreamingListNeedsItsVersionMatch) {
  const auto events =
      Watch(Gears() + "?watch=1&sendInitialEvents=true&allowWatchBookmarks=true&timeoutSeconds=2",
            seconds(60), [](const auto& all) { return !all.empty(); });
  if (events.empty() || events[0].type != "ERROR") return Lacks("streaming lists");
  EXPECT_EQ(events[0].object.status, 422);
}

TEST_P(Conformance, AWatchOfMetadataOnlyHasNoSpec) {
  MakeGear("a", R"({"size":5})");
  const auto events =
      Watch(Gears() + "?watch=1&timeoutSeconds=60", seconds(60), [](const auto& all) { return !all.empty(); },
            {{"Accept", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"}});
  ASSERT_EQ(TypesOf(events), Types{"ADDED"});
  EXPECT_EQ(events[0].object.At("/kind"), "PartialObjectMetadata");
  EXPECT_EQ(events[0].name(), "a");
  EXPECT_EQ(events[0].object.At("/spec"), "");
}

TEST_P(Conformance, AWatchedTableComesRowByRow) {
  MakeGear("a", R"({"size":5})");
  const auto events =
      Watch(Gears() + "?watch=1&timeoutSeconds=60", seconds(60), [](const auto& all) { return !all.empty(); },
            {{"Accept", "application/json;as=Table;g=meta.k8s.io;v=v1"}});
  ASSERT_EQ(TypesOf(events), Types{"ADDED"});
  EXPECT_EQ(events[0].object.At("/kind"), "Table");
  EXPECT_EQ(events[0].object.At("/rows/0/cells/0"), "a");
  EXPECT_EQ(events[0].object.At("/columnDefinitions/0/name"), "Name") << "the first brings the columns";
}

TEST_P(Conformance, AWatchGoesOnWhileWritesArrive) {
  const std::string since = MakeGear("a").rv();
  auto watch =
      client().OpenWatch(Gear(), Namespace(), {.resource_version = since, .timeout = seconds(30)}, context());
  ASSERT_TRUE(watch) << watch.error();
  for (int i = 1; i <= 3; ++i) {
    const std::string version = Merge(GearPath("a"), R"({"spec":{"size":)" + std::to_string(i) + "}}").rv();
    for (;;) {
      auto event = (*watch)->Next(context());
      ASSERT_TRUE(event) << event.error();
      ASSERT_TRUE(*event);
      if ((*event)->type == kube::WatchEventType::kBookmark) continue;
      EXPECT_EQ(kube::Object::Parse((*event)->object)->resource_version(), version);
      break;
    }
  }
}

TEST_P(Conformance, AListAndAWatchFromItMissNothing) {
  MakeGear("a");
  const Answer list = Get(Gears());
  MakeGear("b");
  const auto events = Watch(Gears() + "?watch=1&timeoutSeconds=60&resourceVersion=" + list.rv(), seconds(60),
                            [](const auto& all) { return !all.empty(); });
  ASSERT_EQ(TypesOf(events), Types{"ADDED"});
  EXPECT_EQ(events[0].name(), "b");
}

}  // namespace
}  // namespace capstan::conformance
