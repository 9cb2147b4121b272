// Clients that disconnect during expensive work: the work ends early, and no partial result is
// stored.
#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/testing/hook_transport.hpp>
#include <capstan/local/apiserver/testing/server_fixture.hpp>

namespace capstan::apiserver {
namespace {

constexpr int kObjects = 600;
constexpr const char* kMaps = "/api/v1/namespaces/default/configmaps";

// A client that turns out to be gone when the server checks.
class GoneClient final : public http::ResponseWriter {
 public:
  explicit GoneClient(bool gone) : gone_(gone) {}
  Status Respond(const http::Response& response) override {
    status = response.status;
    return {};
  }
  Status Begin(int begun, const http::Headers&) override {
    status = begun;
    return {};
  }
  Status Write(std::string_view) override {
    ++writes;
    return {};
  }
  void Abort() override {}
  bool ClientGone() override {
    ++looks;
    return gone_;
  }
  int status = 0, looks = 0, writes = 0;

 private:
  bool gone_;
};

class GoneClients : public ServerTest {
 protected:
  GoneClients() {
    for (int i = 0; i < kObjects; ++i)
      Post(kMaps, StrCat(R"({"metadata":{"name":"m)", i, R"(","labels":{"a":"b"}}})"));
  }
  GoneClient Ask(const std::string& method, const std::string& path, std::string body, std::string type,
                 std::string accept = "", bool gone = true) {
    http::Request request;
    request.method = method;
    request.url = "http://api" + path;
    request.body = std::move(body);
    if (!type.empty()) request.headers.Set("Content-Type", std::move(type));
    if (!accept.empty()) request.headers.Set("Accept", std::move(accept));
    GoneClient client(gone);
    server->Handle(request, client, Context());
    return client;
  }
  void ExpectGivenUp(const GoneClient& client, const char* what) {
    EXPECT_EQ(client.status, 499) << what;
    EXPECT_EQ(client.looks, 1) << what << ": it went on after it had found the client gone";
  }
};

TEST_F(GoneClients, GetNoList) {
  ExpectGivenUp(Ask("GET", kMaps, "", ""), "list");
  ExpectGivenUp(Ask("GET", StrCat(kMaps, "?labelSelector=a%3Dc"), "", ""), "selector");
  ExpectGivenUp(Ask("GET", kMaps, "", "", "application/json;as=Table;g=meta.k8s.io;v=v1"), "table");
  ExpectGivenUp(Ask("GET", kMaps, "", "", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"),
                "metadata");
  ExpectGivenUp(Ask("GET", kMaps, "", "", "application/vnd.kubernetes.protobuf"), "protobuf");
  EXPECT_EQ(Ask("GET", kMaps, "", "", "", false).status, 200) << "and one that is there gets it";
}

TEST_F(GoneClients, GetNoStateAtTheBeginningOfAWatch) {
  const GoneClient client = Ask("GET", StrCat(kMaps, "?watch=1&fieldSelector=metadata.name%3Dnone"), "", "");
  EXPECT_EQ(client.status, 200) << "it had begun";
  EXPECT_EQ(client.looks, 1);
}

TEST_F(GoneClients, StopTheDeletionOfACollection) {
  ExpectGivenUp(Ask("DELETE", kMaps, "", ""), "deletecollection");
  EXPECT_NE(At(Get(StrCat(kMaps, "?limit=1")), "/items/0/metadata/name"), "");
}

TEST_F(GoneClients, StopValidationWithItsPatterns) {
  ASSERT_EQ(Post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                 R"({"metadata":{"name":"wides.w.example"},"spec":{"group":"w.example","scope":"Namespaced",
    "names":{"kind":"Wide","plural":"wides"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{
    "openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","properties":{
      "words":{"type":"array","items":{"type":"string","pattern":"^(a|b)+$"}}}}}}}}]}})")
                .status,
            201);
  const std::string wides = "/apis/w.example/v1/namespaces/default/wides";
  std::string words;
  for (int i = 0; i < 2000; ++i) words += StrCat(i == 0 ? "" : ",", R"("aabb")");
  const std::string body =
      StrCat(R"({"apiVersion":"w.example/v1","kind":"Wide","metadata":{"name":"w"},"spec":{"words":[)", words,
             "]}}");
  ExpectGivenUp(Ask("POST", wides, body, "application/json"), "create");
  EXPECT_EQ(Get(wides + "/w").status, 404);
  EXPECT_EQ(Ask("POST", wides, body, "application/json", "", false).status, 201);
  ExpectGivenUp(Ask("PATCH", wides + "/w?fieldManager=m&force=true", body, "application/apply-patch+yaml"),
                "apply");
  EXPECT_EQ(At(Get(wides + "/w"), "/metadata/managedFields/1/manager"), "") << "nothing was stored";
}

