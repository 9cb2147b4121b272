// The lifecycle of objects: create, read, update, patch, delete, and the rules of metadata.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/testing/server_fixture.hpp>

namespace capstan::apiserver {
namespace {

using testing::HasSubstr;

constexpr const char* kMaps = "/api/v1/namespaces/default/configmaps";
constexpr const char* kMap = "/api/v1/namespaces/default/configmaps/a";

class ObjectsTest : public ServerTest {
 protected:
  http::Response Make(const std::string& extra = "", const std::string& name = "a") {
    http::Response made =
        Post(kMaps, StrCat(R"({"metadata":{"name":")", name, "\"", extra, R"(},"data":{"k":"v"}})"));
    EXPECT_EQ(made.status, 201) << made.body;
    return made;
  }
};

TEST_F(ObjectsTest, AreReturnedAsStoredWithIdentityAndRevision) {
  http::Response made = Make();
  http::Response got = Get(kMap);
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(At(got, "/data/k"), "v");
  EXPECT_EQ(At(got, "/kind"), "ConfigMap");
  EXPECT_EQ(At(got, "/apiVersion"), "v1");
  EXPECT_EQ(At(got, "/metadata/namespace"), "default");
  EXPECT_EQ(At(got, "/metadata/uid").size(), 36u);
  EXPECT_EQ(At(got, "/metadata/creationTimestamp"), "2026-01-01T00:00:00Z");
  EXPECT_EQ(At(got, "/metadata/resourceVersion"), At(made, "/metadata/resourceVersion"));
}

TEST_F(ObjectsTest, CannotBeCreatedTwice) {
  Make();
  http::Response again = Post(kMaps, R"({"metadata":{"name":"a"}})");
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(At(again, "/reason"), "AlreadyExists");
  EXPECT_EQ(At(again, "/message"), "configmaps \"a\" already exists");
  EXPECT_EQ(At(again, "/details/kind"), "configmaps");
}

TEST_F(ObjectsTest, GetGeneratedNamesThatDiffer) {
  http::Response one = Post(kMaps, R"({"metadata":{"generateName":"x-"}})");
  http::Response two = Post(kMaps, R"({"metadata":{"generateName":"x-"}})");
  EXPECT_EQ(At(one, "/metadata/name").size(), 7u);
  EXPECT_EQ(At(one, "/metadata/name").substr(0, 2), "x-");
  EXPECT_NE(At(one, "/metadata/name"), At(two, "/metadata/name"));
}

TEST_F(ObjectsTest, WithBadNamesAreRefusedInKubernetesWords) {
  http::Response bad = Post(kMaps, R"({"metadata":{"name":"Bad_Name"}})");
  EXPECT_EQ(bad.status, 422);
  EXPECT_EQ(At(bad, "/reason"), "Invalid");
  EXPECT_EQ(At(bad, "/details/causes/0/field"), "metadata.name");
  EXPECT_THAT(At(bad, "/message"), HasSubstr("a lowercase RFC 1123 subdomain must consist of"));
  EXPECT_EQ(At(Post(kMaps, "{}"), "/message"),
            "ConfigMap \"\" is invalid: metadata.name: Required value: name or generateName is required");
  EXPECT_EQ(Post(kMaps, R"({"metadata":{"name":"a","labels":{"a b":"c"}}})").status, 422);
  EXPECT_EQ(Post(kMaps, R"({"metadata":{"name":"a","namespace":"other"}})").status, 400);
  EXPECT_EQ(Post(kMaps, R"({"metadata":{"name":"a","resourceVersion":"3"}})").status, 500);
}

TEST_F(ObjectsTest, NeedAnExistingNamespace) {
  http::Response lost = Post("/api/v1/namespaces/nope/configmaps", R"({"metadata":{"name":"a"}})");
  EXPECT_EQ(lost.status, 404);
  EXPECT_EQ(At(lost, "/message"), "namespaces \"nope\" not found");
}

TEST_F(ObjectsTest, AreReplacedOnlyByWritersThatSawTheLatestVersion) {
  std::string seen = At(Make(), "/metadata/resourceVersion");
  http::Response first =
      Put(kMap, StrCat(R"({"metadata":{"name":"a","resourceVersion":")", seen, R"("},"data":{"k":"1"}})"));
  EXPECT_EQ(first.status, 200) << first.body;
  EXPECT_NE(At(first, "/metadata/resourceVersion"), seen);
  http::Response stale =
      Put(kMap, StrCat(R"({"metadata":{"name":"a","resourceVersion":")", seen, R"("},"data":{"k":"2"}})"));
  EXPECT_EQ(stale.status, 409);
  EXPECT_EQ(At(stale, "/reason"), "Conflict");
  EXPECT_EQ(At(stale, "/message"),
            "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply "
            "your changes "
            "to the latest version and try again");
  EXPECT_EQ(At(Get(kMap), "/data/k"), "1");
  EXPECT_EQ(Put(kMap, R"({"metadata":{"name":"a"},"data":{"k":"3"}})").status, 200);
  EXPECT_EQ(Put(kMap, R"({"metadata":{"name":"b"}})").status, 400);
  EXPECT_EQ(Put(kMap, R"({"metadata":{"name":"a","uid":"other"}})").status, 409);
  EXPECT_EQ(Put("/api/v1/namespaces/default/configmaps/missing", R"({"metadata":{"name":"missing"}})").status,
            404);
}

TEST_F(ObjectsTest, KeepTheirRevisionWhenNothingChanges) {
  std::string before = At(Make(), "/metadata/resourceVersion");
  EXPECT_EQ(At(Put(kMap, R"({"metadata":{"name":"a"},"data":{"k":"v"}})"), "/metadata/resourceVersion"),
            before);
  EXPECT_EQ(At(Merge(kMap, R"({"data":{"k":"v"}})"), "/metadata/resourceVersion"), before);
  EXPECT_EQ(At(Merge(kMap, "{}"), "/metadata/resourceVersion"), before);
}

TEST_F(ObjectsTest, AcceptMergeAndJsonPatches) {
  Make();
  EXPECT_EQ(At(Merge(kMap, R"({"data":{"k":null,"n":"1"}})"), "/data"), R"({"n":"1"})");
  const http::Headers json_patch{{"Content-Type", "application/json-patch+json"}};
  http::Response added = Send("PATCH", kMap, R"([{"op":"add","path":"/data/z","value":"9"}])", json_patch);
  EXPECT_EQ(At(added, "/data/z"), "9");
  http::Response failed = Send("PATCH", kMap, R"([{"op":"test","path":"/data/z","value":"8"}])", json_patch);
  EXPECT_EQ(failed.status, 422);
  EXPECT_EQ(At(failed, "/message"), "the server rejected our request due to an error in our request");
  EXPECT_EQ(Send("PATCH", kMap, "{", json_patch).status, 400);
  EXPECT_EQ(Send("PATCH", kMap, "{}", {{"Content-Type", "application/json"}}).status, 415);
  EXPECT_EQ(Merge(kMap, R"({"metadata":{"resourceVersion":"1"},"data":{"k":"x"}})").status, 409);
  EXPECT_EQ(Merge(kMap, R"({"metadata":{"uid":"other"}})").status, 422);
  EXPECT_EQ(Merge("/api/v1/namespaces/default/configmaps/none", "{}").status, 404);
}

TEST_F(ObjectsTest, AreGoneAfterDeletion) {
  std::string uid = At(Make(), "/metadata/uid");
  EXPECT_EQ(Delete(kMap, R"({"preconditions":{"uid":"other"}})").status, 409);
  http::Response gone = Delete(kMap, StrCat(R"({"preconditions":{"uid":")", uid, "\"}}"));
  EXPECT_EQ(At(gone, "/status"), "Success");
  EXPECT_EQ(At(gone, "/details/uid"), uid);
  EXPECT_EQ(Get(kMap).status, 404);
  EXPECT_EQ(At(Delete(kMap), "/message"), "configmaps \"a\" not found");
}

