#include <capstan/core/kube/credentials.hpp>

#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/kube/credential_source.hpp>

namespace capstan::kube {
namespace {

// Keeps the transport a stream came from alive as long as the stream.
class HeldStream final : public http::ByteStream {
 public:
  HeldStream(std::shared_ptr<http::Transport> transport, std::unique_ptr<http::ByteStream> stream)
      : transport_(std::move(transport)), stream_(std::move(stream)) {}
  Result<std::string_view> Read(const Context& context) override { return stream_->Read(context); }

 private:
  std::shared_ptr<http::Transport> transport_;  // before stream_: it outlives it
  std::unique_ptr<http::ByteStream> stream_;
};

class CredentialTransport final : public http::Transport {
 public:
  CredentialTransport(ClusterAccess access, std::string authority, TransportFactory factory, Files& files,
                      Process& process, Scheduler& scheduler, Log& log)
      : impersonate_(access.impersonate),
        authority_(std::move(authority)),
        certificate_pem_(access.certificate_pem),
        key_pem_(access.key_pem),
        factory_(std::move(factory)),
        cache_(MakeCredentialSource(access, files, process, scheduler), scheduler, log, access.origin) {}

  // Makes the transport for the kubeconfig's own certificate.
  Status Prepare() {
    CAPSTAN_CHECK_OK(TransportFor(Credential()));
    return {};
  }

  Result<http::Response> Send(const http::Request& request, const Context& context) override {
    return Exchange<http::Response>(request, context,
                                    [&](const auto& transport, const http::Request& signed_request) {
                                      return transport->Send(signed_request, context);
                                    });
  }

  Result<http::StreamResponse> Open(const http::Request& request, const Context& context) override {
    return Exchange<http::StreamResponse>(
        request, context,
        [&](const auto& transport, const http::Request& signed_request) -> Result<http::StreamResponse> {
          CAPSTAN_TRY(http::StreamResponse response, transport->Open(signed_request, context));
          response.body = std::make_unique<HeldStream>(transport, std::move(response.body));
          return response;
        });
  }

 private:
  template <class Answer, class Carry>
  Result<Answer> Exchange(const http::Request& request, const Context& context, Carry carry) {
    CAPSTAN_CHECK_OK(CheckAddress(request.url));
    CAPSTAN_TRY(const auto first, cache_.Get(context));
    CAPSTAN_TRY(const auto transport, TransportFor(*first.credential));
    auto answer = carry(transport, Sign(request, *first.credential));
    if (!answer) return answer;
    if (answer->status != 401) {
      cache_.AfterAcceptance(first.number);
      return answer;
    }
    const auto renewed = cache_.AfterRefusal(first.number, context);
    if (!renewed || !*renewed) return answer;  // the 401 says more than why there is nothing newer
    const auto& credential = *(*renewed)->credential;
    CAPSTAN_TRY(const auto again, TransportFor(credential));
    auto second = carry(again, Sign(request, credential));
    if (second && second->status != 401) cache_.AfterAcceptance((*renewed)->number);
    return second;
  }

  Status CheckAddress(const std::string& text) const {
    CAPSTAN_TRY(const http::Url url, http::ParseUrl(text));
    if (url.scheme + "://" + url.authority() == authority_) return {};
    return Fail(Code::kInvalidArgument, StrCat("the credentials of ", authority_, " are not for ", url.scheme,
                                               "://", url.authority()));
  }

  http::Request Sign(const http::Request& request, const Credential& credential) const {
    http::Request result = request;
    if (!credential.authorization_scheme.empty()) {
      result.headers.Set("Authorization",
                         StrCat(credential.authorization_scheme, " ", credential.authorization.Reveal()));
    }
    if (impersonate_.empty()) return result;
    result.headers.Set("Impersonate-User", impersonate_.user);
    if (!impersonate_.uid.empty()) result.headers.Set("Impersonate-Uid", impersonate_.uid);
    for (const auto& group : impersonate_.groups) result.headers.Add("Impersonate-Group", group);
    for (const auto& [key, values] : impersonate_.extra) {
      for (const auto& value : values)
        result.headers.Add("Impersonate-Extra-" + UrlEncode(ToLower(key)), value);
    }
    return result;
  }

  // The transport for a credential's certificate; made when it is another than the last one's.
  Result<std::shared_ptr<http::Transport>> TransportFor(const Credential& credential)
      CAPSTAN_EXCLUDES(mutex_) {
    const bool own = !credential.certificate_pem.empty();
    const std::string& certificate = own ? credential.certificate_pem : certificate_pem_;
    {
      MutexLock lock(mutex_);
      if (transport_ && made_for_ == certificate) return transport_;
    }
    // Without the lock: it parses keys. Two at once make two; the later one stays.
    CAPSTAN_TRY(auto made, factory_(certificate, own ? credential.key_pem : key_pem_));
    std::shared_ptr<http::Transport> transport = std::move(made);
    std::shared_ptr<http::Transport> old = transport;
    {
      MutexLock lock(mutex_);
      made_for_ = certificate;
      std::swap(old, transport_);
    }
    return transport;  // old goes here, outside of the lock, unless a request or stream still holds it
  }

  const Impersonation impersonate_;
  const std::string authority_;
  const std::string certificate_pem_;
  const Secret key_pem_;
  const TransportFactory factory_;
  CredentialCache cache_;
  Mutex mutex_;
  std::string made_for_ CAPSTAN_GUARDED_BY(mutex_);
  std::shared_ptr<http::Transport> transport_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace

Result<std::unique_ptr<http::Transport>> MakeCredentialTransport(ClusterAccess access,
                                                                 TransportFactory factory, Files& files,
                                                                 Process& process, Scheduler& scheduler,
                                                                 Log& log) {
  CAPSTAN_TRY(const http::Url url, http::ParseUrl(access.server));
  const bool from_plugin = UsesPlugin(access);
  auto transport =
      std::make_unique<CredentialTransport>(std::move(access), url.scheme + "://" + url.authority(),
                                            std::move(factory), files, process, scheduler, log);
  if (!from_plugin) CAPSTAN_CHECK_OK(transport->Prepare());
  return transport;
}

}  // namespace capstan::kube
