#include <capstan/core/kube/kubeconfig.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>
#include <capstan/core/kube/testing/scripted_server.hpp>

namespace capstan::kube {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kPem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

// A kubeconfig with one context "dev"; `cluster` and `user` are the contents of YAML flow mappings.
std::string Config(const std::string& cluster, const std::string& user,
                   const std::string& context_extra = "") {
  return "apiVersion: v1\nkind: Config\ncurrent-context: dev\nclusters: [{name: c, cluster: {" + cluster +
         "}}]\nusers: [{name: u, user: {" + user +
         "}}]\ncontexts: [{name: dev, context: {cluster: c, user: u" + context_extra + "}}]\n";
}

Result<ClusterAccess> Load(std::map<std::string, std::string> content,
                           const std::vector<std::string>& paths = {"/k"}, const std::string& context = "") {
  const auto files = MakeMemoryFiles(std::move(content));
  return LoadKubeconfig(*files, paths, context);
}

void ExpectOneLineNaming(const Result<ClusterAccess>& result, std::initializer_list<const char*> words) {
  ASSERT_FALSE(result);
  const std::string& message = result.error().message;
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  for (const char* word : words) EXPECT_THAT(message, HasSubstr(word));
}

TEST(Kubeconfig, ReadsATokenAndAnInlineAuthority) {
  const auto access =
      Load({{"/k", Config("server: \"https://h:6443/\", certificate-authority-data: " + Base64Encode(kPem),
                          "token: t0ken", ", namespace: team")}});
  ASSERT_TRUE(access) << access.error();
  EXPECT_EQ(access->server, "https://h:6443");
  EXPECT_EQ(access->ca_pem, kPem);
  EXPECT_EQ(access->ca_file, "");
  EXPECT_EQ(access->token.Reveal(), "t0ken");
  EXPECT_EQ(access->namespace_, "team");
  EXPECT_EQ(access->origin, "context dev of /k");
  EXPECT_FALSE(access->insecure_skip_verify);
}

TEST(Kubeconfig, ReadsFilesRelativeToItsOwnFolder) {
  const auto access =
      Load({{"/etc/kube/config",
             Config("server: https://h, certificate-authority: pki/ca.pem",
                    "client-certificate: ../me.crt, client-key: /keys/me.key, tokenFile: tok")},
            {"/etc/kube/pki/ca.pem", kPem},
            {"/etc/kube/../me.crt", kPem},
            {"/keys/me.key", "-----BEGIN PRIVATE KEY-----\nx\n"}},
           {"/etc/kube/config"});
  ASSERT_TRUE(access) << access.error();
  EXPECT_EQ(access->ca_pem, kPem);
  EXPECT_EQ(access->certificate_pem, kPem);
  EXPECT_EQ(access->key_pem.Reveal(), "-----BEGIN PRIVATE KEY-----\nx\n");
  EXPECT_EQ(access->token_file, "/etc/kube/tok");
  EXPECT_EQ(access->ca_file, "/etc/kube/pki/ca.pem") << "files rotate: where they are is kept";
  EXPECT_EQ(access->certificate_file, "/etc/kube/../me.crt");
  EXPECT_EQ(access->key_file, "/keys/me.key");
}

TEST(Kubeconfig, ReadsEverythingElseKubectlReads) {
  const auto access = Load({{"/k", Config("server: https://h, tls-server-name: other, "
                                          "insecure-skip-tls-verify: true, proxy-url: \"http://p:3128\"",
                                          "username: me, password: pw, as: her, as-uid: u1, as-groups: [g1, "
                                          "g2], as-user-extra: {why: [a, b]}")}});
  ASSERT_TRUE(access) << access.error();
  EXPECT_EQ(access->server_name, "other");
  EXPECT_TRUE(access->insecure_skip_verify);
  EXPECT_EQ(access->proxy_url, "http://p:3128");
  EXPECT_EQ(access->username, "me");
  EXPECT_EQ(access->password.Reveal(), "pw");
  EXPECT_EQ(access->impersonate.user, "her");
  EXPECT_EQ(access->impersonate.uid, "u1");
  EXPECT_THAT(access->impersonate.groups, ElementsAre("g1", "g2"));
  ASSERT_EQ(access->impersonate.extra.size(), 1U);
  EXPECT_EQ(access->impersonate.extra[0].first, "why");
  EXPECT_THAT(access->impersonate.extra[0].second, ElementsAre("a", "b"));
  EXPECT_EQ(access->namespace_, "default");
}

TEST(Kubeconfig, ReadsAnExecPlugin) {
  const auto access = Load(
      {{"/etc/k",
        Config("server: https://h, extensions: [{name: client.authentication.k8s.io/exec, extension: "
               "{audience: \"7\", count: 5, ready: yes}}]",
               "exec: {apiVersion: client.authentication.k8s.io/v1, command: bin/login, args: [get, token], "
               "env: [{name: A, value: \"1\"}], installHint: get it, provideClusterInfo: true, "
               "interactiveMode: IfAvailable}")}},
      {"/etc/k"});
  ASSERT_TRUE(access) << access.error();
  ASSERT_TRUE(access->exec);
  EXPECT_EQ(access->exec->command, "/etc/bin/login") << "a path is relative to the kubeconfig";
  EXPECT_THAT(access->exec->arguments, ElementsAre("get", "token"));
  EXPECT_EQ(access->exec->environment.at("A"), "1");
  EXPECT_EQ(access->exec->install_hint, "get it");
  EXPECT_TRUE(access->exec->provide_cluster_info);
  EXPECT_EQ(access->exec->cluster_config, R"({"audience":"7","count":5,"ready":true})");
}

TEST(Kubeconfig, LeavesABareExecCommandToPath) {
  const auto access =
      Load({{"/etc/k", Config("server: https://h",
                              "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: login}")}},
           {"/etc/k"});
  ASSERT_TRUE(access) << access.error();
  EXPECT_EQ(access->exec->command, "login");
}

TEST(Kubeconfig, CompletesAServerWithoutScheme) {
  EXPECT_EQ(Load({{"/k", Config("server: h", "token: t")}})->server, "http://h");
  EXPECT_EQ(Load({{"/k", Config("server: \"h:6443\", insecure-skip-tls-verify: true", "token: t")}})->server,
            "https://h:6443");
}

TEST(Kubeconfig, AcceptsEveryBooleanThatKubectlsYamlAccepts) {
  const auto skips = [](const std::string& word) {
    return Load({{"/k", Config("server: https://h, insecure-skip-tls-verify: " + word, "token: t")}});
  };
  for (const char* word : {"true", "True", "TRUE", "yes", "on", "Y"})
    EXPECT_TRUE(skips(word)->insecure_skip_verify) << word;
  for (const char* word : {"false", "False", "NO", "off", "n", "~"})
    EXPECT_FALSE(skips(word)->insecure_skip_verify) << word;
}

TEST(Kubeconfig, RefusesTwoEntriesOfOneNameInOneFile) {
  ExpectOneLineNaming(Load({{"/k",
                             "current-context: x\nclusters: [{name: c, cluster: {server: https://one}},\n"
                             "  {name: c, cluster: {server: https://two}}]\n"
                             "contexts: [{name: x, context: {cluster: c}}]\n"}}),
                      {"/k", "line 3", "clusters", "\"c\"", "remove one"});
}

TEST(Kubeconfig, MergesFilesWithTheFirstOneWinningWhole) {
  const std::string first =
      "current-context: a\nclusters: [{name: c, cluster: {server: https://one}}]\ncontexts: [{name: a, "
      "context: {cluster: c, user: u}}]\n";
  const std::string second =
      "current-context: b\nclusters: [{name: c, cluster: {server: https://two, tls-server-name: x}}, {name: "
      "d, cluster: {server: https://three}}]\n"
      "users: [{name: u, user: {tokenFile: tok}}]\ncontexts: [{name: b, context: {cluster: d, user: u}}]\n";
  const std::map<std::string, std::string> content = {{"/one/k", first}, {"/two/k", second}};
  const std::vector<std::string> paths = {"/missing", "/one/k", "/two/k"};
  const auto a = Load(content, paths);
  ASSERT_TRUE(a) << a.error();
  EXPECT_EQ(a->server, "https://one");
  EXPECT_EQ(a->server_name, "") << "nothing of the second file's cluster is mixed in";
  EXPECT_EQ(a->token_file, "/two/tok");
  const auto b = Load(content, paths, "b");
  ASSERT_TRUE(b) << b.error();
  EXPECT_EQ(b->server, "https://three");
}

TEST(Kubeconfig, NamesTheFileThatIsMissing) {
  ExpectOneLineNaming(Load({}, {"/a/k"}), {"/a/k", "no such file"});
  const auto access = Load({}, {"/a/k", "/b/k"});
  EXPECT_EQ(access.error().code, Code::kNotFound);
  ExpectOneLineNaming(access, {"/a/k", "/b/k"});
}

TEST(Kubeconfig, NamesTheLineOfBadYaml) {
  ExpectOneLineNaming(Load({{"/k", "clusters:\n- name: a\n  cluster: {server: https://h\nusers: []\n"}}),
                      {"/k", "line "});
  ExpectOneLineNaming(Load({{"/k", "a: b: c\n"}}), {"/k", "line 1"});
  ExpectOneLineNaming(Load({{"/k", "\t\x01"}}), {"/k"});
  ExpectOneLineNaming(Load({{"/k", "just text\n"}}), {"/k", "not a kubeconfig"});
  ExpectOneLineNaming(Load({{"/k", "[1, 2]\n"}}), {"/k", "not a kubeconfig"});
  ExpectOneLineNaming(Load({{"/k", "clusters: 7\n"}}), {"/k", "line 1", "clusters is not a list"});
  ExpectOneLineNaming(Load({{"/k", "\nusers:\n- 5\n"}}), {"/k", "line 3", "users"});
  ExpectOneLineNaming(Load({{"/k", "contexts: [{context: {}}]\n"}}), {"/k", "contexts has no name"});
  ExpectOneLineNaming(Load({{"/k", "contexts: [{name: a, context: 5}]\n"}}),
                      {"/k", "context \"a\" is not a mapping"});
}

TEST(Kubeconfig, ReadsWhatKubectlsYamlMeans) {
  // As some tools write bytes: the base64 of the field's base64 value.
  const auto binary = Load({{"/k", Config("server: https://h, certificate-authority-data: !!binary " +
                                              Base64Encode(Base64Encode(kPem)),
                                          "token: t")}});
  ASSERT_TRUE(binary) << binary.error();
  EXPECT_EQ(binary->ca_pem, kPem);
  const auto merged = Load({{"/k", "x: &all {server: https://h, tls-server-name: other}\n" +
                                       Config("<<: *all, tls-server-name: own", "token: t")}});
  ASSERT_TRUE(merged) << merged.error();
  EXPECT_EQ(merged->server, "https://h");
  EXPECT_EQ(merged->server_name, "own") << "what the mapping says itself wins";
  ExpectOneLineNaming(Load({{"/k", "a: \"\\\n\\q\"\n"}}), {"/k", "line"});
  ExpectOneLineNaming(Load({{"/k", Config("server: https://h", "token: one, token: two")}}),
                      {"token", "twice"});
}

TEST(Kubeconfig, SurvivesEndlesslyNestedYaml) {
  ExpectOneLineNaming(Load({{"/k", std::string(200000, '[')}}), {"/k"});
  ExpectOneLineNaming(Load({{"/k", "a: " + std::string(100000, '{')}}), {"/k"});
}

TEST(Kubeconfig, SaysWhichContextsThereAre) {
  const std::map<std::string, std::string> content = {{"/k", Config("server: https://h", "token: t")}};
  ExpectOneLineNaming(Load(content, {"/k"}, "prod"), {"/k", "context \"prod\"", "dev"});
  EXPECT_EQ(Load(content, {"/k"}, "prod").error().code, Code::kNotFound);
  ExpectOneLineNaming(Load({{"/k", "contexts: [{name: x, context: {cluster: c}}]\n"}}),
                      {"/k", "current-context", "x"});
  ExpectOneLineNaming(Load({{"/k", ""}}), {"/k", "current-context"});
  ExpectOneLineNaming(Load({{"/k", "current-context: x\ncontexts: [{name: x, context: {cluster: c}}]\n"}}),
                      {"cluster \"c\""});
  ExpectOneLineNaming(Load({{"/k", "current-context: x\ncontexts: [{name: x, context: {}}]\n"}}),
                      {"context \"x\"", "cluster is missing"});
  ExpectOneLineNaming(Load({{"/k",
                             "current-context: x\nclusters: [{name: c, cluster: {server: https://h}}]\n"
                             "contexts: [{name: x, context: {cluster: c, user: me}}]\n"}}),
                      {"user \"me\""});
}

TEST(Kubeconfig, NamesTheFieldThatIsWrong) {
  const auto bad = [](const std::string& cluster, const std::string& user) {
    return Load({{"/k", Config(cluster, user)}});
  };
  const std::string ok = "server: https://h";
  ExpectOneLineNaming(bad("", "token: t"), {"cluster \"c\"", "server is missing"});
  ExpectOneLineNaming(bad("server: \"http://[\"", "token: t"), {"server is not a URL"});
  ExpectOneLineNaming(bad("server: {a: b}", "token: t"), {"server is not text"});
  ExpectOneLineNaming(bad(ok + ", insecure-skip-tls-verify: maybe", "token: t"),
                      {"insecure-skip-tls-verify is neither"});
  ExpectOneLineNaming(bad(ok + ", certificate-authority-data: \"!!\"", "token: t"),
                      {"certificate-authority-data is not base64"});
  ExpectOneLineNaming(bad(ok + ", certificate-authority-data: aGVsbG8=", "token: t"),
                      {"certificate-authority is not a PEM"});
  ExpectOneLineNaming(bad(ok + ", certificate-authority: gone.pem", "token: t"),
                      {"certificate-authority", "/gone.pem"});
  ExpectOneLineNaming(
      bad(ok + ", insecure-skip-tls-verify: true, certificate-authority-data: " + Base64Encode(kPem),
          "token: t"),
      {"insecure-skip-tls-verify", "remove one"});
  ExpectOneLineNaming(bad(ok, "client-certificate-data: " + Base64Encode(kPem)),
                      {"user \"u\"", "client-key is missing"});
  ExpectOneLineNaming(bad(ok, "client-key-data: " + Base64Encode(kPem)), {"client-certificate is missing"});
  ExpectOneLineNaming(bad(ok, "token: t0ken, username: me, password: pw"),
                      {"user \"u\"", "token and username", "remove one"});
  ExpectOneLineNaming(bad(ok, "as-groups: [g]"), {"as is missing"});
  ExpectOneLineNaming(bad(ok, "as: x, as-groups: g"), {"as-groups is not a list"});
  ExpectOneLineNaming(bad(ok, "as: \"x\\r\\nAuthorization: y\""), {"control characters"});
  ExpectOneLineNaming(bad(ok, "exec: {command: x, apiVersion: client.authentication.k8s.io/v1alpha1}"),
                      {"v1alpha1", "v1beta1"});
  ExpectOneLineNaming(bad(ok, "exec: {apiVersion: client.authentication.k8s.io/v1}"), {"command is missing"});
  ExpectOneLineNaming(
      bad(ok, "exec: {apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Always}"),
      {"interactiveMode"});
}

TEST(Kubeconfig, SaysWhatToUseInsteadOfAnAuthProvider) {
  for (const auto& [name, instead] : std::map<std::string, const char*>{{"gcp", "gke-gcloud-auth-plugin"},
                                                                        {"azure", "kubelogin"},
                                                                        {"oidc", "oidc-login"},
                                                                        {"mine", "exec plugin"}}) {
    ExpectOneLineNaming(Load({{"/k", Config("server: https://h", "auth-provider: {name: " + name + "}")}}),
                        {"auth-provider", name.c_str(), instead});
  }
}

TEST(Kubeconfig, NeverRepeatsASecretInAnError) {
  const auto access =
      Load({{"/k", Config("server: https://h", "token: s3cret, client-key-data: \"s3cret!\"")}});
  ASSERT_FALSE(access);
  EXPECT_THAT(access.error().message, Not(HasSubstr("s3cret")));
}

TEST(Kubeconfig, ReadsJsonToo) {
  const auto access =
      Load({{"/k", R"({"current-context":"x","clusters":[{"name":"c","cluster":{"server":"https://h"}}],
"users":[{"name":"u","user":{"token":"123"}}],"contexts":[{"name":"x","context":{"cluster":"c","user":"u"}}]})"}});
  ASSERT_TRUE(access) << access.error();
  EXPECT_EQ(access->token.Reveal(), "123");
}

constexpr const char* kMount = "/var/run/secrets/kubernetes.io/serviceaccount/";

TEST(InCluster, TakesAddressTokenAuthorityAndNamespaceFromThePod) {
  const std::string mount = kMount;
  const auto files =
      MakeMemoryFiles({{mount + "token", "tok\n"}, {mount + "ca.crt", kPem}, {mount + "namespace", "ops\n"}});
  ScriptedProcess process;
  process.environment = {{"KUBERNETES_SERVICE_HOST", "fd00::1"}, {"KUBERNETES_SERVICE_PORT", "443"}};
  const auto access = LoadInCluster(*files, process);
  ASSERT_TRUE(access) << access.error();
  EXPECT_EQ(access->server, "https://[fd00::1]:443");
  EXPECT_EQ(access->token_file, mount + "token");
  EXPECT_EQ(access->ca_pem, kPem);
  EXPECT_EQ(access->ca_file, mount + "ca.crt");
  EXPECT_EQ(access->namespace_, "ops");
}

TEST(InCluster, SaysWhatIsMissing) {
  const auto files = MakeMemoryFiles();
  ScriptedProcess process;
  ExpectOneLineNaming(LoadInCluster(*files, process), {"KUBERNETES_SERVICE_HOST"});
  process.environment = {{"KUBERNETES_SERVICE_HOST", "10.0.0.1"}, {"KUBERNETES_SERVICE_PORT", "443"}};
  ExpectOneLineNaming(LoadInCluster(*files, process), {"token is not mounted"});
}

TEST(ClusterAccess, PrefersTheFlagThenKubeconfigThenHomeThenThePod) {
  const std::string mount = kMount;
  const auto config = [](const char* host) { return Config(StrCat("server: https://", host), "token: t"); };
  const auto files = MakeMemoryFiles({{"/flag", config("flag")},
                                      {"/one", config("one")},
                                      {"/home/me/.kube/config", config("home")},
                                      {mount + "token", "tok"},
                                      {mount + "ca.crt", kPem}});
  ScriptedProcess process;
  process.environment = {{"KUBECONFIG", "/missing::/one:/one"},
                         {"HOME", "/home/me"},
                         {"KUBERNETES_SERVICE_HOST", "pod"},
                         {"KUBERNETES_SERVICE_PORT", "443"}};
  EXPECT_EQ(LoadClusterAccess(*files, process, "/flag")->server, "https://flag");
  EXPECT_THAT(DefaultKubeconfigPaths(*files, process), ElementsAre("/missing", "/one"));
  EXPECT_EQ(LoadClusterAccess(*files, process)->server, "https://one");
  process.environment.erase("KUBECONFIG");
  EXPECT_EQ(LoadClusterAccess(*files, process)->server, "https://home");
  process.environment["HOME"] = "/home/other";
  EXPECT_EQ(LoadClusterAccess(*files, process)->server, "https://pod:443");
  process.environment.erase("KUBERNETES_SERVICE_HOST");
  ExpectOneLineNaming(LoadClusterAccess(*files, process), {"no kubeconfig", "KUBECONFIG", "~/.kube/config"});
}

}  // namespace
}  // namespace capstan::kube
