#include <capstan/plugins/loader/file/manifest.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capstan/sdk/cpp/json.hpp>
#include <capstan/sdk/cpp/marshal.hpp>

namespace capstan::loader {
namespace {

using testing::HasSubstr;

std::string Whole(const std::string& replaced = "", const std::string& by = "") {
  std::string text =
      R"({"name":"cloud","version":"1.2.3","kinds":[{"group":"cloud.dev","version":"v1","kind":"Thing","plural":"things",)"
      R"("identity":"tag"}],"allowedHosts":["api.cloud.dev"],"maxConcurrency":4})";
  if (!replaced.empty()) {
    const std::size_t at = text.find(replaced);
    EXPECT_NE(at, std::string::npos) << replaced;
    text.replace(at, replaced.size(), by);
  }
  return text;
}

TEST(Manifest, ComesBackAsTheCppSdkWroteIt) {
  external::Manifest manifest;
  manifest.name = "cloud";
  manifest.version = "1.2.3";
  manifest.description = "Things \"in\" a cloud.";
  external::KindInfo kind;
  kind.group = "cloud.dev";
  kind.version = "v1";
  kind.kind = "Thing";
  kind.plural = "things";
  kind.namespaced = false;
  kind.identity = external::IdentityKept::kName;
  kind.credentials_field = "spec.tokenSecret";
  kind.credential_keys = {"token", "user"};
  kind.credential_environment = {{"token", "CLOUD_TOKEN"}};
  kind.connection_suffix = "-kubeconfig";
  kind.connection_status_field = "kubeConfigSecret";
  kind.id_status_field = "thingID";
  kind.phase_status_field = "progress";
  kind.plan_status_field = "plan";
  kind.associated_status_field = "associatedResources";
  kind.associated_kinds = {"disks"};
  kind.connection_secret_field = "spec.secret";
  kind.connection_fields = {"spec.sso"};
  kind.creating_limit = std::chrono::minutes(45);
  kind.catalogs = {"versions", "flavours"};
  manifest.kinds = {kind};
  manifest.crds = {R"({"kind":"CustomResourceDefinition","spec":{"group":"cloud.dev"}})"};
  manifest.allowed_hosts = {"api.cloud.dev", "*.cloud.dev", "other.dev:8443"};
  manifest.quotas = {{"api.cloud.dev", 82.5, "x-limit", "x-remaining", "x-reset"},
                     {"other.dev", 0, "", "", ""}};
  manifest.config_schema = R"({"type":"object"})";
  manifest.config_environment = {{"apiURL", "CLOUD_URL"}};
  manifest.max_concurrency = 7;

  const auto parsed = ParseManifest(sdk::ManifestText(manifest));
  ASSERT_TRUE(parsed) << parsed.error();
  EXPECT_EQ(sdk::ManifestText(*parsed), sdk::ManifestText(manifest));
  EXPECT_EQ(parsed->kinds[0].identity, external::IdentityKept::kName);
  EXPECT_FALSE(parsed->kinds[0].namespaced);
  EXPECT_EQ(parsed->kinds[0].plan_status_field, "plan");
  EXPECT_EQ(parsed->kinds[0].associated_status_field, "associatedResources");
  EXPECT_EQ(parsed->kinds[0].connection_secret_field, "spec.secret");
  EXPECT_EQ(parsed->kinds[0].connection_fields, kind.connection_fields);
  EXPECT_EQ(parsed->kinds[0].associated_kinds, kind.associated_kinds);
  EXPECT_EQ(parsed->kinds[0].creating_limit, std::chrono::minutes(45));
  EXPECT_EQ(parsed->kinds[0].catalogs, kind.catalogs);
  ASSERT_EQ(parsed->quotas.size(), 2u);
  EXPECT_EQ(parsed->quotas[0].per_minute, 82.5);
  EXPECT_EQ(parsed->quotas[0].reset_header, "x-reset");
  EXPECT_EQ(parsed->quotas[1].host, "other.dev");
  EXPECT_EQ(parsed->max_concurrency, 7);
}

TEST(Manifest, FieldsOfANewerVersionAreIgnored) {
  EXPECT_TRUE(
      ParseManifest(Whole("\"maxConcurrency\":4", "\"maxConcurrency\":4,\"fromTheFuture\":{\"a\":[1]}")));
}

TEST(Manifest, NamesTheInvalidFieldAndTheExpectedValue) {
  const std::tuple<const char*, const char*, const char*> rows[] = {
      {"\"name\":\"cloud\",", "", "name is missing"},
      {"\"cloud\"", "\"My Cloud\"", "name must be a DNS label"},
      {"\"cloud\"", "7", "name must be a string"},
      {"\"1.2.3\"", "\"\"", "version must not be empty"},
      {"\"kinds\":[", "\"kinds\":7,\"x\":[", "kinds must be a list"},
      {"\"group\":\"cloud.dev\"", "\"group\":\"Cloud Dev\"", "kinds[0].group must be a DNS name"},
      {"\"plural\":\"things\"", "\"plural\":\"Things\"", "kinds[0].plural must be a DNS label"},
      {"\"identity\":\"tag\"", "\"identity\":\"memory\"", "kinds[0].identity must be tag, name or none"},
      {"\"identity\":\"tag\"", "\"identity\":\"tag\",\"namespaced\":\"yes\"",
       "kinds[0].namespaced must be true or false"},
      {"\"identity\":\"tag\"", "\"identity\":\"tag\",\"credentialKeys\":\"token\"",
       "credentialKeys must be a list"},
      {"\"identity\":\"tag\"", "\"identity\":\"tag\",\"credentialKeys\":[1]",
       "credentialKeys[0] must be a string"},
      {"\"identity\":\"tag\"", "\"identity\":\"tag\",\"credentialEnvironment\":{\"a\":1}",
       "credentialEnvironment.a must"},
      {"\"api.cloud.dev\"", "\"https://api.cloud.dev\"", "allowedHosts holds \"https://api.cloud.dev\""},
      {"\"api.cloud.dev\"", "\"api.cloud.dev:\"", "allowedHosts holds"},
      {"\"api.cloud.dev\"", "\"*\"", "allowedHosts holds"},
      {"\"maxConcurrency\":4", "\"maxConcurrency\":0", "maxConcurrency must be a whole number from 1 to 256"},
      {"\"maxConcurrency\":4", "\"maxConcurrency\":1.5", "maxConcurrency must be"},
      {"\"maxConcurrency\":4", "\"crds\":[{\"kind\":\"Pod\"}]", "crds[0] must be a CustomResourceDefinition"},
      {"\"maxConcurrency\":4", "\"configSchema\":\"x\"", "configSchema must be a JSON schema"},
      {"\"identity\":\"tag\"", "\"identity\":\"tag\",\"planStatusField\":true",
       "kinds[0].planStatusField must be a string"},
      {"\"maxConcurrency\":4", "\"quotas\":{}", "quotas must be a list"},
      {"\"maxConcurrency\":4", "\"quotas\":[7]", "quotas[0] must be an object"},
      {"\"maxConcurrency\":4", "\"quotas\":[{}]", "quotas[0].host is missing"},
      {"\"maxConcurrency\":4", "\"quotas\":[{\"host\":\"https://a.dev\"}]",
       "quotas[0].host must be a host name"},
      {"\"maxConcurrency\":4", "\"quotas\":[{\"host\":\"a.dev\",\"perMinute\":-1}]",
       "quotas[0].perMinute must be a number that is not negative"},
      {"\"maxConcurrency\":4", "\"quotas\":[{\"host\":\"a.dev\",\"perMinute\":\"9\"}]",
       "quotas[0].perMinute must be a number"},
      {"\"maxConcurrency\":4", "\"quotas\":[{\"host\":\"a.dev\",\"resetHeader\":\"a b\"}]",
       "quotas[0].resetHeader must be the name of a header"},
      {"\"maxConcurrency\":4", "\"quotas\":[{\"host\":\"api.cloud.dev\"},{\"host\":\"API.cloud.dev\"}]",
       "quotas[1]"},
      {"\"maxConcurrency\":4", "\"quotas\":[{\"host\":\"b.dev\"}]",
       "quotas[0].host is not among allowedHosts"},
  };
  for (const auto& [replaced, by, why] : rows) {
    const auto parsed = ParseManifest(Whole(replaced, by));
    ASSERT_FALSE(parsed) << by;
    EXPECT_EQ(parsed.error().code, Code::kInvalidArgument);
    EXPECT_THAT(parsed.error().message, HasSubstr(why));
  }
  EXPECT_FALSE(ParseManifest(""));
  EXPECT_FALSE(ParseManifest("[]"));
}

TEST(Manifest, AKindStandsThereOnce) {
  const std::string kind =
      R"({"group":"cloud.dev","version":"v1","kind":"Thing","plural":"things","identity":"tag"})";
  const auto parsed = ParseManifest(R"({"name":"c","version":"1","kinds":[)" + kind + "," + kind + "]}");
  ASSERT_FALSE(parsed);
  EXPECT_THAT(parsed.error().message, HasSubstr("kinds[1] names a kind that stands there already"));
}

}  // namespace
}  // namespace capstan::loader
