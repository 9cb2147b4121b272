// Custom resources: their definitions, the resources that are served because of them, and their
// deletion.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/testing/server_fixture.hpp>

namespace capstan::apiserver {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

constexpr const char* kCrds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
constexpr const char* kCrd = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com";
constexpr const char* kWidgets = "/apis/example.com/v1/namespaces/default/widgets";
constexpr const char* kWidget = "/apis/example.com/v1/namespaces/default/widgets/w";

constexpr const char* kSpecSchema =
    R"({"type":"object","required":["size"],"properties":{"size":{"type":"integer","minimum":1},"colour":{"type":"string","default":"grey"}}})";

std::string VersionText(const std::string& name, bool storage, bool status) {
  return StrCat(R"({"name":")", name, R"(","served":true,"storage":)", storage ? "true" : "false",
                status ? R"(,"subresources":{"status":{}})" : "",
                R"(,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":)", kSpecSchema,
                R"(,"status":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}}})");
}

std::string Crd(const std::string& versions, const std::string& scope = "Namespaced") {
  return StrCat(
      R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"widgets.example.com"},"spec":{"group":"example.com","scope":")",
      scope, R"(","names":{"plural":"widgets","kind":"Widget","shortNames":["wd"]},"versions":[)", versions,
      "]}}");
}

std::string Widget(const std::string& rest, const std::string& meta = "") {
  return StrCat(R"({"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w")", meta, "},", rest,
                "}");
}

class DefinitionsTest : public ServerTest {
 protected:
  void Define(const std::string& crd = Crd(VersionText("v1", true, true))) {
    http::Response made = Post(kCrds, crd);
    ASSERT_EQ(made.status, 201) << made.body;
  }
};

TEST_F(DefinitionsTest, ServeTheirResourceAsSoonAsTheyAreStored) {
  EXPECT_EQ(Get(kWidgets).status, 404);
  Define();
  http::Response crd = Get(kCrd);
  EXPECT_THAT(crd.body, HasSubstr(R"("reason":"InitialNamesAccepted")"));
  EXPECT_EQ(At(crd, "/status/acceptedNames/listKind"), "WidgetList");
  EXPECT_EQ(At(crd, "/status/storedVersions/0"), "v1");
  EXPECT_EQ(At(crd, "/spec/names/singular"), "widget");
  EXPECT_EQ(At(Get(kWidgets), "/kind"), "WidgetList");
  EXPECT_THAT(Get("/apis/example.com/v1").body, HasSubstr("widgets/status"));
  EXPECT_THAT(Get("/apis").body, HasSubstr("example.com/v1"));
}

TEST_F(DefinitionsTest, AreRefusedNamingTheInvalidField) {
  auto refused = [&](const std::string& body) {
    http::Response answer = Post(kCrds, body);
    EXPECT_EQ(answer.status, 422) << answer.body;
    return At(answer, "/message");
  };
  std::string good = Crd(VersionText("v1", true, true));
  auto changed = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  EXPECT_THAT(refused(changed(R"("name":"widgets.example.com")", R"("name":"other.example.com")")),
              HasSubstr("must be spec.names.plural+\".\"+spec.group"));
  EXPECT_THAT(refused(changed(R"("scope":"Namespaced")", R"("scope":"Galaxy")")), HasSubstr("spec.scope"));
  EXPECT_THAT(refused(changed(R"("storage":true)", R"("storage":false)")),
              HasSubstr("exactly one version marked as storage version"));
  EXPECT_THAT(refused(changed(R"("kind":"Widget")", R"("kind":"Digital_Ocean")")),
              HasSubstr("spec.names.kind"));
  EXPECT_THAT(refused(changed(R"("type":"integer")", R"("type":"intejer")")), HasSubstr("openAPIV3Schema"));
  EXPECT_THAT(
      refused(changed(R"("versions":[)", R"("conversion":{"strategy":"Webhook"},"versions":[)")),
      HasSubstr(
          "spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook"));
  EXPECT_EQ(Get(kWidgets).status, 404);
}

