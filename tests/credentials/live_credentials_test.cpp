// Every kind of credentials, on a real kube-apiserver. on_real_kubernetes.sh prepares the
// environment.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/scan.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/kube/kubeconfig.hpp>
#include <capstan/core/net/tls_transport.hpp>
#include <capstan/core/program/cluster_connection.hpp>

namespace capstan::app {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// The system's, with a custom environment.
class ProcessWithEnvironment final : public Process {
 public:
  Result<Completed> Run(const Command& command, const Context& context) override {
    return system_->Run(command, context);
  }
  std::optional<std::string> Environment(const std::string& name) override {
    const auto found = environment.find(name);
    if (found == environment.end()) return std::nullopt;
    return found->second;
  }
  std::map<std::string, std::string> environment;

 private:
  const std::unique_ptr<Process> system_ = MakeSystemProcess();
};

// The system's, but a pod's files below /var/run are in a folder of this test.
class PodFiles final : public Files {
 public:
  explicit PodFiles(std::string folder) : folder_(std::move(folder)) {}
  Result<std::string> Read(const std::string& path, std::size_t limit) override {
    return system_->Read(At(path), limit);
  }
  Status WriteAtomically(const std::string& path, const std::string& content, unsigned mode) override {
    return system_->WriteAtomically(At(path), content, mode);
  }
  Result<std::vector<std::string>> List(const std::string& directory) override {
    return system_->List(At(directory));
  }
  bool Exists(const std::string& path) override { return system_->Exists(At(path)); }
  Status MakeDirectories(const std::string& path) override { return system_->MakeDirectories(At(path)); }
  Status Remove(const std::string& path) override { return system_->Remove(At(path)); }

 private:
  std::string At(const std::string& path) const {
    return path.rfind("/var/run/", 0) == 0 ? folder_ + "/pod" + path : path;
  }
  const std::string folder_;
  const std::unique_ptr<Files> system_ = MakeSystemFiles();
};

// The real scheduler with a clock that can be advanced: a test need not wait in real time, and work
// that must be finished before a certain time can take as long as a busy machine needs.
class AdvancingScheduler final : public ForwardingScheduler {
 public:
  using ForwardingScheduler::ForwardingScheduler;
  void Advance(Duration time) { ahead_ += time.count(); }
  Instant Now() const override { return next().Now() + Duration(ahead_); }
  WallTime WallNow() const override { return next().WallNow() + Duration(ahead_); }
  Woke Wait(Event& event, MutexLock& lock, Instant until, const Context& context) override {
    const auto real = [this](Instant at) { return at == kForever ? at : at - Duration(ahead_); };
    return next().Wait(event, lock, real(until), Context{context.stop, real(context.deadline)});
  }

 private:
  std::atomic<Duration::rep> ahead_{0};
};

constexpr const char* kPodFolder = "/var/run/secrets/kubernetes.io/serviceaccount/";

class LiveCredentials : public ::testing::Test {
 protected:
  LiveCredentials() {
    const auto admin = kube::LoadKubeconfig(files_, {folder_ + "/kubernetes/kubeconfig"});
    EXPECT_TRUE(admin) << admin.error();
    admin_access_ = *admin;
    admin_ = Connect(admin_access_);
  }

  std::unique_ptr<http::Transport> Connect(const kube::ClusterAccess& access) {
    auto connected = program::ConnectToCluster(access, files_, process_, scheduler_, log_);
    EXPECT_TRUE(connected) << connected.error();
    return connected ? std::move(*connected) : nullptr;
  }

  // A kubeconfig with this user and further cluster settings.
  kube::ClusterAccess Load(const std::string& user, const std::string& cluster = "",
                           std::string server = "") {
    if (server.empty()) server = "https://" + server_;
    const std::string path = folder_ + "/files/kubeconfig";
    EXPECT_TRUE(files_.WriteAtomically(
        path,
        StrCat("apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: \"", server,
               "\", certificate-authority: ../kubernetes/certs/apiserver.crt", cluster,
               "}}]\nusers: [{name: u, user: ", user,
               "}]\ncontexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: x\n"),
        0600));
    const auto access = kube::LoadKubeconfig(files_, {path});
    EXPECT_TRUE(access) << access.error();
    return access ? *access : kube::ClusterAccess();
  }

