#include <capstan/core/kube/client.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capstan/core/json/patch.hpp>
#include <capstan/core/kube/testing/scripted_server.hpp>

namespace capstan::kube {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kWidget =
    R"({"apiVersion":"example.dev/v1","kind":"Widget","metadata":{"name":"w","namespace":"team",
"uid":"u-1","resourceVersion":"7","generation":2,"labels":{"a":"b"},"finalizers":["f/x"]},"spec":{"size":3,"on":true,"s":"t"}})";

class ClientTest : public ::testing::Test {
 protected:
  ClientTest() { transport_.Route("kube.test", &server_); }
  const Kind kind_{"example.dev", "v1", "Widget", "widgets", true};
  const ObjectKey key_{"team", "w"};
  SimulatedScheduler scheduler_;
  ScriptedServer server_;
  http::LoopbackTransport transport_{scheduler_};
  Client client_{transport_, scheduler_, {"https://kube.test/prefix/", "tester", std::chrono::seconds(30)}};
  const Context context_;
};

TEST(PathOf, NamesCollectionsObjectsAndSubresources) {
  const Kind widget{"example.dev", "v1", "Widget", "widgets", true};
  EXPECT_EQ(PathOf(widget, "team"), "/apis/example.dev/v1/namespaces/team/widgets");
  EXPECT_EQ(PathOf(widget, ""), "/apis/example.dev/v1/widgets");
  EXPECT_EQ(PathOf(widget, "team", "w", "status"), "/apis/example.dev/v1/namespaces/team/widgets/w/status");
  EXPECT_EQ(PathOf(SecretKind(), "team", "s"), "/api/v1/namespaces/team/secrets/s");
  EXPECT_EQ(PathOf(NamespaceKind(), "", "team"), "/api/v1/namespaces/team");
}

TEST(PathOf, EncodesWhatDoesNotBelongInASegment) {
  EXPECT_EQ(PathOf(SecretKind(), "../x", "a/b?c"), "/api/v1/namespaces/..%2Fx/secrets/a%2Fb%3Fc");
}

TEST_F(ClientTest, GetsAnObjectBelowTheServersPathPrefix) {
  server_.Then(200, kWidget);
  const auto object = client_.Get(kind_, key_, context_);
  ASSERT_TRUE(object) << object.error();
  EXPECT_EQ(server_.last().method, "GET");
  EXPECT_EQ(server_.path(), "/prefix/apis/example.dev/v1/namespaces/team/widgets/w");
  EXPECT_EQ(server_.last().headers.Get("accept"), "application/json");
  EXPECT_EQ(object->key(), key_);
  EXPECT_EQ(object->uid(), "u-1");
  EXPECT_EQ(object->resource_version(), "7");
  EXPECT_EQ(object->generation(), 2);
  EXPECT_FALSE(object->deleting());
  EXPECT_TRUE(object->HasFinalizer("f/x"));
  EXPECT_FALSE(object->HasFinalizer("f"));
  EXPECT_EQ(object->Label("a"), "b");
  EXPECT_EQ(object->Label("z"), std::nullopt);
  EXPECT_EQ(object->Annotation("a"), std::nullopt);
  EXPECT_EQ(object->IntegerAt("/spec/size"), 3);
  EXPECT_EQ(object->BooleanAt("/spec/on"), true);
  EXPECT_EQ(object->StringAt("/spec/s"), "t");
  EXPECT_EQ(object->ValueAt("/spec/none"), std::nullopt);
  EXPECT_EQ(object->ValueAt("no pointer"), std::nullopt);
}

struct StatusCase {
  int status;
  const char* reason;
  Code code;
};