TEST_F(DefinitionsTest, AreRefusedInKubernetesOrderWithWhatWasNotSentAsNull) {
  const http::Response refused = Post(
      kCrds,
      R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"widgets.example.com"},)"
      R"("spec":{"group":"example.com","scope":"Cluster","names":{"plural":"widgets","kind":"Widget"},)"
      R"("conversion":{"strategy":"Webhook","webhook":{"clientConfig":{},"conversionReviewVersions":["v1"]}}}})");
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(
      At(refused, "/message"),
      "CustomResourceDefinition.apiextensions.k8s.io \"widgets.example.com\" is invalid: [spec.versions: "
      "Invalid value: null: must have exactly one version marked as storage version, "
      "spec.conversion.webhookClientConfig: Required value: exactly one of url or service is required, "
      "status.storedVersions: Invalid value: null: must have at least one stored version]");
  std::string text = Crd(VersionText("v1", true, true));
  text.insert(text.find(R"("versions":[)"),
              R"("conversion":{"strategy":"None","webhook":{"conversionReviewVersions":["v1"]}},)");
  EXPECT_THAT(
      At(Post(kCrds, text), "/message"),
      HasSubstr("spec.conversion.conversionReviewVersions: Forbidden: should not be set when strategy "
                "is not set to Webhook"));
}

TEST_F(DefinitionsTest, ValidatePruneAndDefaultTheirObjects) {
  Define();
  http::Response made = Post(kWidgets, Widget(R"("spec":{"size":2,"odd":1},"status":{"phase":"x"})"));
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(At(made, "/spec/colour"), "grey");
  EXPECT_EQ(At(made, "/spec/odd"), "");
  EXPECT_EQ(At(made, "/status"), "");
  EXPECT_EQ(made.headers.Get("Warning"), "299 - \"unknown field \\\"spec.odd\\\"\"");
  EXPECT_EQ(Post(StrCat(kWidgets, "?fieldValidation=Strict"), Widget(R"("spec":{"size":2,"odd":1})")).status,
            400);
  http::Response bad = Merge(kWidget, R"({"spec":{"size":0}})");
  EXPECT_EQ(bad.status, 422);
  EXPECT_EQ(At(bad, "/message"),
            "Widget.example.com \"w\" is invalid: spec.size: Invalid value: 0: spec.size in body should be "
            "greater than or "
            "equal to 1");
  EXPECT_EQ(Post(kWidgets, R"({"metadata":{"name":"x"},"spec":{"size":1}})").status, 400);
}

TEST_F(DefinitionsTest, CountGenerationsOfTheSpecAndSeparateTheStatus) {
  Define();
  Post(kWidgets, Widget(R"("spec":{"size":2})"));
  EXPECT_EQ(At(Get(kWidget), "/metadata/generation"), "1");
  EXPECT_EQ(At(Merge(kWidget, R"({"spec":{"size":3}})"), "/metadata/generation"), "2");
  EXPECT_EQ(At(Merge(kWidget, R"({"metadata":{"labels":{"a":"b"}}})"), "/metadata/generation"), "2");
  http::Response main = Merge(kWidget, R"({"status":{"phase":"ignored"}})");
  EXPECT_EQ(At(main, "/status"), "");
  http::Response status = Merge(
      StrCat(kWidget, "/status"),
      R"({"metadata":{"uid":"not a precondition","labels":{"x":"y"}},"spec":{"size":9},"status":{"phase":"P"}})");
  EXPECT_EQ(status.status, 200) << status.body;
  EXPECT_EQ(At(status, "/status/phase"), "P");
  EXPECT_EQ(At(status, "/spec/size"), "3");
  EXPECT_EQ(At(status, "/metadata/labels/x"), "");
  EXPECT_EQ(At(status, "/metadata/generation"), "2");
  Merge(kWidget, R"({"metadata":{"finalizers":["example.com/x"]}})");
  EXPECT_EQ(At(Delete(kWidget), "/metadata/generation"), "3");
  http::Response stale =
      Merge(StrCat(kWidget, "/status"), R"({"metadata":{"resourceVersion":"1"},"status":{"phase":"Q"}})");
  EXPECT_EQ(stale.status, 409);
}

TEST_F(DefinitionsTest, WithoutStatusSubresourceCountEveryChangeExceptMetadata) {
  Define(Crd(VersionText("v1", true, false)));
  Post(kWidgets, Widget(R"("spec":{"size":2},"status":{"phase":"kept"})"));
  EXPECT_EQ(At(Get(kWidget), "/status/phase"), "kept");
  EXPECT_EQ(At(Merge(kWidget, R"({"status":{"phase":"moved"}})"), "/metadata/generation"), "2");
  EXPECT_EQ(Merge(StrCat(kWidget, "/status"), "{}").status, 404);
}

