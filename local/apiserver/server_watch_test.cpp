// Watches: which events they send, in which order, and how they end.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/testing/server_fixture.hpp>

namespace capstan::apiserver {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kMaps = "/api/v1/namespaces/default/configmaps";

class WatchTest : public ServerTest {
 protected:
  std::string Make(const std::string& name, const std::string& labels = "{}") {
    return At(Post(kMaps, StrCat(R"({"metadata":{"name":")", name, R"(","labels":)", labels, "}}")),
              "/metadata/resourceVersion");
  }
  // "ADDED a", "BOOKMARK".
  static std::vector<std::string> Short(const std::vector<std::string>& lines) {
    std::vector<std::string> told;
    for (const std::string& line : lines) {
      std::string name = At(line, "/object/metadata/name");
      told.push_back(At(line, "/type") + (name.empty() ? "" : " " + name));
    }
    return told;
  }
};

TEST_F(WatchTest, ShowsTheStateFirstAndThenEachChange) {
  Make("a");
  auto stream = OpenWatch(StrCat(kMaps, "?watch=1"));
  EXPECT_THAT(Short(ReadLines(*stream, seconds(1))), ElementsAre("ADDED a"));
  Make("b");
  Merge(StrCat(kMaps, "/a"), R"({"data":{"x":"y"}})");
  Delete(StrCat(kMaps, "/b"));
  EXPECT_THAT(Short(ReadLines(*stream, seconds(1))), ElementsAre("ADDED b", "MODIFIED a", "DELETED b"));
}

TEST_F(WatchTest, ContinuesFromARevisionWithoutRepeatingIt) {
  std::string from = Make("a");
  std::string later = Make("b");
  std::vector<std::string> lines = Watch(StrCat(kMaps, "?watch=1&resourceVersion=", from), seconds(1));
  EXPECT_THAT(Short(lines), ElementsAre("ADDED b"));
  EXPECT_EQ(At(lines[0], "/object/metadata/resourceVersion"), later);
}

TEST_F(WatchTest, SendsADeletionWithItsOwnRevision) {
  std::string made = Make("a");
  auto stream = OpenWatch(StrCat(kMaps, "?watch=1&resourceVersion=", made));
  Delete(StrCat(kMaps, "/a"));
  std::vector<std::string> lines = ReadLines(*stream, seconds(1));
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_GT(std::stoull(At(lines[0], "/object/metadata/resourceVersion")), std::stoull(made));
}

TEST_F(WatchTest, SendsOnlyWhatTheSelectorMatches) {
  auto stream = OpenWatch(StrCat(kMaps, "?watch=1&labelSelector=app%3Dx"));
  Make("a", R"({"app":"x"})");
  Make("b");
  Merge(StrCat(kMaps, "/b"), R"({"metadata":{"labels":{"app":"x"}}})");
  Merge(StrCat(kMaps, "/a"), R"({"metadata":{"labels":{"app":"y"}}})");
  Delete(StrCat(kMaps, "/a"));
  std::vector<std::string> lines = ReadLines(*stream, seconds(1));
  EXPECT_THAT(Short(lines), ElementsAre("ADDED a", "ADDED b", "DELETED a"));
  EXPECT_EQ(At(lines[2], "/object/metadata/labels/app"), "x") << "as it was when it last fitted";
}

TEST_F(WatchTest, OfOneNamespaceDoesNotShowAnother) {
  Post("/api/v1/namespaces", R"({"metadata":{"name":"other"}})");
  auto stream = OpenWatch(StrCat(kMaps, "?watch=1"));
  Post("/api/v1/namespaces/other/configmaps", R"({"metadata":{"name":"z"}})");
  EXPECT_THAT(ReadLines(*stream, seconds(1)), IsEmpty());
}

TEST_F(WatchTest, SendsBookmarksAndEndsAtItsTimeout) {
  Make("a");
  std::vector<std::string> lines =
      Watch(StrCat(kMaps, "?watch=1&allowWatchBookmarks=true&timeoutSeconds=90&resourceVersion=",
                   At(Get(kMaps), "/metadata/resourceVersion")),
            seconds(1000));
  EXPECT_THAT(Short(lines), ElementsAre("BOOKMARK", "BOOKMARK"));
  EXPECT_EQ(At(lines[0], "/object/metadata/resourceVersion"), At(Get(kMaps), "/metadata/resourceVersion"));
  EXPECT_EQ(At(lines[0], "/object/kind"), "ConfigMap");
}

TEST_F(WatchTest, StreamsTheListIfRequestedAndMarksItsEnd) {
  Make("a");
  Make("b");
  std::vector<std::string> lines = Watch(
      StrCat(kMaps,
             "?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"),
      seconds(1));
  EXPECT_THAT(Short(lines), ElementsAre("ADDED a", "ADDED b", "BOOKMARK"));
  EXPECT_EQ(At(lines[2], "/object/metadata/annotations/k8s.io~1initial-events-end"), "true");
  EXPECT_EQ(Get(StrCat(kMaps, "?watch=1&sendInitialEvents=true")).status, 422);
}

TEST_F(WatchTest, SaysThatARevisionIsTooOld) {
  std::string old = Make("a");
  Make("b");
  server->Compact();
  std::vector<std::string> lines = Watch(StrCat(kMaps, "?watch=1&resourceVersion=", old), seconds(1));
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(At(lines[0], "/type"), "ERROR");
  EXPECT_EQ(At(lines[0], "/object/code"), "410");
  EXPECT_EQ(At(lines[0], "/object/reason"), "Expired");
}

TEST_F(WatchTest, DropsTheOldestChangesBeyondItsHistory) {
  ApiServerOptions options;
  options.history = 3;
  Restart(options);
  std::string old = Make("a");
  for (const char* name : {"b", "c", "d", "e"}) Make(name);
  EXPECT_EQ(At(Watch(StrCat(kMaps, "?watch=1&resourceVersion=", old), seconds(1)).at(0), "/object/code"),
            "410");
}

TEST_F(WatchTest, DropsTheOldestChangesOfTheLargestResourceBeyondItsHistoryInBytes) {
  ApiServerOptions options;
  options.history_bytes = 200'000;
  Restart(options);
  const std::string before = Make("a");
  http::Response account = Post("/api/v1/namespaces/default/serviceaccounts", R"({"metadata":{"name":"s"}})");
  for (int i = 0; i < 50; ++i) {
    const std::string text(20'000, static_cast<char>('a' + i % 26));
    ASSERT_EQ(Merge(StrCat(kMaps, "/a"), StrCat(R"({"data":{"k":")", text, "\"}}")).status, 200);
  }
  EXPECT_LE(server->history_bytes(), options.history_bytes);
  EXPECT_EQ(At(Watch(StrCat(kMaps, "?watch=1&resourceVersion=", before), seconds(1)).at(0), "/object/code"),
            "410");
  const std::string made = At(account, "/metadata/resourceVersion");
  EXPECT_THAT(
      Watch(StrCat("/api/v1/namespaces/default/serviceaccounts?watch=1&resourceVersion=", made), seconds(1)),
      IsEmpty())
      << "a quiet resource pays for a loud one";
}

TEST_F(WatchTest, OfAnObjectLargerThanTheHistoryContinues) {
  ApiServerOptions options;
  options.history_bytes = 1'000;
  Restart(options);
  auto stream = OpenWatch(StrCat(kMaps, "?watch=1"));
  Make("a");
  EXPECT_THAT(Short(ReadLines(*stream, seconds(1))), ElementsAre("ADDED a"));
  ASSERT_EQ(Merge(StrCat(kMaps, "/a"), StrCat(R"({"data":{"k":")", std::string(50'000, 'x'), "\"}}")).status,
            200);
  EXPECT_THAT(Short(ReadLines(*stream, seconds(1))), ElementsAre("MODIFIED a"));
}