TEST_F(ClientTest, TurnsTheServersStatusIntoACodeAndKeepsItsWords) {
  const std::vector<StatusCase> cases = {
      {400, "BadRequest", Code::kInvalidArgument},
      {401, "Unauthorized", Code::kUnauthenticated},
      {403, "Forbidden", Code::kPermissionDenied},
      {404, "NotFound", Code::kNotFound},
      {409, "AlreadyExists", Code::kAlreadyExists},
      {409, "Conflict", Code::kConflict},
      {410, "Expired", Code::kGone},
      {410, "Gone", Code::kGone},
      {413, "RequestEntityTooLarge", Code::kTooLarge},
      {415, "UnsupportedMediaType", Code::kUnsupportedMedia},
      {422, "Invalid", Code::kInvalidArgument},
      {429, "TooManyRequests", Code::kResourceExhausted},
      {500, "InternalError", Code::kUnavailable},
      {503, "ServiceUnavailable", Code::kUnavailable},
      {504, "Timeout", Code::kDeadlineExceeded},
      {405, "MethodNotAllowed", Code::kUnimplemented},
  };
  for (const auto& c : cases) {
    server_.Then(c.status, StatusJson(c.status, c.reason, "the words of the server"));
    const auto object = client_.Get(kind_, key_, context_);
    ASSERT_FALSE(object) << c.status;
    const Error& error = object.error();
    EXPECT_EQ(error.code, c.code) << c.status << " " << c.reason;
    EXPECT_EQ(error.reason, c.reason);
    EXPECT_EQ(error.http_status, c.status);
    EXPECT_EQ(error.sent, Sent::kYes);
    EXPECT_THAT(error.message, HasSubstr("the words of the server"));
    EXPECT_THAT(error.message, HasSubstr("widgets.example.dev team/w"));
  }
}

TEST_F(ClientTest, DistinguishesAMissingKindFromAMissingObject) {
  server_.Then(404, "404 page not found\n");
  const auto object = client_.Get(kind_, key_, context_);
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().code, Code::kNotFound);
  EXPECT_EQ(object.error().reason, "");
  EXPECT_THAT(object.error().message, HasSubstr("404 page not found"));
  EXPECT_EQ(object.error().message.find('\n'), std::string::npos);
}

TEST_F(ClientTest, TakesRetryAfterFromTheHeaderOrTheStatus) {
  server_.Then(429, StatusJson(429, "TooManyRequests", "slow"), {{"Retry-After", "3"}});
  EXPECT_EQ(client_.Get(kind_, key_, context_).error().retry_after, std::chrono::seconds(3));
  server_.Then(500, StatusJson(500, "ServerTimeout", "slow", R"({"retryAfterSeconds":4})"));
  EXPECT_EQ(client_.Get(kind_, key_, context_).error().retry_after, std::chrono::seconds(4));
}

TEST_F(ClientTest, SaysWhenANamespaceIsGoingAway) {
  server_.Then(
      403,
      StatusJson(
          403, "Forbidden", "being terminated",
          R"({"causes":[{"reason":"NamespaceTerminating","message":"m","field":"metadata.namespace"}]})"));
  const auto created = client_.Create(SecretKind(), "team", "{}", context_);
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().code, Code::kPermissionDenied);
  EXPECT_EQ(created.error().reason, "NamespaceTerminating");
}

TEST_F(ClientTest, TheServersMessageLosesItsFullStopBeforeOursFollows) {
  server_.Then(409, StatusJson(409, "Conflict", "the object has been modified. "));
  const auto object = client_.Get(kind_, key_, context_);
  ASSERT_FALSE(object);
  EXPECT_THAT(object.error().message, testing::EndsWith(": the object has been modified"));
}

TEST_F(ClientTest, RefusesAnAnswerThatIsNoObject) {
  for (const char* body : {"", "[]", "{\"kind\":\"Widget\"}", "{\"metadata\":{\"name\":", "<html>"}) {
    server_.Then(200, body);
    const auto object = client_.Get(kind_, key_, context_);
    ASSERT_FALSE(object) << body;
    EXPECT_EQ(object.error().code, Code::kDataLoss) << body;
    EXPECT_EQ(object.error().sent, Sent::kYes) << "the write may well have happened";
  }
}