TEST_F(DefinitionsTest, ServeSeveralVersionsOfOneObject) {
  Define(Crd(StrCat(VersionText("v1", true, true), ",", VersionText("v1beta1", false, true))));
  Post(kWidgets, Widget(R"("spec":{"size":2})"));
  http::Response beta = Get("/apis/example.com/v1beta1/namespaces/default/widgets/w");
  EXPECT_EQ(At(beta, "/apiVersion"), "example.com/v1beta1");
  EXPECT_EQ(At(beta, "/metadata/uid"), At(Get(kWidget), "/metadata/uid"));
  http::Response patched =
      Merge("/apis/example.com/v1beta1/namespaces/default/widgets/w", R"({"spec":{"size":5}})");
  EXPECT_EQ(At(patched, "/apiVersion"), "example.com/v1beta1");
  EXPECT_EQ(At(Get(kWidget), "/spec/size"), "5");
  EXPECT_EQ(At(Get("/apis/example.com"), "/preferredVersion/version"), "v1");
  std::vector<std::string> lines = Watch("/apis/example.com/v1beta1/widgets?watch=1", seconds(1));
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(At(lines[0], "/object/apiVersion"), "example.com/v1beta1");
}

TEST_F(DefinitionsTest, ShowNewDefaultsOnOldObjects) {
  Define();
  Post(kWidgets, Widget(R"("spec":{"size":2})"));
  std::string fresh = Crd(VersionText("v1", true, true));
  const std::string colour = R"("colour":{)";
  fresh.replace(fresh.find(colour), colour.size(),
                R"("shape":{"type":"string","default":"round"},"colour":{)");
  fresh.replace(fresh.find(R"("name":"widgets.example.com")"), 28,
                StrCat(R"("name":"widgets.example.com","resourceVersion":")",
                       At(Get(kCrd), "/metadata/resourceVersion"), "\""));
  ASSERT_EQ(Put(kCrd, fresh).status, 200);
  EXPECT_EQ(At(Get(kWidget), "/spec/shape"), "round");
  EXPECT_EQ(At(Get(kWidgets), "/items/0/spec/shape"), "round");
}

TEST_F(DefinitionsTest, EndTheWatchesOnTheirObjectsWhenTheyChange) {
  Define();
  auto stream = OpenWatch(StrCat(kWidgets, "?watch=1"));
  EXPECT_EQ(Merge(kCrd, R"({"spec":{"names":{"shortNames":["wdg"]}}})").status, 200);
  const Instant before = scheduler.Now();
  EXPECT_TRUE(ReadLines(*stream, seconds(3000)).empty());
  EXPECT_LT(scheduler.Now() - before, seconds(10)) << "the stream did not end";
}

TEST_F(DefinitionsTest, DeleteTheirObjectsOnceFinalizersAreGone) {
  Define();
  Post(kWidgets, Widget(R"("spec":{"size":2})", R"(,"finalizers":["example.com/x"])"));
  http::Response marked = Delete(kCrd);
  EXPECT_EQ(marked.status, 200);
  EXPECT_THAT(At(marked, "/metadata/finalizers"), HasSubstr("customresourcecleanup.apiextensions.k8s.io"));
  EXPECT_THAT(marked.body, HasSubstr("\"Terminating\""));
  scheduler.RunFor(seconds(1));
  EXPECT_NE(At(Get(kWidget), "/metadata/deletionTimestamp"), "");
  EXPECT_EQ(Get(kCrd).status, 200);
  EXPECT_EQ(
      Post(kWidgets,
           R"({"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"z"},"spec":{"size":2}})")
          .status,
      403);
  Merge(kWidget, R"({"metadata":{"finalizers":null}})");
  scheduler.RunFor(seconds(1));
  EXPECT_EQ(Get(kCrd).status, 404);
  EXPECT_EQ(Get(kWidgets).status, 404);
  Define();
  EXPECT_EQ(At(Get(kWidgets), "/items"), "[]");
}

