#include <cstdio>
#include <cstdlib>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/log.hpp>
#include <capstan/core/base/process.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/core/json/scan.hpp>
#include <capstan/core/kube/credentials.hpp>
#include <capstan/core/kube/kubeconfig.hpp>
#include <capstan/core/net/tls_transport.hpp>
#include <capstan/tests/conformance/server.hpp>

namespace capstan::conformance {
namespace {

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

class ClusterServer final : public Server {
 public:
  ClusterServer() : kubeconfig_(Variable("CAPSTAN_TEST_KUBECONFIG")) {
    net::InitializeNetwork();
    access_ = OrExit(kube::LoadKubeconfig(*files_, {kubeconfig_}));
    transport_ = Connect(access_);
    const std::string crds = Variable("CAPSTAN_TEST_CRD_KUBECONFIG");
    crd_access_ = crds.empty() ? access_ : OrExit(kube::LoadKubeconfig(*files_, {crds}));
    crd_transport_ = Connect(crd_access_);
    kube::ClusterAccess other;
    other.server = access_.server;
    other.server_name = access_.server_name;
    other.ca_pem = access_.ca_pem;
    other.insecure_skip_verify = access_.insecure_skip_verify;
    other.proxy_url = access_.proxy_url;
    anonymous_ = Connect(other);
    other.token = Secret("forged");
    forger_ = Connect(other);
  }

  Scheduler& scheduler() override { return scheduler_; }
  http::Transport& transport() override { return *transport_; }
  http::Transport& anonymous() override { return *anonymous_; }
  http::Transport& forger() override { return *forger_; }
  std::string url() const override { return access_.server; }
  http::Transport& crd_transport() override { return *crd_transport_; }
  std::string crd_url() const override { return crd_access_.server; }
  bool embedded() const override { return false; }

  bool Compact() override {
    const std::size_t slash = kubeconfig_.rfind('/');
    const auto address = files_->Read(kubeconfig_.substr(0, slash + 1) + "etcd-url");
    if (!address) return false;
    const std::string etcd(Trim(*address));
    const auto head =
        Post(etcd + "/v3/kv/range", R"({"key":"AA==","range_end":"AA==","limit":1,"count_only":true})");
    const auto revision = json::StringAt(head, "/header/revision");
    if (!revision || !*revision) return false;
    Post(etcd + "/v3/kv/compaction", R"({"revision":")" + **revision + R"(","physical":true})");
    return true;
  }

 private:
  std::unique_ptr<http::Transport> Connect(const kube::ClusterAccess& access) {
    const auto factory =
        [access](const kube::TlsMaterial& material) -> Result<std::unique_ptr<http::Transport>> {
      net::TlsTransportOptions options;
      options.tls = {material.ca_pem, material.certificate_pem, material.key_pem, access.server_name,
                     access.insecure_skip_verify};
      options.proxy_url = access.proxy_url;
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
    return OrExit(plain->Send(request, Context().Within(scheduler_, std::chrono::seconds(20)))).body;
  }

  const std::string kubeconfig_;
  ThreadScheduler scheduler_;
  SilentLog log_;
  std::unique_ptr<Files> files_ = MakeSystemFiles();
  std::unique_ptr<Process> process_ = MakeSystemProcess();
  kube::ClusterAccess access_, crd_access_;
  std::unique_ptr<http::Transport> transport_, crd_transport_, anonymous_, forger_;
};

}  // namespace

std::unique_ptr<Server> ReachCluster() { return std::make_unique<ClusterServer>(); }

std::vector<std::string> ServerNames() {
  std::vector<std::string> names = {"embedded"};
  if (!Variable("CAPSTAN_TEST_KUBECONFIG").empty()) names.push_back("cluster");
  return names;
}

}  // namespace capstan::conformance
