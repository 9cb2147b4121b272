#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capstan/core/kube/client.hpp>
#include <capstan/core/kube/testing/scripted_server.hpp>
#include <capstan/core/kube/wire/watch_frames.hpp>

namespace capstan::kube {
namespace {

using ::testing::HasSubstr;

std::string Frame(const std::string& type, const std::string& object) {
  return R"({"type":")" + type + R"(","object":)" + object + "}\n";
}

const std::string kFrames = Frame("ADDED", R"({"metadata":{"name":"a"},"spec":{"x":"\n}\"","d":1.0}})") +
                            "\n" + Frame("MODIFIED", R"({"metadata":{"name":"a"}})") +
                            Frame("BOOKMARK", R"({"metadata":{"resourceVersion":"8"}})") +
                            Frame("DELETED", R"({"metadata":{"name":"a"}})");

TEST(WatchFrames, AreTheSameHoweverTheBytesAreCut) {
  for (std::size_t piece = 1; piece <= kFrames.size(); ++piece) {
    WatchFrames frames("watch widgets");
    std::vector<WatchEvent> events;
    for (std::size_t at = 0; at < kFrames.size(); at += piece) {
      frames.Feed(std::string_view(kFrames).substr(at, piece));
      for (;;) {
        auto event = frames.Next();
        ASSERT_TRUE(event) << event.error();
        if (!*event) break;
        events.push_back(**event);
      }
    }
    ASSERT_TRUE(frames.Finish());
    ASSERT_EQ(events.size(), 4U);
    EXPECT_EQ(events[0].type, WatchEventType::kAdded);
    EXPECT_EQ(events[0].object, R"({"metadata":{"name":"a"},"spec":{"x":"\n}\"","d":1.0}})")
        << "byte by byte";
    EXPECT_EQ(events[1].type, WatchEventType::kModified);
    EXPECT_EQ(events[2].type, WatchEventType::kBookmark);
    EXPECT_EQ(events[3].type, WatchEventType::kDeleted);
  }
}

TEST(WatchFrames, TurnAnErrorEventIntoItsStatus) {
  WatchFrames frames("watch widgets");
  frames.Feed(Frame("ERROR", StatusJson(410, "Expired", "too old resource version: 1 (9)")));
  const auto gone = frames.Next();
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, Code::kGone);
  EXPECT_EQ(gone.error().reason, "Expired");
  EXPECT_THAT(gone.error().message, HasSubstr("too old resource version"));
  // Some servers send 410 with another code; the reason takes precedence.
  frames.Feed(Frame("ERROR", R"({"kind":"Status","status":"Failure","reason":"Expired","message":"m"})"));
  EXPECT_EQ(frames.Next().error().code, Code::kGone);
  frames.Feed(Frame("ERROR", StatusJson(500, "InternalError", "etcd went away")));
  EXPECT_EQ(frames.Next().error().code, Code::kUnavailable);
  frames.Feed(Frame("ERROR", R"({"what":"ever"})"));
  EXPECT_EQ(frames.Next().error().code, Code::kDataLoss);
}

TEST(WatchFrames, RefuseMalformedLines) {
  for (const char* line : {"nope\n", "[]\n", "{}\n",
                           R"({"type":"ADDED"})"
                           "\n",
                           R"({"type":"ADDED","object":7})"
                           "\n",
                           R"({"type":"WHAT","object":{}})"
                           "\n",
                           R"({"type":7,"object":{}})"
                           "\n",
                           R"({"object":{}})"
                           "\n",
                           R"({"type":"ADDED","object":{)"
                           "\n",
                           R"({"type":"ADDED","object":{}}{"type":"ADDED","object":{}})"
                           "\n"}) {
    WatchFrames frames("watch widgets");
    frames.Feed(line);
    const auto event = frames.Next();
    ASSERT_FALSE(event) << line;
    EXPECT_EQ(event.error().code, Code::kDataLoss) << line;
    EXPECT_THAT(event.error().message, HasSubstr("watch widgets"));
  }
}

TEST(WatchFrames, DropAnUnfinishedLineAndSaySo) {
  WatchFrames frames("watch widgets");
  frames.Feed(Frame("ADDED", "{}") + R"({"type":"ADDED","object":{})");
  ASSERT_TRUE(frames.Next().value());
  EXPECT_FALSE(frames.Next().value());
  const auto finish = frames.Finish();
  ASSERT_FALSE(finish) << "even a line that would parse: its newline never came";
  EXPECT_EQ(finish.error().code, Code::kDataLoss);
}

TEST(WatchFrames, RefuseALineAboveTheLimitWithoutHoldingMore) {
  WatchFrames frames("watch widgets", 100);
  for (int i = 0; i < 11; ++i) frames.Feed("0123456789");
  const auto event = frames.Next();
  ASSERT_FALSE(event);
  EXPECT_EQ(event.error().code, Code::kTooLarge);
}