  // The server's error for a list of Secrets: "" if it succeeds.
  std::string Ask(http::Transport& transport, const std::string& server = "") {
    kube::Client client(transport, scheduler_, {server.empty() ? admin_access_.server : server});
    const auto answer = client.GetPath("/api/v1/namespaces/default/secrets?limit=1",
                                       Context().Within(scheduler_, seconds(120)));
    return answer ? "" : answer.error().message;
  }
  std::string Ask(const kube::ClusterAccess& access) {
    const auto transport = Connect(access);
    return transport ? Ask(*transport, access.server) : "no transport";
  }
  static std::string Refused(const std::string& user) {
    return "User \"" + user + "\" cannot list resource \"secrets\"";
  }

  std::string Inline(const std::string& file) {
    const auto content = files_.Read(folder_ + "/files/" + file, 1 << 20);
    EXPECT_TRUE(content) << content.error();
    return content ? Base64Encode(*content) : "";
  }

  // A token of a service account, which is created if it is missing. Its user is
  // system:serviceaccount:default:NAME.
  std::string AccountToken(const std::string& name) {
    Admin("POST", "/api/v1/namespaces/default/serviceaccounts",
          R"({"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":")" + name + "\"}}");
    const std::string answer = Admin(
        "POST", "/api/v1/namespaces/default/serviceaccounts/" + name + "/token",
        R"({"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"audiences":["https://kubernetes.default.svc"]}})");
    const auto token = json::StringAt(answer, "/status/token");
    EXPECT_TRUE(token && *token) << answer;
    return token ? token->value_or("") : "";
  }
  static std::string Account(const std::string& name) { return "system:serviceaccount:default:" + name; }
  std::string Admin(const std::string& method, const std::string& path, const std::string& body = "") {
    http::Request request;
    request.method = method;
    request.url = admin_access_.server + path;
    request.headers.Set("Content-Type", "application/json");
    request.body = body;
    const auto answer = admin_->Send(request, Context().Within(scheduler_, seconds(120)));
    EXPECT_TRUE(answer) << answer.error();
    return answer ? answer->body : "";
  }
  void Write(const std::string& name, const std::string& content, unsigned mode = 0600) {
    EXPECT_TRUE(files_.WriteAtomically(folder_ + "/files/" + name, content, mode));
  }
  std::string ReadAll(const std::string& path) {
    return files_.Read(folder_ + "/" + path, 1 << 20).value_or("");
  }

  // A plugin that records each run and prints the current content of the file `status`.
  std::string Plugin(const std::string& version, const std::string& more = "") {
    Write("runs", "");
    Write(
        "plugin",
        "#!/bin/sh\ncd \"$(dirname \"$0\")\" || exit 1\necho \"$GREETING $1 $KUBERNETES_EXEC_INFO\" >> runs\n"
        "[ ! -s broken ] || { cat broken >&2; exit 1; }\n"
        "printf '{\"apiVersion\":\"client.authentication.k8s.io/" +
            version + "\",\"kind\":\"ExecCredential\",\"status\":%s}' \"$(cat status)\"\n",
        0700);
    Write("broken", "");
    return "{exec: {apiVersion: client.authentication.k8s.io/" + version +
           ", command: ./plugin, args: [now], env: [{name: GREETING, value: hello}], interactiveMode: Never" +
           more + "}}";
  }
  void PluginGives(const std::string& token, std::optional<Duration> life = {}) {
    std::string status = "{\"token\":" + json::Quote(token);
    if (life)
      status += ",\"expirationTimestamp\":" + json::Quote(FormatRfc3339(scheduler_.WallNow() + *life));
    Write("status", status + "}");
  }
  std::size_t Runs() {
    const std::string runs = ReadAll("files/runs");
    return static_cast<std::size_t>(std::count(runs.begin(), runs.end(), '\n'));
  }
  void Pause(Duration time) { (void)scheduler_.Sleep(time, Context()); }

  const std::string folder_ = Variable("CAPSTAN_LIVE_FOLDER");
  const std::string server_ = Variable("CAPSTAN_LIVE_SERVER");
  ThreadScheduler threads_;
  AdvancingScheduler scheduler_{threads_};
  RecordingLog log_;
  PodFiles files_{folder_};
  ProcessWithEnvironment process_;
  kube::ClusterAccess admin_access_;
  std::unique_ptr<http::Transport> admin_;
};

