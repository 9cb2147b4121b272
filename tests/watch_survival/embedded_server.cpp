#include <algorithm>
#include <cstdlib>

#include <capstan/core/base/random.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/core/net/http_server.hpp>
#include <capstan/local/apiserver/server.hpp>
#include <capstan/tests/cluster/live_cluster.hpp>
#include <capstan/tests/cluster/or_exit.hpp>
#include <capstan/tests/watch_survival/server.hpp>

namespace capstan::survival {
namespace {

constexpr const char* kAdmin = "survival-admin";

template <class T>
T OrExit(Result<T> result) {
  return cluster::OrExit(std::move(result), "the embedded server");
}

// The stable address for clients, whichever server is currently behind it.
class EmbeddedServer final : public Server {
 public:
  EmbeddedServer() {
    net::InitializeNetwork();
    certificate_ = OrExit(net::MakeServerCertificate({"127.0.0.1"}, scheduler_.WallNow()));
    tokens_.push_back({Secret(kAdmin), "admin", {"system:masters"}});
    Start();
    transport_ = OrExit(cluster::Connect(access(), *files_, *process_, scheduler_, log_));
    admin_ =
        std::make_unique<kube::Client>(*transport_, scheduler_, kube::ClientOptions{front_->url(), "test"});
  }
  ~EmbeddedServer() override {
    front_.reset();
    api_.reset();
  }

  Scheduler& scheduler() override { return scheduler_; }
  kube::Client& admin() override { return *admin_; }
  kube::Client& crd_admin() override { return *admin_; }
  kube::ClusterAccess access() override {
    kube::ClusterAccess access;
    access.server = front_->url();
    access.ca_pem = certificate_.ca_pem;
    access.token = Secret(kAdmin);
    return access;
  }

  std::string MakeToken(const std::string&) override {
    const std::string token = "survivor-" + random_->Suffix(12);
    given_.emplace_back(token);
    api_->AddToken({Secret(token), "survivor", {"system:masters"}});
    return token;
  }
  void RevokeTokens() override {
    for (const std::string& token : given_) api_->RevokeToken(Secret(token));
    given_.clear();
  }
  bool has_rights() const override { return false; }
  void SetRights(const std::string&, bool) override {}

  void Compact() override { api_->Compact(); }
  void Kill() override {
    const std::string url = front_->url();
    port_ = static_cast<std::uint16_t>(std::atoi(url.substr(url.rfind(':') + 1).c_str()));
    front_.reset();
    api_.reset();
  }
  void Start() override {
    apiserver::ApiServerOptions options;
    options.tokens = tokens_;
    options.schemas = schemas_;
    api_ = OrExit(apiserver::ApiServer::Start(scheduler_, *random_, log_, *storage_, std::move(options)));
    net::HttpServerOptions http;
    http.port = port_;
    http.certificate_pem = certificate_.certificate_pem;
    http.key_pem = certificate_.key_pem;
    front_ = OrExit(net::StartHttpServer(*api_, std::move(http)));
  }
  void TakeSnapshot() override { snapshot_ = OrExit(storage_->Load()); }
  void RestoreSnapshot() override {
    auto older = apiserver::MakeMemoryStorage();
    std::sort(snapshot_.rows.begin(), snapshot_.rows.end(),
              [](const auto& a, const auto& b) { return a.revision < b.revision; });
    for (const auto& row : snapshot_.rows) (void)older->Commit(row.key, row.text, row.revision);
    (void)older->Commit("/registry/snapshot", nullptr, snapshot_.revision);
    storage_ = std::move(older);
  }
  bool separate() const override { return false; }

 private:
  ThreadScheduler scheduler_;
  std::unique_ptr<Random> random_ = MakeSystemRandom();
  SilentLog log_;
  std::unique_ptr<Files> files_ = MakeMemoryFiles();
  std::unique_ptr<Process> process_ = MakeSystemProcess();
  std::shared_ptr<const apiserver::BuiltinSchemas> schemas_ = apiserver::MakeBuiltinSchemas();
  net::ServerCertificate certificate_;
  std::vector<apiserver::TokenUser> tokens_;
  std::vector<std::string> given_;
  std::uint16_t port_ = 0;
  std::unique_ptr<apiserver::Storage> storage_ = apiserver::MakeMemoryStorage();
  apiserver::StoredState snapshot_;
  std::unique_ptr<apiserver::ApiServer> api_;
  std::unique_ptr<net::HttpServer> front_;
  std::unique_ptr<http::Transport> transport_;
  std::unique_ptr<kube::Client> admin_;
};

}  // namespace

std::unique_ptr<Server> StartEmbedded() { return std::make_unique<EmbeddedServer>(); }

}  // namespace capstan::survival