TEST_F(ClientTest, GivesUpWhenTheRequestTimeoutPasses) {
  server_.Then([this](const http::Request&, http::ResponseWriter&, const Context& context) {
    scheduler_.Sleep(std::chrono::hours(2), context);
  });
  const Instant before = scheduler_.Now();
  const auto object = client_.Get(kind_, key_, context_);
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().code, Code::kDeadlineExceeded);
  EXPECT_LE(scheduler_.Now() - before, std::chrono::seconds(31));
}

TEST_F(ClientTest, CreatesUpdatesAndDeletesWithTheRightRequests) {
  server_.Then(201, kWidget);
  ASSERT_TRUE(client_.Create(kind_, "team", kWidget, context_));
  EXPECT_EQ(server_.last().method, "POST");
  EXPECT_EQ(server_.path(), "/prefix/apis/example.dev/v1/namespaces/team/widgets");
  EXPECT_EQ(server_.query("fieldManager"), "tester");
  EXPECT_EQ(server_.last().headers.Get("content-type"), "application/json");
  EXPECT_EQ(server_.last().body, kWidget);

  server_.Then(200, kWidget);
  ASSERT_TRUE(client_.Update(kind_, key_, kWidget, context_));
  EXPECT_EQ(server_.last().method, "PUT");
  EXPECT_EQ(server_.path(), "/prefix/apis/example.dev/v1/namespaces/team/widgets/w");

  server_.Then(200, R"({"kind":"Status","status":"Success"})");
  ASSERT_TRUE(client_.Delete(kind_, key_, {"u-1", "7", "Foreground"}, context_));
  EXPECT_EQ(server_.last().method, "DELETE");
  EXPECT_TRUE(json::Equal(server_.last().body,
                          R"({"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Foreground",
                              "preconditions":{"uid":"u-1","resourceVersion":"7"}})"));
  server_.Then(200, R"({"kind":"Status","status":"Success"})");
  ASSERT_TRUE(client_.Delete(kind_, key_, {}, context_));
  EXPECT_TRUE(json::Equal(server_.last().body, R"({"kind":"DeleteOptions","apiVersion":"v1"})"));
}

TEST_F(ClientTest, SendsEachKindOfPatchUnderItsOwnContentType) {
  const std::vector<std::pair<PatchType, const char*>> types = {
      {PatchType::kMerge, "application/merge-patch+json"},
      {PatchType::kJson, "application/json-patch+json"},
      {PatchType::kStrategicMerge, "application/strategic-merge-patch+json"},
      {PatchType::kApply, "application/apply-patch+yaml"}};
  for (const auto& [type, content] : types) {
    server_.Then(200, kWidget);
    ASSERT_TRUE(client_.Patch(kind_, key_, type, "{}", {}, context_));
    EXPECT_EQ(server_.last().method, "PATCH");
    EXPECT_EQ(server_.last().headers.Get("content-type"), content);
    EXPECT_EQ(server_.query("dryRun"), "(none)");
    EXPECT_EQ(server_.query("force"), "(none)");
  }
  server_.Then(200, kWidget);
  ASSERT_TRUE(client_.Patch(kind_, key_, PatchType::kApply, "{}", {"status", true, true}, context_));
  EXPECT_EQ(server_.path(), "/prefix/apis/example.dev/v1/namespaces/team/widgets/w/status");
  EXPECT_EQ(server_.query("dryRun"), "All");
  EXPECT_EQ(server_.query("force"), "true");
  EXPECT_EQ(server_.query("fieldManager"), "tester");
}