class WatchTest : public ::testing::Test {
 protected:
  WatchTest() { transport_.Route("kube.test", &server_); }
  Result<std::unique_ptr<Watch>> Open(const WatchOptions& options = {}) {
    return client_.OpenWatch(kind_, "team", options, context_);
  }
  const Kind kind_{"example.dev", "v1", "Widget", "widgets", true};
  SimulatedScheduler scheduler_;
  ScriptedServer server_;
  http::LoopbackTransport transport_{scheduler_};
  Client client_{transport_, scheduler_, {"https://kube.test"}};
  const Context context_;
};

TEST_F(WatchTest, AsksForBookmarksFromAResourceVersion) {
  server_.ThenStream({});
  WatchOptions options;
  options.resource_version = "42";
  options.label_selector = "a=b";
  options.field_selector = "metadata.name=n";
  options.timeout = std::chrono::seconds(77);
  ASSERT_TRUE(Open(options));
  EXPECT_EQ(server_.path(), "/apis/example.dev/v1/namespaces/team/widgets");
  EXPECT_EQ(server_.query("watch"), "1");
  EXPECT_EQ(server_.query("allowWatchBookmarks"), "true");
  EXPECT_EQ(server_.query("timeoutSeconds"), "77");
  EXPECT_EQ(server_.query("resourceVersion"), "42");
  EXPECT_EQ(server_.query("labelSelector"), "a=b");
  EXPECT_EQ(server_.query("fieldSelector"), "metadata.name=n");
  EXPECT_EQ(server_.query("sendInitialEvents"), "(none)");
}

TEST_F(WatchTest, AsksForAStreamingListWhenItsOptionsSaySo) {
  server_.ThenStream({});
  WatchOptions options;
  options.send_initial_events = true;
  ASSERT_TRUE(Open(options));
  EXPECT_EQ(server_.query("sendInitialEvents"), "true");
  EXPECT_EQ(server_.query("resourceVersionMatch"), "NotOlderThan");
}

TEST_F(WatchTest, DeliversEventsAndThenNothingWhenTheServerEndsIt) {
  server_.ThenStream({kFrames.substr(0, 10), kFrames.substr(10)});
  const auto watch = Open();
  ASSERT_TRUE(watch) << watch.error();
  for (int i = 0; i < 4; ++i) ASSERT_TRUE((*watch)->Next(context_).value()) << i;
  EXPECT_FALSE((*watch)->Next(context_).value());
  EXPECT_FALSE((*watch)->Next(context_).value()) << "and again";
}

TEST_F(WatchTest, ReportsACutAfterTheCompleteEvents) {
  server_.ThenStream({Frame("ADDED", "{}") + "{\"type\":\"AD"}, true);
  const auto watch = Open();
  ASSERT_TRUE(watch);
  ASSERT_TRUE((*watch)->Next(context_).value());
  const auto cut = (*watch)->Next(context_);
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, Code::kDataLoss);
  EXPECT_EQ((*watch)->Next(context_).error().code, Code::kDataLoss) << "a broken watch stays broken";
}

TEST_F(WatchTest, ReportsAnEndInTheMiddleOfALine) {
  server_.ThenStream({"{\"type\":\"AD"});
  const auto watch = Open();
  ASSERT_TRUE(watch);
  EXPECT_EQ((*watch)->Next(context_).error().code, Code::kDataLoss);
}

TEST_F(WatchTest, StaysUsableAfterADeadline) {
  server_.Then([this](const http::Request&, http::ResponseWriter& writer, const Context& context) {
    (void)writer.Begin(200, {});
    scheduler_.Sleep(std::chrono::seconds(60), context);
    (void)writer.Write(Frame("ADDED", "{}"));
  });
  const auto watch = Open();
  ASSERT_TRUE(watch);
  const auto early = (*watch)->Next(context_.Within(scheduler_, std::chrono::seconds(10)));
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, Code::kDeadlineExceeded);
  const auto later = (*watch)->Next(context_);
  ASSERT_TRUE(later) << later.error();
  EXPECT_TRUE(*later);
}

TEST_F(WatchTest, LastsLongerThanTheRequestTimeout) {
  server_.Then([this](const http::Request&, http::ResponseWriter& writer, const Context& context) {
    (void)writer.Begin(200, {});
    scheduler_.Sleep(std::chrono::minutes(4), context);
    (void)writer.Write(Frame("ADDED", "{}"));
  });
  const auto watch = Open();
  ASSERT_TRUE(watch);
  EXPECT_TRUE((*watch)->Next(context_).value());
}

TEST_F(WatchTest, GivesTheServersRefusalWhenItDoesNotOpen) {
  server_.Then(403, StatusJson(403, "Forbidden", "user x cannot watch widgets"));
  const auto watch = Open();
  ASSERT_FALSE(watch);
  EXPECT_EQ(watch.error().code, Code::kPermissionDenied);
  EXPECT_THAT(watch.error().message, HasSubstr("cannot watch"));
}

}  // namespace
}  // namespace capstan::kube