TEST_F(DefinitionsTest, WithConflictingNamesWaitUntilTheNamesAreFree) {
  Define();
  std::string other = Crd(VersionText("v1", true, true));
  for (std::size_t at; (at = other.find("widgets")) != std::string::npos;) other.replace(at, 7, "gadgets");
  http::Response second = Post(kCrds, other);
  EXPECT_EQ(second.status, 201) << second.body;
  EXPECT_THAT(second.body, HasSubstr("is already in use"));
  EXPECT_EQ(Get("/apis/example.com/v1/gadgets").status, 404);
}

TEST_F(DefinitionsTest, OfClusterScopeHaveNoNamespace) {
  Define(Crd(VersionText("v1", true, true), "Cluster"));
  EXPECT_EQ(Post("/apis/example.com/v1/widgets", Widget(R"("spec":{"size":2})")).status, 201);
  EXPECT_EQ(At(Get("/apis/example.com/v1/widgets/w"), "/metadata/namespace"), "");
  EXPECT_EQ(Get(kWidget).status, 404);
}

TEST_F(DefinitionsTest, AreServedAgainAfterARestart) {
  Define();
  Post(kWidgets, Widget(R"("spec":{"size":2})"));
  Restart({});
  EXPECT_EQ(At(Get(kWidget), "/spec/size"), "2");
}

// A definition of two versions with these schemas of spec; the second is the storage version.
std::string TwoVersions(const std::string& first, const std::string& second, const std::string& extra = "",
                        const std::string& beside = "") {
  const auto version = [](const std::string& name, bool storage, const std::string& spec,
                          const std::string& more) {
    return StrCat(
        R"({"name":")", name, R"(","served":true,"storage":)", storage ? "true" : "false", more,
        R"(,"subresources":{"status":{}},"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":)",
        spec, R"(,"status":{"type":"object","properties":{"phase":{"type":"string"}}}}}}})");
  };
  return StrCat(
      R"({"metadata":{"name":"widgets.example.com"},"spec":{"group":"example.com","scope":"Namespaced",)",
      beside, R"("names":{"plural":"widgets","kind":"Widget"},"versions":[)",
      version("v1", false, first, extra), ",", version("v2", true, second, ""), "]}}");
}
constexpr const char* kApply = "application/apply-patch+yaml";

TEST_F(DefinitionsTest, StoreOnlyTheDefaultsAndFieldsOfTheStorageVersion) {
  ASSERT_EQ(
      Post(
          kCrds,
          TwoVersions(
              R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}}})",
              R"({"type":"object","properties":{"a":{"type":"string"},"c":{"type":"string","default":"x"}}})"))
          .status,
      201);
  ASSERT_EQ(Post(kWidgets, Widget(R"("spec":{"a":"1","b":"2"})")).status, 201);
  const http::Response got = Get("/apis/example.com/v2/namespaces/default/widgets/w");
  EXPECT_EQ(At(got, "/spec/a"), "1");
  EXPECT_EQ(At(got, "/spec/b"), "") << "the stored version does not have it";
  EXPECT_EQ(At(got, "/spec/c"), "x");
}

TEST_F(DefinitionsTest, ShowInAVersionOnlyWhatThatDescribes) {
  ASSERT_EQ(
      Post(
          kCrds,
          TwoVersions(
              R"({"type":"object","properties":{"a":{"type":"string"}}})",
              R"({"type":"object","properties":{"a":{"type":"string"},"c":{"type":"string","default":"x"}}})"))
          .status,
      201);
  const http::Response made = Post(kWidgets, Widget(R"("spec":{"a":"1"})"));
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(At(made, "/spec"), R"({"a":"1"})");
  EXPECT_EQ(At(Get(kWidget), "/spec"), R"({"a":"1"})");
  EXPECT_EQ(At(Get(kWidgets), "/items/0/spec"), R"({"a":"1"})");
  const http::Response merged = Merge(kWidget, R"({"spec":{"a":"2"}})");
  EXPECT_EQ(merged.headers.Get("Warning"), std::nullopt);
  EXPECT_EQ(At(Get("/apis/example.com/v2/namespaces/default/widgets/w"), "/spec"), R"({"a":"2","c":"x"})");
}

