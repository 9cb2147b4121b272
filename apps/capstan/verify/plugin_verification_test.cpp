#include <capstan/apps/capstan/verify/plugin_verification.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include <capstan/core/base/text.hpp>
#include <capstan/core/http/testing/counting_transport.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::app {
namespace {

using testing::HasSubstr;

external::KindInfo Cluster() {
  external::KindInfo kind;
  kind.group = "cloud.dev";
  kind.version = "v1";
  kind.kind = "Cluster";
  kind.plural = "clusters";
  kind.credential_keys = {"token"};
  kind.credential_environment = {{"token", "CLOUD_TOKEN"}};
  return kind;
}
external::Manifest Cloud() {
  external::Manifest manifest;
  manifest.name = "cloud";
  manifest.kinds = {Cluster()};
  manifest.allowed_hosts = {"api.cloud.dev"};
  manifest.config_environment = {{"apiURL", "CLOUD_URL"}};
  return manifest;
}
Environment Holding(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

TEST(PluginVerification, UsesTheOnlyKindOrTheNamedOne) {
  external::Manifest manifest = Cloud();
  EXPECT_EQ(KindToVerify(manifest, "")->kind, "Cluster");
  EXPECT_THAT(KindToVerify(manifest, "Box").error().message, HasSubstr("no kind Box; it has Cluster"));
  manifest.kinds.push_back(Cluster());
  manifest.kinds[1].kind = "Box";
  EXPECT_EQ(KindToVerify(manifest, "Box")->kind, "Box");
  EXPECT_THAT(KindToVerify(manifest, "").error().message, HasSubstr("--kind: Cluster, Box"));
}

TEST(PluginVerification, FlagsTakePrecedenceOverTheEnvironment) {
  const auto environment = Holding({{"CLOUD_URL", "https://other.dev"}});
  EXPECT_EQ(*ConfigToVerify(Cloud(), "", environment), R"({"apiURL":"https://other.dev"})");
  EXPECT_TRUE(json::Equal(*ConfigToVerify(Cloud(), R"({"apiURL":"http://127.0.0.1:1","n":7})", environment),
                          R"({"apiURL":"http://127.0.0.1:1","n":7})"));
  EXPECT_THAT(ConfigToVerify(Cloud(), "[", environment).error().message,
              HasSubstr("--config is no JSON object"));
}

TEST(PluginVerification, DistinguishesASimulatorFromACloudAndBothFromNeither) {
  external::Manifest manifest = Cloud();
  EXPECT_EQ(ReachOf(manifest, "{}"), Reach::kClouds);
  EXPECT_EQ(ReachOf(manifest, R"({"apiURL":"http://127.0.0.1:8080"})"), Reach::kLoopback);
  EXPECT_EQ(ReachOf(manifest, R"({"apiURL":"http://localhost/x"})"), Reach::kLoopback);
  EXPECT_EQ(ReachOf(manifest, R"({"apiURL":"http://127.0.0.1.evil.dev"})"), Reach::kClouds);
  EXPECT_EQ(ReachOf(manifest, R"({"a":"http://127.0.0.1","b":["https://api.cloud.dev"]})"), Reach::kClouds);
  manifest.allowed_hosts.clear();
  EXPECT_EQ(ReachOf(manifest, R"({"root":"/tmp/x"})"), Reach::kNowhere);
}

TEST(PluginVerification, SaysWhichVariableHoldsTheCredential) {
  const auto there = CredentialsToVerify(Cluster(), Holding({{"CLOUD_TOKEN", "abc123"}}));
  ASSERT_TRUE(there) << there.error();
  EXPECT_EQ(there->data.at("token").Reveal(), "abc123");
  EXPECT_THAT(CredentialsToVerify(Cluster(), Holding({})).error().message,
              HasSubstr("needs the credential \"token\"; set CLOUD_TOKEN"));
  external::KindInfo unnamed = Cluster();
  unnamed.credential_environment.clear();
  EXPECT_THAT(CredentialsToVerify(unnamed, Holding({})).error().message,
              HasSubstr("names no environment variable for it"));
}

TEST(PluginVerification, InvalidCredentialsHaveTheFormOfValidOnes) {
  const external::Credentials ours{{{"token", Secret("dop_v1_a9zZ-09")}, {"empty", Secret("")}}};
  const external::Credentials nobodys = NobodysCredentials(ours);
  EXPECT_EQ(nobodys.data.at("token").Reveal(), "dop_v1_b0aA-10");
  EXPECT_EQ(nobodys.data.at("empty").Reveal(), "");
}

TEST(PluginVerification, TheObjectsSpecIsDesiredUnderAnyName) {
  const std::string yaml =
      "apiVersion: cloud.dev/v1\nkind: Cluster\nmetadata: {name: web}\nspec: {name: web, size: 3}\n---\n"
      "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n";
  const auto desired = DesiredOf(yaml, "web.yaml", Cluster(), "");
  ASSERT_TRUE(desired) << desired.error();
  const auto document = json::ParseObject((*desired)("other"));
  ASSERT_TRUE(document) << document.error();
  EXPECT_EQ(json::StringIn(*document, "name"), "other");
  EXPECT_EQ(json::StringIn(json::ObjectIn(*document, "spec"), "name"), "other");
  EXPECT_EQ(json::IntegerIn(json::ObjectIn(*document, "spec"), "size"), 3);
  for (const std::string& bad : {std::string(), StrCat(yaml, "---\n", yaml), std::string("kind: [")}) {
    const auto refused = DesiredOf(bad, "web.yaml", Cluster(), "");
    ASSERT_FALSE(refused) << bad;
    EXPECT_THAT(refused.error().message, HasSubstr("web.yaml"));
  }
}

TEST(LoopbackOnlyTransport, RefusesEverythingBeyondThisMachine) {
  http::CountingTransport behind;
  LoopbackOnlyTransport transport(behind);
  http::Request request;
  request.method = "GET";
  for (const char* url : {"http://127.0.0.1:1/", "https://localhost/x"}) {
    request.url = url;
    EXPECT_TRUE(transport.Send(request, Context{})) << url;
  }
  EXPECT_EQ(behind.sent, 2);
  for (const char* url :
       {"https://api.cloud.dev/", "http://127.0.0.1.evil.dev/", "http://10.0.0.1/", "nonsense"}) {
    request.url = url;
    const auto refused = transport.Send(request, Context{});
    ASSERT_FALSE(refused) << url;
    EXPECT_EQ(refused.error().code, Code::kPermissionDenied);
    EXPECT_EQ(refused.error().sent, Sent::kNo);
    EXPECT_FALSE(transport.Open(request, Context{}));
  }
  EXPECT_EQ(behind.sent, 2);
}

}  // namespace
}  // namespace capstan::app
