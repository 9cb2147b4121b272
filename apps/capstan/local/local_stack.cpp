#include <capstan/apps/capstan/local/local_stack.hpp>

#include <capstan/apps/capstan/local/by_hand_handler.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/scan.hpp>
#include <capstan/core/net/http_server.hpp>
#include <capstan/core/net/tls_transport.hpp>
#include <capstan/local/apiserver/server.hpp>
#include <capstan/local/digitalocean/cloud.hpp>
#include <capstan/local/digitalocean/contract_guard.hpp>
#include <capstan/local/digitalocean/switches.hpp>
#include <capstan/local/disk/private_file.hpp>

namespace capstan::app {
namespace {

// What must survive a restart: certificates, tokens and the account, so that a kubeconfig stays
// valid.
struct Keys {
  net::ServerCertificate certificate;
  Secret token;
  Secret digitalocean_token;
};

std::string KeysToJson(const Keys& keys) {
  return StrCat("{\"ca\":", json::Quote(keys.certificate.ca_pem),
                ",\"certificate\":", json::Quote(keys.certificate.certificate_pem),
                ",\"key\":", json::Quote(keys.certificate.key_pem.Reveal()),
                ",\"token\":", json::Quote(keys.token.Reveal()),
                ",\"digitaloceanToken\":", json::Quote(keys.digitalocean_token.Reveal()), "}\n");
}

Result<std::string> RequiredString(const std::string& text, const std::string& pointer,
                                   const std::string& path) {
  CAPSTAN_TRY(auto value, json::StringAt(text, pointer));
  if (!value)
    return Fail(Code::kDataLoss,
                path + " has no " + pointer + "; move the folder away to start with a new one");
  return *value;
}

Result<Keys> ReadKeys(const std::string& text, const std::string& path) {
  Keys keys;
  CAPSTAN_TRY(keys.certificate.ca_pem, RequiredString(text, "/ca", path));
  CAPSTAN_TRY(keys.certificate.certificate_pem, RequiredString(text, "/certificate", path));
  CAPSTAN_TRY(std::string key, RequiredString(text, "/key", path));
  CAPSTAN_TRY(std::string token, RequiredString(text, "/token", path));
  CAPSTAN_TRY(std::string cloud, RequiredString(text, "/digitaloceanToken", path));
  keys.certificate.key_pem = Secret(std::move(key));
  keys.token = Secret(std::move(token));
  keys.digitalocean_token = Secret(std::move(cloud));
  return keys;
}

Result<Keys> MakeKeys(const Clock& clock, Random& random) {
  Keys keys;
  CAPSTAN_TRY(keys.certificate,
              net::MakeServerCertificate({"127.0.0.1", "::1", "localhost"}, clock.WallNow()));
  keys.token = Secret("local-" + random.Suffix(32));
  keys.digitalocean_token = Secret("dop_v1_" + random.Suffix(57));
  return keys;
}

Result<Keys> KeepKeys(const std::string& data_dir, Files& files, const Clock& clock, Random& random) {
  if (data_dir.empty()) return MakeKeys(clock, random);
  const std::string path = data_dir + "/keys.json";
  if (files.Exists(path)) {
    CAPSTAN_RETURN_IF_ERROR(disk::MakePrivateFile(path));
    CAPSTAN_TRY(const std::string text, files.Read(path));
    return ReadKeys(text, path);
  }
  CAPSTAN_TRY(Keys keys, MakeKeys(clock, random));
  CAPSTAN_RETURN_IF_ERROR(files.WriteAtomically(path, KeysToJson(keys), 0600));
  return keys;
}

std::string Kubeconfig(const LocalAccess& access) {
  return StrCat(
      "apiVersion: v1\nkind: Config\nclusters:\n- name: capstan-local\n  cluster:\n    server: ",
      access.server, "\n    certificate-authority-data: ", Base64Encode(access.ca_pem),
      "\nusers:\n- name: admin\n  user:\n    token: ", access.token.Reveal(),
      "\ncontexts:\n- name: capstan-local\n  context:\n    cluster: capstan-local\n    user: admin\n"
      "current-context: capstan-local\n");
}

simulated_digitalocean::CloudOptions CloudSettings(const LocalStackOptions& options, const Keys& keys) {
  simulated_digitalocean::CloudOptions cloud;
  simulated_digitalocean::AccountOptions account;
  account.tokens.push_back({keys.digitalocean_token, {}});
  account.droplet_limit = 1000;
  cloud.accounts.push_back(account);
  cloud.durations.provisioning = options.provisioning;
  cloud.durations.node_provisioning = options.provisioning;
  cloud.durations.upgrade = 2 * options.provisioning;
  // Just long enough to be visible, because a user is watching.
  cloud.durations.deletion = std::min<Duration>(options.provisioning / 2, std::chrono::seconds(5));
  cloud.durations.node_drain = cloud.durations.deletion;
  cloud.durations.node_deletion = cloud.durations.deletion;
  return cloud;
}

// Delays each answer of another handler.
class DelayingHandler final : public http::Handler {
 public:
  DelayingHandler(http::Handler& next, Scheduler& scheduler, Duration latency)
      : next_(next), scheduler_(scheduler), latency_(latency) {}
  void Handle(const http::Request& request, http::ResponseWriter& writer, const Context& context) override {
    if (latency_ > Duration::zero()) (void)scheduler_.Sleep(latency_, context);
    next_.Handle(request, writer, context);
  }

 private:
  http::Handler& next_;
  Scheduler& scheduler_;
  const Duration latency_;
};

class RunningStack final : public LocalStack {
 public:
  RunningStack(const LocalStackOptions& options, Scheduler& scheduler, Random& random, Files& files, Log& log)
      : options_(options), scheduler_(scheduler), random_(random), files_(files), log_(log) {}