TEST_F(DefinitionsTest, AreOwnedAsTheyWereSentThoughTheStorageVersionKeepsLess) {
  ASSERT_EQ(
      Post(
          kCrds,
          TwoVersions(
              R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}}})",
              R"({"type":"object","properties":{"a":{"type":"string"},"c":{"type":"string","default":"x"}}})"))
          .status,
      201);
  const http::Response made = Post(kWidgets, Widget(R"("spec":{"a":"1","b":"2"})"));
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(At(made, "/metadata/managedFields/0/fieldsV1/f:spec"), R"({".":{},"f:a":{},"f:b":{}})");
  EXPECT_EQ(At(made, "/spec"), R"({"a":"1"})");
  const http::Response again = Merge(kWidget, R"({"spec":{"b":"2"}})");
  EXPECT_EQ(At(again, "/metadata/generation"), "2") << "for Kubernetes the field is new each time";
  EXPECT_EQ(At(Merge(kWidget, R"({"metadata":{"labels":{"x":"y"}}})"), "/metadata/generation"), "2");
}

TEST_F(DefinitionsTest, MayCompareWhatAFormatSaysWithNull) {
  const std::string spec =
      R"x({"type":"object","properties":{"s":{"type":"string","maxLength":63,"x-kubernetes-validations":[{"rule":"format.dns1123Label().validate(self) == null || size(self) == 0"}]}}})x";
  const http::Response made = Post(kCrds, TwoVersions(spec, spec));
  EXPECT_EQ(made.status, 201) << made.body;
}

TEST_F(DefinitionsTest, StoreNoPriorityOfColumnsThatIsZero) {
  Define(Crd(
      R"({"name":"v1","served":true,"storage":true,"additionalPrinterColumns":[{"name":"A","type":"string","jsonPath":".spec.a","priority":0}],)"
      R"("schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}})"));
  EXPECT_EQ(At(Get(kCrd), "/spec/versions/0/additionalPrinterColumns/0/priority"), "");
}

TEST_F(DefinitionsTest, FillInThePortOfAWebhooksService) {
  const std::string spec = R"({"type":"object"})";
  const http::Response made = Post(
      kCrds,
      TwoVersions(
          spec, spec, "",
          R"("conversion":{"strategy":"Webhook","webhook":{"conversionReviewVersions":["v1"],"clientConfig":{"service":{"name":"s","namespace":"n"}}}},)"));
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(At(made, "/spec/conversion/webhook/clientConfig/service/port"), "443");
}

TEST_F(DefinitionsTest, WarnAboutADeprecatedVersionNamingItsSuccessor) {
  const std::string spec = R"({"type":"object"})";
  ASSERT_EQ(Post(kCrds, TwoVersions(spec, spec, R"(,"deprecated":true)")).status, 201);
  EXPECT_EQ(Get(kWidgets).headers.Get("Warning"),
            "299 - \"example.com/v1 Widget is deprecated; use example.com/v2 Widget\"");
}

