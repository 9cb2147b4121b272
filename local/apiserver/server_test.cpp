// The server from a client's point of view: authentication, discovery, content types, rejected
// bodies.
#include <capstan/local/apiserver/server.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capstan/local/apiserver/testing/server_fixture.hpp>

namespace capstan::apiserver {
namespace {

using testing::HasSubstr;

constexpr const char* kMaps = "/api/v1/namespaces/default/configmaps";

TEST_F(ServerTest, AnswersHealthAndVersionWithADate) {
  EXPECT_EQ(Get("/healthz").body, "ok");
  http::Response version = Get("/version");
  EXPECT_EQ(At(version, "/major"), "1");
  EXPECT_TRUE(version.headers.Get("Date").has_value());
}

TEST_F(ServerTest, AuthenticatesByTokenAndExplainsRefusals) {
  ApiServerOptions options;
  options.tokens.push_back({Secret("good"), "jane", {}});
  Restart(options);
  EXPECT_EQ(Get("/api/v1/namespaces", {{"Authorization", "Bearer good"}}).status, 200);
  http::Response unknown = Get("/api/v1/namespaces", {{"Authorization", "Bearer bad"}});
  EXPECT_EQ(unknown.status, 401);
  EXPECT_EQ(At(unknown, "/reason"), "Unauthorized");
  http::Response nobody = Get(kMaps);
  EXPECT_EQ(nobody.status, 403);
  EXPECT_EQ(At(nobody, "/message"),
            "configmaps is forbidden: User \"system:anonymous\" cannot list resource \"configmaps\" in API "
            "group \"\" in "
            "the namespace \"default\"");
  EXPECT_EQ(Get("/version").status, 200);
  server->RevokeToken(Secret("good"));
  EXPECT_EQ(Get("/api/v1/namespaces", {{"Authorization", "Bearer good"}}).status, 401);
}

TEST_F(ServerTest, ListsGroupsAndResourcesInBothFormsOfDiscovery) {
  EXPECT_THAT(Get("/apis").body, HasSubstr("\"coordination.k8s.io\""));
  EXPECT_THAT(Get("/api/v1").body, HasSubstr("\"namespaces/finalize\""));
  http::Response aggregated = Get(
      "/apis",
      {{"Accept", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"}});
  EXPECT_EQ(At(aggregated, "/kind"), "APIGroupDiscoveryList");
  EXPECT_EQ(aggregated.headers.Get("Content-Type"),
            "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
  EXPECT_EQ(At(Get("/apis", {{"Accept", "application/json"}}), "/kind"), "APIGroupList");
  EXPECT_EQ(Get("/apis/nope").status, 404);
  EXPECT_EQ(Get("/apis/apps/v2/deployments").status, 404);
}

TEST_F(ServerTest, RefusesMalformedBodiesAndStoresNothing) {
  EXPECT_EQ(Post(kMaps, R"({"metadata":{"name":)").status, 400);
  EXPECT_EQ(Post(kMaps, "").status, 400);
  EXPECT_EQ(Post(kMaps, "[]").status, 400);
  EXPECT_EQ(Post(kMaps, R"({"metadata":{"name":7}})").status, 400);
  EXPECT_EQ(Post(kMaps, R"({"metadata":"x"})").status, 400);
  EXPECT_EQ(Post(kMaps, R"({"metadata":{"name":"x"},"data":{"a":1}})").status, 400);
  EXPECT_EQ(Post(kMaps, R"({"kind":"Secret","metadata":{"name":"x"}})").status, 400);
  EXPECT_EQ(Post(kMaps, R"({"apiVersion":"v2","kind":"ConfigMap","metadata":{"name":"x"}})").status, 400);
  EXPECT_EQ(Send("POST", kMaps, R"({"metadata":{"name":"x"}})", {{"Content-Type", "text/plain"}}).status,
            415);
  EXPECT_EQ(Post(kMaps, "{\"data\":{\"k\":\"" + std::string(std::size_t{4} << 20, 'x') + "\"}}").status, 413);
  EXPECT_EQ(Get(kMaps, {{"Accept", "text/html"}}).status, 406);
  EXPECT_EQ(Send("PATCH", kMaps, "{}").status, 405);
  EXPECT_EQ(Send("BREW", kMaps).status, 405);
  EXPECT_EQ(At(Get(kMaps), "/items"), "[]");
}

TEST_F(ServerTest, RefusesADeeplyNestedBodyWithoutOverflowingItsStack) {
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "{\"a\":";
  EXPECT_EQ(Post(kMaps, deep).status, 400);
  std::string lists = "{\"data\":" + std::string(5000, '[') + std::string(5000, ']') + "}";
  EXPECT_EQ(Post(kMaps, lists).status, 400);
  std::string yaml = "data: " + std::string(5000, '[') + std::string(5000, ']');
  EXPECT_EQ(Send("POST", kMaps, yaml, {{"Content-Type", "application/yaml"}}).status, 400);
}

TEST_F(ServerTest, ReadsYamlAndAnswersInYamlIfRequested) {
  http::Response made =
      Send("POST", kMaps, "metadata:\n  name: in-yaml\ndata:\n  a: \"1\"\n  b: |\n    two\n    lines\n",
           {{"Content-Type", "application/yaml"}});
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(At(made, "/data/b"), "two\nlines\n");
  http::Response got = Get(std::string(kMaps) + "/in-yaml", {{"Accept", "application/yaml"}});
  EXPECT_EQ(got.headers.Get("Content-Type"), "application/yaml");
  EXPECT_THAT(got.body, HasSubstr("a: \"1\""));
}

TEST_F(ServerTest, NamesTheLineOfAKeyThatAYamlBodyGivesTwice) {
  const std::string yaml = "metadata: {name: twice}\ndata:\n  a: \"1\"\n  a: \"2\"\n";
  const std::string strict = std::string(kMaps) + "?fieldValidation=Strict";
  const http::Response refused = Send("POST", strict, yaml, {{"Content-Type", "application/yaml"}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(
      refused.body,
      HasSubstr(R"(strict decoding error: yaml: unmarshal errors:\n  line 4: key \"a\" already set in map)"));
  const http::Response warned = Send("POST", kMaps, yaml, {{"Content-Type", "application/yaml"}});
  EXPECT_EQ(warned.status, 201);
  EXPECT_THAT(std::string(warned.headers.Get("Warning").value_or("")), HasSubstr("line 4: key"));
  EXPECT_EQ(At(warned, "/data/a"), "2");
}

TEST_F(ServerTest, SurvivesAYamlDocumentOfAliasesThatWouldFillAllMemory) {
  std::string bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c <= 'k'; ++c) {
    const std::string before(1, static_cast<char>(c - 1));
    bomb += std::string(1, c) + ": &" + std::string(1, c) + " [";
    for (int i = 0; i < 9; ++i) bomb += "*" + before + (i < 8 ? "," : "]\n");
  }
  EXPECT_EQ(Send("POST", kMaps, bomb, {{"Content-Type", "application/yaml"}}).status, 400);
}

TEST_F(ServerTest, NamesTheReviewsOfTokensAmongWhatItServes) {
  EXPECT_THAT(Get("/apis").body, HasSubstr(R"("name":"authentication.k8s.io")"));
  const http::Response served = Get("/apis/authentication.k8s.io/v1");
  EXPECT_EQ(At(served, "/resources/0/name"), "selfsubjectreviews");
  EXPECT_EQ(At(served, "/resources/1/name"), "tokenreviews");
  EXPECT_EQ(At(served, "/resources/1/verbs"), R"(["create"])");
  EXPECT_THAT(Send("GET", "/apis", "",
                   {{"Accept", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"}})
                  .body,
              HasSubstr(R"("resource":"tokenreviews")"));
}

TEST_F(ServerTest, AccessReviewsAllowEverythingWithoutRbac) {
  http::Response review = Post(
      "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      R"({"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"verb":"get"}}})");
  EXPECT_EQ(review.status, 201);
  EXPECT_EQ(At(review, "/status/allowed"), "true");
  http::Response rules = Post(
      "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
      R"({"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectRulesReview","spec":{"namespace":"default"}})");
  EXPECT_EQ(At(rules, "/status/resourceRules/0/verbs/0"), "*");
}

TEST_F(ServerTest, ServesOpenApiInThreeForms) {
  EXPECT_EQ(At(Get("/openapi/v2"), "/swagger"), "2.0");
  http::Response protobuf =
      Get("/openapi/v2", {{"Accept", "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"}});
  EXPECT_EQ(protobuf.headers.Get("Content-Type"),
            "application/com.github.proto-openapi.spec.v2.v1.0+protobuf");
  EXPECT_FALSE(protobuf.body.empty());
  EXPECT_THAT(Get("/openapi/v3").body, HasSubstr("api/v1"));
  EXPECT_THAT(Get("/openapi/v3/api/v1").body, HasSubstr("fieldValidation"));
  EXPECT_EQ(Get("/openapi/v3/apis/nope/v1").status, 404);
}

TEST_F(ServerTest, ServesItsMetrics) {
  Post("/api/v1/namespaces/default/configmaps", R"({"metadata":{"name":"a"}})");
  Get("/api/v1/namespaces/default/configmaps/none");
  const http::Response metrics = Get("/metrics");
  EXPECT_EQ(metrics.status, 200);
  EXPECT_THAT(metrics.body,
              HasSubstr("apiserver_request_total{code=\"201\",group=\"\",resource=\"configmaps\","
                        "subresource=\"\",verb=\"CREATE\"} 1\n"));
  EXPECT_THAT(metrics.body, HasSubstr("apiserver_storage_objects{resource=\"configmaps\"} 1\n"));
}

}  // namespace
}  // namespace capstan::apiserver
