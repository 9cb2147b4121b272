#include <capstan/core/net/tls_transport.hpp>

#include <openssl/ssl.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include <Poco/Net/Net.h>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/http/method.hpp>
#include <capstan/core/net/client/connection_pool.hpp>
#include <capstan/core/net/client/dialer.hpp>
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

bool IsClean(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

Failure NotSent(Error error, const std::string& what) {
  error.sent = Sent::kNo;
  return Annotate(std::move(error), what);
}

// Longer than most heads, so that building one allocates once.
constexpr std::size_t kUsualHead = 512;

// Such a body is written together with its head: one packet, without waiting for an acknowledgement
// in between.
bool IsSmall(const Request& request) { return request.body.size() <= (std::size_t{16} << 10); }

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

  // An endless head is malformed rather than too large.
  static Failure Malformed(Error error) {
    if (error.code == Code::kTooLarge) error.code = Code::kDataLoss;
    return Fail(std::move(error));
  }

  static Result<Head> ReadHead(const Request& request, Connection& connection, Instant until) {
    for (;;) {
      auto line = connection.reader.Line(kHeadLimit, until);
      if (!line) return Malformed(std::move(line).error());
      CAPSTAN_TRY(StatusLine status, ParseStatusLine(*line));
      auto fields = ReadFields(connection.reader, until);
      if (!fields) return Malformed(std::move(fields).error());
      Headers headers = std::move(*fields);
      if (status.status < 200 && status.status != 101) continue;  // an interim response
      BodyFrame frame;
      bool bodyless = request.method == "HEAD" || status.status == 204 || status.status == 304;
      if (!bodyless) {
        CAPSTAN_TRY(frame, FrameOf(headers, status.minor));
      }
      bool keeps = KeepsAlive(headers, status.minor) && frame.framing != Framing::kUntilClose;
      return Head{status.status, std::move(headers), frame, keeps};
    }
  }

  // Writes the request and reads the head of the response. `nothing_came` reports that the
  // connection ended before any byte of a response; Error::sent is kNo only if the kernel accepted
  // no byte.
  Result<Head> Ask(const Request& request, const std::string& head, Connection& connection,
                   const Context& context, bool& nothing_came) {
    auto& channel = *connection.channel;
    StopLink link(channel.interrupt(), context.stop);
    if (context.stopped()) return Fail(Code::kCancelled, "stopped before it was sent");
    auto before = channel.bytes_out();
    auto written = channel.Write(head, context.deadline);
    if (written && !IsSmall(request)) written = channel.Write(request.body, context.deadline);
    auto mark = [&](Error error) {
      error.sent = channel.bytes_out() == before ? Sent::kNo : Sent::kMaybe;
      return Failure(std::move(error));
    };
    Instant until = context.deadline;
    if (!written) {
      nothing_came = written.error().code == Code::kUnavailable;
      if (!nothing_came) return mark(std::move(written).error());
      // The server may have answered early (413, 401) and closed without reading the rest.
      until = std::min(until, After(BootNow(), std::chrono::seconds(1)));
    }
    auto received = connection.reader.received();
    auto answer = ReadHead(request, connection, until);
    if (answer) {
      nothing_came = false;
      if (!written) answer->keeps_alive = false;
      return answer;
    }
    if (!written) return mark(std::move(written).error());
    auto error = std::move(answer).error();
    bool ended = error.code == Code::kUnavailable || error.code == Code::kDataLoss;
    nothing_came = ended && connection.reader.received() == received;
    if (nothing_came && error.code == Code::kDataLoss) {
      error.code = Code::kUnavailable;
      error.message = StrCat(channel.peer(), " closed the connection without an answer");
    } else if (ended) {
      error.code = Code::kDataLoss;
    }
    return mark(std::move(error));
  }

  Result<OpenAnswer> Begin(const Request& request, const Url& url, const Context& context) {
    AssertNoLocksHeld("Transport::Send");
    const auto what = [&] { return Describe(request, url); };
    auto place = PlaceOf(url);
    const auto head = RequestHead(request, url);
    if (!head) return NotSent(head.error(), what());
    for (bool retried = false;; retried = true) {
      if (context.stopped()) return NotSent(Fail(Code::kCancelled, "stopped").value(), what());
      if (BootNow() >= context.deadline)
        return NotSent(Fail(Code::kDeadlineExceeded, "the deadline has passed").value(), what());
      auto connection = retried ? nullptr : pool_.Take(place);
      if (!connection) {
        auto fresh = Connect(url, context);
        if (!fresh) return NotSent(std::move(fresh).error(), what());
        connection = std::move(fresh).value();
      }
      bool nothing_came = false;
      auto answer = Ask(request, *head, *connection, context, nothing_came);
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
