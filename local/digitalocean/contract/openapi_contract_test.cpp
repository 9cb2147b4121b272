#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>

#include <algorithm>

#include <capstan/core/http/collecting_writer.hpp>
#include <capstan/local/digitalocean/contract/openapi_contract.hpp>
#include <capstan/local/digitalocean/testing/contract.hpp>

namespace capstan::simulated_digitalocean {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kDocument[] = R"({
  "openapi": "3.0.0",
  "paths": {
    "/v2/things/{id}": {
      "parameters": [{"name": "id", "in": "path"}],
      "get": {"parameters": [{"name": "verbose", "in": "query"}], "responses": {
        "200": {"headers": {"ratelimit-limit": {}}, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/thing"}}}},
        "204": {},
        "default": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/error"}}}}}},
      "put": {
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/thing"}}}},
        "responses": {"202": {}}}
    },
    "/v2/things/special": {"get": {"responses": {"200": {"content": {"text/plain": {}}}}}}
  },
  "components": {"schemas": {
    "named": {"type": "object", "properties": {"name": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 5}}},
    "thing": {"allOf": [{"$ref": "#/components/schemas/named"}], "type": "object", "required": ["name", "count"],
      "properties": {
        "count": {"type": "integer", "minimum": 1, "maximum": 9},
        "state": {"type": "string", "enum": ["on", "off"]},
        "at": {"type": "string", "format": "date-time"},
        "id": {"type": "string", "format": "uuid"},
        "note": {"type": "string", "nullable": true},
        "parts": {"type": "array", "items": {"type": "object", "required": ["size"], "properties": {"size": {"type": "number"}}}},
        "either": {"anyOf": [{"type": "string"}, {"type": "boolean"}]}}},
    "error": {"type": "object", "required": ["id", "message"], "properties": {"id": {"type": "string"}, "message": {"type": "string"}}}
  }}})";

class Contract : public testing::Test {
 protected:
  std::vector<std::string> Answer(int status, const std::string& body,
                                  const std::string& path = "/v2/things/1") {
    http::Request request{"GET", "https://example.com" + path, {}, ""};
    http::Response response{
        status, {{"Content-Type", "application/json; charset=utf-8"}, {"RateLimit-Limit", "5"}}, body};
    return contract_->CheckResponse(request, response);
  }
  std::vector<std::string> Sent(const std::string& method, const std::string& body) {
    return contract_->CheckRequest(
        {method, "https://example.com/v2/things/1", {{"Content-Type", "application/json"}}, body});
  }
  std::unique_ptr<OpenApiContract> contract_ = std::move(OpenApiContract::Parse(kDocument)).value();
};

TEST_F(Contract, FindsNoViolationInAValidExchange) {
  EXPECT_THAT(Answer(200, R"({"name":"abc","count":3,"state":"on","at":"2026-01-01T00:00:00.5Z","note":null,
      "id":"bd5f5959-5e1e-4205-a714-a914373942af","parts":[{"size":1},{"size":2.5}],"either":true})"),
              IsEmpty());
  EXPECT_THAT(Answer(204, ""), IsEmpty());
  EXPECT_THAT(Answer(418, R"({"id":"teapot","message":"short and stout"})"), IsEmpty());
}

TEST_F(Contract, NamesEachViolationAndItsPlace) {
  EXPECT_THAT(Answer(200, R"({"name":"abc"})"),
              ElementsAre(HasSubstr("GET /v2/things/{id} 200: / lacks count")));
  EXPECT_THAT(Answer(200, R"({"name":7,"count":3})"), ElementsAre(HasSubstr("/name is not of type string")));
  EXPECT_THAT(Answer(200, R"({"name":"ABC","count":3})"), ElementsAre(HasSubstr("/name does not match")));
  EXPECT_THAT(Answer(200, R"({"name":"abcdef","count":3})"),
              ElementsAre(HasSubstr("/name is longer than 5")));
  EXPECT_THAT(Answer(200, R"({"name":"a","count":10})"), ElementsAre(HasSubstr("/count is above 9")));
  EXPECT_THAT(Answer(200, R"({"name":"a","count":0})"), ElementsAre(HasSubstr("/count is below 1")));
  EXPECT_THAT(Answer(200, R"({"name":"a","count":1.5})"),
              ElementsAre(HasSubstr("/count is not of type integer")));
  EXPECT_THAT(Answer(200, R"({"name":"a","count":1,"state":"broken"})"),
              ElementsAre(HasSubstr("not one of the allowed values")));
  EXPECT_THAT(Answer(200, R"({"name":"a","count":1,"at":""})"),
              ElementsAre(HasSubstr("/at is not of format date-time")));
  EXPECT_THAT(Answer(200, R"({"name":"a","count":1,"id":"7"})"),
              ElementsAre(HasSubstr("/id is not of format uuid")));
  EXPECT_THAT(Answer(200, R"({"name":null,"count":1})"), ElementsAre(HasSubstr("/name is null")));
  EXPECT_THAT(Answer(200, R"({"name":"a","count":1,"parts":[{"size":1},{}]})"),
              ElementsAre(HasSubstr("/parts/1 lacks size")));
  EXPECT_THAT(Answer(200, R"({"name":"a","count":1,"either":7})"),
              ElementsAre(HasSubstr("matches no alternative of anyOf")));
  EXPECT_THAT(Answer(418, R"({"id":"teapot"})"), ElementsAre(HasSubstr("418: / lacks message")));
}

