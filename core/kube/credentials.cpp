#include <capstan/core/kube/credentials.hpp>

#include <algorithm>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/http/method.hpp>
#include <capstan/core/kube/access/cluster_connections.hpp>
#include <capstan/core/kube/access/credential_source.hpp>

namespace capstan::kube {
namespace {

class CredentialTransport final : public http::Transport {
 public:
  CredentialTransport(const ClusterAccess& access, std::string authority, TransportFactory factory,
                      Files& files, Process& process, Scheduler& scheduler, Log& log)
      : impersonate_(access.impersonate),
        authority_(std::move(authority)),
        cache_(MakeCredentialSource(access, files, process, scheduler), scheduler, log, access.origin),
        connections_(access, std::move(factory), files, scheduler, log) {}

  // Creates the transport for the kubeconfig's own certificate.
  Status Prepare() {
    CAPSTAN_RETURN_IF_ERROR(connections_.For(Credential()));
    return {};
  }

  Result<http::Response> Send(const http::Request& request, const Context& context) override {
    return SendSigned<http::Response>(request, context,
                                      [&](const auto& transport, const http::Request& signed_request) {
                                        return transport->Send(signed_request, context);
                                      });
  }

  // Signed alike and sent together; what is refused is repeated one by one.
  std::vector<Result<http::Response>> SendAll(std::span<const http::Request> requests,
                                              const Context& context) override {
    const bool clean = std::all_of(requests.begin(), requests.end(), [this](const auto& request) {
      return CheckAddress(request.url).has_value();
    });
    const auto first = cache_.Get(context);
    if (!first || !clean) return Transport::SendAll(requests, context);  // each reports why
    const auto transport = connections_.For(*first->credential);
    if (!transport) return Transport::SendAll(requests, context);
    std::vector<http::Request> changed;
    if (Adds(*first->credential)) {
      for (const http::Request& request : requests) changed.push_back(Sign(request, *first->credential));
    }
    auto answers = (*transport)->SendAll(changed.empty() ? requests : changed, context);
    for (std::size_t i = 0; i < requests.size(); ++i) {
      answers[i] =
          Accept(requests[i], context, *first, *transport, std::move(answers[i]),
                 [&](const auto& by, const http::Request& again) { return by->Send(again, context); });
    }
    return answers;
  }

  Result<http::StreamResponse> Open(const http::Request& request, const Context& context) override {
    return SendSigned<http::StreamResponse>(request, context,
                                            [&](const auto& transport, const http::Request& signed_request) {
                                              return transport->Open(signed_request, context);
                                            });
  }

 private:
  template <class Answer, class Carry>
  Result<Answer> SendSigned(const http::Request& request, const Context& context, const Carry& carry) {
    CAPSTAN_RETURN_IF_ERROR(CheckAddress(request.url));
    CAPSTAN_TRY(const auto first, cache_.Get(context));
    CAPSTAN_TRY(const auto transport, connections_.For(*first.credential));
    auto answer = Adds(*first.credential) ? carry(transport, Sign(request, *first.credential))
                                          : carry(transport, request);
    return Accept(request, context, first, transport, std::move(answer), carry);
  }

  // Returns the answer, unless the credentials were refused and newer ones are at hand: then that
  // to the request repeated with them.
  template <class Taken, class By, class Answer, class Carry>
  Result<Answer> Accept(const http::Request& request, const Context& context, const Taken& first,
                        const By& transport, Result<Answer> answer, const Carry& carry) {
    const bool refused = answer && answer->status == 401;
    if (answer && !refused) cache_.AfterAcceptance(first.number);
    // One side rejected the other's certificate: the exchange did not take place.
    const bool untrusted = !answer && answer.error().code == Code::kUnauthenticated;
    if (!refused && !untrusted) return answer;
    connections_.LookAgain(context);
    if (untrusted && !IsRepeatable(request, answer.error())) return answer;
    std::shared_ptr<const Credential> credential = first.credential;
    std::uint64_t number = first.number;
    if (refused) {
      // The error of the renewal is dropped, because the 401 is more informative.
      const auto renewed = cache_.AfterRefusal(first.number, context);
      if (renewed && *renewed) {
        credential = (*renewed)->credential;
        number = (*renewed)->number;
      }
    }
    const auto again = connections_.For(*credential);
    if (!again || (*again == transport && number == first.number)) return answer;
    auto second = carry(*again, Sign(request, *credential));
    if (second && second->status != 401) cache_.AfterAcceptance(number);
    return second;
  }

  static bool IsRepeatable(const http::Request& request, const Error& error) {
    return error.sent == Sent::kNo || http::IsSafe(request.method);
  }

  Status CheckAddress(const std::string& text) const {
    // Nearly every request spells it so; any other spelling is read with care.
    if (text.starts_with(authority_) && text.substr(authority_.size(), 1) == "/") return {};
    CAPSTAN_TRY(const http::Url url, http::ParseUrl(text));
    if (url.scheme + "://" + url.authority() == authority_) return {};
    return Fail(Code::kInvalidArgument, StrCat("the credentials of ", authority_, " are not for ", url.scheme,
                                               "://", url.authority()));
  }

  // Whether Sign adds anything; a client certificate needs no copy of the request.
  bool Adds(const Credential& credential) const {
    return !credential.authorization_scheme.empty() || !impersonate_.empty();
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

  const Impersonation impersonate_;
  const std::string authority_;
  CredentialCache cache_;
  ClusterConnections connections_;
};

}  // namespace

Result<std::unique_ptr<http::Transport>> MakeCredentialTransport(const ClusterAccess& access,
                                                                 TransportFactory factory, Files& files,
                                                                 Process& process, Scheduler& scheduler,
                                                                 Log& log) {
  CAPSTAN_TRY(const http::Url url, http::ParseUrl(access.server));
  const bool from_plugin = UsesPlugin(access);
  auto transport = std::make_unique<CredentialTransport>(access, url.scheme + "://" + url.authority(),
                                                         std::move(factory), files, process, scheduler, log);
  if (!from_plugin) CAPSTAN_RETURN_IF_ERROR(transport->Prepare());
  return transport;
}

}  // namespace capstan::kube