TEST_F(LiveCredentials, ATokenIsTakenAndAWrongOneIsNot) {
  EXPECT_EQ(Ask(Load("{token: admintoken}")), "");
  EXPECT_THAT(Ask(Load("{token: wrong}")), HasSubstr("Unauthorized"));
  EXPECT_THAT(Ask(Load("{}")), HasSubstr(Refused("system:anonymous")));
}

TEST_F(LiveCredentials, ClientCertificatesOfEveryKindOfKeyAreShownFromFiles) {
  for (const std::string name : {"rsa-user", "ec-user", "ed25519-user"}) {
    EXPECT_THAT(Ask(Load("{client-certificate: " + name + ".crt, client-key: " + name + ".key}")),
                HasSubstr(Refused(name)));
  }
  EXPECT_THAT(Ask(Load("{client-certificate: ec-user.crt, client-key: sec1.key}")),
              HasSubstr(Refused("ec-user")));
  EXPECT_THAT(Ask(Load("{client-certificate: rsa-user.crt, client-key: pkcs1.key}")),
              HasSubstr(Refused("rsa-user")));
}

TEST_F(LiveCredentials, ClientCertificatesOfEveryKindOfKeyAreShownInline) {
  for (const std::string name : {"rsa-user", "ec-user", "ed25519-user"}) {
    EXPECT_THAT(Ask(Load(StrCat("{client-certificate-data: ", Inline(name + ".crt"),
                                ", client-key-data: ", Inline(name + ".key"), "}"))),
                HasSubstr(Refused(name)));
  }
}

TEST_F(LiveCredentials, AnExpiredClientCertificateIsNamedWithItsTime) {
  Pause(seconds(1));  // its lifetime is zero
  const std::string said = Ask(Load("{client-certificate: expired-user.crt, client-key: expired-user.key}"));
  EXPECT_THAT(said, HasSubstr("client certificate of context x"));
  EXPECT_THAT(said, HasSubstr("expired on 20"));
}

TEST_F(LiveCredentials, AClientCertificateIsRotatedOnDiskUnderARunningWatch) {
  Admin("POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles",
        R"({"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"maps"},)"
        R"("rules":[{"apiGroups":[""],"resources":["configmaps"],"verbs":["watch"]}]})");
  Admin(
      "POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
      R"({"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{"name":"maps"},)"
      R"("roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"maps"},)"
      R"("subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"ec-user"}]})");
  const auto copy = [this](const std::string& from, const std::string& ending) {
    Write("rotating" + ending, ReadAll("files/" + from + ending));
  };
  copy("ec-user", ".crt");
  copy("ec-user", ".key");
  const auto access = Load("{client-certificate: rotating.crt, client-key: rotating.key}");
  SimulatedScheduler looks;  // the clock for rereading files; sockets have their own
  auto connected = program::ConnectToCluster(access, files_, process_, looks, log_);
  ASSERT_TRUE(connected) << connected.error();
  const auto transport = std::move(*connected);
  EXPECT_THAT(Ask(*transport), HasSubstr(Refused("ec-user")));
  http::Request request;
  request.method = "GET";
  request.url = admin_access_.server + "/api/v1/configmaps?watch=1&timeoutSeconds=120";
  Result<http::StreamResponse> watch = Fail(Code::kInternal, "not asked");
  for (int tries = 0; tries < 50; ++tries) {  // RBAC is read from a cache
    watch = transport->Open(request, Context().Within(scheduler_, seconds(20)));
    ASSERT_TRUE(watch) << watch.error();
    if (watch->status == 200) break;
    Pause(std::chrono::milliseconds(100));
  }
  ASSERT_EQ(watch->status, 200);
  copy("rsa-user", ".crt");
  looks.RunFor(seconds(61));
  EXPECT_TRUE(log_.Contains("the client key does not belong to the client certificate"));
  EXPECT_THAT(Ask(*transport), HasSubstr(Refused("ec-user"))) << "half a pair is none";
  bool ended = false;
  Task reader = scheduler_.Spawn("watch", [&](const Context& context) {
    for (;;) {
      const auto piece = watch->body->Read(context.Within(scheduler_, seconds(60)));
      if (!piece) return;
      ended = piece->empty();
      if (ended) return;
    }
  });
  copy("rsa-user", ".key");
  looks.RunFor(seconds(11));
  reader.Join();
  EXPECT_TRUE(ended) << "the watch moves over, long before its 120 seconds are up";
  EXPECT_THAT(Ask(*transport), HasSubstr(Refused("rsa-user")));
}