TEST_F(Contract, NamesUndefinedFieldsAndQueryParameters) {
  EXPECT_THAT(Answer(200, R"({"name":"abc","count":3,"naem":1,"parts":[{"size":1,"sise":2}]})"),
              ElementsAre(HasSubstr("/ has naem"), HasSubstr("/parts/0 has sise")));
  EXPECT_THAT(Sent("PUT", R"({"count":3,"cuont":4})"), ElementsAre(HasSubstr("request: / has cuont")));
  EXPECT_THAT(Sent("PUT", R"({"count":3,"gpu_partition_mode":"x"})"), IsEmpty()) << "clients have it";
  http::Request request{"GET", "https://example.com/v2/things/1?verbose=1&page=2", {}, ""};
  EXPECT_THAT(contract_->CheckRequest(request), ElementsAre(HasSubstr("no query parameter page")));
}

TEST_F(Contract, ChecksStatusHeadersTypeAndEmptyBodies) {
  EXPECT_THAT(Answer(201, "{}"), ElementsAre(HasSubstr("does not list this status")));
  EXPECT_THAT(Answer(204, "{}"), ElementsAre(HasSubstr("has a body")));
  EXPECT_THAT(Answer(200, "oops"), ElementsAre(HasSubstr("is not JSON")));
  EXPECT_THAT(Answer(200, "{}", "/v2/things/special"),
              ElementsAre(HasSubstr("application/json is not listed")));
  http::Request request{"GET", "https://example.com/v2/things/1", {}, ""};
  EXPECT_THAT(contract_->CheckResponse(
                  request, {200, {{"Content-Type", "application/json"}}, R"({"name":"a","count":1})"}),
              ElementsAre(HasSubstr("lacks the header ratelimit-limit")));
}

TEST_F(Contract, AcceptsOnlyTheKnownContradictionsInRequests) {
  EXPECT_THAT(Sent("PUT", R"({"count":3,"state":null})"), IsEmpty());
  EXPECT_THAT(Sent("PUT", R"({"count":"3"})"), ElementsAre(HasSubstr("/count is not of type integer")));
  EXPECT_THAT(Sent("PUT", R"({"parts":[{}]})"), ElementsAre(HasSubstr("/parts/0 lacks size")));
  EXPECT_THAT(Sent("PUT", ""), ElementsAre(HasSubstr("needs a body")));
  EXPECT_THAT(Sent("GET", "{}"), ElementsAre(HasSubstr("takes no body")));
  EXPECT_THAT(Sent("POST", "{}"), ElementsAre(HasSubstr("no such operation")));
  EXPECT_FALSE(KnownContradictions().empty());
}

TEST_F(Contract, RefusesADocumentThatIsNotOpenApi) {
  EXPECT_FALSE(OpenApiContract::Parse("[]"));
  EXPECT_FALSE(OpenApiContract::Parse("{}"));
}

class OneThing final : public http::Handler {
 public:
  void Handle(const http::Request&, http::ResponseWriter& writer, const Context&) override {
    (void)writer.Respond({202, {}, ""});
  }
};

TEST_F(Contract, AsAHandlerPassesTheAnswerOnAndReportsBothSides) {
  OneThing thing;
  std::vector<std::string> reported;
  ContractHandler handler(*contract_, thing,
                          [&](const std::string& violation) { reported.push_back(violation); });
  http::CollectingWriter writer;
  handler.Handle(
      {"PUT", "https://example.com/v2/things/1", {{"Content-Type", "application/json"}}, R"({"count":true})"},
      writer, Context());
  EXPECT_EQ(writer.response().status, 202);
  EXPECT_THAT(reported, ElementsAre(HasSubstr("PUT /v2/things/{id} request: /count")));
}