TEST_F(GoneClients, StopTheCompilationOfADefinition) {
  std::string properties;
  for (int i = 0; i < 2000; ++i)
    properties += StrCat(i == 0 ? "" : ",", "\"p", i, R"(":{"type":"string","pattern":"^(a|b)+$"})");
  const std::string definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  const std::string body = StrCat(
      R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"bigs.w.example"},
  "spec":{"group":"w.example","scope":"Namespaced","names":{"kind":"Big","plural":"bigs"},"versions":[{"name":"v1",
  "served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{)",
      properties, "}}}}]}}");
  ExpectGivenUp(Ask("POST", definitions, body, "application/json"), "definition");
  EXPECT_EQ(Get(definitions + "/bigs.w.example").status, 404);
  EXPECT_EQ(Ask("POST", definitions, body, "application/json", "", false).status, 201);
}

TEST_F(GoneClients, CancelTheCallOfAWebhook) {
  bool stopped = false;
  ApiServerOptions options;
  options.webhook_transports = [&](const std::string&) -> Result<std::unique_ptr<http::Transport>> {
    return std::make_unique<HookTransport>(
        [&](const http::Request&, const Context& context) -> Result<http::Response> {
          stopped = scheduler.Sleep(std::chrono::hours(1), context) == Woke::kStopped;
          return Fail(stopped ? Code::kCancelled : Code::kDeadlineExceeded, "it hangs");
        });
  };
  Restart(std::move(options));
  for (const char* kind : {"mutatingwebhookconfigurations", "validatingwebhookconfigurations"}) {
    const std::string hooks = StrCat("/apis/admissionregistration.k8s.io/v1/", kind);
    // With Ignore the write would continue after the call, but nothing may be stored.
    ASSERT_EQ(Post(hooks, R"({"metadata":{"name":"w"},"webhooks":[{"name":"w.x.y","sideEffects":"None",
      "admissionReviewVersions":["v1"],"clientConfig":{"url":"https://hook/check"},"failurePolicy":"Ignore",
      "timeoutSeconds":30,"rules":[{"apiGroups":[""],"apiVersions":["v1"],"resources":["configmaps"],
      "operations":["*"]}]}]})")
                  .status,
              201);
    stopped = false;
    const Instant before = scheduler.Now();
    EXPECT_EQ(Ask("POST", kMaps, R"({"metadata":{"name":"late"}})", "application/json").status, 499) << kind;
    EXPECT_TRUE(stopped) << kind << ": the call went on";
    EXPECT_LT(scheduler.Now() - before, std::chrono::seconds(2)) << kind;
    EXPECT_EQ(Get(StrCat(kMaps, "/late")).status, 404) << kind;
    Delete(StrCat(hooks, "/w"));
  }
}

TEST_F(GoneClients, StopPatchesAndMerges) {
  std::string operations, fields;
  for (int i = 0; i < 1000; ++i) {
    operations += StrCat(i == 0 ? "" : ",", R"({"op":"add","path":"/data/k)", i, R"(","value":"v"})");
    fields += StrCat(i == 0 ? "" : ",", "\"k", i, "\":\"v\"");
  }
  const std::string one = StrCat(kMaps, "/m0"),
                    add = StrCat(R"([{"op":"add","path":"/data","value":{}},)", operations, "]"),
                    merge = StrCat(R"({"data":{)", fields, "}}");
  ExpectGivenUp(Ask("PATCH", one, add, "application/json-patch+json"), "JSON patch");
  for (const char* type : {"application/merge-patch+json", "application/strategic-merge-patch+json"})
    ExpectGivenUp(Ask("PATCH", one, merge, type), type);
  EXPECT_EQ(At(Get(one), "/data"), "");
  EXPECT_EQ(Ask("PATCH", one, merge, "application/merge-patch+json", "", false).status, 200);
}

TEST_F(GoneClients, AreNotCheckedForDuringSmallWrites) {
  const GoneClient client =
      Ask("POST", kMaps, R"({"metadata":{"name":"small"},"data":{"a":"b"}})", "application/json");
  EXPECT_EQ(client.status, 201);
  EXPECT_EQ(client.looks, 0);
}

}  // namespace
}  // namespace capstan::apiserver
