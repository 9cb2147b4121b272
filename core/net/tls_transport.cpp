#include <capstan/core/net/tls_transport.hpp>

#include <openssl/ssl.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include <Poco/Net/Net.h>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/http/method.hpp>
#include <capstan/core/net/client/await_answers.hpp>
#include <capstan/core/net/client/connection_pool.hpp>
#include <capstan/core/net/client/dialer.hpp>
#include <capstan/core/net/client/exchange.hpp>
#include <capstan/core/net/client/open_answer.hpp>
#include <capstan/core/net/tls/tls_context.hpp>

namespace capstan::net {
namespace {

using http::Headers;
using http::Request;
using http::Response;
using http::StreamResponse;
using http::Url;

// "GET https://host/path": without the query, which may contain more than a log should.
std::string Describe(const Request& request, const Url& url) {
  return StrCat(request.method, " ", url.scheme, "://", url.authority(), url.path());
}

Status InTime(const Context& context) {
  if (context.stopped()) return Fail(Code::kCancelled, "stopped");
  if (BootNow() >= context.deadline) return Fail(Code::kDeadlineExceeded, "the deadline has passed");
  return {};
}

bool IsClean(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

Failure NotSent(Error error, const std::string& what) {
  error.sent = Sent::kNo;
  return Annotate(std::move(error), what);
}

// Longer than most heads, so that building one allocates once.
constexpr std::size_t kUsualHead = 512;

class TlsTransport final : public http::Transport {
 public:
  TlsTransport(TlsTransportOptions options, TlsContext tls, TlsContext proxy_tls, std::optional<Proxy> proxy)
      : options_(std::move(options)),
        tls_(std::move(tls)),
        proxy_tls_(std::move(proxy_tls)),
        proxy_(std::move(proxy)),
        pool_(options_.idle_connections, options_.keep_alive) {}

  Result<Response> Send(const Request& request, const Context& context) override {
    CAPSTAN_TRY(Url url, http::ParseUrl(request.url));
    CAPSTAN_TRY(OpenAnswer opened, Begin(request, url, context));
    return Complete(request, url, std::move(opened), context);
  }

  // Writes all requests, each to a connection of its own, then reads the answers as they arrive.
  std::vector<Result<Response>> SendAll(std::span<const Request> requests, const Context& context) override {
    AssertNoLocksHeld("Transport::SendAll");
    std::vector<Underway> underway;
    std::vector<Channel*> channels;
    std::map<std::string, Error> unreachable;
    for (const Request& request : requests) {
      underway.push_back(AskFirst(request, context, unreachable));
      const auto& connection = underway.back().connection;
      channels.push_back(connection ? connection->channel.get() : nullptr);
    }
    std::vector<std::optional<Result<Response>>> answers(requests.size());
    AwaitAnswers(channels, context, options_.stream_gather,
                 [&](std::size_t i) { answers[i] = ReadOne(requests[i], std::move(underway[i]), context); });
    std::vector<Result<Response>> responses;
    for (std::size_t i = 0; i < requests.size(); ++i) {
      if (answers[i]) {
        responses.push_back(std::move(*answers[i]));
      } else {
        responses.push_back(underway[i].error ? Failure(std::move(*underway[i].error))
                                              : Send(requests[i], context));
      }
    }
    return responses;
  }

  Result<StreamResponse> Open(const Request& request, const Context& context) override {
    CAPSTAN_TRY(Url url, http::ParseUrl(request.url));
    CAPSTAN_TRY(OpenAnswer opened, Begin(request, url, context));
    int status = opened.head.status;
    auto headers = opened.head.headers;
    auto stream = std::make_unique<SocketStream>(std::move(opened), pool_, context.stop,
                                                 Describe(request, url), options_.stream_gather);
    return StreamResponse{status, std::move(headers), std::move(stream)};
  }

 private:
  // One of several requests: an answer to read, an error, or neither.
  struct Underway {
    Url url;
    std::string place;
    std::unique_ptr<Connection> connection;  // whose answer is to be read
    Asked asked;
    std::optional<Error> error;
  };

  // Writes the request. `unreachable` has the places to which no connection could be opened: others
  // do not wait for the same timeout again.
  Underway AskFirst(const Request& request, const Context& context,
                    std::map<std::string, Error>& unreachable) {
    Underway underway;
    const auto fails = [&](Error error) {
      underway.error = NotSent(std::move(error), Describe(request, underway.url)).value();
    };
    auto url = http::ParseUrl(request.url);
    if (!url) {
      underway.error = std::move(url).error();
      return underway;
    }
    underway.url = std::move(*url);
    underway.place = PlaceOf(underway.url);
    if (auto in_time = InTime(context); !in_time) {
      fails(std::move(in_time).error());
      return underway;
    }
    const auto head = RequestHead(request, underway.url);
    if (!head) {
      fails(head.error());
      return underway;
    }
    auto connection = pool_.Take(underway.place);
    if (!connection && !unreachable.contains(underway.place)) {
      auto fresh = Connect(underway.url, context);
      if (fresh) {
        connection = std::move(*fresh);
      } else {
        unreachable[underway.place] = std::move(fresh).error();
      }
    }
    if (!connection) {
      fails(unreachable.at(underway.place));
      return underway;
    }
    underway.asked = Ask(request, *head, *connection, context);
    // The server had closed a pooled connection: nothing was sent, so the request can be repeated.
    if (!underway.asked.written && connection->reused && !underway.asked.sent(*connection)) return underway;
    underway.connection = std::move(connection);
    return underway;
  }

  Result<Response> ReadOne(const Request& request, Underway underway, const Context& context) {
    bool nothing_came = false;
    auto answer = ReadAnswer(request, underway.asked, *underway.connection, context, nothing_came);
    if (answer) {
      return Complete(request, underway.url,
                      OpenAnswer{std::move(underway.connection), underway.place, std::move(*answer)},
                      context);
    }
    const bool reused = underway.connection->reused;
    if (reused && nothing_came) pool_.Forget(underway.place);
    if (reused && nothing_came && http::IsSafe(request.method)) return Send(request, context);
    return Annotate(std::move(answer).error(), Describe(request, underway.url));
  }

  // Reads the body, and keeps the connection if it can be used again.
  Result<Response> Complete(const Request& request, const Url& url, OpenAnswer opened,
                            const Context& context) {
    const auto what = [&] { return Describe(request, url); };
    Response response{opened.head.status, std::move(opened.head.headers), {}};
    // Most bodies came with their head, and nothing waits.
    std::optional<StopLink> link;
    if (opened.head.frame.framing != Framing::kLength ||
        opened.connection->reader.held().size() < opened.head.frame.length)
      link.emplace(opened.connection->channel->interrupt(), context.stop);
    BodyReader body(opened.connection->reader, opened.head.frame);
    if (opened.head.frame.framing == Framing::kLength && opened.head.frame.length <= request.response_limit)
      response.body.reserve(opened.head.frame.length);
    for (;;) {
      if (context.stopped())
        return MaybeSent(Fail(Code::kCancelled, "stopped").value(), what(), response.status);
      auto piece = body.Next(context.deadline);
      if (!piece) {
        if (piece.error().code == Code::kUnavailable) piece.error().code = Code::kDataLoss;
        return MaybeSent(std::move(piece).error(), what(), response.status);
      }
      if (piece->empty()) break;
      if (piece->size() > request.response_limit - response.body.size())
        return TooLarge(request, response.status, what());
      response.body.append(*piece);
    }
    if (opened.head.keeps_alive && opened.connection->reader.held().empty())
      Return(std::move(opened), context);
    return response;
  }

  static Failure TooLarge(const Request& request, int status, const std::string& what) {
    return Annotate(
        MakeError(Code::kTooLarge, StrCat("the answer is longer than ", request.response_limit, " bytes"),
                  Sent::kYes, status),
        what);
  }

  // A late stop must not stay raised for the next user of the connection.
  void Return(OpenAnswer opened, const Context& context) {
    if (!context.stopped()) pool_.Put(opened.place, std::move(opened.connection));
  }

  std::string PlaceOf(const Url& url) const { return StrCat(url.scheme, "://", url.host, " ", url.port); }

  Result<std::unique_ptr<Connection>> Connect(const Url& url, const Context& context) {
    Instant until = std::min(context.deadline, After(BootNow(), options_.connect_timeout));
    Endpoint target{url.host, url.port};
    CAPSTAN_TRY(std::unique_ptr<Channel> channel,
                Dial(proxy_ ? proxy_->endpoint : target, context.stop, until, options_.dead_peer));
    StopLink link(channel->interrupt(), context.stop);
    if (context.stopped()) return Fail(Code::kCancelled, "stopped while connecting");
    if (proxy_tls_) CAPSTAN_RETURN_IF_ERROR(StartTlsWithProxy(*channel, until));
    if (proxy_ && (url.scheme == "https" || !proxy_->takes_urls()))
      CAPSTAN_RETURN_IF_ERROR(OpenTunnel(*channel, target, *proxy_, until));
    if (url.scheme == "https") {
      if (options_.tls.ca_pem.empty()) std::call_once(system_trusted_, [this] { TrustSystem(tls_.get()); });
      const auto& name = options_.tls.server_name.empty() ? url.host : options_.tls.server_name;
      if (auto done = channel->StartTlsAsClient(tls_.get(), name, !options_.tls.insecure_skip_verify, until);
          !done) {
        if (done.error().code == Code::kUnauthenticated)
          done.error().message += StrCat(" (expected name '", name, "')");
        return Fail(std::move(done).error());
      }
    }
    return std::make_unique<Connection>(std::move(channel));
  }

  Status StartTlsWithProxy(Channel& channel, Instant until) {
    std::call_once(proxy_trusts_system_, [this] { TrustSystem(proxy_tls_.get()); });
    auto done = channel.StartTlsAsClient(proxy_tls_.get(), proxy_->endpoint.host, true, until);
    if (!done) return Annotate(std::move(done).error(), StrCat("proxy ", HostAndPort(proxy_->endpoint)));
    return {};
  }

  // Head and, if small, body, which are then one packet.
  Result<std::string> RequestHead(const Request& request, const Url& url) const {
    bool absolute = proxy_ && proxy_->takes_urls() && url.scheme == "http";
    std::string head;
    head.reserve(kUsualHead + url.target.size() + (IsSmall(request) ? request.body.size() : 0));
    head.append(request.method).append(" ");
    if (absolute) head.append("http://").append(url.authority());
    head.append(url.target).append(" HTTP/1.1\r\n");
    const auto add = [&head](std::string_view name, std::string_view value) {
      head.append(name).append(": ").append(value).append("\r\n");
    };
    if (!request.headers.Get("Host")) add("Host", url.authority());
    if (!request.headers.Get("User-Agent")) add("User-Agent", options_.user_agent);
    const Secret authorization = absolute ? proxy_->authorization() : Secret();
    if (!authorization.empty()) add("Proxy-Authorization", authorization.Reveal());
    bool clean = IsClean(url.target) && url.target.find(' ') == std::string::npos && IsClean(request.method);
    for (const auto& [name, value] : request.headers.fields()) {
      if (EqualsIgnoreCase(name, "Content-Length") || EqualsIgnoreCase(name, "Transfer-Encoding")) continue;
      clean = clean && IsClean(name) && IsClean(value);
      add(name, value);
    }
    if (!clean) return Fail(Code::kInvalidArgument, "the request has a line break in its URL or a header");
    bool has_body = !request.body.empty() || request.method == "POST" || request.method == "PUT" ||
                    request.method == "PATCH";
    if (has_body) add("Content-Length", std::to_string(request.body.size()));
    head.append("\r\n");
    if (IsSmall(request)) head.append(request.body);
    return head;
  }

  Result<OpenAnswer> Begin(const Request& request, const Url& url, const Context& context) {
    AssertNoLocksHeld("Transport::Send");
    const auto what = [&] { return Describe(request, url); };
    auto place = PlaceOf(url);
    const auto head = RequestHead(request, url);
    if (!head) return NotSent(head.error(), what());
    for (bool retried = false;; retried = true) {
      if (auto in_time = InTime(context); !in_time) return NotSent(std::move(in_time).error(), what());
      auto connection = retried ? nullptr : pool_.Take(place);
      if (!connection) {
        auto fresh = Connect(url, context);
        if (!fresh) return NotSent(std::move(fresh).error(), what());
        connection = std::move(fresh).value();
      }
      bool nothing_came = false;
      const Asked asked = Ask(request, *head, *connection, context);
      auto answer = ReadAnswer(request, asked, *connection, context, nothing_came);
      if (answer) return OpenAnswer{std::move(connection), place, std::move(answer).value()};
      // A pooled connection was silent or lost: each of its siblings would cost another timeout.
      const Code code = answer.error().code;
      if (connection->reused && (code == Code::kDeadlineExceeded || code == Code::kUnavailable)) {
        pool_.Forget(place);
      }
      // If the server had closed a pooled connection meanwhile, the server itself can still be
      // healthy.
      bool safe = http::IsSafe(request.method) || answer.error().sent == Sent::kNo;
      if (connection->reused && nothing_came && safe && !retried) continue;
      return Annotate(std::move(answer).error(), what());
    }
  }

  const TlsTransportOptions options_;
  const TlsContext tls_;
  const TlsContext proxy_tls_;  // for an https proxy, else null
  std::once_flag system_trusted_, proxy_trusts_system_;
  const std::optional<Proxy> proxy_;
  ConnectionPool pool_;
};

}  // namespace

Result<std::unique_ptr<http::Transport>> MakeTlsTransport(TlsTransportOptions options) {
  CAPSTAN_TRY(TlsContext tls, MakeClientContext(options.tls));
  std::optional<Proxy> proxy;
  if (!options.proxy_url.empty()) {
    CAPSTAN_TRY(proxy, ParseProxy(options.proxy_url));
  }
  TlsContext proxy_tls;
  if (proxy && proxy->kind == Proxy::Kind::kHttps) {
    TlsOptions trust;
    trust.ca_pem = options.tls.ca_pem;
    CAPSTAN_TRY(proxy_tls, MakeClientContext(trust));
  }
  return std::make_unique<TlsTransport>(std::move(options), std::move(tls), std::move(proxy_tls),
                                        std::move(proxy));
}

void InitializeNetwork() {
  Poco::Net::initializeNetwork();
  OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS | OPENSSL_INIT_LOAD_CRYPTO_STRINGS, nullptr);
}

}  // namespace capstan::net