TEST_F(Contract, ChecksRequestsUnlessTheirContentIsRefused) {
  class Refusing final : public http::Handler {
   public:
    void Handle(const http::Request&, http::ResponseWriter& writer, const Context&) override {
      (void)writer.Respond({status, {}, ""});
    }
    int status = 0;
  } thing;
  std::vector<std::string> reported;
  ContractHandler handler(*contract_, thing, [&](const std::string& what) { reported.push_back(what); });
  const auto about_the_request = [&](int status) {
    reported.clear();
    thing.status = status;
    http::CollectingWriter writer;
    handler.Handle({"PUT",
                    "https://example.com/v2/things/1",
                    {{"Content-Type", "application/json"}},
                    R"({"count":true})"},
                   writer, Context());
    return std::count_if(reported.begin(), reported.end(), [](const std::string& what) {
      return what.find(" request: ") != std::string::npos;
    });
  };
  for (const int status : {202, 401, 404, 412, 429, 500}) EXPECT_EQ(about_the_request(status), 1) << status;
  for (const int status : {400, 422}) EXPECT_EQ(about_the_request(status), 0) << status;
}

TEST_F(Contract, ReportsEachViolationEvenAfterASimilarValidExchange) {
  OneThing thing;
  int reported = 0;
  ContractHandler handler(*contract_, thing, [&](const std::string&) { ++reported; });
  const auto reported_of = [&](const std::string& url, const std::string& type, const std::string& body) {
    const int before = reported;
    http::CollectingWriter writer;
    handler.Handle({"PUT", url, {{"Content-Type", type}}, body}, writer, Context());
    return reported - before;
  };
  const std::string url = "https://example.com/v2/things/1";
  EXPECT_EQ(reported_of(url, "application/json", R"({"count":3})"), 0);
  EXPECT_EQ(reported_of(url, "application/json", R"({"count":3})"), 0);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(reported_of(url, "application/json", R"({"count":true})"), 1);
    EXPECT_EQ(reported_of(url, "text/plain", R"({"count":3})"), 1);
    EXPECT_EQ(reported_of(url + "?count=3", "application/json", R"({"count":3})"), 1);
  }
}

TEST_F(Contract, ChecksEachAnswerEvenIfTheRequestIsTheSame) {
  class Answering final : public http::Handler {
   public:
    void Handle(const http::Request&, http::ResponseWriter& writer, const Context&) override {
      (void)writer.Respond(answer);
    }
    http::Response answer;
  } thing;
  const http::Headers whole = {{"Content-Type", "application/json"}, {"ratelimit-limit", "5000"}};
  std::vector<std::string> reported;
  ContractHandler handler(*contract_, thing, [&](const std::string& what) { reported.push_back(what); });
  for (const http::Response& answer :
       {http::Response{200, whole, R"({"name":"a","count":1})"},
        http::Response{200, whole, R"({"name":"a","count":"1"})"},
        http::Response{201, whole, R"({"name":"a","count":1})"},
        http::Response{200, {{"Content-Type", "application/json"}}, R"({"name":"a","count":1})"}}) {
    thing.answer = answer;
    http::CollectingWriter writer;
    handler.Handle({"GET", "https://example.com/v2/things/1", {}, ""}, writer, Context());
  }
  EXPECT_THAT(reported, ElementsAre(HasSubstr("not of type integer"), HasSubstr("does not list this status"),
                                    HasSubstr("lacks the header")));
}

TEST_F(Contract, FailsAGuardedTestAtAnInventedField) {
  OneThing thing;
  const auto put = [](http::Handler& handler, const std::string& body) {
    http::CollectingWriter writer;
    handler.Handle({"PUT", "https://example.com/v2/things/1", {{"Content-Type", "application/json"}}, body},
                   writer, Context());
    EXPECT_EQ(writer.response().status, 202);
  };
  const auto held = HoldToContract(thing, contract_.get());
  put(held->handler(), R"({"count":3})");
  EXPECT_NONFATAL_FAILURE(put(held->handler(), R"({"count":3,"invented":1})"), "request: / has invented");
  const auto unchecked = HoldToContract(thing, nullptr);
  put(unchecked->handler(), R"({"count":3,"invented":1})");
}

}  // namespace
}  // namespace capstan::simulated_digitalocean