  Status Start() {
    if (!options_.data_dir.empty()) CAPSTAN_RETURN_IF_ERROR(disk::MakePrivateFolder(options_.data_dir));
    CAPSTAN_TRY(const Keys keys, KeepKeys(options_.data_dir, files_, scheduler_, random_));
    CAPSTAN_RETURN_IF_ERROR(StartKubernetes(keys));
    CAPSTAN_RETURN_IF_ERROR(StartCloud(keys));
    access_.ca_pem = keys.certificate.ca_pem;
    access_.token = keys.token;
    access_.digitalocean_token = keys.digitalocean_token;
    access_.kubeconfig = Kubeconfig(access_);
    if (options_.kubeconfig_path.empty()) return {};
    return files_.WriteAtomically(options_.kubeconfig_path, access_.kubeconfig, 0600);
  }

  const LocalAccess& access() const override { return access_; }

 private:
  Status StartKubernetes(const Keys& keys) {
    if (options_.data_dir.empty()) {
      storage_ = apiserver::MakeMemoryStorage();
    } else {
      CAPSTAN_TRY(storage_, apiserver::OpenSqliteStorage(options_.data_dir + "/kubernetes.sqlite"));
    }
    apiserver::ApiServerOptions options;
    options.tokens.push_back({keys.token, "admin", {"system:masters"}});
    options.webhook_transports = [](const std::string& ca_pem) {
      net::TlsTransportOptions connect;
      connect.tls.ca_pem = ca_pem;
      return net::MakeTlsTransport(std::move(connect));
    };
    CAPSTAN_TRY(api_, apiserver::ApiServer::Start(scheduler_, random_, log_, *storage_, options));
    net::HttpServerOptions listen;
    listen.port = options_.apiserver_port;
    listen.certificate_pem = keys.certificate.certificate_pem;
    listen.key_pem = keys.certificate.key_pem;
    CAPSTAN_TRY(api_listener_, net::StartHttpServer(*api_, listen));
    access_.server = api_listener_->url();
    return {};
  }

  Status StartCloud(const Keys& keys) {
    if (!options_.data_dir.empty()) {
      CAPSTAN_TRY(cloud_store_,
                  simulated_digitalocean::OpenSqliteStore(options_.data_dir + "/digitalocean.sqlite"));
    }
    auto settings = CloudSettings(options_, keys);
    Duration latency = Duration::zero();
    CAPSTAN_RETURN_IF_ERROR(
        simulated_digitalocean::ApplySwitches(options_.digitalocean_behaviour, settings, latency));
    cloud_ = std::make_unique<simulated_digitalocean::SimulatedCloud>(std::move(settings), scheduler_,
                                                                      random_, cloud_store_.get());
    if (cloud_store_) CAPSTAN_RETURN_IF_ERROR(cloud_->Load());
    net::HttpServerOptions listen;
    listen.port = options_.digitalocean_port;
    by_hand_ = std::make_unique<ByHandHandler>(*cloud_, keys.digitalocean_token);
    CAPSTAN_TRY(contract_, simulated_digitalocean::ContractGuard::Make(
                               *by_hand_, options_.contract, [this](const std::string& violation) {
                                 log_.Error("an exchange with the simulated DigitalOcean breaks its contract",
                                            {{"violation", violation}});
                               }));
    delaying_ = std::make_unique<DelayingHandler>(contract_->handler(), scheduler_, latency);
    CAPSTAN_TRY(cloud_listener_, net::StartHttpServer(*delaying_, listen));
    access_.digitalocean_url = cloud_listener_->url();
    // The clusters' own APIs use TLS, as real ones do, and a certificate that their kubeconfigs
    // contain.
    net::HttpServerOptions secure;
    secure.port = options_.clusters_port;
    secure.certificate_pem = keys.certificate.certificate_pem;
    secure.key_pem = keys.certificate.key_pem;
    CAPSTAN_TRY(clusters_listener_, net::StartHttpServer(*cloud_, secure));
    cloud_->SetEndpointBase(clusters_listener_->url(), keys.certificate.ca_pem);
    return {};
  }

  const LocalStackOptions options_;
  Scheduler& scheduler_;
  Random& random_;
  Files& files_;
  Log& log_;
  LocalAccess access_;
  // In order of dependency: listeners are destroyed first, then what they call, then the storage.
  std::unique_ptr<apiserver::Storage> storage_;
  std::unique_ptr<apiserver::ApiServer> api_;
  std::unique_ptr<simulated_digitalocean::Store> cloud_store_;
  std::unique_ptr<simulated_digitalocean::SimulatedCloud> cloud_;
  std::unique_ptr<ByHandHandler> by_hand_;
  std::unique_ptr<simulated_digitalocean::ContractGuard> contract_;
  std::unique_ptr<net::HttpServer> api_listener_;
  std::unique_ptr<DelayingHandler> delaying_;
  std::unique_ptr<net::HttpServer> cloud_listener_;
  std::unique_ptr<net::HttpServer> clusters_listener_;
};

}  // namespace

Result<std::unique_ptr<LocalStack>> LocalStack::Start(const LocalStackOptions& options, Scheduler& scheduler,
                                                      Random& random, Files& files, Log& log) {
  auto stack = std::make_unique<RunningStack>(options, scheduler, random, files, log);
  CAPSTAN_RETURN_IF_ERROR(stack->Start());
  return std::unique_ptr<LocalStack>(std::move(stack));
}

}  // namespace capstan::app