// A server gives the same answer in both cases.
TEST_F(ClientTest, DistinguishesAMissingSubresourceFromAMissingObject) {
  const std::string not_found = StatusJson(404, "NotFound", "widgets.example.dev \"w\" not found");
  server_.Then(404, not_found);
  server_.Then(200, kWidget);
  const auto lacking = client_.Patch(kind_, key_, PatchType::kMerge, "{}", {"status"}, context_);
  ASSERT_FALSE(lacking);
  EXPECT_EQ(lacking.error().code, Code::kUnimplemented);
  EXPECT_EQ(lacking.error().http_status, 404);
  EXPECT_THAT(lacking.error().message, HasSubstr("widgets.example.dev lacks subresources.status"));
  server_.Then(404, not_found);
  server_.Then(404, not_found);
  const auto gone = client_.Patch(kind_, key_, PatchType::kMerge, "{}", {"status"}, context_);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, Code::kNotFound);
}

TEST_F(ClientTest, ListsPageByPageUntilTheContinueTokenEnds) {
  server_.Then(
      200,
      R"({"kind":"WidgetList","metadata":{"resourceVersion":"9","continue":"more","remainingItemCount":1},
                        "items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]})");
  server_.Then(200, R"({"metadata":{"resourceVersion":"9"},"items":[{"metadata":{"name":"c"}}]})");
  ListOptions options;
  options.label_selector = "a=b,c!=d";
  options.field_selector = "metadata.name=x";
  options.limit = 2;
  options.resource_version = "0";
  const auto all = client_.ListAll(kind_, "team", options, context_);
  ASSERT_TRUE(all) << all.error();
  ASSERT_EQ(all->size(), 3U);
  EXPECT_EQ((*all)[2].key().name, "c");
  EXPECT_EQ(server_.query("continue"), "more");
  EXPECT_EQ(server_.query("resourceVersion"), "(none)") << "servers refuse it beside a continue token";
  EXPECT_EQ(server_.query("labelSelector"), "a=b,c!=d");
  EXPECT_EQ(server_.query("fieldSelector"), "metadata.name=x");
  EXPECT_EQ(server_.query("limit"), "2");
  const auto first = http::ParseUrl(server_.requests[0].url);
  EXPECT_EQ(http::QueryValue(first->query(), "resourceVersion"), "0");
}

TEST_F(ClientTest, PatchesForTheVersionAloneAsItPatchesForTheObject) {
  server_.Then(200, kWidget);
  const auto version =
      client_.PatchForVersion(kind_, key_, PatchType::kMerge, R"({"a":1})", {"status"}, context_);
  ASSERT_TRUE(version) << version.error();
  EXPECT_EQ(*version, "7");
  const auto request = server_.last();
  server_.Then(200, kWidget);
  ASSERT_TRUE(client_.Patch(kind_, key_, PatchType::kMerge, R"({"a":1})", {"status"}, context_));
  EXPECT_EQ(request.url, server_.last().url);
  EXPECT_EQ(request.headers, server_.last().headers);
  EXPECT_EQ(request.body, server_.last().body);
}

TEST_F(ClientTest, SaysThatAPatchWhoseAnswerHasNoVersionWasSent) {
  for (const char* body : {"", "<html>", "{\"metadata\":{}}", "{\"metadata\":{\"resourceVersion\":"}) {
    server_.Then(200, body);
    const auto version = client_.PatchForVersion(kind_, key_, PatchType::kMerge, "{}", {}, context_);
    ASSERT_FALSE(version) << body;
    EXPECT_EQ(version.error().code, Code::kDataLoss) << body;
    EXPECT_EQ(version.error().sent, Sent::kYes) << body;
    EXPECT_EQ(version.error().http_status, 200) << body;
  }
}

