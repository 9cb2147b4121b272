// Details that often break clients and operator tests.
#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/tests/conformance/conformance.hpp>

namespace capstan::conformance {
namespace {

TEST_P(Conformance, AListOfCustomResourcesHasItsKeysInOrder) {
  MakeGear("a", "{}");
  const std::string body = Get(Gears()).body;
  const std::string begin = StrCat(R"({"apiVersion":")", Gear().api_version(), R"(","items":[{)");
  EXPECT_EQ(body.substr(0, begin.size()), begin);
  EXPECT_NE(body.find(StrCat(R"(}],"kind":")", Gear().kind + "List",
                             R"(","metadata":{"continue":"","resourceVersion":")")),
            std::string::npos)
      << body;
}

TEST_P(Conformance, HeadIsAnsweredForCustomResourcesAlone) {
  MakeGear("a", "{}");
  EXPECT_STATUS(Send("HEAD", GearPath("a")), 200);
  EXPECT_STATUS(Send("HEAD", "/api/v1/namespaces/" + Namespace()), 405);
}

TEST_P(Conformance, ATextIsWrittenAsGoWritesIt) {
  const Answer made = Post(ConfigMaps(), R"({"metadata":{"name":"a"},"data":{"k":"<a>&"}})");
  ASSERT_STATUS(made, 201);
  EXPECT_NE(made.body.find(R"(\u003ca\u003e\u0026)"), std::string::npos) << made.body;
  EXPECT_EQ(made.At("/data/k"), "<a>&");
}

TEST_P(Conformance, DiscoveryNamesTheHashOfTheStoredVersion) {
  const Answer resources = Get("/api/v1");
  EXPECT_NE(resources.body.find("qFsyl6wFWjQ="), std::string::npos) << "of /v1/ConfigMap";
}

TEST_P(Conformance, AMalformedRevisionOrTimeoutIsRefused) {
  EXPECT_STATUS(Get(ConfigMaps() + "?resourceVersion=abc"), 500);
  const Answer timeout = Get(ConfigMaps() + "?timeoutSeconds=x");
  EXPECT_STATUS(timeout, 400);
  EXPECT_EQ(timeout.message(), R"(strconv.ParseInt: parsing "x": invalid syntax)");
}

// Until its first compaction, five minutes after its start, a real server still knows the
// beginning: an empty state.
TEST_P(Conformance, TheBeginningOfTimeIsNoLongerKnownOrEmpty) {
  const Answer beginning = Get(ConfigMaps() + "?resourceVersion=1&resourceVersionMatch=Exact");
  if (beginning.status == 410) return;
  EXPECT_STATUS(beginning, 200);
  EXPECT_NE(beginning.body.find("\"items\":[]"), std::string::npos) << beginning.body;
}

TEST_P(Conformance, AGroupOfKubernetesNeedsApproval) {
  const std::string plural = NewName("gadget");
  const auto definition = [&](const std::string& annotations) {
    return StrCat(
        R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":")",
        plural, R"(.capstan.k8s.io","annotations":{)", annotations,
        R"(}},"spec":{"group":"capstan.k8s.io","scope":"Namespaced","names":{"plural":")", plural,
        R"(","kind":"Gadget"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]}})");
  };
  const Answer refused = SendToCrds("POST", CrdPath(), definition(""), Json());
  EXPECT_STATUS(refused, 422);
  EXPECT_THAT(refused.fields(), Contains("metadata.annotations[api-approved.kubernetes.io]"));
  const Answer made = SendToCrds("POST", CrdPath(),
                                 definition(R"("api-approved.kubernetes.io":"unapproved, a test")"), Json());
  EXPECT_STATUS(made, 201);
  EXPECT_STATUS(SendToCrds("DELETE", CrdPath(plural + ".capstan.k8s.io")), 200);
}

// No process listens on port 1.
TEST_P(Conformance, ADeadConversionWebhookFailsItsConversionAndNothingElse) {
  kube::Kind kind;
  std::string definition = Definition({}, kind);
  const std::string version = R"("versions":[)", scope = R"("scope":)";
  definition.replace(
      definition.find(scope), 0,
      R"("conversion":{"strategy":"Webhook","webhook":{"conversionReviewVersions":["v1"],"clientConfig":{"url":"https://127.0.0.1:1/"}}},)");
  definition.replace(
      definition.find(version), version.size(),
      version +
          R"({"name":"v0","served":true,"storage":false,"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}},)");
  ASSERT_STATUS(SendToCrds("POST", CrdPath(), definition, Json()), 201);
  WaitUntilServed(kind);
  ASSERT_STATUS(Post(kube::PathOf(kind, Namespace()), Object(kind, "one")), 201);
  kube::Kind other = kind;
  other.version = "v0";
  const Answer refused = Get(kube::PathOf(other, Namespace(), "one"));
  if (refused.status == 404) {
    Lacks("second version behind its aggregator");
  } else {
    EXPECT_STATUS(refused, 500);
    EXPECT_THAT(refused.message(), HasSubstr(StrCat("conversion webhook for ", kind.api_version(),
                                                    ", Kind=", kind.kind, " failed: ")));
  }
  EXPECT_STATUS(Get(kube::PathOf(kind, Namespace(), "one")), 200);
  EXPECT_STATUS(Get(kube::PathOf(kind, Namespace())), 200);
  EXPECT_STATUS(Delete(kube::PathOf(kind, Namespace(), "one")), 200);
  EXPECT_STATUS(SendToCrds("DELETE", CrdPath(kind.resource())), 200);
}

TEST_P(Conformance, ATableHasNoContinueAndAColumnOfTheFirstItem) {
  KindOptions options;
  options.spec_schema =
      R"("l":{"type":"array","items":{"type":"object","properties":{"x":{"type":"string"}}}})";
  options.columns =
      R"({"name":"First","type":"string","jsonPath":".spec.l[].x"},{"name":"Last","type":"string","jsonPath":".spec.l[1].x"})";
  const kube::Kind kind = MakeKind(options);
  ASSERT_STATUS(Post(kube::PathOf(kind, Namespace()), Object(kind, "one", R"({"l":[{"x":"a"},{"x":"b"}]})")),
                201);
  const Answer table =
      Get(kube::PathOf(kind, Namespace()), {{"Accept", "application/json;as=Table;g=meta.k8s.io;v=v1"}});
  ASSERT_STATUS(table, 200);
  EXPECT_EQ(table.At("/rows/0/cells/1"), "a");
  EXPECT_EQ(table.At("/rows/0/cells/2"), "b");
  EXPECT_EQ(table.body.find("\"continue\""), std::string::npos) << table.body;
}

}  // namespace
}  // namespace capstan::conformance