TEST_F(WatchTest, FromAFutureRevisionStaysSilentUntilItIsReached) {
  std::uint64_t future = server->revision() + 2;
  auto stream = OpenWatch(StrCat(kMaps, "?watch=1&resourceVersion=", future));
  Make("a");
  Make("b");
  EXPECT_THAT(ReadLines(*stream, seconds(1)), IsEmpty());
  Make("c");
  EXPECT_THAT(Short(ReadLines(*stream, seconds(1))), ElementsAre("ADDED c"));
}

TEST_F(WatchTest, ShowsTablesWithColumnsOnlyOnce) {
  Make("a");
  Make("b");
  std::vector<std::string> lines = Watch(StrCat(kMaps, "?watch=1"), seconds(1),
                                         {{"Accept", "application/json;as=Table;v=v1;g=meta.k8s.io"}});
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(At(lines[0], "/object/columnDefinitions/0/name"), "Name");
  EXPECT_EQ(At(lines[1], "/object/columnDefinitions/0/name"), "");
  EXPECT_EQ(At(lines[1], "/object/rows/0/cells/0"), "b");
}

TEST_F(WatchTest, EndsWhenTheClientDisconnects) {
  auto stream = OpenWatch(StrCat(kMaps, "?watch=1"));
  stream.reset();
  scheduler.RunFor(seconds(20));
  const std::uint64_t steps = scheduler.steps();
  scheduler.RunFor(seconds(3600));
  EXPECT_EQ(scheduler.steps(), steps) << "something still wakes up for a watch that nobody reads";
}

TEST_F(WatchTest, ResumesAtItsRevisionAfterARestart) {
  std::string known = Make("a");
  Restart({});
  auto stream = OpenWatch(StrCat(kMaps, "?watch=1&resourceVersion=", known));
  Make("b");
  EXPECT_THAT(Short(ReadLines(*stream, seconds(1))), ElementsAre("ADDED b"));
}

// Counts writes.
class CountingWriter final : public http::ResponseWriter {
 public:
  Status Respond(const http::Response&) override { return {}; }
  Status Begin(int, const http::Headers&) override { return {}; }
  Status Write(std::string_view bytes) override {
    ++writes;
    text += bytes;
    return {};
  }
  void Abort() override {}
  bool ClientGone() override { return false; }
  int writes = 0;
  std::string text;
};

TEST_F(ServerTest, SendsSimultaneousWatchEventsInOneWrite) {
  const std::string maps = "/api/v1/namespaces/default/configmaps";
  const std::string first = At(Post(maps, R"({"metadata":{"name":"a"}})"), "/metadata/resourceVersion");
  for (const char* name : {"b", "c", "d"})
    Post(maps, std::string(R"({"metadata":{"name":")") + name + "\"}}");
  http::Request request;
  request.method = "GET";
  request.url = "http://api" + maps + "?watch=1&timeoutSeconds=1&resourceVersion=" + first;
  CountingWriter writer;
  server->Handle(request, writer, Context());
  EXPECT_EQ(std::count(writer.text.begin(), writer.text.end(), '\n'), 3);
  EXPECT_EQ(writer.writes, 1);
}

}  // namespace
}  // namespace capstan::apiserver
