// A real server in a folder: kubeconfig, perhaps crds-kubeconfig and etcd-url beside it, and a program that
// does to it what no API offers.
#include <cstdio>
#include <cstdlib>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/log.hpp>
#include <capstan/core/base/process.hpp>
#include <capstan/core/base/random.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/core/json/scan.hpp>
#include <capstan/core/kube/credentials.hpp>
#include <capstan/core/kube/kubeconfig.hpp>
#include <capstan/core/net/tls_transport.hpp>
#include <capstan/tests/real_kubernetes/server.hpp>

namespace capstan::survival {
namespace {

using std::chrono::seconds;

template <class T>
T OrExit(Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "the cluster under test: %s\n", result.error().message.c_str());
  std::exit(1);
}

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

const kube::Kind kRoles{"rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", false};
const kube::Kind kBindings{"rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", true};

class ClusterServer final : public Server {
 public:
  ClusterServer() : kubeconfig_(Variable("CAPSTAN_TEST_KUBECONFIG")) {
    net::InitializeNetwork();
    folder_ = kubeconfig_.substr(0, kubeconfig_.rfind('/'));
    access_ = OrExit(kube::LoadKubeconfig(*files_, {kubeconfig_}));
    transport_ = Connect(access_);
    admin_ =
        std::make_unique<kube::Client>(*transport_, scheduler_, kube::ClientOptions{access_.server, "test"});
    const std::string crds = folder_ + "/crds-kubeconfig";
    const auto crd_access = files_->Exists(crds) ? OrExit(kube::LoadKubeconfig(*files_, {crds})) : access_;
    crd_transport_ = Connect(crd_access);
    crd_admin_ = std::make_unique<kube::Client>(*crd_transport_, scheduler_,
                                                kube::ClientOptions{crd_access.server, "test"});
  }

  Scheduler& scheduler() override { return scheduler_; }
  kube::Client& admin() override { return *admin_; }
  kube::Client& crd_admin() override { return *crd_admin_; }
  kube::ClusterAccess access() override { return access_; }

