#include <capstan/tests/cluster/live_cluster.hpp>

#include <cstdlib>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/scan.hpp>
#include <capstan/core/kube/credentials.hpp>
#include <capstan/core/kube/kubeconfig.hpp>
#include <capstan/tests/cluster/or_exit.hpp>

namespace capstan::cluster {
namespace {

constexpr const char* kKubeconfig = "CAPSTAN_TEST_KUBECONFIG";

}  // namespace

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::vector<std::string> ServerNames() {
  std::vector<std::string> names = {"embedded"};
  if (!Variable(kKubeconfig).empty()) names.push_back("cluster");
  return names;
}

Result<std::unique_ptr<http::Transport>> Connect(const kube::ClusterAccess& access, Files& files,
                                                 Process& process, Scheduler& scheduler, Log& log,
                                                 net::TlsTransportOptions more) {
  const auto factory = [access,
                        more](const kube::TlsMaterial& material) -> Result<std::unique_ptr<http::Transport>> {
    net::TlsTransportOptions options = more;
    options.tls = {material.ca_pem, material.certificate_pem, material.key_pem, access.server_name,
                   access.insecure_skip_verify};
    options.proxy_url = access.proxy_url;
    return net::MakeTlsTransport(std::move(options));
  };
  return kube::MakeCredentialTransport(access, factory, files, process, scheduler, log);
}

LiveCluster::LiveCluster() {
  net::InitializeNetwork();
  const std::string kubeconfig = Variable(kKubeconfig);
  const std::size_t slash = kubeconfig.rfind('/');
  folder_ = slash == std::string::npos ? "." : kubeconfig.substr(0, slash);
  access_ = Load(kubeconfig);
}

kube::ClusterAccess LiveCluster::Load(const std::string& kubeconfig) {
  return OrExit(kube::LoadKubeconfig(*files_, {kubeconfig}));
}

std::unique_ptr<http::Transport> LiveCluster::Connect(const kube::ClusterAccess& access) {
  return OrExit(cluster::Connect(access, *files_, *process_, scheduler_, log_));
}

bool LiveCluster::Compact() {
  const std::string told = folder_ + "/etcd-url";
  if (!files_->Exists(told)) return false;
  const std::string etcd(Trim(OrExit(files_->Read(told))));
  const auto head =
      PostToEtcd(etcd + "/v3/kv/range", R"({"key":"AA==","range_end":"AA==","limit":1,"count_only":true})");
  const auto revision = OrExit(json::StringAt(head, "/header/revision"), "etcd of the cluster under test");
  if (!revision) Exit("etcd of the cluster under test tells no revision: " + head);
  PostToEtcd(etcd + "/v3/kv/compaction", R"({"revision":")" + *revision + R"(","physical":true})");
  return true;
}

// Without our credentials, because etcd is not the cluster.
std::string LiveCluster::PostToEtcd(const std::string& url, const std::string& body) {
  const auto plain = OrExit(net::MakeTlsTransport({}));
  http::Request request{"POST", url, {{"Content-Type", "application/json"}}, body};
  return OrExit(plain->Send(request, Context().Within(scheduler_, std::chrono::seconds(60)))).body;
}

}  // namespace capstan::cluster