TEST_F(LiveCredentials, AnExpiredClientCertificateIsReplacedImmediately) {
  Pause(seconds(1));
  Write("rotating.crt", ReadAll("files/expired-user.crt"));
  Write("rotating.key", ReadAll("files/expired-user.key"));
  const auto transport = Connect(Load("{client-certificate: rotating.crt, client-key: rotating.key}"));
  EXPECT_THAT(Ask(*transport), HasSubstr("rotating.crt, which is read again every minute"));
  Write("rotating.crt", ReadAll("files/ed25519-user.crt"));
  Write("rotating.key", ReadAll("files/ed25519-user.key"));
  EXPECT_THAT(Ask(*transport), HasSubstr(Refused("ed25519-user")));
}

TEST_F(LiveCredentials, AnEncryptedKeyIsRefusedWithAdvice) {
  const auto made =
      program::ConnectToCluster(Load("{client-certificate: ec-user.crt, client-key: encrypted.key}"), files_,
                                process_, scheduler_, log_);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("the client key is encrypted"));
}

TEST_F(LiveCredentials, ImpersonationMakesTheServerSeeAnotherUser) {
  EXPECT_THAT(Ask(Load("{token: admintoken, as: her}")), HasSubstr(Refused("her")));
  EXPECT_EQ(Ask(Load("{token: admintoken, as: her, as-groups: [friends, \"system:masters\"]}")), "");
  EXPECT_THAT(Ask(Load("{token: " + AccountToken("weak") + ", as: her}")),
              HasSubstr("User \"" + Account("weak") + "\" cannot impersonate resource \"users\""));
  Admin(
      "POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles",
      R"({"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"scopes"},"rules":[)"
      R"({"apiGroups":["authentication.k8s.io"],"resources":["userextras/scopes"],"resourceNames":["view"],"verbs":["impersonate"]},)"
      R"({"apiGroups":[""],"resources":["users"],"resourceNames":["her"],"verbs":["impersonate"]}]})");
  Admin(
      "POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
      R"({"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{"name":"scopes"},)"
      R"("roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"scopes"},)"
      R"("subjects":[{"kind":"ServiceAccount","name":"weak","namespace":"default"}]})");
  const std::string weak = AccountToken("weak");
  std::string said;
  for (int tries = 0; tries < 600; ++tries) {  // RBAC is read from a cache
    said = Ask(Load("{token: " + weak + ", as: her, as-user-extra: {scopes: [view]}}"));
    if (said.find(Refused("her")) != std::string::npos) break;
    Pause(std::chrono::milliseconds(100));
  }
  EXPECT_THAT(said, HasSubstr(Refused("her")));
  EXPECT_THAT(Ask(Load("{token: " + weak + ", as: her, as-user-extra: {scopes: [edit]}}")),
              HasSubstr("cannot impersonate resource \"userextras/scopes\""));
}

