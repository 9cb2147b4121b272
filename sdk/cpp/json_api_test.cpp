#include <capstan/sdk/cpp/json_api.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

namespace capstan::sdk {
namespace {

using testing::HasSubstr;

// Returns prepared responses, and records the requests.
class ScriptedTransport final : public http::Transport {
 public:
  Result<http::Response> Send(const http::Request& request, const Context&) override {
    asked.push_back(request);
    if (answers.empty()) return Fail(Code::kUnavailable, "no answer is left");
    auto answer = answers.front();
    answers.pop_front();
    return answer;
  }
  Result<http::StreamResponse> Open(const http::Request&, const Context&) override {
    return Fail(Code::kUnimplemented, "");
  }
  std::vector<http::Request> asked;
  std::deque<Result<http::Response>> answers;
};

class FixedClock final : public Clock {
 public:
  Instant Now() const override { return {}; }
  WallTime WallNow() const override { return {}; }
};

class JsonApiTest : public testing::Test {
 protected:
  JsonApi Api(std::string config = "{}") {
    return JsonApi({std::move(config), transport, clock, *random, log}, {.url = "https://api.test/v1/",
                                                                         .token = Secret("t0ken"),
                                                                         .headers = {{"X-Version", "3"}},
                                                                         .message = "/error/message",
                                                                         .reason = "/error/code",
                                                                         .request_id = "x-correlation-id"});
  }
  void Answer(int status, std::string body, http::Headers headers = {}) {
    transport.answers.push_back(http::Response{status, std::move(headers), std::move(body)});
  }
  ScriptedTransport transport;
  FixedClock clock;
  std::unique_ptr<Random> random = MakeSeededRandom(1);
  SilentLog log;
};

TEST_F(JsonApiTest, BuildsUrlsWhoseSegmentsLeadNowhereElse) {
  Answer(200, R"({"id":1})");
  ASSERT_TRUE(Api().Get({"servers", "a/../b?c#d e"}, Context{}, {{"na me", "x&y=z"}}));
  EXPECT_EQ(transport.asked[0].url, "https://api.test/v1/servers/a%2F..%2Fb%3Fc%23d%20e?na%20me=x%26y%3Dz");
  EXPECT_EQ(transport.asked[0].headers.Get("Authorization"), "Bearer t0ken");
  EXPECT_EQ(transport.asked[0].headers.Get("X-Version"), "3");
  for (const char* segment : {"", ".", ".."}) {
    const auto refused = Api().Get({"servers", segment}, Context{});
    ASSERT_FALSE(refused) << segment;
    EXPECT_EQ(refused.error().code, Code::kInvalidArgument);
    EXPECT_EQ(refused.error().sent, Sent::kNo);
  }
  EXPECT_EQ(transport.asked.size(), 1u) << "nothing is sent for a segment that no path can hold";
}

TEST_F(JsonApiTest, TheConfigurationNamesAnotherUrl) {
  Answer(200, "{}");
  ASSERT_TRUE(Api(R"({"apiURL":"http://127.0.0.1:8080"})").Get({"servers"}, Context{}));
  EXPECT_EQ(transport.asked[0].url, "http://127.0.0.1:8080/servers");
  EXPECT_EQ(Api(R"({"apiURL":"nonsense"})").Get({"servers"}, Context{}).error().code, Code::kInvalidArgument);
}

TEST_F(JsonApiTest, ErrorsKeepTheCloudsWordsAndNumbers) {
  Answer(429, R"({"error":{"code":"rate_limit","message":"slow down"}})",
         {{"Retry-After", "17"}, {"X-Correlation-Id", "c-7"}});
  const auto limited = Api().Get({"servers"}, Context{});
  ASSERT_FALSE(limited);
  EXPECT_EQ(limited.error().code, Code::kResourceExhausted);
  EXPECT_EQ(limited.error().message, "slow down");
  EXPECT_EQ(limited.error().reason, "rate_limit");
  EXPECT_EQ(limited.error().request_id, "c-7");
  EXPECT_EQ(limited.error().http_status, 429);
  EXPECT_EQ(limited.error().retry_after, std::chrono::seconds(17));
  Answer(503, "<html>");
  EXPECT_THAT(Api().Get({"servers"}, Context{}).error().message, HasSubstr("503"));
}

TEST_F(JsonApiTest, WhatIsNoJsonIsNotBelieved) {
  for (const char* body : {"", "{", "null", "7", "<html>"}) {
    Answer(200, body);
    const auto answer = Api().Get({"servers", "1"}, Context{});
    ASSERT_FALSE(answer) << body;
    EXPECT_EQ(answer.error().code, Code::kDataLoss) << body;
  }
  Answer(201, "{}");
  const Outcome made = Api().Create({"servers"}, Json::EmptyObject(), "/server/id", Context{});
  EXPECT_EQ(made.verdict, Verdict::kUnknown) << "something may be there, without an id to find it by";
}

TEST_F(JsonApiTest, ListsAreCompleteOrAnError) {
  const Listing by_next{.items = "/servers", .next = "/meta/next_page", .total = "/meta/total"};
  Answer(200, R"({"servers":[1,2],"meta":{"next_page":2,"total":3}})");
  Answer(200, R"({"servers":[3],"meta":{"next_page":null,"total":3}})");
  const auto all = Api().All({"servers"}, by_next, Context{}, {{"name", "x"}});
  ASSERT_TRUE(all) << all.error();
  EXPECT_EQ(all->size(), 3u);
  EXPECT_EQ(transport.asked[1].url, "https://api.test/v1/servers?name=x&page=2");
  const std::pair<std::vector<const char*>, const char*> rows[] = {
      {{R"({"servers":[1],"meta":{"total":2}})"}, "its total is 2"},
      {{R"({"servers":[1],"meta":{"next_page":2,"total":2}})", R"({"servers":[2],"meta":{"total":3}})"},
       "changed"},
      {{R"({"servers":[1],"meta":{"next_page":2,"total":2}})",
        R"({"servers":[2],"meta":{"next_page":2,"total":2}})"},
       "circle"},
      {{R"({"meta":{"total":0}})"}, "no list"},
      {{R"({"servers":[]})"}, "no total"},
      {{R"({"servers":[],"meta":{"total":0,"next_page":"https://elsewhere.test/x"}})"},
       "not the cloud's API"},
  };
  for (const auto& [bodies, why] : rows) {
    transport.answers.clear();
    for (const char* body : bodies) Answer(200, body);
    const auto broken = Api().All({"servers"}, by_next, Context{});
    ASSERT_FALSE(broken) << why;
    EXPECT_EQ(broken.error().code, Code::kDataLoss);
    EXPECT_THAT(broken.error().message, HasSubstr(why));
  }
}

TEST_F(JsonApiTest, PagesAreCountedOrFollowedAsUrls) {
  const Listing counted{.items = "", .pages = "/pages"};
  Answer(200, "[1]");
  EXPECT_FALSE(Api().All({"servers"}, counted, Context{})) << "a list that is the body says no pages";
  const Listing with_pages{.items = "/clusters", .pages = "/pages", .total = "/total"};
  Answer(200, R"({"clusters":[1],"pages":2,"total":2})");
  Answer(200, R"({"clusters":[2],"pages":2,"total":2})");
  EXPECT_TRUE(Api().All({"clusters"}, with_pages, Context{}));
  EXPECT_EQ(transport.asked.back().url, "https://api.test/v1/clusters?page=2");
  const Listing linked{.items = "/items", .next = "/links/next"};
  Answer(200, R"({"items":[1],"links":{"next":"https://api.test/v1/items?after=abc"}})");
  Answer(200, R"({"items":[2],"links":{}})");
  EXPECT_EQ(Api().All({"items"}, linked, Context{})->size(), 2u);
  EXPECT_EQ(transport.asked.back().url, "https://api.test/v1/items?after=abc");
}

TEST_F(JsonApiTest, OutcomesSayWhatBecameOfAChange) {
  Answer(201, R"({"server":{"id":42}})");
  EXPECT_EQ(Api().Create({"servers"}, Json::EmptyObject(), "/server/id", Context{}).id, "42");
  Answer(404, "{}");
  EXPECT_EQ(Api().Remove({"servers", "1"}, Context{}).verdict, Verdict::kNotFound);
  Answer(204, "");
  EXPECT_EQ(Api().Remove({"servers", "1"}, Context{}).verdict, Verdict::kDone);
  Answer(422, R"({"error":{"message":"no such type"}})");
  const Outcome refused = Api().Change("PUT", {"servers", "1"}, Json::EmptyObject(), Context{});
  EXPECT_EQ(refused.verdict, Verdict::kRejected);
  EXPECT_EQ(refused.error->message, "no such type");
  Answer(500, "");
  EXPECT_EQ(Api().Change("PUT", {"servers", "1"}, Json::EmptyObject(), Context{}).verdict, Verdict::kUnknown);
  Answer(404, "{}");
  EXPECT_FALSE(Api().GetIfThere({"servers", "1"}, Context{})->has_value());
  Answer(403, "{}");
  EXPECT_FALSE(Api().GetIfThere({"servers", "1"}, Context{}));
}

TEST_F(JsonApiTest, AnOperationIsDoneOrRunsOrFailed) {
  const Operation operation{.state = "/status", .done = {"DONE"}, .failed = {"ERROR"}, .message = "/error"};
  Answer(200, R"({"status":"RUNNING"})");
  EXPECT_FALSE(*Api().IsDone({"operations", "1"}, operation, Context{}));
  Answer(200, R"({"status":"DONE"})");
  EXPECT_TRUE(*Api().IsDone({"operations", "1"}, operation, Context{}));
  Answer(200, R"({"status":"ERROR","error":"out of stock"})");
  EXPECT_EQ(Api().IsDone({"operations", "1"}, operation, Context{}).error().message, "out of stock");
}

TEST(Tags, AreKeptAsTextsOrAsLabels) {
  const Identity ours{"capstan:u-1", "capstan-owner:home", "", ""};
  EXPECT_EQ(WithIdentity({"team:a", "capstan:other", "capstan-owner:there"}, ours),
            (std::vector<std::string>{"team:a", "capstan:u-1", "capstan-owner:home"}));
  EXPECT_EQ(IdentityInTags({"team:a", "capstan:u-1", "capstan-owner:home"}).tag, "capstan:u-1");
  const auto labels = LabelsOf(ours);
  EXPECT_EQ(labels.at("capstan"), "u-1");
  EXPECT_EQ(labels.at("capstan-owner"), "home");
  EXPECT_EQ(IdentityIn(labels).tag, ours.tag);
  EXPECT_EQ(IdentityIn(labels).owner, ours.owner);
  EXPECT_EQ(IdentityIn({{"team", "a"}}).tag, "");
}

}  // namespace
}  // namespace capstan::sdk
