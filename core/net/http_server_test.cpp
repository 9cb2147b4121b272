#include <capstan/core/net/http_server.hpp>

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <latch>
#include <thread>

#include <capstan/core/net/testing/scripted_peer.hpp>
#include <capstan/core/net/tls/certificate.hpp>

namespace capstan::net {
namespace {

class FunctionHandler final : public http::Handler {
 public:
  using Function = std::function<void(const http::Request&, http::ResponseWriter&, const Context&)>;
  explicit FunctionHandler(Function function) : function_(std::move(function)) {}
  void Handle(const http::Request& request, http::ResponseWriter& writer, const Context& context) override {
    function_(request, writer, context);
  }

 private:
  Function function_;
};

FunctionHandler Echo() {
  return FunctionHandler([](const http::Request& request, http::ResponseWriter& writer, const Context&) {
    (void)writer.Respond({200, {{"X-Method", request.method}, {"X-Url", request.url}}, request.body});
  });
}

std::unique_ptr<http::Transport> PlainClient() { return MakeTlsTransport({}).value(); }

// A raw client that sends exactly these bytes and returns everything until the server closes.
std::string Raw(const HttpServer& server, const std::string& bytes, bool end = false) {
  Poco::Net::StreamSocket socket(Poco::Net::SocketAddress("127.0.0.1", server.port()));
  Channel channel(socket, "server");
  (void)channel.Write(bytes, After(BootNow(), std::chrono::seconds(60)));
  if (end) socket.shutdownSend();
  std::string all;
  char piece[4096];
  for (;;) {
    auto got = channel.Read(piece, sizeof(piece), After(BootNow(), std::chrono::seconds(60)));
    if (!got || *got == 0) return all;
    all.append(piece, *got);
  }
}

TEST(HttpServer, AnswersOverTls) {
  auto certificate = MakeServerCertificate({"localhost", "127.0.0.1"}, TestNow()).value();
  auto handler = Echo();
  HttpServerOptions options;
  options.certificate_pem = certificate.certificate_pem;
  options.key_pem = certificate.key_pem;
  auto server = StartHttpServer(handler, options).value();
  TlsTransportOptions client_options;
  client_options.tls.ca_pem = certificate.ca_pem;
  auto client = MakeTlsTransport(client_options).value();
  auto answer = client->Send(Post(server->url() + "/a?b=c", "hello"), ForSeconds(60));
  ASSERT_TRUE(answer) << answer.error();
  EXPECT_EQ(answer->body, "hello");
  EXPECT_EQ(answer->headers.Get("X-Method"), "POST");
  EXPECT_EQ(answer->headers.Get("X-Url"), server->url() + "/a?b=c");
  EXPECT_TRUE(ParseHttpDate(answer->headers.Get("Date").value_or("")));
}

TEST(HttpServer, NamesTheOwnerOfAClientsCertificateAndNobodyElse) {
  const auto certificate = MakeServerCertificate({"127.0.0.1"}, TestNow()).value();
  CertificateRequest request;
  request.common_name = "clients";
  request.authority = true;
  request.from = TestNow() - std::chrono::hours(1);
  request.until = TestNow() + std::chrono::hours(1);
  const auto authority = IssueCertificate(request, nullptr).value();
  request.common_name = "she";
  request.authority = false;
  const auto hers = IssueCertificate(request, &authority).value();
  const auto forged = IssueCertificate(request, nullptr).value();
  auto handler =
      FunctionHandler([](const http::Request& asked, http::ResponseWriter& writer, const Context&) {
        (void)writer.Respond({200, {}, std::string(asked.headers.Get(kPeerName).value_or("nobody"))});
      });
  HttpServerOptions options;
  options.certificate_pem = certificate.certificate_pem;
  options.key_pem = certificate.key_pem;
  options.client_ca_pem = authority.certificate_pem;
  auto server = StartHttpServer(handler, options).value();
  const auto ask = [&](const IssuedCertificate* shown) {
    TlsTransportOptions client_options;
    client_options.tls.ca_pem = certificate.ca_pem;
    if (shown) {
      client_options.tls.certificate_pem = shown->certificate_pem;
      client_options.tls.key_pem = shown->key_pem;
    }
    auto client = MakeTlsTransport(client_options).value();
    auto asked = Post(server->url() + "/", "");
    asked.headers.Set(kPeerName, "root");
    auto answer = client->Send(asked, ForSeconds(60));
    return answer ? answer->body : std::string("refused");
  };
  EXPECT_EQ(ask(&hers), "she");
  EXPECT_EQ(ask(nullptr), "nobody");
  EXPECT_EQ(ask(&forged), "refused");
}

TEST(HttpServer, KeepsTheConnectionForTheNextRequest) {
  auto handler = Echo();
  auto server = StartHttpServer(handler, {}).value();
  auto answer = Raw(*server,
                    "POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\none"
                    "POST /2 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\n"
                    "GET /3 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_NE(answer.find("one"), std::string::npos) << answer;
  EXPECT_NE(answer.find("two"), std::string::npos) << answer;
  EXPECT_NE(answer.find("X-Url: http://h/3"), std::string::npos) << answer;
}

TEST(HttpServer, AnswersHeadWithoutABody) {
  auto handler = FunctionHandler([](const http::Request&, http::ResponseWriter& writer, const Context&) {
    (void)writer.Respond({200, {}, "seven77"});
  });
  auto server = StartHttpServer(handler, {}).value();
  auto answer = Raw(*server, "HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_NE(answer.find("Content-Length: 7\r\n"), std::string::npos) << answer;
  EXPECT_EQ(answer.find("seven77"), std::string::npos) << answer;
}

TEST(HttpServer, RequestsAnAnnouncedBody) {
  auto handler = Echo();
  auto server = StartHttpServer(handler, {}).value();
  auto answer = Raw(
      *server,
      "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(answer.find("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200"), 0u) << answer;
}

TEST(HttpServer, RefusesBodiesAboveTheLimit) {
  auto handler = Echo();
  HttpServerOptions options;
  options.body_limit = 1000;
  auto server = StartHttpServer(handler, options).value();
  auto client = PlainClient();
  EXPECT_EQ(client->Send(Post(server->url(), std::string(1000, 'x')), ForSeconds(60))->status, 200);
  EXPECT_EQ(client->Send(Post(server->url(), std::string(1001, 'x')), ForSeconds(60))->status, 413);
  EXPECT_EQ(client->Send(Post(server->url(), std::string(3 << 20, 'x')), ForSeconds(60))->status, 413);
  auto chunked = Raw(*server, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" +
                                  std::string(2000, 'x'));
  EXPECT_EQ(chunked.find("HTTP/1.1 413"), 0u) << chunked;
}

TEST(HttpServer, RefusesMalformedRequests) {
  auto handler = Echo();
  auto server = StartHttpServer(handler, {}).value();
  for (const char* wire : {"nonsense\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/2.0\r\nHost: h\r\n\r\n",
                           "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
                           "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n"})
    EXPECT_EQ(Raw(*server, wire).find("HTTP/1.1 400"), 0u) << wire;
  EXPECT_EQ(Raw(*server, "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(70000, 'y') + "\r\n\r\n")
                .find("HTTP/1.1 431"),
            0u);
}

TEST(HttpServer, NeverHandsACutRequestToTheHandler) {
  std::atomic<int> handled{0};
  auto handler =
      FunctionHandler([&](const http::Request&, http::ResponseWriter&, const Context&) { ++handled; });
  auto server = StartHttpServer(handler, {}).value();
  Raw(*server, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf", true);
  Raw(*server, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", true);
  EXPECT_EQ(handled, 0);
}

TEST(HttpServer, SendsEachPieceOfAStreamAtOnce) {
  std::vector<std::unique_ptr<std::latch>> got;
  for (int i = 0; i < 5; ++i) got.push_back(std::make_unique<std::latch>(1));
  auto handler = FunctionHandler([&](const http::Request&, http::ResponseWriter& writer, const Context&) {
    ASSERT_TRUE(writer.Begin(200, {{"Content-Type", "application/json"}}));
    for (auto& latch : got) {
      ASSERT_TRUE(writer.Write("event\n"));
      latch->wait();
    }
  });
  auto server = StartHttpServer(handler, {}).value();
  auto client = PlainClient();
  auto stream = client->Open(Get(server->url()), ForSeconds(60));
  ASSERT_TRUE(stream) << stream.error();
  EXPECT_EQ(stream->headers.Get("Content-Type"), "application/json");
  for (auto& latch : got) {
    EXPECT_EQ(stream->body->Read(ForSeconds(60)).value(), "event\n");
    latch->count_down();
  }
  EXPECT_EQ(stream->body->Read(ForSeconds(60)).value(), "");
}

TEST(HttpServer, ReportsAnAbortAsATruncatedBody) {
  auto handler = FunctionHandler([&](const http::Request&, http::ResponseWriter& writer, const Context&) {
    (void)writer.Begin(200, {});
    (void)writer.Write("half");
    writer.Abort();
  });
  auto server = StartHttpServer(handler, {}).value();
  auto answer = PlainClient()->Send(Get(server->url()), ForSeconds(60));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kDataLoss) << answer.error();
}

TEST(HttpServer, NotifiesAHandlerThatItsClientIsGone) {
  std::latch noticed(1);
  auto handler =
      FunctionHandler([&](const http::Request&, http::ResponseWriter& writer, const Context& context) {
        (void)writer.Begin(200, {});
        while (!writer.ClientGone() && !context.stopped()) std::this_thread::yield();
        EXPECT_FALSE(context.stopped());
        noticed.count_down();
      });
  auto server = StartHttpServer(handler, {}).value();
  {
    auto client = PlainClient();
    ASSERT_TRUE(client->Open(Get(server->url()), ForSeconds(60)));
  }
  noticed.wait();
}

TEST(HttpServer, StopsItsHandlersWhenItEnds) {
  std::latch begun(1);
  std::atomic<bool> stopped{false};
  auto handler =
      FunctionHandler([&](const http::Request&, http::ResponseWriter& writer, const Context& context) {
        (void)writer.Begin(200, {});
        begun.count_down();
        while (!context.stopped()) std::this_thread::yield();
        stopped = true;
      });
  auto server = StartHttpServer(handler, {}).value();
  auto client = PlainClient();
  auto stream = client->Open(Get(server->url()), ForSeconds(60));
  ASSERT_TRUE(stream);
  begun.wait();
  EXPECT_FALSE(stopped);
  server.reset();
  EXPECT_TRUE(stopped);
}

TEST(HttpServer, RefusesConnectionsAboveTheLimitInsteadOfLettingThemHang) {
  std::latch begun(2);
  auto handler = FunctionHandler(
      [&](const http::Request& request, http::ResponseWriter& writer, const Context& context) {
        (void)writer.Begin(200, {});
        (void)writer.Write("x");
        if (request.url.find("/watch") == std::string::npos) return;
        begun.count_down();
        while (!context.stopped() && !writer.ClientGone()) std::this_thread::yield();
      });
  HttpServerOptions options;
  options.max_connections = 2;
  auto server = StartHttpServer(handler, options).value();
  auto client = PlainClient();
  auto first = client->Open(Get(server->url() + "/watch"), ForSeconds(60));
  auto second = client->Open(Get(server->url() + "/watch"), ForSeconds(60));
  ASSERT_TRUE(first && second);
  begun.wait();
  auto third = client->Send(Get(server->url()), ForSeconds(60));
  ASSERT_TRUE(third) << third.error();
  EXPECT_EQ(third->status, 503);
  EXPECT_EQ(third->headers.Get("Retry-After"), "1");
  first = Failure(Error());
  // The place becomes free once the handler has noticed.
  for (;;) {
    auto again = client->Send(Get(server->url()), ForSeconds(60));
    ASSERT_TRUE(again) << again.error();
    if (again->status == 200) break;
    ASSERT_EQ(again->status, 503);
  }
}

TEST(HttpServer, ClosesConnectionsThatSayNothingForTooLong) {
  auto handler = Echo();
  HttpServerOptions options;
  options.idle_limit = options.request_limit = std::chrono::milliseconds(50);
  auto server = StartHttpServer(handler, options).value();
  const std::string request = "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n";
  const Instant began = BootNow();
  EXPECT_EQ(Raw(*server, ""), "");
  EXPECT_EQ(Raw(*server, request.substr(0, 9)).rfind("HTTP/1.1 408", 0), 0U)
      << "within the head of a request";
  EXPECT_EQ(Raw(*server, request).rfind("HTTP/1.1 200", 0), 0U) << "after a request";
  EXPECT_LT(BootNow() - began, std::chrono::seconds(30)) << "the client did not have to leave";
}

// Sends the bytes, then one more every hundredth of a second until the server closes.
std::string Drip(const HttpServer& server, const std::string& bytes, const std::string& drop) {
  Poco::Net::StreamSocket socket(Poco::Net::SocketAddress("127.0.0.1", server.port()));
  Channel channel(socket, "server");
  (void)channel.Write(bytes, After(BootNow(), std::chrono::seconds(60)));
  std::string all;
  char piece[4096];
  for (;;) {
    auto got = channel.Read(piece, sizeof(piece), After(BootNow(), std::chrono::milliseconds(10)));
    if (got && *got > 0) {
      all.append(piece, *got);
    } else if (!got && got.error().code == Code::kDeadlineExceeded) {
      (void)channel.Write(drop, After(BootNow(), std::chrono::seconds(60)));
    } else {
      return all;
    }
  }
}

TEST(HttpServer, GivesARequestOneDeadlineForItsHeadAndWholeBodyHoweverSlowlyItArrives) {
  std::atomic<int> handled{0};
  auto handler =
      FunctionHandler([&](const http::Request&, http::ResponseWriter&, const Context&) { ++handled; });
  HttpServerOptions options;
  options.request_limit = std::chrono::milliseconds(100);
  auto server = StartHttpServer(handler, options).value();
  for (const auto& [begin, drop] : std::vector<std::pair<std::string, std::string>>{
           {"GET /", "x"},
           {"GET / HTTP/1.1\r\nHost: h\r\n", "X: y\r\n"},
           {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n", "x"},
           {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"},
       }) {
    EXPECT_EQ(Drip(*server, begin, drop).rfind("HTTP/1.1 408", 0), 0U) << begin;
  }
  EXPECT_EQ(handled, 0);
}

TEST(HttpServer, WithABodyLimitOfZeroRefusesABodyImmediately) {
  std::atomic<int> handled{0};
  auto handler = FunctionHandler([&](const http::Request&, http::ResponseWriter& writer, const Context&) {
    ++handled;
    (void)writer.Respond({200, {}, "ok"});
  });
  HttpServerOptions options;
  options.body_limit = 0;
  auto server = StartHttpServer(handler, options).value();
  for (const char* announced :
       {"Content-Length: 1\r\n", "Content-Length: 3000000\r\nExpect: 100-continue\r\n",
        "Content-Length: 999999999999999999\r\n", "Transfer-Encoding: chunked\r\n"}) {
    const auto answer = Raw(*server, StrCat("POST /healthz HTTP/1.1\r\nHost: h\r\n", announced, "\r\n"));
    EXPECT_EQ(answer.rfind("HTTP/1.1 413", 0), 0U) << announced << answer;
  }
  EXPECT_EQ(handled, 0);
  const auto answer =
      Raw(*server, "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(answer.rfind("HTTP/1.1 200", 0), 0U) << answer;
}

// Ten times as many useless connections, of every kind, as the server has room for.
TEST(HttpServer, AnswersAProbeWhileOthersHoldTheirConnections) {
  auto certificate = MakeServerCertificate({"127.0.0.1"}, TestNow()).value();
  for (const bool tls : {false, true}) {
    auto handler = Echo();
    HttpServerOptions options;
    options.max_connections = 4;
    if (tls) options.certificate_pem = certificate.certificate_pem;
    if (tls) options.key_pem = certificate.key_pem;
    auto server = StartHttpServer(handler, options).value();
    TlsTransportOptions client_options;
    client_options.tls.ca_pem = certificate.ca_pem;
    client_options.idle_connections = 0;
    auto client = MakeTlsTransport(client_options).value();
    std::vector<Poco::Net::StreamSocket> holding;
    for (int round = 0; round < 10; ++round) {
      for (const char* begun :
           {"", "GET /", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nx", "\x16\x03\x01"}) {
        auto& socket = holding.emplace_back(Poco::Net::SocketAddress("127.0.0.1", server->port()));
        socket.sendBytes(begun, static_cast<int>(std::strlen(begun)));
      }
      auto answer = client->Send(Get(server->url() + "/healthz"), ForSeconds(60));
      ASSERT_TRUE(answer) << answer.error();
      EXPECT_EQ(answer->status, 200);
    }
  }
}

// ConnectionTableTest covers which of two idle connections has been idle longer: their threads
// record it in any order.
TEST(HttpServer, ClosesOneConnectionThatRestsWhenItIsFull) {
  auto handler = Echo();
  HttpServerOptions options;
  options.max_connections = 2;
  auto server = StartHttpServer(handler, options).value();
  const auto until = After(BootNow(), std::chrono::seconds(60));
  std::vector<std::unique_ptr<Channel>> kept;
  char piece[4096];
  const auto ask = [&] {
    Poco::Net::StreamSocket socket(Poco::Net::SocketAddress("127.0.0.1", server->port()));
    kept.push_back(std::make_unique<Channel>(socket, "server"));
    ASSERT_TRUE(kept.back()->Write("GET / HTTP/1.1\r\nHost: h\r\n\r\n", until));
    ASSERT_GT(kept.back()->Read(piece, sizeof(piece), until).value_or(0), 0U);
  };
  for (int i = 0; i < 3; ++i) ask();
  const auto stays = [&](Channel& channel) {
    return channel.Write("GET / HTTP/1.1\r\nHost: h\r\n\r\n", until) &&
           channel.Read(piece, sizeof(piece), until).value_or(0) > 0;
  };
  EXPECT_TRUE(stays(*kept[2])) << "it came last";
  EXPECT_EQ(int{stays(*kept[0])} + int{stays(*kept[1])}, 1) << "one has left, and only one";
}

TEST(HttpServer, GivesATlsHandshakeADeadline) {
  auto certificate = MakeServerCertificate({"127.0.0.1"}, TestNow()).value();
  auto handler = Echo();
  HttpServerOptions options;
  options.certificate_pem = certificate.certificate_pem;
  options.key_pem = certificate.key_pem;
  options.handshake_limit = std::chrono::milliseconds(50);
  auto server = StartHttpServer(handler, options).value();
  EXPECT_EQ(Raw(*server, ""), "") << "the server closes, and not the client";
  EXPECT_EQ(Raw(*server, "\x16\x03\x01"), "");
}

TEST(HttpServer, SaysWhatIsWrongWithABrokenBody) {
  auto handler = Echo();
  auto server = StartHttpServer(handler, {}).value();
  const auto answer =
      Raw(*server, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2 x\r\nab\r\n0\r\n\r\n");
  EXPECT_EQ(answer.rfind("HTTP/1.1 400", 0), 0U) << answer;
}

TEST(HttpServer, SurvivesAHandlerThatThrowsOrSaysNothing) {
  auto handler = FunctionHandler([&](const http::Request& request, http::ResponseWriter&, const Context&) {
    if (request.url.find("throw") != std::string::npos) throw std::runtime_error("a bug");
  });
  auto server = StartHttpServer(handler, {}).value();
  auto client = PlainClient();
  EXPECT_EQ(client->Send(Get(server->url() + "/throw"), ForSeconds(60))->status, 500);
  EXPECT_EQ(client->Send(Get(server->url() + "/silent"), ForSeconds(60))->status, 500);
}

TEST(HttpServer, ServesManyClientsAtOnce) {
  auto handler = Echo();
  auto server = StartHttpServer(handler, {}).value();
  auto client = PlainClient();
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        auto body = StrCat(t, "/", i);
        auto answer = client->Send(Post(server->url(), body), ForSeconds(60));
        if (answer && answer->body == body) ++right;
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, 400);
}

TEST(HttpServer, NamesTheAddressThatIsInUse) {
  auto handler = Echo();
  auto server = StartHttpServer(handler, {}).value();
  HttpServerOptions options;
  options.port = server->port();
  auto second = StartHttpServer(handler, options);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kUnavailable);
  EXPECT_NE(second.error().message.find(std::to_string(server->port())), std::string::npos) << second.error();
}

TEST(HttpServer, RefusesAMalformedCertificate) {
  auto handler = Echo();
  HttpServerOptions options;
  options.certificate_pem = "nothing";
  options.key_pem = Secret("nothing");
  EXPECT_EQ(StartHttpServer(handler, options).error().code, Code::kInvalidArgument);
}

}  // namespace
}  // namespace capstan::net