TEST_F(ClientTest, PatchesSeveralObjectsEachAsByItself) {
  server_.Then(200, kWidget);
  ASSERT_TRUE(client_.Patch(kind_, key_, PatchType::kMerge, R"({"a":1})", {"status"}, context_));
  const auto request = server_.last();
  server_.Then(200, kWidget);
  server_.Then(409, R"({"kind":"Status","code":409,"reason":"Conflict","message":"changed"})");
  server_.Then(200, "<html>");
  const auto answers =
      client_.PatchAll(kind_, {{key_, R"({"a":1})"}, {{"", "other"}, R"({"b":2})"}, {key_, "{}"}},
                       PatchType::kMerge, {"status"}, context_);
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_EQ(server_.requests[1].url, request.url);
  EXPECT_EQ(server_.requests[1].headers, request.headers);
  EXPECT_EQ(server_.requests[1].body, request.body);
  EXPECT_EQ(server_.requests[2].body, R"({"b":2})");
  ASSERT_TRUE(answers[0]) << answers[0].error();
  EXPECT_EQ(ObjectIn(answers[0])->resource_version(), "7");
  EXPECT_EQ(answers[1].error().code, Code::kConflict);
  EXPECT_THAT(answers[1].error().message, HasSubstr("other (status)"));
  EXPECT_EQ(ObjectIn(answers[1]).error().code, Code::kConflict);
  EXPECT_EQ(ObjectIn(answers[2]).error().code, Code::kDataLoss) << "it was sent, and is no object";
  EXPECT_EQ(ObjectIn(answers[2]).error().sent, Sent::kYes);
}

TEST_F(ClientTest, HandsOutItemsBeforeThePageIsComplete) {
  server_.ThenStream({R"({"kind":"WidgetList","metadata":{"resourceVersion":"5"},"items":[{"metadata":{"na)",
                      R"(me":"a"}},{"metadata":{"name":"b"}})"},
                     true);
  std::vector<std::string> names;
  const auto head = client_.List(
      kind_, "", {},
      [&](std::string_view item) -> Status {
        names.push_back(Object::Parse(std::string(item))->key().name);
        return {};
      },
      context_);
  ASSERT_FALSE(head) << "the body was cut";
  EXPECT_EQ(head.error().code, Code::kDataLoss);
  EXPECT_THAT(names, ElementsAre("a", "b"));
}

TEST_F(ClientTest, ReportsTheHeadOfAList) {
  server_.Then(200,
               R"({"items":[],"metadata":{"resourceVersion":"5","continue":"t","remainingItemCount":12}})");
  const auto head = client_.List(
      kind_, "", {}, [](std::string_view) -> Status { return {}; }, context_);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->resource_version, "5");
  EXPECT_EQ(head->continue_token, "t");
  EXPECT_EQ(head->remaining, 12);
}

TEST_F(ClientTest, RefusesAListThatIsMalformed) {
  for (const char* body : {"{}", R"({"metadata":{}})", "[]", "nope", "", R"({"metadata":{},"items":[1})"}) {
    server_.Then(200, body);
    const auto head = client_.List(
        kind_, "", {}, [](std::string_view) -> Status { return {}; }, context_);
    ASSERT_FALSE(head) << body;
    EXPECT_EQ(head.error().code, Code::kDataLoss) << body;
  }
}

TEST_F(ClientTest, StopsAListAtTheReceiversError) {
  server_.Then(200, R"({"metadata":{},"items":[{},{}]})");
  const auto head = client_.List(
      kind_, "", {}, [](std::string_view) -> Status { return Fail(Code::kTooLarge, "full"); }, context_);
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().code, Code::kTooLarge);
}

TEST_F(ClientTest, ReadsTheErrorOfAListAlthoughItStreams) {
  server_.Then(410, StatusJson(410, "Expired", "the continue token is too old"));
  const auto all = client_.ListAll(kind_, "", {}, context_);
  ASSERT_FALSE(all);
  EXPECT_EQ(all.error().code, Code::kGone);
  EXPECT_EQ(all.error().reason, "Expired");
}

TEST_F(ClientTest, GivesUpAListWhoseServerFallsSilent) {
  server_.Then([this](const http::Request&, http::ResponseWriter& writer, const Context& context) {
    (void)writer.Begin(200, {});
    (void)writer.Write(R"({"items":[)");
    scheduler_.Sleep(std::chrono::hours(2), context);
  });
  const Instant before = scheduler_.Now();
  const auto all = client_.ListAll(kind_, "", {}, context_);
  ASSERT_FALSE(all);
  EXPECT_EQ(all.error().code, Code::kDeadlineExceeded);
  EXPECT_LE(scheduler_.Now() - before, std::chrono::seconds(62));
}