TEST_F(LiveCredentials, ATokenFileIsReadAgainWhenItsTokenIsRefused) {
  Write("token", AccountToken("first") + "\n");
  const auto access = Load("{tokenFile: token}");
  const auto transport = Connect(access);
  EXPECT_THAT(Ask(*transport), HasSubstr(Refused(Account("first"))));
  Write("token", "garbage");
  EXPECT_THAT(Ask(*transport), HasSubstr(Refused(Account("first")))) << "not read by every request";
  const auto other = Connect(access);
  EXPECT_THAT(Ask(*other), HasSubstr("Unauthorized"));
  Write("token", AccountToken("second"));
  EXPECT_THAT(Ask(*other), HasSubstr(Refused(Account("second")))) << "read again after the 401";
}

TEST_F(LiveCredentials, AnInlineTokenServesUntilTheTokenFileIsThere) {
  EXPECT_TRUE(files_.Remove(folder_ + "/files/late-token"));
  EXPECT_EQ(Ask(Load("{token: admintoken, tokenFile: late-token}")), "");
  Write("late-token", AccountToken("first"));
  EXPECT_THAT(Ask(Load("{token: admintoken, tokenFile: late-token}")), HasSubstr(Refused(Account("first"))));
}

TEST_F(LiveCredentials, ThePodsTokenRotatesUnderARunningProcess) {
  const std::size_t colon = server_.rfind(':');
  process_.environment = {{"KUBERNETES_SERVICE_HOST", server_.substr(0, colon)},
                          {"KUBERNETES_SERVICE_PORT", server_.substr(colon + 1)}};
  const auto pod = [](const char* name) { return std::string(kPodFolder) + name; };
  ASSERT_TRUE(files_.MakeDirectories(kPodFolder));
  ASSERT_TRUE(files_.WriteAtomically(pod("ca.crt"), ReadAll("kubernetes/certs/apiserver.crt"), 0600));
  ASSERT_TRUE(files_.WriteAtomically(pod("namespace"), "default", 0600));
  ASSERT_TRUE(files_.WriteAtomically(pod("token"), AccountToken("old"), 0600));
  const auto access = kube::LoadClusterAccess(files_, process_);
  ASSERT_TRUE(access) << access.error();
  EXPECT_EQ(access->origin, "in-cluster");
  const auto transport = Connect(*access);
  EXPECT_THAT(Ask(*transport), HasSubstr(Refused(Account("old"))));
  // Like the kubelet, writes a new token; then deletes the old one's account, and with it the old
  // token.
  ASSERT_TRUE(files_.WriteAtomically(pod("token"), AccountToken("new"), 0600));
  Admin("DELETE", "/api/v1/namespaces/default/serviceaccounts/old");
  std::string said;
  for (int tries = 0; tries < 600; ++tries) {  // the server caches a token for ten seconds
    said = Ask(*transport);
    if (said.find(Refused(Account("old"))) == std::string::npos) break;
    Pause(std::chrono::milliseconds(100));
  }
  EXPECT_THAT(said, HasSubstr(Refused(Account("new")))) << "no request in between was lost";
}

TEST_F(LiveCredentials, ExecPluginsOfBothVersionsGiveTokens) {
  for (const std::string version : {"v1", "v1beta1"}) {
    const auto access = Load(Plugin(version, ", provideClusterInfo: true"));
    PluginGives(AccountToken("by-plugin"));
    const auto transport = Connect(access);
    for (int i = 0; i < 3; ++i) EXPECT_THAT(Ask(*transport), HasSubstr(Refused(Account("by-plugin"))));
    EXPECT_EQ(Runs(), 1U) << version;
    const std::string run = ReadAll("files/runs");
    EXPECT_THAT(run, HasSubstr("hello now {\"apiVersion\":\"client.authentication.k8s.io/" + version));
    EXPECT_THAT(run, HasSubstr("\"server\":\"https://" + server_ + "\""));
  }
}

TEST_F(LiveCredentials, AnExecPluginGivesAClientCertificate) {
  const auto access = Load(Plugin("v1"));
  Write("status", "{\"clientCertificateData\":" + json::Quote(ReadAll("files/ec-user.crt")) +
                      ",\"clientKeyData\":" + json::Quote(ReadAll("files/ec-user.key")) + "}");
  EXPECT_THAT(Ask(access), HasSubstr(Refused("ec-user")));
}

