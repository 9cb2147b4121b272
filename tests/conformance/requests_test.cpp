// Invalid requests, and how they are reported.
#include <capstan/tests/conformance/conformance.hpp>

namespace capstan::conformance {
namespace {

TEST_P(Conformance, AGroupIsNotImpersonatedWithoutAUser) {
  const Answer answer = Get("/api/v1/namespaces", {{"Impersonate-Group", "readers"}});
  EXPECT_STATUS(answer, 500);
  EXPECT_THAT(answer.body, HasSubstr("without impersonating a user"));
}

TEST_P(Conformance, MalformedJsonIsABadRequest) {
  for (const char* body : {"{nope", "", "[]", "7", "{\"metadata\":"}) {
    const Answer made = Post(Gears(), body);
    EXPECT_STATUS(made, 400) << body;
    EXPECT_EQ(made.At("/kind"), "Status") << body;
  }
}

TEST_P(Conformance, AnUnknownContentTypeIsUnsupportedMedia) {
  const Answer made = Send("POST", Gears(), GearJson("a"), {{"Content-Type", "text/csv"}});
  EXPECT_STATUS(made, 415);
  EXPECT_EQ(made.reason(), "UnsupportedMediaType");
}

TEST_P(Conformance, AnAcceptThatCannotBeMetIsNotAcceptable) {
  const Answer list = Get(Gears(), {{"Accept", "text/csv"}});
  EXPECT_STATUS(list, 406);
  EXPECT_STATUS(Get(Gears(), {{"Accept", "text/csv, */*"}}), 200);
}

TEST_P(Conformance, AYamlBodyIsTaken) {
  const Answer made = Send("POST", Gears(),
                           "apiVersion: " + Gear().api_version() + "\nkind: " + Gear().kind +
                               "\nmetadata: {name: a}\nspec: {size: 5}\n",
                           {{"Content-Type", "application/yaml"}});
  EXPECT_STATUS(made, 201);
  EXPECT_EQ(made.At("/spec/size"), "5");
}

TEST_P(Conformance, AnOverLargeBodyIsRefused) {
  const Answer made =
      Post(Gears(), GearJson("a", R"({"raw":{"x":")" + std::string(std::size_t{4} << 20, 'x') + "\"}}"));
  EXPECT_STATUS(made, 413);
  EXPECT_EQ(made.reason(), "RequestEntityTooLarge");
}

TEST_P(Conformance, DeepNestingIsRefusedAndHarmsNobody) {
  const int depth = 20000;
  std::string deep;
  for (int i = 0; i < depth; ++i) deep += "{\"a\":";
  deep += "1" + std::string(depth, '}');
  const Answer made = Post(Gears(), GearJson("a", R"({"raw":)" + deep + "}"));
  EXPECT_STATUS(made, 400);
  EXPECT_STATUS(Get(Gears()), 200);
}

TEST_P(Conformance, AnUnknownPathIsNotFound) {
  EXPECT_STATUS(Get("/apis/" + Gear().group + "/v1/nosuchthings"), 404);
  EXPECT_STATUS(Get("/apis/nosuch.group.dev/v1/things"), 404);
  EXPECT_STATUS(Get("/nosuchpath"), 404);
  EXPECT_STATUS(Get("/api/v1/namespaces/default/nosuchthings"), 404);
}

TEST_P(Conformance, AVerbThatAPathDoesNotHaveIsRefused) {
  for (const char* method : {"PUT", "PATCH"}) {
    const Answer answer =
        Send(method, ConfigMaps(), "{}", {{"Content-Type", "application/merge-patch+json"}});
    EXPECT_STATUS(answer, 405) << method;
    EXPECT_EQ(answer.reason(), "MethodNotAllowed");
    const Answer custom = Send(method, Gears(), "{}", {{"Content-Type", "application/merge-patch+json"}});
    EXPECT_THAT(custom.status, AnyOf(400, 405)) << custom;
  }
  ASSERT_STATUS(Post(ConfigMaps(), R"({"metadata":{"name":"a"}})"), 201);
  EXPECT_STATUS(Post(ConfigMaps() + "/a", "{}"), 405);
}

TEST_P(Conformance, WithoutATokenNobodyReadsSecrets) {
  const std::string path = "/api/v1/namespaces/default/secrets";
  http::Request request;
  request.method = "GET";
  request.url = server().url() + path;
  const auto anonymous = server().anonymous().Send(request, context());
  ASSERT_TRUE(anonymous) << anonymous.error();
  EXPECT_THAT(anonymous->status, AnyOf(401, 403));
  const auto forged = server().forger().Send(request, context());
  ASSERT_TRUE(forged) << forged.error();
  EXPECT_EQ(forged->status, 401);
  const Answer answer{forged->status, forged->headers, forged->body};
  EXPECT_EQ(answer.reason(), "Unauthorized");
  EXPECT_EQ(answer.At("/kind"), "Status");
}

TEST_P(Conformance, EveryAnswerTellsTheServersTime) {
  for (const Answer& answer : {Get("/version"), Get(Gears()), Get(GearPath("none"))}) {
    const auto date = answer.headers.Get("Date");
    ASSERT_TRUE(date) << answer;
    EXPECT_TRUE(ParseHttpDate(*date)) << *date;
  }
}

TEST_P(Conformance, TheServerNamesItsVersionAndHealth) {
  const Answer version = Get("/version");
  EXPECT_STATUS(version, 200);
  EXPECT_EQ(version.At("/major"), "1");
  EXPECT_FALSE(version.At("/minor").empty());
  EXPECT_THAT(version.At("/gitVersion"), ::testing::StartsWith("v1."));
  for (const char* path : {"/healthz", "/readyz", "/livez"}) EXPECT_EQ(Get(path).body, "ok") << path;
}

TEST_P(Conformance, DiscoveryNamesGroupsAndVersions) {
  const Answer core = Get("/api");
  EXPECT_EQ(core.At("/kind"), "APIVersions");
  EXPECT_EQ(core.At("/versions/0"), "v1");
  const Answer groups = Get("/apis");
  EXPECT_EQ(groups.At("/kind"), "APIGroupList");
  EXPECT_THAT(groups.Each("/groups", "/name"), Contains("coordination.k8s.io"));
  const Answer group = Get("/apis/coordination.k8s.io");
  EXPECT_EQ(group.At("/kind"), "APIGroup");
  EXPECT_EQ(group.At("/preferredVersion/groupVersion"), "coordination.k8s.io/v1");
  const Answer resources = Get("/api/v1");
  EXPECT_EQ(resources.At("/kind"), "APIResourceList");
  EXPECT_THAT(resources.Each("/resources", "/name"),
              ::testing::IsSupersetOf({"secrets", "configmaps", "events", "namespaces", "serviceaccounts"}));
}

TEST_P(Conformance, OnlyGroupsAnswerHead) {
  for (const char* path : {"/api", "/api/v1", "/apis/coordination.k8s.io/v1", "/version"})
    EXPECT_STATUS(Send("HEAD", path), 405) << path;
  for (const char* path : {"/apis", "/apis/coordination.k8s.io", "/openapi/v2", "/healthz"})
    EXPECT_STATUS(Send("HEAD", path), 200) << path;
}

TEST_P(Conformance, WhatNoGroupHasIsAPageInsteadOfAStatus) {
  for (const char* path :
       {"/apis/nosuch.group.dev", "/apis/nosuch.group.dev/v1", "/apis/nosuch.group.dev/v1/things"}) {
    const Answer answer = Get(path);
    EXPECT_STATUS(answer, 404) << path;
    EXPECT_EQ(answer.body, "404 page not found\n") << path;
  }
  for (const char* path : {"/apis/coordination.k8s.io/v9", "/api/v9", "/api/v1/nosuchthings"})
    EXPECT_EQ(Get(path).reason(), "NotFound") << path;
  EXPECT_NE(Get("/nosuchpath").At("/paths"), "") << "what there is";
}

TEST_P(Conformance, TheApiIsAServiceWithEndpoints) {
  EXPECT_EQ(Get("/api/v1/namespaces/default/services/kubernetes").At("/spec/ports/0/name"), "https");
  const Answer endpoints = Get("/api/v1/namespaces/default/endpoints/kubernetes");
  EXPECT_STATUS(endpoints, 200);
  EXPECT_NE(endpoints.At("/subsets/0/addresses/0/ip"), "");
  EXPECT_EQ(endpoints.At("/subsets/0/ports/0/name"), "https");
  EXPECT_EQ(endpoints.At("/metadata/labels/endpointslice.kubernetes.io~1skip-mirror"), "true");
  if (Get("/apis/discovery.k8s.io/v1").status == 404) return Lacks("EndpointSlices in version 1");
  const Answer slice = Get("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes");
  EXPECT_STATUS(slice, 200);
  EXPECT_EQ(slice.At("/addressType"), "IPv4");
  EXPECT_EQ(slice.At("/metadata/labels/kubernetes.io~1service-name"), "kubernetes");
}

TEST_P(Conformance, TheOpenApiDocumentIsServed) {
  const Answer document = Get("/openapi/v2");
  EXPECT_STATUS(document, 200);
  EXPECT_EQ(document.At("/swagger"), "2.0");
  EXPECT_NE(document.At("/paths/~1api~1v1~1namespaces~1{namespace}~1secrets/post"), "");
  const Answer protobuf =
      Get("/openapi/v2", {{"Accept", "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"}});
  EXPECT_STATUS(protobuf, 200);
  EXPECT_NE(protobuf.body.substr(0, 1), "{") << "the form that kubectl 1.20 insists on";
}

TEST_P(Conformance, OpenApiInVersionThreeHasAnIndexOfDocuments) {
  const Answer index = Get("/openapi/v3");
  if (index.status == 404) return Lacks("OpenAPI in version 3");
  EXPECT_STATUS(index, 200);
  const std::string path = index.At("/paths/api~1v1/serverRelativeURL");
  ASSERT_NE(path, "");
  const Answer document = Get(path);
  EXPECT_STATUS(document, 200);
  EXPECT_NE(document.At("/paths/~1api~1v1~1namespaces~1{namespace}~1secrets/post"), "");
}

TEST_P(Conformance, AggregatedDiscoveryHoldsAllInOneAnswer) {
  const Answer all = Get(
      "/apis",
      {{"Accept", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"}});
  EXPECT_STATUS(all, 200);
  if (all.At("/kind") == "APIGroupList") return Lacks("aggregated discovery");
  EXPECT_EQ(all.At("/kind"), "APIGroupDiscoveryList");
  EXPECT_THAT(all.Each("/items", "/metadata/name"), Contains("coordination.k8s.io"));
}

TEST_P(Conformance, AUserMayAskWhatItMay) {
  const Answer review = Post(
      "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      R"({"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"verb":"get","resource":"secrets","namespace":"default"}}})");
  EXPECT_STATUS(review, 201);
  EXPECT_EQ(review.At("/status/allowed"), "true");
}

TEST_P(Conformance, AReviewIsAnsweredInTheShapeOfItsType) {
  const std::string group = "/apis/authorization.k8s.io/v1/";
  const Answer review = Post(
      group + "subjectaccessreviews",
      R"({"spec":{"user":"bob","uid":"","groups":[],"extra":{},"resourceAttributes":{"verb":"get","resource":"pods"}}})");
  EXPECT_STATUS(review, 201);
  for (const char* empty : {"/spec/uid", "/spec/groups", "/spec/extra"})
    EXPECT_EQ(review.At(empty), "") << empty;
  const Answer rules = Post(group + "selfsubjectrulesreviews", R"({"spec":{"namespace":"default"}})");
  EXPECT_STATUS(rules, 201);
  EXPECT_EQ(rules.At("/spec"), "{}");
  EXPECT_STATUS(Post(group + "subjectaccessreviews", R"({"spec":{"user":5}})"), 400);
}

TEST_P(Conformance, AnImpersonatedUserHasNoMoreThanItsOwnRights) {
  const http::Headers her = {{"Impersonate-User", "nobody-in-particular"},
                             {"Content-Type", "application/json"}};
  EXPECT_STATUS(Get("/api/v1/namespaces/default/secrets", her), 403);
  EXPECT_STATUS(Get("/apis", her), 200);
  const Answer review = Send(
      "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      R"({"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"verb":"get","resource":"secrets","namespace":"default"}}})",
      her);
  EXPECT_EQ(review.At("/status/allowed"), "false");
  http::Headers master = her;
  master.Set("Impersonate-Group", "system:masters");
  EXPECT_STATUS(Get("/api/v1/namespaces/default/secrets", master), 200);
}

}  // namespace
}  // namespace capstan::conformance
