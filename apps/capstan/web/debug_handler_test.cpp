#include <capstan/apps/capstan/web/debug_handler.hpp>

#include <gtest/gtest.h>

#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/http/loopback.hpp>

namespace capstan::app {
namespace {

class DebugHandlerTest : public testing::Test {
 protected:
  http::Response Get(const std::string& path) {
    http::LoopbackTransport transport(scheduler_);
    transport.Route("operator", &handler_);
    http::Request request;
    request.method = "GET";
    request.url = "http://operator" + path;
    return transport.Send(request, Context{}).value();
  }
  SimulatedScheduler scheduler_;
  managed::FlightRecorder recorder_{scheduler_};
  DebugHandler handler_{recorder_};
};

TEST_F(DebugHandlerTest, ReturnsTheLastEffectsOfAnObject) {
  managed::Effect effect;
  effect.operation = "create";
  recorder_.Note("Box", {"shop", "web"}, effect);
  const auto answer = Get("/debug/objects/shop/web");
  EXPECT_EQ(answer.status, 200);
  const auto read = managed::RecordingsFromJson(answer.body);
  ASSERT_TRUE(read) << read.error();
  ASSERT_EQ(read->size(), 1u);
  EXPECT_EQ(read->at(0).effects.at(0).operation, "create");
}

TEST_F(DebugHandlerTest, ReturnsAnEmptyListForAnObjectThatWasNeverReconciled) {
  EXPECT_EQ(Get("/debug/objects/shop/none").body, R"({"recordings":[]})");
}

TEST_F(DebugHandlerTest, SaysWhichShardsThisProcessOwns) {
  const auto part = [] { return Json::Parse(R"({"count":12,"owned":[3]})").value(); };
  DebugHandler handler(recorder_, nullptr, part);
  http::LoopbackTransport transport(scheduler_);
  transport.Route("operator", &handler);
  http::Request request;
  request.method = "GET";
  request.url = "http://operator/debug/objects/shop/none";
  const auto answer = transport.Send(request, Context{}).value();
  EXPECT_EQ(answer.body, R"({"recordings":[],"shards":{"count":12,"owned":[3]}})");
  EXPECT_TRUE(managed::RecordingsFromJson(answer.body)) << "capstan explain reads it";
}

TEST_F(DebugHandlerTest, RefusesEveryOtherPath) {
  for (const char* path : {"/debug", "/debug/objects/", "/debug/objects/a/b/c", "/debug/objects/../x",
                           "/debug/objects/A_B/c", "/debug/objects/%00/c", "/debug/objects//"})
    EXPECT_EQ(Get(path).status, 404) << path;
}

TEST_F(DebugHandlerTest, SaysThatTheCacheHasNotSeenTheOperatorsOwnWrite) {
  std::string cached = "9";
  DebugHandler handler(recorder_, [&](const std::string& kind, const kube::ObjectKey&) {
    return kind == "Box" ? cached : "";
  });
  recorder_.Wrote("Box", {"shop", "web"}, "10");
  http::LoopbackTransport transport(scheduler_);
  transport.Route("operator", &handler);
  const auto unseen = [&] {
    http::Request request;
    request.method = "GET";
    request.url = "http://operator/debug/objects/shop/web";
    const auto read = managed::RecordingsFromJson(transport.Send(request, Context{}).value().body);
    return read->at(0).write_unseen;
  };
  EXPECT_TRUE(unseen());
  cached = "10";
  EXPECT_FALSE(unseen());
}

}  // namespace
}  // namespace capstan::app