TEST_F(ObjectsTest, WaitForTheirFinalizersBeforeDeletion) {
  Make(R"(,"finalizers":["example.com/a","example.com/b"])");
  http::Response marked = Delete(kMap);
  EXPECT_EQ(marked.status, 200);
  EXPECT_EQ(At(marked, "/metadata/deletionTimestamp"), "2026-01-01T00:00:00Z");
  EXPECT_EQ(At(marked, "/metadata/deletionGracePeriodSeconds"), "0");
  EXPECT_EQ(At(Delete(kMap), "/metadata/resourceVersion"), At(marked, "/metadata/resourceVersion"));
  EXPECT_EQ(
      Merge(kMap, R"({"metadata":{"finalizers":["example.com/a","example.com/b","example.com/c"]}})").status,
      422);
  EXPECT_EQ(Merge(kMap, R"({"metadata":{"finalizers":["example.com/b"]}})").status, 200);
  EXPECT_EQ(Get(kMap).status, 200);
  EXPECT_EQ(Merge(kMap, R"({"metadata":{"finalizers":null}})").status, 200);
  EXPECT_EQ(Get(kMap).status, 404);
}

TEST_F(ObjectsTest, AreDeletedAsACollectionBySelector) {
  Make(R"(,"labels":{"app":"x"})", "a");
  Make("", "b");
  EXPECT_EQ(Send("DELETE", StrCat(kMaps, "?labelSelector=app%3Dx")).status, 200);
  EXPECT_EQ(Get(kMap).status, 404);
  EXPECT_EQ(Get(StrCat(kMaps, "/b")).status, 200);
  EXPECT_EQ(Send("DELETE", "/api/v1/configmaps").status, 405) << "never across namespaces";
}