  // A token of a ServiceAccount, bound to a Secret: it is worth nothing once the Secret is gone.
  std::string MakeToken(const std::string& namespace_) override {
    const std::string name = "survivor";
    (void)admin_->Create(kube::ServiceAccountKind(), namespace_, Named(name), Soon());
    const std::string secret = "bound-" + random_->Suffix(6);
    const auto made = OrExit(admin_->Create(kube::SecretKind(), namespace_, Named(secret), Soon()));
    bound_.push_back({namespace_, secret});
    SetRights(namespace_, true);
    const std::string request =
        R"({"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"boundObjectRef":)"
        R"({"kind":"Secret","apiVersion":"v1","name":")" +
        secret + R"(","uid":")" + made.uid() + "\"}}}";
    http::Request http;
    http.method = "POST";
    http.url = access_.server + kube::PathOf(kube::ServiceAccountKind(), namespace_, name, "token");
    http.headers.Set("Content-Type", "application/json");
    http.headers.Set("Accept", "application/json");
    http.body = request;
    const auto answer = OrExit(transport_->Send(http, Soon()));
    const auto token = json::StringAt(answer.body, "/status/token");
    if (!token || !*token) {
      std::fprintf(stderr, "no token: %s\n", answer.body.c_str());
      std::exit(1);
    }
    return **token;
  }
  void RevokeTokens() override {
    for (const auto& key : bound_) (void)admin_->Delete(kube::SecretKind(), key, {}, Soon());
    bound_.clear();
  }

  bool has_rights() const override { return true; }
  void SetRights(const std::string& namespace_, bool given) override {
    const std::string name = "survivors";
    if (!given) {
      (void)OrExit(Done(admin_->Delete(kBindings, {namespace_, name}, {}, Soon())));
      return;
    }
    (void)admin_->Create(kRoles, "",
                         R"({"metadata":{"name":"survivors"},"rules":[{"apiGroups":["survival.capstan.dev"],)"
                         R"("resources":["*"],"verbs":["list","watch"]}]})",
                         Soon());
    (void)admin_->Create(
        kBindings, namespace_,
        StrCat(
            R"({"metadata":{"name":"survivors"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io",)",
            R"("kind":"ClusterRole","name":"survivors"},"subjects":[{"kind":"ServiceAccount","name":"survivor",)",
            R"("namespace":")", namespace_, "\"}]}"),
        Soon());
  }

  void Compact() override {
    const std::string etcd(Trim(OrExit(files_->Read(folder_ + "/etcd-url"))));
    const auto head =
        Post(etcd + "/v3/kv/range", R"({"key":"AA==","range_end":"AA==","limit":1,"count_only":true})");
    const auto revision = OrExit(json::StringAt(head, "/header/revision"));
    Post(etcd + "/v3/kv/compaction", R"({"revision":")" + revision.value_or("0") + R"(","physical":true})");
  }
  void Kill() override { Control("kill"); }
  void Start() override {
    Control("start");
    const Instant until = After(scheduler_.Now(), seconds(90));
    while (scheduler_.Now() < until) {
      if (admin_->GetPath("/readyz", Soon()) && crd_admin_->GetPath("/readyz", Soon())) return;
      scheduler_.Sleep(std::chrono::milliseconds(100), Context());
    }
    std::fprintf(stderr, "the cluster under test does not come back\n");
    std::exit(1);
  }
  void TakeSnapshot() override { Control("snapshot"); }
  void RestoreSnapshot() override { Control("restore"); }
  bool separate() const override { return true; }

 private:
  Context Soon() { return Context().Within(scheduler_, seconds(30)); }
  static std::string Named(const std::string& name) { return R"({"metadata":{"name":")" + name + "\"}}"; }
  static Result<bool> Done(const Status& status) {
    if (!status) return Fail(status.error());
    return true;
  }

  std::unique_ptr<http::Transport> Connect(const kube::ClusterAccess& access) {
    const auto factory =
        [access](const kube::TlsMaterial& material) -> Result<std::unique_ptr<http::Transport>> {
      net::TlsTransportOptions options;
      options.tls = {material.ca_pem, material.certificate_pem, material.key_pem, access.server_name,
                     access.insecure_skip_verify};
      return net::MakeTlsTransport(std::move(options));
    };
    return OrExit(kube::MakeCredentialTransport(access, factory, *files_, *process_, scheduler_, log_));
  }
  // Without our credentials: etcd is not the cluster.
  std::string Post(const std::string& url, const std::string& body) {
    const auto plain = OrExit(net::MakeTlsTransport({}));
    http::Request request;
    request.method = "POST";
    request.url = url;
    request.headers.Set("Content-Type", "application/json");
    request.body = body;
    return OrExit(plain->Send(request, Soon())).body;
  }
  void Control(const std::string& what) {
    const auto done =
        OrExit(process_->Run({{Variable("CAPSTAN_TEST_CLUSTER_CONTROL"), what, folder_}, {}, ""},
                             Context().Within(scheduler_, seconds(60))));
    if (done.exit_status == 0) return;
    std::fprintf(stderr, "cannot %s the cluster under test: %s\n", what.c_str(), done.error_output.c_str());
    std::exit(1);
  }

  const std::string kubeconfig_;
  std::string folder_;
  ThreadScheduler scheduler_;
  SilentLog log_;
  std::unique_ptr<Random> random_ = MakeSystemRandom();
  std::unique_ptr<Files> files_ = MakeSystemFiles();
  std::unique_ptr<Process> process_ = MakeSystemProcess();
  kube::ClusterAccess access_;
  std::unique_ptr<http::Transport> transport_, crd_transport_;
  std::unique_ptr<kube::Client> admin_, crd_admin_;
  std::vector<kube::ObjectKey> bound_;
};

}  // namespace

std::unique_ptr<Server> ReachCluster() { return std::make_unique<ClusterServer>(); }

std::vector<std::string> ServerNames() {
  std::vector<std::string> names = {"embedded"};
  if (!Variable("CAPSTAN_TEST_KUBECONFIG").empty()) names.push_back("cluster");
  return names;
}

}  // namespace capstan::survival
