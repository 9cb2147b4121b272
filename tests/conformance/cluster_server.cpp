#include <capstan/tests/cluster/live_cluster.hpp>
#include <capstan/tests/conformance/server.hpp>

namespace capstan::conformance {
namespace {

class ClusterServer final : public Server {
 public:
  ClusterServer() {
    const kube::ClusterAccess& access = cluster_.access();
    transport_ = cluster_.Connect(access);
    const std::string crds = cluster::Variable("CAPSTAN_TEST_CRD_KUBECONFIG");
    crd_access_ = crds.empty() ? access : cluster_.Load(crds);
    crd_transport_ = cluster_.Connect(crd_access_);
    kube::ClusterAccess other;
    other.server = access.server;
    other.server_name = access.server_name;
    other.ca_pem = access.ca_pem;
    other.insecure_skip_verify = access.insecure_skip_verify;
    other.proxy_url = access.proxy_url;
    anonymous_ = cluster_.Connect(other);
    other.token = Secret("forged");
    forger_ = cluster_.Connect(other);
  }

  Scheduler& scheduler() override { return cluster_.scheduler(); }
  http::Transport& transport() override { return *transport_; }
  http::Transport& anonymous() override { return *anonymous_; }
  http::Transport& forger() override { return *forger_; }
  std::string url() const override { return cluster_.access().server; }
  http::Transport& crd_transport() override { return *crd_transport_; }
  std::string crd_url() const override { return crd_access_.server; }
  bool embedded() const override { return false; }
  bool Compact() override { return cluster_.Compact(); }

 private:
  cluster::LiveCluster cluster_;
  kube::ClusterAccess crd_access_;
  std::unique_ptr<http::Transport> transport_, crd_transport_, anonymous_, forger_;
};

}  // namespace

std::unique_ptr<Server> ReachCluster() { return std::make_unique<ClusterServer>(); }

}  // namespace capstan::conformance