TEST_F(ObjectsTest, OfADryRunAreNotStored) {
  http::Response tried = Post(StrCat(kMaps, "?dryRun=All"), R"({"metadata":{"name":"a"}})");
  EXPECT_EQ(tried.status, 201);
  EXPECT_EQ(At(tried, "/metadata/resourceVersion"), "");
  EXPECT_EQ(Get(kMap).status, 404);
  Make();
  EXPECT_EQ(At(Send("PATCH", StrCat(kMap, "?dryRun=All"), R"({"data":{"k":"2"}})",
                    {{"Content-Type", "application/merge-patch+json"}}),
               "/data/k"),
            "2");
  EXPECT_EQ(At(Get(kMap), "/data/k"), "v");
  EXPECT_EQ(Send("DELETE", StrCat(kMap, "?dryRun=All")).status, 200);
  EXPECT_EQ(Get(kMap).status, 200);
  EXPECT_EQ(Post(StrCat(kMaps, "?dryRun=Some"), R"({"metadata":{"name":"z"}})").status, 422);
}

TEST_F(ObjectsTest, OfKindSecretEncodeTheirStrings) {
  const std::string secrets = "/api/v1/namespaces/default/secrets";
  http::Response made = Post(secrets, R"({"metadata":{"name":"s"},"stringData":{"token":"hello"}})");
  EXPECT_EQ(At(made, "/data/token"), "aGVsbG8=");
  EXPECT_EQ(At(made, "/stringData"), "");
  EXPECT_EQ(At(made, "/type"), "Opaque");
  EXPECT_EQ(Post(secrets, R"({"metadata":{"name":"b"},"data":{"x":"not base64!"}})").status, 400);
  EXPECT_EQ(Post(secrets, R"({"metadata":{"name":"b"},"data":{"x y":"eA=="}})").status, 422);
  EXPECT_EQ(Post(secrets, R"({"metadata":{"name":"b"},"type":"kubernetes.io/tls"})").status, 422);
  EXPECT_EQ(At(Merge(secrets + "/s", R"({"type":"foo"})"), "/details/causes/0/message"),
            "Invalid value: \"foo\": field is immutable");
}

