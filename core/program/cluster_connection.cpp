#include <capstan/core/program/cluster_connection.hpp>

#include <map>
#include <string>
#include <string_view>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/kube/credentials.hpp>
#include <capstan/core/net/certificate_expiry.hpp>
#include <capstan/core/net/proxy.hpp>
#include <capstan/core/net/tls_transport.hpp>

namespace capstan::program {
namespace {

constexpr std::string_view kProxyVariables = "HTTPS_PROXY or HTTP_PROXY of the environment";

// Names the setting of an invalid proxy.
Status CheckProxy(const std::string& proxy, std::string_view setting) {
  if (proxy.empty()) return {};
  if (const auto status = net::CheckProxy(proxy); !status)
    return Annotate(status.error(), std::string(setting));
  return {};
}

// Clouds are many hosts, and NO_PROXY may cover some of them: one transport per proxy in use.
class ProxyChoosingTransport final : public http::Transport {
 public:
  explicit ProxyChoosingTransport(Process& process) : process_(process) {}

  Result<http::Response> Send(const http::Request& request, const Context& context) override {
    CAPSTAN_TRY(http::Transport* const transport, Choose(request.url));
    return transport->Send(request, context);
  }
  Result<http::StreamResponse> Open(const http::Request& request, const Context& context) override {
    CAPSTAN_TRY(http::Transport* const transport, Choose(request.url));
    return transport->Open(request, context);
  }

 private:
  Result<http::Transport*> Choose(const std::string& url) {
    CAPSTAN_TRY(const std::string proxy,
                net::ProxyFor(url, [this](const std::string& name) { return process_.Environment(name); }));
    MutexLock lock(mutex_);
    auto& transport = transports_[proxy];
    if (!transport) {
      CAPSTAN_RETURN_IF_ERROR(CheckProxy(proxy, kProxyVariables));
      net::TlsTransportOptions options;
      options.proxy_url = proxy;
      CAPSTAN_TRY(transport, net::MakeTlsTransport(std::move(options)));
    }
    return transport.get();
  }

  // Constant after construction.
  Process& process_;

  // Guarded by mutex_.
  Mutex mutex_;
  std::map<std::string, std::unique_ptr<http::Transport>> transports_ CAPSTAN_GUARDED_BY(mutex_);
};

// A server answers an expired client certificate only with 401; this adds the explanation.
class ExpiryTellingTransport final : public http::Transport {
 public:
  ExpiryTellingTransport(std::unique_ptr<http::Transport> next, const Clock& clock, WallTime expiry,
                         const std::string& origin, const std::string& advice)
      : next_(std::move(next)),
        clock_(clock),
        expiry_(expiry),
        message_(StrCat("the client certificate of ", origin, " expired on ", FormatRfc3339(expiry), ": ",
                        advice)) {}

  Result<http::Response> Send(const http::Request& request, const Context& context) override {
    return ExplainExpiry(next_->Send(request, context));
  }
  std::vector<Result<http::Response>> SendAll(std::span<const http::Request> requests,
                                              const Context& context) override {
    auto answers = next_->SendAll(requests, context);
    for (auto& answer : answers) answer = ExplainExpiry(std::move(answer));
    return answers;
  }
  Result<http::StreamResponse> Open(const http::Request& request, const Context& context) override {
    return ExplainExpiry(next_->Open(request, context));
  }

 private:
  template <class Answer>
  Result<Answer> ExplainExpiry(Result<Answer> answer) const {
    const bool refused = answer ? answer->status == 401 : answer.error().code == Code::kUnauthenticated;
    if (!refused || clock_.WallNow() < expiry_) return answer;
    return Fail(Code::kUnauthenticated, message_);
  }

  const std::unique_ptr<http::Transport> next_;
  const Clock& clock_;
  const WallTime expiry_;
  const std::string message_;
};

}  // namespace

Result<std::unique_ptr<http::Transport>> ConnectToCluster(const kube::ClusterAccess& access, Files& files,
                                                          Process& process, Scheduler& scheduler, Log& log) {
  std::string proxy = access.proxy_url;
  if (proxy.empty()) {
    CAPSTAN_TRY(proxy, net::ProxyFor(access.server,
                                     [&](const std::string& name) { return process.Environment(name); }));
  }
  CAPSTAN_RETURN_IF_ERROR(CheckProxy(proxy, access.proxy_url.empty()
                                                ? std::string(kProxyVariables)
                                                : StrCat("the proxy-url of ", access.origin)));
  net::TlsTransportOptions base;
  base.tls.server_name = access.server_name;
  base.tls.insecure_skip_verify = access.insecure_skip_verify;
  base.proxy_url = proxy;
  // A client that also sends a token, or whose plugin renews the certificate, is refused for other
  // reasons.
  const bool certificate_alone = access.token.empty() && access.token_file.empty() && !access.exec;
  const std::string advice =
      access.certificate_file.empty()
          ? "get a new one, and start again"
          : StrCat("put a new one into ", access.certificate_file, ", which is read again every minute");
  kube::TransportFactory factory =
      [base, certificate_alone, advice, &scheduler, origin = access.origin](
          const kube::TlsMaterial& material) -> Result<std::unique_ptr<http::Transport>> {
    net::TlsTransportOptions options = base;
    options.tls.ca_pem = material.ca_pem;
    options.tls.certificate_pem = material.certificate_pem;
    options.tls.key_pem = material.key_pem;
    CAPSTAN_TRY(auto transport, net::MakeTlsTransport(std::move(options)));
    const auto expiry = certificate_alone ? net::CertificateExpiry(material.certificate_pem) : std::nullopt;
    if (!expiry) return transport;
    return std::unique_ptr<http::Transport>(
        std::make_unique<ExpiryTellingTransport>(std::move(transport), scheduler, *expiry, origin, advice));
  };
  return kube::MakeCredentialTransport(access, std::move(factory), files, process, scheduler, log);
}

Result<std::unique_ptr<http::Transport>> ConnectToClouds(Process& process) {
  return std::unique_ptr<http::Transport>(std::make_unique<ProxyChoosingTransport>(process));
}

}  // namespace capstan::program