TEST_F(LiveCredentials, AnExecPluginIsRunAgainBeforeItsTokenLapses) {
  const auto access = Load(Plugin("v1"));
  PluginGives(AccountToken("short"), seconds(600));
  const auto transport = Connect(access);
  EXPECT_THAT(Ask(*transport), HasSubstr(Refused(Account("short"))));
  PluginGives(AccountToken("next"), std::chrono::hours(1));
  scheduler_.Advance(seconds(400));
  EXPECT_THAT(Ask(*transport), HasSubstr(Refused(Account("short"))));
  EXPECT_EQ(Runs(), 1U);
  scheduler_.Advance(seconds(145));
  // Less than a minute is left of the first token, which is used until the plugin has run.
  std::string answer = Ask(*transport);
  while (answer.find(Refused(Account("short"))) != std::string::npos) answer = Ask(*transport);
  EXPECT_THAT(answer, HasSubstr(Refused(Account("next"))));
  EXPECT_EQ(Runs(), 2U);
}

TEST_F(LiveCredentials, AnExecPluginIsRunAgainOnceAfterA401AndThenWithPauses) {
  const auto access = Load(Plugin("v1beta1"));
  PluginGives("stale-token");
  const auto transport = Connect(access);
  const Instant start = scheduler_.Now();
  for (int i = 0; i < 20; ++i) EXPECT_THAT(Ask(*transport), HasSubstr("Unauthorized"));
  const auto pauses = static_cast<std::size_t>((scheduler_.Now() - start) / seconds(5));
  EXPECT_GE(Runs(), 2U) << "at first use, and for the first refusal";
  EXPECT_LE(Runs(), 2U + pauses) << "and after five seconds or more, if all that took so long";
  const std::size_t before = Runs();
  PluginGives(AccountToken("fresh"));
  scheduler_.Advance(seconds(61));
  EXPECT_THAT(Ask(*transport), HasSubstr(Refused(Account("fresh")))) << "the refused request is sent again";
  EXPECT_EQ(Runs(), before + 1);
}

TEST_F(LiveCredentials, AnExecPluginsFailureIsReportedWithoutTheSecretsItEchoes) {
  const auto access = Load(Plugin("v1"));
  const std::string token = AccountToken("echoed");
  Write("broken", "login failed for " + token + "\n");
  const std::string said = Ask(access);
  EXPECT_THAT(said, HasSubstr("plugin\" ended with status 1: login failed for ***"));
  EXPECT_THAT(said, Not(HasSubstr(token.substr(0, 30))));
  EXPECT_FALSE(log_.Contains(token.substr(0, 30)));
}

TEST_F(LiveCredentials, TheServerNameIsCheckedInsteadOfTheAddress) {
  EXPECT_EQ(Ask(Load("{token: admintoken}", ", tls-server-name: kubernetes.default.svc")), "");
  EXPECT_THAT(Ask(Load("{token: admintoken}", ", tls-server-name: elsewhere.example")),
              HasSubstr("elsewhere.example"));
}

TEST_F(LiveCredentials, TheKubeconfigsProxyIsUsedEvenForLoopback) {
  const std::string port(Trim(ReadAll("proxy.port")));
  EXPECT_EQ(Ask(Load("{token: admintoken}", ", proxy-url: \"http://127.0.0.1:" + port + "\"")), "");
  EXPECT_THAT(ReadAll("proxy.log"), HasSubstr("CONNECT " + server_));
}

TEST_F(LiveCredentials, PassesAProxyItsPasswordAndNeverShowsIt) {
  const std::string port(Trim(ReadAll("guarded.port")));
  EXPECT_EQ(Ask(Load("{token: admintoken}",
                     ", proxy-url: \"http://proxy-user:pr0xy-passw0rd@127.0.0.1:" + port + "\"")),
            "");
  EXPECT_THAT(ReadAll("guarded.log"), HasSubstr("CONNECT " + server_));
  const std::string said = Ask(Load(
      "{token: admintoken}", ", proxy-url: \"http://proxy-user:wr0ng-passw0rd@127.0.0.1:" + port + "\""));
  EXPECT_THAT(said, HasSubstr("407"));
  EXPECT_THAT(said, Not(HasSubstr("passw0rd")));
  EXPECT_FALSE(log_.Contains("passw0rd"));
}