TEST_F(ObjectsTest, OfKindLeaseAreCreatedByPutAndNeedAResourceVersionAfterwards) {
  const std::string lease = "/apis/coordination.k8s.io/v1/namespaces/default/leases/l";
  EXPECT_EQ(Put(lease, R"({"metadata":{"name":"l"},"spec":{"holderIdentity":"a","leaseDurationSeconds":0}})")
                .status,
            422);
  http::Response made = Put(
      lease,
      R"({"metadata":{"name":"l"},"spec":{"holderIdentity":"a","leaseDurationSeconds":9,"renewTime":"2026-01-01T00:00:00.123456Z"}})");
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(At(made, "/spec/renewTime"), "2026-01-01T00:00:00.123456Z");
  EXPECT_EQ(Put(lease, R"({"metadata":{"name":"l"},"spec":{"holderIdentity":"b"}})").status, 422);
}

TEST_F(ObjectsTest, OfKindEventAreTheSameInBothGroups) {
  http::Response made = Post(
      "/api/v1/namespaces/default/events",
      R"({"metadata":{"name":"e"},"involvedObject":{"kind":"Pod","namespace":"default","name":"p"},"reason":"R","message":"m","type":"Normal","count":2})");
  ASSERT_EQ(made.status, 201) << made.body;
  http::Response grouped = Get("/apis/events.k8s.io/v1/namespaces/default/events/e");
  EXPECT_EQ(At(grouped, "/apiVersion"), "events.k8s.io/v1");
  EXPECT_EQ(At(grouped, "/note"), "m");
  EXPECT_EQ(At(grouped, "/regarding/name"), "p");
  EXPECT_EQ(At(grouped, "/message"), "");
  ASSERT_EQ(
      Post(
          "/apis/events.k8s.io/v1/namespaces/default/events",
          R"({"metadata":{"name":"f"},"regarding":{"kind":"Pod","namespace":"default","name":"q"},"note":"n","type":"Warning","reason":"S","action":"A","eventTime":"2026-01-01T00:00:00.000000Z","reportingController":"c","reportingInstance":"i"})")
          .status,
      201);
  EXPECT_EQ(At(Get("/api/v1/namespaces/default/events/f"), "/involvedObject/name"), "q");
  http::Response about = Get(
      "/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3Dq,involvedObject.kind%3DPod");
  EXPECT_EQ(At(about, "/items/0/metadata/name"), "f");
  EXPECT_EQ(At(about, "/items/1"), "");
}

TEST_F(ObjectsTest, SurviveARestartWithTheirRevisions) {
  std::string revision = At(Make(), "/metadata/resourceVersion");
  Restart({});
  EXPECT_EQ(At(Get(kMap), "/metadata/resourceVersion"), revision);
  EXPECT_GT(std::stoull(At(Make("", "later"), "/metadata/resourceVersion")), std::stoull(revision));
}

TEST_F(ObjectsTest, AreReturnedAsTablesAndAsPartialMetadata) {
  Make();
  http::Response table =
      Get(kMaps, {{"Accept", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}});
  EXPECT_EQ(At(table, "/kind"), "Table");
  EXPECT_EQ(At(table, "/columnDefinitions/0/name"), "Name");
  EXPECT_EQ(At(table, "/rows/0/cells/0"), "a");
  http::Response partial =
      Get(kMaps, {{"Accept", "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"}});
  EXPECT_EQ(At(partial, "/kind"), "PartialObjectMetadataList");
  EXPECT_EQ(At(partial, "/items/0/metadata/name"), "a");
  EXPECT_EQ(At(partial, "/items/0/data"), "");
  http::Response one =
      Get(kMap, {{"Accept", "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"}});
  EXPECT_EQ(At(one, "/kind"), "PartialObjectMetadata");
}

