#include <capstan/apps/capstan/apiserver/standalone.hpp>

#include <capstan/core/base/text.hpp>
#include <capstan/core/net/http_server.hpp>
#include <capstan/core/net/tls_transport.hpp>
#include <capstan/local/apiserver/server.hpp>
#include <capstan/local/disk/private_file.hpp>

namespace capstan::app {
namespace {

class RunningApi final : public StandaloneApi {
 public:
  Status Start(const StandaloneApiOptions& options, Scheduler& scheduler, Random& random, Log& log) {
    if (options.data_dir.empty()) {
      storage_ = apiserver::MakeMemoryStorage();
    } else {
      CAPSTAN_RETURN_IF_ERROR(disk::MakePrivateFolder(options.data_dir));
      CAPSTAN_TRY(storage_, apiserver::OpenSqliteStorage(options.data_dir + "/kubernetes.sqlite"));
    }
    certificate_.certificate_pem = certificate_.ca_pem = options.certificate_pem;
    certificate_.key_pem = options.key_pem;
    if (options.certificate_pem.empty()) {
      std::vector<std::string> names{"127.0.0.1", "::1", "localhost", "kubernetes.default.svc"};
      if (options.address != "127.0.0.1" && options.address != "0.0.0.0") names.push_back(options.address);
      CAPSTAN_TRY(certificate_, net::MakeServerCertificate(names, scheduler.WallNow()));
    }
    token_ = Secret("local-" + random.Suffix(32));
    apiserver::ApiServerOptions api;
    api.tokens = options.token_users;
    api.tokens.push_back({token_, "admin", {"system:masters"}});
    api.rbac = options.rbac;
    api.namespace_removal_delay = options.namespace_removal_delay;
    api.client_certificates = !options.client_ca_pem.empty();
    api.webhook_transports = [](const std::string& ca_pem) {
      net::TlsTransportOptions connect;
      connect.tls.ca_pem = ca_pem;
      return net::MakeTlsTransport(std::move(connect));
    };
    CAPSTAN_TRY(api_, apiserver::ApiServer::Start(scheduler, random, log, *storage_, std::move(api)));
    net::HttpServerOptions listen;
    listen.address = options.address;
    listen.port = options.port;
    listen.certificate_pem = certificate_.certificate_pem;
    listen.key_pem = certificate_.key_pem;
    listen.client_ca_pem = options.client_ca_pem;
    CAPSTAN_TRY(listener_, net::StartHttpServer(*api_, listen));
    return {};
  }

  std::string url() const override { return listener_->url(); }
  std::string certificate_pem() const override { return certificate_.certificate_pem; }
  std::string key_pem() const override { return std::string(certificate_.key_pem.Reveal()); }
  std::string kubeconfig() const override {
    return StrCat("apiVersion: v1\nkind: Config\nclusters:\n- name: capstan\n  cluster:\n    server: ", url(),
                  "\n    certificate-authority-data: ", Base64Encode(certificate_.ca_pem),
                  "\nusers:\n- name: admin\n  user:\n    token: ", token_.Reveal(),
                  "\ncontexts:\n- name: capstan\n  context:\n    cluster: capstan\n    user: admin\n"
                  "current-context: capstan\n");
  }

 private:
  net::ServerCertificate certificate_;
  Secret token_;
  // In order of dependency: the listener is destroyed first.
  std::unique_ptr<apiserver::Storage> storage_;
  std::unique_ptr<apiserver::ApiServer> api_;
  std::unique_ptr<net::HttpServer> listener_;
};

}  // namespace

Result<std::unique_ptr<StandaloneApi>> StandaloneApi::Start(const StandaloneApiOptions& options,
                                                            Scheduler& scheduler, Random& random, Log& log) {
  auto api = std::make_unique<RunningApi>();
  CAPSTAN_RETURN_IF_ERROR(api->Start(options, scheduler, random, log));
  return std::unique_ptr<StandaloneApi>(std::move(api));
}

}  // namespace capstan::app