TEST_F(LiveCredentials, HttpsProxyCarriesNamesThatOnlyTheProxyKnows) {
  process_.environment["HTTPS_PROXY"] = "http://127.0.0.1:" + std::string(Trim(ReadAll("proxy.port")));
  const std::string server = "https://api.cluster.invalid:6443";
  const std::string name = ", tls-server-name: kubernetes";
  EXPECT_EQ(Ask(Load("{token: admintoken}", name, server)), "");
  EXPECT_THAT(ReadAll("proxy.log"), HasSubstr("CONNECT api.cluster.invalid:6443"));
}

TEST_F(LiveCredentials, NoProxyCoversSuffixesNetworksAndPorts) {
  process_.environment["HTTPS_PROXY"] = "http://127.0.0.1:" + std::string(Trim(ReadAll("proxy.port")));
  const std::string name = ", tls-server-name: kubernetes";
  struct Case {
    const char* server;
    const char* no_proxy;
    bool proxied;
  };
  for (const Case& c : {Case{"https://api.cluster.invalid:6443", "cluster.invalid", false},
                        Case{"https://api.cluster.invalid:6443", ".cluster.invalid", false},
                        Case{"https://api.cluster.invalid:6443", "cluster.invalid:6443", false},
                        Case{"https://api.cluster.invalid:6443", "cluster.invalid:443", true},
                        Case{"https://api.cluster.invalid:6443", "other.invalid,10.0.0.0/8", true},
                        Case{"https://255.255.255.255:6443", "255.255.0.0/16", false},
                        Case{"https://255.255.255.255:6443", "255.254.0.0/16", true},
                        Case{"https://255.255.255.255:6443", "255.255.255.255:6443", false},
                        Case{"https://255.255.255.255:6443", "255.255.255.255:443", true},
                        Case{"https://255.255.255.255:6443", "*", false}}) {
    process_.environment["NO_PROXY"] = c.no_proxy;
    // Without the proxy, neither target is reachable: the name does not exist, and the address is a
    // broadcast address.
    const std::string said = Ask(Load("{token: admintoken}", name, c.server));
    EXPECT_EQ(said.empty(), c.proxied) << c.server << " " << c.no_proxy << ": " << said;
  }
}

TEST_F(LiveCredentials, KubeconfigFilesAreMergedTheFirstOneWinning) {
  EXPECT_TRUE(files_.WriteAtomically(
      folder_ + "/files/first",
      "apiVersion: v1\nkind: Config\nusers: [{name: admin, user: {token: wrong}}]\n", 0600));
  process_.environment["KUBECONFIG"] =
      folder_ + "/files/none:" + folder_ + "/files/first:" + folder_ + "/kubernetes/kubeconfig";
  const auto access = kube::LoadClusterAccess(files_, process_);
  ASSERT_TRUE(access) << access.error();
  EXPECT_THAT(Ask(*access), HasSubstr("Unauthorized"));
  process_.environment["KUBECONFIG"] = folder_ + "/kubernetes/kubeconfig:" + folder_ + "/files/first";
  const auto other = kube::LoadClusterAccess(files_, process_);
  ASSERT_TRUE(other) << other.error();
  EXPECT_EQ(Ask(*other), "");
}

TEST_F(LiveCredentials, OnlySkippingTheCheckTrustsAnyServer) {
  kube::ClusterAccess access = admin_access_;
  access.ca_pem.clear();
  access.ca_file.clear();
  EXPECT_THAT(Ask(access), HasSubstr("certificate"));
  access.insecure_skip_verify = true;
  EXPECT_EQ(Ask(access), "");
}

}  // namespace
}  // namespace capstan::app

int main(int count, char** values) {
  ::testing::InitGoogleMock(&count, values);
  capstan::net::InitializeNetwork();
  return RUN_ALL_TESTS();
}
