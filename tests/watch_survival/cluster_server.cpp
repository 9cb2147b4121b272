// A real server described by a folder: kubeconfig, optionally crds-kubeconfig and etcd-url next to
// it, and a program for operations that no API offers.
#include <capstan/core/base/random.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/json/scan.hpp>
#include <capstan/tests/cluster/live_cluster.hpp>
#include <capstan/tests/cluster/or_exit.hpp>
#include <capstan/tests/watch_survival/server.hpp>

namespace capstan::survival {
namespace {

using cluster::OrExit;
using std::chrono::seconds;

const kube::Kind kRoles{"rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", false};
const kube::Kind kBindings{"rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", true};

class ClusterServer final : public Server {
 public:
  ClusterServer() {
    transport_ = cluster_.Connect(cluster_.access());
    admin_ = std::make_unique<kube::Client>(*transport_, cluster_.scheduler(),
                                            kube::ClientOptions{cluster_.access().server, "test"});
    const std::string crds = cluster_.folder() + "/crds-kubeconfig";
    const auto crd_access = cluster_.files().Exists(crds) ? cluster_.Load(crds) : cluster_.access();
    crd_transport_ = cluster_.Connect(crd_access);
    crd_admin_ = std::make_unique<kube::Client>(*crd_transport_, cluster_.scheduler(),
                                                kube::ClientOptions{crd_access.server, "test"});
  }

  Scheduler& scheduler() override { return cluster_.scheduler(); }
  kube::Client& admin() override { return *admin_; }
  kube::Client& crd_admin() override { return *crd_admin_; }
  kube::ClusterAccess access() override { return cluster_.access(); }

  // A token of a ServiceAccount, bound to a Secret: deleting the Secret revokes it.
  std::string MakeToken(const std::string& namespace_) override {
    const std::string name = "survivor";
    (void)admin_->Create(kube::ServiceAccountKind(), namespace_, Named(name), Soon());
    const std::string secret = "bound-" + random_->Suffix(6);
    const auto made = OrExit(admin_->Create(kube::SecretKind(), namespace_, Named(secret), Soon()));
    bound_.push_back({namespace_, secret});
    SetRights(namespace_, true);
    http::Request request;
    request.method = "POST";
    request.url = access().server + kube::PathOf(kube::ServiceAccountKind(), namespace_, name, "token");
    request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
    request.body =
        StrCat(R"({"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"boundObjectRef":)",
               R"({"kind":"Secret","apiVersion":"v1","name":")", secret, R"(","uid":")", made.uid(), "\"}}}");
    const auto answer = OrExit(transport_->Send(request, Soon()));
    const auto token = json::StringAt(answer.body, "/status/token");
    if (!token || !*token) cluster::Exit("no token: " + answer.body);
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
      WaitForRights(namespace_, false);
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
    WaitForRights(namespace_, true);
  }

  void Compact() override {
    if (!cluster_.Compact()) cluster::Exit("no etcd-url beside the kubeconfig of the cluster under test");
  }
  void Kill() override { Control("kill"); }
  void Start() override {
    Control("start");
    const Instant until = After(scheduler().Now(), seconds(300));
    while (scheduler().Now() < until) {
      if (admin_->GetPath("/readyz", Soon()) && crd_admin_->GetPath("/readyz", Soon())) return;
      scheduler().Sleep(std::chrono::seconds(1), Context());
      // restart it if it has ended: another process may have had its port for a moment
      Control("start");
    }
    cluster::Exit("the cluster under test does not come back");
  }
  void TakeSnapshot() override { Control("snapshot"); }
  void RestoreSnapshot() override { Control("restore"); }
  bool separate() const override { return true; }

 private:
  // New permissions take effect a moment after they were written.
  void WaitForRights(const std::string& namespace_, bool given) {
    http::Request question;
    question.method = "POST";
    question.url = access().server + "/apis/authorization.k8s.io/v1/subjectaccessreviews";
    question.headers.Set("Content-Type", "application/json");
    question.body = StrCat(
        R"({"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","spec":{)",
        R"("user":"system:serviceaccount:)", namespace_, R"(:survivor","resourceAttributes":{"verb":"list",)",
        R"("group":"survival.capstan.dev","resource":"sprockets","namespace":")", namespace_, "\"}}}");
    const Instant until = After(scheduler().Now(), seconds(120));
    while (scheduler().Now() < until) {
      const auto answer = OrExit(transport_->Send(question, Soon()));
      const auto allowed = json::ValueAt(answer.body, "/status/allowed");
      if (allowed && *allowed && (**allowed == "true") == given) return;
      scheduler().Sleep(std::chrono::milliseconds(50), Context());
    }
    cluster::Exit("the cluster under test does not take new rights");
  }

  Context Soon() { return Context().Within(scheduler(), seconds(120)); }
  static std::string Named(const std::string& name) { return R"({"metadata":{"name":")" + name + "\"}}"; }
  static Result<bool> Done(const Status& status) {
    if (!status) return Fail(status.error());
    return true;
  }

  void Control(const std::string& what) {
    const auto done = OrExit(cluster_.process().Run(
        {{cluster::Variable("CAPSTAN_TEST_CLUSTER_CONTROL"), what, cluster_.folder()}, {}, ""},
        Context().Within(scheduler(), seconds(120))));
    if (done.exit_status != 0)
      cluster::Exit(StrCat("cannot ", what, " the cluster under test: ", done.error_output));
  }

  cluster::LiveCluster cluster_;
  std::unique_ptr<Random> random_ = MakeSystemRandom();
  std::unique_ptr<http::Transport> transport_, crd_transport_;
  std::unique_ptr<kube::Client> admin_, crd_admin_;
  std::vector<kube::ObjectKey> bound_;
};

}  // namespace

std::unique_ptr<Server> ReachCluster() { return std::make_unique<ClusterServer>(); }

}  // namespace capstan::survival