TEST_F(ObjectsTest, OfKindPodSayThatTheyHaveNoLogsAndNoShell) {
  Post(
      "/api/v1/namespaces/default/pods",
      R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}})");
  for (const char* what : {"log", "exec", "attach", "portforward", "proxy/x"}) {
    const auto answer = Get(std::string("/api/v1/namespaces/default/pods/p/") + what);
    EXPECT_EQ(answer.status, 400) << what;
    EXPECT_NE(answer.body.find("runs no pods"), std::string::npos) << answer.body;
    EXPECT_EQ(Get(std::string("/api/v1/namespaces/default/pods/none/") + what).status, 404) << what;
  }
}

TEST_F(ObjectsTest, WithAScaleRefuseNumbersOutOfBounds) {
  Post(
      "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
      R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"sets.t.dev"},)"
      R"("spec":{"group":"t.dev","scope":"Namespaced","names":{"plural":"sets","kind":"Set"},"versions":[{"name":"v1","served":true,)"
      R"("storage":true,"subresources":{"scale":{"specReplicasPath":".spec.n","statusReplicasPath":".status.n"}},)"
      R"("schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}})");
  scheduler.RunFor(std::chrono::seconds(5));
  const auto told = [this](const std::string& n) {
    return Post("/apis/t.dev/v1/namespaces/default/sets",
                R"({"apiVersion":"t.dev/v1","kind":"Set","metadata":{"name":"a"},"spec":{"n":)" + n + "}}")
        .body;
  };
  EXPECT_NE(told("-1").find(".spec.n: Invalid value: -1: should be a non-negative integer"),
            std::string::npos)
      << told("-1");
  EXPECT_NE(told("2147483648").find("should be less than or equal to 2147483647"), std::string::npos);
  EXPECT_NE(told("\"x\"").find(".spec.n accessor error: x is of the type string, expected int64"),
            std::string::npos);
  EXPECT_NE(told("7").find("\"uid\""), std::string::npos);
  const auto whole = Post("/apis/t.dev/v1/namespaces/default/sets",
                          R"({"apiVersion":"t.dev/v1","kind":"Set","metadata":{"name":"b"},"spec":["x",1]})");
  EXPECT_NE(whole.body.find(".spec.n accessor error: [x 1] is of the type []interface {}, expected "
                            "map[string]interface{}"),
            std::string::npos)
      << whole.body;
}

TEST_F(ObjectsTest, AreScaledUnderTheNameOfTheSubresource) {
  const std::string web = "/apis/apps/v1/namespaces/default/deployments/web";
  Post(
      "/apis/apps/v1/namespaces/default/deployments",
      R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":1,"selector":{"matchLabels":{"b":"2","a":"1"}},)"
      R"("template":{"metadata":{"labels":{"a":"1","b":"2"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}})");
  const auto scaled = Merge(web + "/scale?fieldManager=scaler", R"({"spec":{"replicas":3}})");
  EXPECT_EQ(At(scaled, "/status/selector"), "a=1,b=2") << scaled.body;
  const auto live = Get(web);
  EXPECT_EQ(At(live, "/spec/replicas"), "3");
  EXPECT_NE(live.body.find(R"("subresource":"scale")"), std::string::npos) << live.body;
  const auto table = Get(web + "/scale", {{"Accept", "application/json;as=Table;v=v1;g=meta.k8s.io"}});
  EXPECT_EQ(At(table, "/columnDefinitions/1/name") + At(table, "/columnDefinitions/2/name"),
            "DesiredAvailable");
  EXPECT_EQ(At(table, "/rows/0/cells/1"), "3");
}

}  // namespace
}  // namespace capstan::apiserver