TEST_F(DefinitionsTest, KeepAConversionWebhookAndFailOnlyIfItIsNeeded) {
  const std::string spec = R"({"type":"object"})";
  const http::Response made = Post(
      kCrds,
      TwoVersions(
          spec, spec, "",
          R"("conversion":{"strategy":"Webhook","webhook":{"conversionReviewVersions":["v1"],"clientConfig":{"url":"https://127.0.0.1:9/"}}},)"));
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(At(made, "/spec/conversion/webhook/clientConfig/url"), "https://127.0.0.1:9/");
  EXPECT_EQ(Post("/apis/example.com/v2/namespaces/default/widgets",
                 R"({"apiVersion":"example.com/v2","kind":"Widget","metadata":{"name":"w"}})")
                .status,
            201);
  const http::Response other = Get(kWidget);
  EXPECT_EQ(other.status, 500);
  EXPECT_THAT(At(other, "/message"), HasSubstr("conversion webhook for example.com/v2, Kind=Widget failed"));
}

TEST_F(DefinitionsTest, DropNullLeavesOfTheirSchemas) {
  const http::Response made =
      Post(kCrds, TwoVersions(R"({"type":"object","properties":{"o":{"type":"object","properties":null}}})",
                              R"({"type":"object","description":null,"properties":{}})"));
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.body.find("null"), std::string::npos) << made.body;
  EXPECT_EQ(Get("/openapi/v2").status, 200);
  EXPECT_EQ(Get("/openapi/v3/apis/example.com/v1").status, 200);
}

TEST_F(DefinitionsTest, FindUnknownFieldsInAStatusThatIsNotStored) {
  const std::string spec = R"({"type":"object"})";
  ASSERT_EQ(Post(kCrds, TwoVersions(spec, spec)).status, 201);
  const http::Response strict =
      Post(StrCat(kWidgets, "?fieldValidation=Strict"), Widget(R"("status":{"zz":1})"));
  EXPECT_EQ(strict.status, 400);
  EXPECT_THAT(At(strict, "/message"), HasSubstr("unknown field \"status.zz\""));
  const http::Response warned = Post(kWidgets, Widget(R"("status":{"zz":1})"));
  EXPECT_EQ(warned.status, 201);
  EXPECT_EQ(warned.headers.Get("Warning"), "299 - \"unknown field \\\"status.zz\\\"\"");
}

TEST_F(DefinitionsTest, RefuseAppliedNullsAndPruneUndeclaredFields) {
  const std::string spec =
      R"({"type":"object","properties":{"s":{"type":"string"},"m":{"type":"object","additionalProperties":{"type":"string"}},"n":{"type":"string","nullable":true},"o":{"type":"object"}}})";
  ASSERT_EQ(Post(kCrds, TwoVersions(spec, spec)).status, 201);
  const auto apply = [&](const std::string& given) {
    return Send("PATCH", StrCat(kWidget, "?fieldManager=me"), Widget(StrCat("\"spec\":", given)),
                {{"Content-Type", kApply}});
  };
  const http::Response nulls = apply(R"({"s":null,"m":null})");
  EXPECT_EQ(nulls.status, 422);
  EXPECT_THAT(At(nulls, "/message"), HasSubstr("spec.s in body must be of type string: \"null\""));
  EXPECT_THAT(At(nulls, "/message"), HasSubstr("spec.m in body must be of type object: \"null\""));
  const http::Response pruned = apply(R"({"s":"a","n":null,"o":{"x":1}})");
  EXPECT_EQ(pruned.status, 201) << pruned.body;
  EXPECT_EQ(At(pruned, "/spec/o"), "{}");
  const http::Response undeclared = apply(R"({"s":5,"x":1,"y":2})");
  EXPECT_EQ(undeclared.status, 500);
  EXPECT_THAT(At(undeclared, "/message"),
              HasSubstr("(/w; example.com/v1, Kind=Widget): errors:\n  .spec.s: expected string, got "
                        "&value.valueUnstructured{Value:5}\n  .spec.x: field not declared in schema"));
}

TEST_F(DefinitionsTest, AreAppliedWithoutAWordAboutWhatThePathDoesNotWrite) {
  Define(Crd(
      R"({"name":"v1","served":true,"storage":true,"subresources":{"status":{}},"schema":{"openAPIV3Schema":)"
      R"({"type":"object","properties":{"spec":{"type":"object","properties":{"size":{"type":"integer"}}},)"
      R"("status":{"type":"object","properties":{"size":{"type":"integer"}}}}}}})"));
  const auto apply = [&](const std::string& path, const std::string& given,
                         const std::string& manager = "me") {
    return Send("PATCH", StrCat(path, "?fieldManager=", manager), Widget(given), {{"Content-Type", kApply}});
  };
  const http::Response made = apply(kWidget, R"("spec":{"size":1},"status":{"size":null})");
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(At(made, "/status"), "");
  const http::Response status =
      apply(StrCat(kWidget, "/status"), R"("spec":{"size":null},"status":{"size":2})");
  EXPECT_EQ(status.status, 200) << status.body;
  EXPECT_EQ(At(status, "/spec/size"), "1");
  EXPECT_EQ(At(status, "/status/size"), "2");
  const http::Response other = apply(kWidget, R"("spec":{"size":1},"status":{"size":9})", "other");
  EXPECT_EQ(other.status, 200) << "no conflict about status: " << other.body;
  EXPECT_EQ(At(other, "/status/size"), "2");
}

TEST_F(DefinitionsTest, HaveRulesWithTheLibraryOfKubernetes) {
  const std::string spec =
      R"({"type":"object","properties":{"s":{"type":"string","x-kubernetes-validations":[{"rule":"isURL(self) && url(self).getScheme() == 'https'"}]}}})";
  ASSERT_EQ(Post(kCrds, TwoVersions(spec, spec)).status, 201);
  EXPECT_EQ(Post(kWidgets, Widget(R"("spec":{"s":"https://a/"})")).status, 201);
  EXPECT_EQ(Merge(kWidget, R"({"spec":{"s":"http://a/"}})").status, 422);
}

TEST_F(DefinitionsTest, ShowTheirObjectsWithSortedKeys) {
  Define(Crd(VersionText("v1", true, false)));
  const http::Response made =
      Post(kWidgets, Widget(R"("status":{"z":1,"a":{"d":1,"c":2}},"spec":{"size":1})"));
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_THAT(made.body,
              HasSubstr(R"("spec":{"colour":"grey","size":1},"status":{"a":{"c":2,"d":1},"z":1}})"));
  EXPECT_THAT(Get(kWidget).body, HasSubstr(R"("status":{"a":{"c":2,"d":1},"z":1}})"));
}

TEST_F(DefinitionsTest, CompareFormatsBeforeTypes) {
  const std::string spec =
      R"({"type":"object","properties":{"i":{"type":"integer","format":"int32"},"f":{"type":"number","format":"float"}}})";
  ASSERT_EQ(Post(kCrds, TwoVersions(spec, spec)).status, 201);
  EXPECT_THAT(
      At(Post(kWidgets, Widget(R"("spec":{"i":1.5})")), "/message"),
      HasSubstr(R"(spec.i: Invalid value: "float64": spec.i in body must be of type int32: "float64")"));
  EXPECT_THAT(At(Post(kWidgets, Widget(R"("spec":{"f":1e39})")), "/message"),
              HasSubstr("Checked value must be of type number with format float in spec.f"));
}

TEST_F(DefinitionsTest, ValidateTheIdentityOfEmbeddedResources) {
  const std::string spec =
      R"({"type":"object","properties":{"e":{"type":"object","x-kubernetes-embedded-resource":true,"x-kubernetes-preserve-unknown-fields":true}}})";
  ASSERT_EQ(Post(kCrds, TwoVersions(spec, spec)).status, 201);
  const http::Response number = Post(kWidgets, Widget(R"("spec":{"e":{"kind":5}})"));
  EXPECT_EQ(number.status, 400);
  EXPECT_THAT(At(number, "/message"), HasSubstr("spec.e.kind: Invalid value: 5: must be a string"));
  const http::Response label =
      Post(kWidgets, Widget(R"("spec":{"e":{"apiVersion":"v1","kind":"X","metadata":{"labels":{"a":0}}}})"));
  EXPECT_EQ(label.status, 400);
  EXPECT_THAT(At(label, "/message"),
              HasSubstr(R"(spec.e.metadata: Invalid value: {"labels":{"a":0}}: json)"));
}

TEST_F(DefinitionsTest, WarnAboutFinalizersWithoutADomain) {
  Define();
  const http::Response made =
      Post(kWidgets, Widget(R"("spec":{"size":1})", R"(,"finalizers":["x","a.b/c"])"));
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_THAT(made.headers.Get("Warning").value_or(""),
              HasSubstr("prefer a domain-qualified finalizer name to avoid"));
  const http::Response dotted = Merge(kWidget, R"({"metadata":{"finalizers":["x","a.b/c","y.b"]}})");
  EXPECT_EQ(dotted.headers.Get("Warning"),
            "299 - \"metadata.finalizers: \\\"y.b\\\": prefer a domain-qualified finalizer name including a "
            "path (/) to avoid accidental conflicts with other finalizer writers\"");
}

TEST_F(ServerTest, TheServerOwnsTheStatusOfADefinitionEvenAfterApply) {
  const std::string path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/ones.own.example";
  const auto applied = Send(
      "PATCH", path + "?fieldManager=me",
      R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"ones.own.example"},"spec":{"group":"own.example","scope":"Namespaced","names":{"kind":"One","plural":"ones"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]}})",
      {{"Content-Type", "application/apply-patch+yaml"}});
  ASSERT_EQ(applied.status, 201) << applied.body;
  EXPECT_EQ(At(applied, "/metadata/managedFields/0/manager"), "me");
  EXPECT_EQ(At(applied, "/metadata/managedFields/1/manager"), "apiextensions-apiserver");
  EXPECT_EQ(At(applied, "/metadata/managedFields/1/subresource"), "status");
  EXPECT_EQ(At(applied, "/metadata/managedFields/2/manager"), "");
}

}  // namespace
}  // namespace capstan::apiserver