TEST_F(ClientTest, LetsALongListTakeAsLongAsItProgresses) {
  server_.Then([this](const http::Request&, http::ResponseWriter& writer, const Context& context) {
    (void)writer.Begin(200, {});
    (void)writer.Write(R"({"metadata":{"resourceVersion":"1"},"items":[{"metadata":{}})");
    for (int i = 0; i < 9; ++i) {
      scheduler_.Sleep(std::chrono::seconds(20), context);
      (void)writer.Write(R"(,{"metadata":{}})");
    }
    (void)writer.Write("]}");
  });
  const auto all = client_.ListAll(kind_, "", {}, context_);
  ASSERT_TRUE(all) << all.error();
  EXPECT_EQ(all->size(), 10U);
}

TEST_F(ClientTest, AsksForMetadataOnly) {
  server_.Then(200,
               R"({"kind":"PartialObjectMetadataList","metadata":{},"items":[{"metadata":{"name":"a"}}]})");
  int items = 0;
  ASSERT_TRUE(client_.ListMetadata(
      kind_, "", {},
      [&](std::string_view) -> Status {
        ++items;
        return {};
      },
      context_));
  EXPECT_EQ(items, 1);
  EXPECT_THAT(std::string(*server_.last().headers.Get("accept")),
              HasSubstr("as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"));
}

TEST_F(ClientTest, DerivesTheServersTimeFromItsDateHeader) {
  EXPECT_EQ(client_.ServerTime(), scheduler_.WallNow());
  const WallTime server_time = scheduler_.WallNow() + std::chrono::hours(5);
  server_.Then(200, "ok", {{"Date", FormatHttpDate(server_time)}});
  ASSERT_TRUE(client_.GetPath("/healthz", context_));
  EXPECT_LT(std::chrono::abs(client_.ServerTime() - server_time), std::chrono::seconds(2));
  scheduler_.RunFor(std::chrono::minutes(10));
  EXPECT_LT(std::chrono::abs(client_.ServerTime() - server_time - std::chrono::minutes(10)),
            std::chrono::seconds(2));
  scheduler_.StepWallClock(std::chrono::hours(100));
  EXPECT_LT(std::chrono::abs(client_.ServerTime() - server_time - std::chrono::minutes(10)),
            std::chrono::seconds(2))
      << "our own wall clock does not matter any more";
}

TEST_F(ClientTest, FollowsAServerClockThatWasSetBackAndIgnoresALateAnswer) {
  const WallTime first = scheduler_.WallNow();
  server_.Then(200, "ok", {{"Date", FormatHttpDate(first)}});
  ASSERT_TRUE(client_.GetPath("/a", context_));
  server_.Then([&](const http::Request&, http::ResponseWriter& writer, const Context& context) {
    const std::string date = FormatHttpDate(scheduler_.WallNow());
    scheduler_.Sleep(std::chrono::seconds(20), context);  // the answer is late, its date is not
    (void)writer.Respond({200, {{"Date", date}}, "ok"});
  });
  ASSERT_TRUE(client_.GetPath("/b", context_));
  EXPECT_LT(std::chrono::abs(client_.ServerTime() - scheduler_.WallNow()), std::chrono::seconds(2));
  const WallTime back = scheduler_.WallNow() - std::chrono::hours(1);
  server_.Then(200, "ok", {{"Date", FormatHttpDate(back)}});
  ASSERT_TRUE(client_.GetPath("/c", context_));
  EXPECT_LT(std::chrono::abs(client_.ServerTime() - back), std::chrono::seconds(2));
  server_.Then(200, "ok", {{"Date", "yesterday"}});
  ASSERT_TRUE(client_.GetPath("/d", context_));
  EXPECT_LT(std::chrono::abs(client_.ServerTime() - back), std::chrono::seconds(2));
}

}  // namespace
}  // namespace capstan::kube
