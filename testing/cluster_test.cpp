#include <capstan/testing/cluster.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capstan/core/operator/testing/widget.hpp>
#include <capstan/testing/wire/trouble.hpp>
#include <capstan/testing/yaml.hpp>

namespace capstan::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

const kube::ObjectKey kOne{"default", "one"};

std::string VerbFor(const std::string& method, const std::string& target) {
  http::Request request;
  request.method = method;
  request.url = "http://kubernetes.test" + target;
  return VerbOf(request).ToString();
}

TEST(RequestVerb, IsWhatRbacSees) {
  EXPECT_EQ(VerbFor("GET", "/api/v1/namespaces/a/configmaps/x"), "get configmaps a/x");
  EXPECT_EQ(VerbFor("GET", "/api/v1/configmaps?limit=500"), "list configmaps");
  EXPECT_EQ(VerbFor("GET", "/apis/apps/v1/deployments?watch=1"), "watch deployments.apps");
  EXPECT_EQ(VerbFor("PATCH", "/apis/g.io/v1/namespaces/a/things/x/status"), "patch things.g.io/status a/x");
  EXPECT_EQ(VerbFor("POST", "/api/v1/namespaces"), "create namespaces");
  EXPECT_EQ(VerbFor("DELETE", "/api/v1/namespaces/a"), "delete namespaces a");
  EXPECT_EQ(VerbFor("PUT", "/apis/g.io/v1/clusterthings/x"), "update clusterthings.g.io x");
  EXPECT_EQ(VerbFor("GET", "/version"), "get /version");
}

TEST(ManifestYaml, IsSplitIntoItsDocuments) {
  const auto documents = ParseYaml("---\na: 1\n---\n# nothing\n---\n{b: \"2\"}\n");
  ASSERT_TRUE(documents) << documents.error();
  ASSERT_EQ(documents->size(), 2u);
  EXPECT_EQ((*documents)[0]["a"].AsInteger(), 1);
  EXPECT_EQ((*documents)[1]["b"].AsString(), "2");
  EXPECT_FALSE(ParseYaml("a: [1"));
}

// Records in the status of each Widget that it was reconciled.
Status See(Turn<>& widget) {
  widget.Set("seen", widget["spec"]["size"]);
  return {};
}

class ClusterTest : public ::testing::Test {
 protected:
  ClusterTest() {
    operator_.For(WidgetKind()).Reconcile(See);
    EXPECT_TRUE(cluster_.Apply(WidgetCrd()));
    cluster_.Start(operator_);
  }
  std::int64_t Seen() {
    const auto widget = cluster_.Get(WidgetKind(), kOne);
    return widget ? widget->IntegerAt("/status/seen").value_or(-1) : -2;
  }
  Operator operator_{{.name = "widgets"}};
  Cluster cluster_;
};

TEST_F(ClusterTest, RefusesWhatTheSchemaDoesNot) {
  EXPECT_FALSE(cluster_.Apply("{apiVersion: example.dev/v1, kind: Gadget, metadata: {name: one}}"));
  EXPECT_FALSE(cluster_.Apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: UPPER}}"));
  EXPECT_FALSE(cluster_.ApplyFile("/no/such/file"));
}

TEST_F(ClusterTest, ACrashComesAtTheWriteThatWasNamedAndTheServerHasDoneIt) {
  cluster_.Crash(1);
  ASSERT_TRUE(cluster_.Apply(WidgetYaml("one", "size: 3")));
  EXPECT_EQ(cluster_.crashes(), 1);
  EXPECT_EQ(Seen(), 3);
  const auto requests = cluster_.Requests();
  EXPECT_THAT(requests, Contains(HasSubstr("1 patch widgets.example.dev/status default/one this life")));
  EXPECT_THAT(requests, Contains(HasSubstr("2 watch widgets.example.dev 200")));
}

TEST_F(ClusterTest, FailuresMeetTheRequestsTheyName) {
  cluster_.Fail({.verb = "patch", .resource = "widgets.example.dev/status", .status = 0, .times = 2});
  ASSERT_TRUE(cluster_.Apply(WidgetYaml("one", "size: 4")));
  EXPECT_TRUE(cluster_.Until([&] { return Seen() == 4; }));
  EXPECT_GE(cluster_.Writes(), 3);
}

TEST_F(ClusterTest, RunsTheSameWayEveryTime) {
  const auto requests = [](std::uint64_t seed) {
    Operator all({.name = "widgets"});
    all.For(WidgetKind()).Reconcile(See);
    ClusterOptions options;
    options.seed = seed;
    Cluster cluster(options);
    EXPECT_TRUE(cluster.Apply(WidgetCrd()));
    cluster.Start(all);
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(cluster.Apply(WidgetYaml("w" + std::to_string(i), "size: 1")));
    cluster.Run(std::chrono::minutes(30));
    return cluster.Requests();
  };
  if (cluster_.real()) GTEST_SKIP() << "a real cluster is not the same every time";
  EXPECT_EQ(requests(7), requests(7));
}

// Denies every ConfigMap.
class DenyingWebhook final : public http::Handler {
 public:
  void Handle(const http::Request& request, http::ResponseWriter& writer, const Context&) override {
    const auto review = Json::Parse(request.body);
    http::Response response;
    response.status = 200;
    response.body = R"({"response":{"uid":")" + (*review)["request"]["uid"].AsString() +
                    R"(","allowed":false,"status":{"message":"no pages today"}}})";
    (void)writer.Respond(response);
  }
};

TEST(ClusterWebhooks, AreHandlersThatTheTestRoutes) {
  Cluster cluster;
  DenyingWebhook webhook;
  cluster.Route("hooks.test", webhook);
  ASSERT_TRUE(cluster.Apply(R"(
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: pages}
webhooks:
- name: pages.example.dev
  clientConfig: {url: "https://hooks.test/validate"}
  rules: [{operations: ["*"], apiGroups: [""], apiVersions: [v1], resources: [configmaps]}]
  admissionReviewVersions: [v1]
  sideEffects: None
)"));
  const auto refused = cluster.Apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: page}}");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("no pages today"));
}

}  // namespace
}  // namespace capstan::testing
