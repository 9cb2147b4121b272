#include <capstan/core/net/tls_transport.hpp>

#include <gtest/gtest.h>

#include <latch>

#include <capstan/core/net/testing/scripted_peer.hpp>

namespace capstan::net {
namespace {

std::unique_ptr<http::Transport> PlainClient() { return MakeTlsTransport({}).value(); }

TEST(TlsTransport, CarriesMethodHeadersAndBodyBothWays) {
  std::string line, body, agent, length;
  ScriptedServer server({[&](Peer& peer) {
    line = peer.ReadRequest();
    body = peer.body;
    agent = peer.headers.Get("User-Agent").value_or("");
    length = peer.headers.Get("Content-Length").value_or("");
    peer.Send("HTTP/1.1 201 Created\r\nX-One: 1\r\nContent-Length: 2\r\n\r\nok");
  }});
  auto client = PlainClient();
  auto answer = client->Send(Post(server.Url("127.0.0.1", "/v2/things?a=b%20c"), "{}"), ForSeconds(60));
  ASSERT_TRUE(answer) << answer.error();
  EXPECT_EQ(answer->status, 201);
  EXPECT_EQ(answer->headers.Get("x-one"), "1");
  EXPECT_EQ(answer->body, "ok");
  EXPECT_EQ(line, "POST /v2/things?a=b%20c HTTP/1.1");
  EXPECT_EQ(body, "{}");
  EXPECT_EQ(agent, "capstan");
  EXPECT_EQ(length, "2");
}

// Every way in which a body can end too early.
struct CutCase {
  const char* reason;
  const char* wire;
  const char* told;  // in the error message
};
TEST(TlsTransport, NeverMistakesATruncatedBodyForACompleteOne) {
  const CutCase cases[] = {
      {"cut within a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
       "the body was cut within a chunk"},
      {"last chunk missing", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
       "ends in the middle of a line"},
      {"end of trailers missing", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
       "ends in the middle of a line"},
      {"bad chunk size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
       "malformed chunk size"},
      {"Content-Length too long", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello", "5 of 100"},
      {"head cut", "HTTP/1.1 200 OK\r\nContent-Le", "ends in the middle of a line"},
      {"not HTTP", "SSH-2.0-OpenSSH_9.2\r\n\r\n", "does not start like HTTP"},
  };
  for (bool tls : {false, true}) {
    TestAuthority authority;
    for (const auto& c : cases) {
      ScriptedServer::Options options;
      if (tls) options.tls = authority.ServerContext(authority.Issue({"127.0.0.1"}));
      ScriptedServer server({AnswerAndClose(c.wire)}, std::move(options));
      TlsTransportOptions client_options;
      client_options.tls.ca_pem = authority.root.certificate_pem;
      auto client = MakeTlsTransport(client_options).value();
      auto answer = client->Send(Post(server.Url("127.0.0.1"), "x"), ForSeconds(60));
      ASSERT_FALSE(answer) << c.reason;
      EXPECT_EQ(answer.error().code, Code::kDataLoss) << c.reason << ": " << answer.error();
      EXPECT_EQ(answer.error().sent, Sent::kMaybe) << c.reason;
      EXPECT_NE(answer.error().message.find(c.told), std::string::npos) << c.reason << ": " << answer.error();
      EXPECT_NE(answer.error().message.find(StrCat("127.0.0.1:", server.port())), std::string::npos)
          << "it does not name the server: " << answer.error();
      EXPECT_EQ(server.connections(), 1) << c.reason;
    }
  }
}

TEST(TlsTransport, TreatsAnUncleanEndOfTlsAsATruncation) {
  TestAuthority authority;
  ScriptedServer::Options options;
  options.tls = authority.ServerContext(authority.Issue({"127.0.0.1"}));
  ScriptedServer server({[](Peer& peer) {
                          peer.ReadRequest();
                          peer.Send("HTTP/1.1 200 OK\r\n\r\nlooks whole");
                          peer.Cut();
                        }},
                        std::move(options));
  TlsTransportOptions client_options;
  client_options.tls.ca_pem = authority.root.certificate_pem;
  auto answer = MakeTlsTransport(client_options).value()->Send(Get(server.Url("127.0.0.1")), ForSeconds(60));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kDataLoss);
  EXPECT_NE(answer.error().message.find("lost while reading"), std::string::npos) << answer.error();
}

TEST(TlsTransport, SaysThatNothingWasSentWhenTheConnectionIsRefused) {
  // Bound without a listener, so that no other process can get the port meanwhile.
  Poco::Net::ServerSocket taken;
  taken.bind(Poco::Net::SocketAddress("127.0.0.1", 0));
  auto answer = PlainClient()->Send(Post(StrCat("http://127.0.0.1:", taken.address().port(), "/"), "x"),
                                    ForSeconds(60));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kUnavailable);
  EXPECT_EQ(answer.error().sent, Sent::kNo);
  EXPECT_NE(answer.error().message.find("refused"), std::string::npos) << answer.error();
}

TEST(TlsTransport, SaysThatNothingWasSentWhenTheNameDoesNotExist) {
  auto answer = PlainClient()->Send(Post("http://nowhere.invalid/", "x"), ForSeconds(60));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().sent, Sent::kNo);
}

TEST(TlsTransport, ReportsAPostWithoutAnswerAsMaybeSent) {
  ScriptedServer server({[](Peer& peer) { peer.ReadRequest(); }});
  auto answer = PlainClient()->Send(Post(server.Url("127.0.0.1"), "x"), ForSeconds(60));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kUnavailable) << answer.error();
  EXPECT_EQ(answer.error().sent, Sent::kMaybe);
  EXPECT_EQ(server.connections(), 1);
}

TEST(TlsTransport, UsesOneConnectionForManyRequests) {
  ScriptedServer server({AlwaysAnswer("hello")});
  auto client = PlainClient();
  for (int i = 0; i < 20; ++i)
    ASSERT_EQ(client->Send(Get(server.Url("127.0.0.1")), ForSeconds(60))->body, "hello");
  EXPECT_EQ(server.connections(), 1);
}

TEST(TlsTransport, ReusesATlsConnectionToo) {
  TestAuthority authority;
  ScriptedServer::Options options;
  options.tls = authority.ServerContext(authority.Issue({"127.0.0.1"}));
  ScriptedServer server({AlwaysAnswer("hello")}, std::move(options));
  TlsTransportOptions client_options;
  client_options.tls.ca_pem = authority.root.certificate_pem;
  auto client = MakeTlsTransport(client_options).value();
  for (int i = 0; i < 20; ++i)
    ASSERT_EQ(client->Send(Post(server.Url("127.0.0.1"), "x"), ForSeconds(60))->body, "hello");
  EXPECT_EQ(server.connections(), 1);
}

TEST(TlsTransport, DoesNotReuseAConnectionThatIsToClose) {
  ScriptedServer server(
      {AnswerAndClose("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")});
  auto client = PlainClient();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(client->Send(Post(server.Url("127.0.0.1"), "x"), ForSeconds(60)));
  EXPECT_EQ(server.connections(), 3);
}

TEST(TlsTransport, KeepsNoMoreIdleConnectionsThanItMay) {
  ScriptedServer first({AlwaysAnswer("1")}), second({AlwaysAnswer("2")});
  TlsTransportOptions options;
  options.idle_connections = 1;
  auto client = MakeTlsTransport(options).value();
  for (auto* server : {&first, &second, &first, &first})
    ASSERT_TRUE(client->Send(Get(server->Url("127.0.0.1")), ForSeconds(60)));
  EXPECT_EQ(first.connections(), 2);
  EXPECT_EQ(second.connections(), 1);
}

TEST(TlsTransport, DoesNotReuseAConnectionThatWasIdleTooLong) {
  ScriptedServer server({AlwaysAnswer("hello")});
  TlsTransportOptions options;
  options.keep_alive = Duration::zero();
  auto client = MakeTlsTransport(options).value();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(client->Send(Get(server.Url("127.0.0.1")), ForSeconds(60)));
  EXPECT_EQ(server.connections(), 3);
}

TEST(TlsTransport, StopsWithinTheHandshake) {
  std::latch accepted(1);
  ScriptedServer server({[&](Peer& peer) {
    accepted.count_down();
    peer.WaitUntilClosed();
  }});
  std::stop_source stop;
  std::thread stopper([&] {
    accepted.wait();
    stop.request_stop();
  });
  auto answer = PlainClient()->Send(Post(StrCat("https://127.0.0.1:", server.port(), "/"), "x"),
                                    Context{stop.get_token(), kForever});
  stopper.join();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kCancelled) << answer.error();
  EXPECT_EQ(answer.error().sent, Sent::kNo);
}

TEST(TlsTransport, NoticesThatAPooledConnectionWasClosed) {
  std::latch closed(1);
  ScriptedServer server({[&](Peer& peer) {
                           peer.ReadRequest();
                           peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                           peer.CloseAndWaitUntilReceived();
                           closed.count_down();
                         },
                         AlwaysAnswer("again")});
  auto client = PlainClient();
  ASSERT_TRUE(client->Send(Get(server.Url("127.0.0.1")), ForSeconds(60)));
  closed.wait();
  auto answer = client->Send(Post(server.Url("127.0.0.1"), "x"), ForSeconds(60));
  ASSERT_TRUE(answer) << answer.error();
  EXPECT_EQ(answer->body, "again");
}

// A race that checking the socket cannot prevent: the server reads the second request and closes
// without a response.
ScriptedServer::Script AnswerOnceThenHangUp() {
  return [](Peer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    peer.ReadRequest();
  };
}

TEST(TlsTransport, RepeatsAGetOnceWhenAReusedConnectionDies) {
  ScriptedServer server({AnswerOnceThenHangUp(), AlwaysAnswer("again")});
  auto client = PlainClient();
  ASSERT_TRUE(client->Send(Get(server.Url("127.0.0.1")), ForSeconds(60)));
  auto answer = client->Send(Get(server.Url("127.0.0.1")), ForSeconds(60));
  ASSERT_TRUE(answer) << answer.error();
  EXPECT_EQ(answer->body, "again");
  EXPECT_EQ(server.connections(), 2);
}

TEST(TlsTransport, NeverRepeatsAPost) {
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE"}) {
    ScriptedServer server({AnswerOnceThenHangUp(), AlwaysAnswer("again")});
    auto client = PlainClient();
    ASSERT_TRUE(client->Send(Get(server.Url("127.0.0.1")), ForSeconds(60)));
    auto request = Post(server.Url("127.0.0.1"), "x");
    request.method = method;
    auto answer = client->Send(request, ForSeconds(60));
    ASSERT_FALSE(answer) << method;
    EXPECT_EQ(answer.error().sent, Sent::kMaybe) << method;
    EXPECT_EQ(server.connections(), 1) << method;
  }
}

TEST(TlsTransport, DoesNotRepeatAGetOnAFreshConnection) {
  ScriptedServer server({[](Peer& peer) { peer.ReadRequest(); }});
  EXPECT_FALSE(PlainClient()->Send(Get(server.Url("127.0.0.1")), ForSeconds(60)));
  EXPECT_EQ(server.connections(), 1);
}

TEST(TlsTransport, GivesUpAtTheDeadline) {
  ScriptedServer server({[](Peer& peer) {
    peer.ReadRequest();
    peer.WaitUntilClosed();
  }});
  auto client = PlainClient();
  // On a busy machine this may be too short to send anything: then retry with more.
  for (auto time = std::chrono::milliseconds(50);; time *= 2) {
    auto start = BootNow();
    auto answer = client->Send(Post(server.Url("127.0.0.1"), "x"), Context{{}, After(start, time)});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Code::kDeadlineExceeded);
    EXPECT_GE(BootNow() - start, time);
    if (answer.error().sent == Sent::kMaybe) break;
    ASSERT_LT(time, std::chrono::seconds(30)) << "it never says that bytes may have left";
  }
}

TEST(TlsTransport, SendsNothingAfterTheDeadline) {
  ScriptedServer server({AlwaysAnswer("hello")});
  auto answer = PlainClient()->Send(Post(server.Url("127.0.0.1"), "x"), Context{{}, BootNow()});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kDeadlineExceeded);
  EXPECT_EQ(answer.error().sent, Sent::kNo);
  EXPECT_EQ(server.connections(), 0);
}

TEST(TlsTransport, StopsAtOnceWhenItsContextStops) {
  std::latch asked(1);
  ScriptedServer server({[&](Peer& peer) {
    peer.ReadRequest();
    asked.count_down();
    peer.WaitUntilClosed();
  }});
  std::stop_source stop;
  std::thread stopper([&] {
    asked.wait();
    stop.request_stop();
  });
  // Nothing else ends this request: the server waits for the client, and there is no deadline.
  auto answer = PlainClient()->Send(Post(server.Url("127.0.0.1"), "x"), Context{stop.get_token(), kForever});
  stopper.join();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kCancelled);
  EXPECT_EQ(answer.error().sent, Sent::kMaybe);
}

TEST(TlsTransport, DoesNotStartWhenAlreadyStopped) {
  ScriptedServer server({AlwaysAnswer("hello")});
  std::stop_source stop;
  stop.request_stop();
  auto answer = PlainClient()->Send(Get(server.Url("127.0.0.1")), Context{stop.get_token(), kForever});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kCancelled);
  EXPECT_EQ(answer.error().sent, Sent::kNo);
  EXPECT_EQ(server.connections(), 0);
}

TEST(TlsTransport, RefusesAnAnswerAboveTheLimit) {
  for (const char* framing : {"Content-Length: 1000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n3e8\r\n"}) {
    ScriptedServer server(
        {AnswerAndClose(StrCat("HTTP/1.1 200 OK\r\n", framing, std::string(1000, 'x'), "\r\n0\r\n\r\n"))});
    auto request = Get(server.Url("127.0.0.1"));
    request.response_limit = 999;
    auto answer = PlainClient()->Send(request, ForSeconds(60));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Code::kTooLarge);
    EXPECT_EQ(answer.error().sent, Sent::kYes);
  }
}

TEST(TlsTransport, CarriesLargeBodiesBothWays) {
  TestAuthority authority;
  ScriptedServer::Options options;
  options.tls = authority.ServerContext(authority.Issue({"127.0.0.1"}));
  ScriptedServer server(
      {[](Peer& peer) {
        peer.ReadRequest();
        peer.Send(StrCat("HTTP/1.1 200 OK\r\nContent-Length: ", peer.body.size(), "\r\n\r\n"));
        peer.Send(peer.body);
      }},
      std::move(options));
  TlsTransportOptions client_options;
  client_options.tls.ca_pem = authority.root.certificate_pem;
  std::string big(8 << 20, 'a');
  for (std::size_t i = 0; i < big.size(); i += 97) big[i] = static_cast<char>('a' + i % 26);
  auto answer =
      MakeTlsTransport(client_options).value()->Send(Post(server.Url("127.0.0.1"), big), ForSeconds(60));
  ASSERT_TRUE(answer) << answer.error();
  EXPECT_TRUE(answer->body == big);
}

TEST(TlsTransport, ReadsAnEarlyRefusalOfALargeBody) {
  ScriptedServer server({[](Peer& peer) {
    char scrap[1024];
    (void)peer.channel().Read(scrap, sizeof(scrap), kForever);
    peer.Send("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nno!");
    peer.channel().EndAndDrain(After(BootNow(), std::chrono::seconds(60)));
  }});
  auto answer = PlainClient()->Send(Post(server.Url("127.0.0.1"), std::string(4 << 20, 'x')), ForSeconds(60));
  ASSERT_TRUE(answer) << answer.error();
  EXPECT_EQ(answer->status, 413);
  EXPECT_EQ(answer->body, "no!");
}

TEST(TlsTransport, ReachesAnIpv6Literal) {
  ScriptedServer::Options options;
  options.address = "::1";
  TestAuthority authority;
  options.tls = authority.ServerContext(authority.Issue({"::1"}));
  std::string host;
  ScriptedServer server({[&](Peer& peer) {
                          peer.ReadRequest();
                          host = peer.headers.Get("Host").value_or("");
                          peer.Send("HTTP/1.1 204 No Content\r\n\r\n");
                        }},
                        std::move(options));
  TlsTransportOptions client_options;
  client_options.tls.ca_pem = authority.root.certificate_pem;
  auto answer = MakeTlsTransport(client_options).value()->Send(Get(server.Url("[::1]")), ForSeconds(60));
  ASSERT_TRUE(answer) << answer.error();
  EXPECT_EQ(answer->status, 204);
  EXPECT_EQ(host, StrCat("[::1]:", server.port()));
}

TEST(TlsTransport, FindsTheAddressOfLocalhostThatIsServed) {
  ScriptedServer server({AlwaysAnswer("hello")});
  EXPECT_EQ(PlainClient()->Send(Get(server.Url("localhost")), ForSeconds(60))->body, "hello");
}

TEST(TlsTransport, SkipsInterimAnswersAndReadsBodilessOnes) {
  ScriptedServer server({[](Peer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    peer.ReadRequest();
    peer.Send("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n");
    peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  }});
  auto client = PlainClient();
  auto request = Get(server.Url("127.0.0.1"));
  request.method = "HEAD";
  auto head = client->Send(request, ForSeconds(60));
  ASSERT_TRUE(head) << head.error();
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->body, "");
  EXPECT_EQ(client->Send(Get(server.Url("127.0.0.1")), ForSeconds(60))->status, 304);
  EXPECT_EQ(client->Send(Get(server.Url("127.0.0.1")), ForSeconds(60))->body, "ok");
  EXPECT_EQ(server.connections(), 1);
}

TEST(TlsTransport, RefusesLineBreaksInHeaders) {
  ScriptedServer server({AlwaysAnswer("hello")});
  auto request = Get(server.Url("127.0.0.1"));
  request.headers.Set("X-Test", "a\r\nX-Smuggled: b");
  auto answer = PlainClient()->Send(request, ForSeconds(60));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kInvalidArgument);
  EXPECT_EQ(server.connections(), 0);
}

TEST(TlsTransport, KeepsTheQueryOutOfMessages) {
  ScriptedServer server({[](Peer& peer) { peer.ReadRequest(); }});
  auto answer = PlainClient()->Send(Get(server.Url("127.0.0.1", "/path?token=sesame")), ForSeconds(60));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message.find("sesame"), std::string::npos);
  EXPECT_NE(answer.error().message.find("/path"), std::string::npos);
}

TEST(TlsTransport, TunnelsThroughAProxyAndPinsTheNameBehindIt) {
  TestAuthority authority;
  auto serve = [&](const std::vector<std::string>& names) {
    auto context = std::make_shared<TlsContext>(authority.ServerContext(authority.Issue(names)));
    return [context](Peer& peer) {
      if (peer.ReadRequest() != "CONNECT api.example.org:443 HTTP/1.1") return;
      if (peer.headers.Get("Proxy-Authorization") != "Basic dXNlcjpwYTpzcw==") return;
      peer.Send("HTTP/1.1 200 Connection established\r\n\r\n");
      if (!peer.channel().StartTlsAsServer(context->get(), After(BootNow(), std::chrono::seconds(60))))
        return;
      peer.ReadRequest();
      peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    };
  };
  auto ask = [&](const ScriptedServer& proxy) {
    TlsTransportOptions options;
    options.tls.ca_pem = authority.root.certificate_pem;
    options.proxy_url = StrCat("http://user:pa%3Ass@127.0.0.1:", proxy.port());
    return MakeTlsTransport(options).value()->Send(Get("https://api.example.org/"), ForSeconds(60));
  };
  ScriptedServer right({serve({"api.example.org"})});
  auto answer = ask(right);
  ASSERT_TRUE(answer) << answer.error();
  EXPECT_EQ(answer->body, "ok");
  ScriptedServer wrong({serve({"127.0.0.1"})});
  auto refused = ask(wrong);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kUnauthenticated) << refused.error();
  ScriptedServer closed(
      {AnswerAndClose("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")});
  auto denied = ask(closed);
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().sent, Sent::kNo);
  EXPECT_NE(denied.error().message.find("407"), std::string::npos) << denied.error();
}

TEST(TlsTransport, SpeaksTlsWithAnHttpsProxyAndAnotherTlsThroughIt) {
  TestAuthority authority;
  auto context = std::make_shared<TlsContext>(authority.ServerContext(authority.Issue({"api.example.org"})));
  std::string plain;
  const auto script = [&](Peer& peer) {
    const std::string line = peer.ReadRequest();
    if (line.rfind("GET", 0) == 0) {
      plain = line;
      peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    if (line != "CONNECT api.example.org:443 HTTP/1.1") return;
    if (peer.headers.Get("Proxy-Authorization") != "Basic dXNlcjpzZWNyZXQ=") return;
    peer.Send("HTTP/1.1 200 Connection established\r\n\r\n");
    if (!peer.channel().StartTlsAsServer(context->get(), After(BootNow(), std::chrono::seconds(60)))) return;
    for (int i = 0; i < 2; ++i) {
      if (peer.ReadRequest().empty()) return;
      peer.Send(
          StrCat("HTTP/1.1 200 OK\r\nContent-Length: ", 1 << 20, "\r\n\r\n", std::string(1 << 20, 'x')));
    }
  };
  ScriptedServer::Options proxy_options;
  proxy_options.tls = authority.ServerContext(authority.Issue({"127.0.0.1"}));
  ScriptedServer proxy({script}, std::move(proxy_options));
  TlsTransportOptions options;
  options.tls.ca_pem = authority.root.certificate_pem;
  options.proxy_url = StrCat("https://user:secret@127.0.0.1:", proxy.port());
  auto client = MakeTlsTransport(options).value();
  for (int i = 0; i < 2; ++i) {
    auto answer = client->Send(Post("https://api.example.org/", std::string(1 << 20, 'y')), ForSeconds(60));
    ASSERT_TRUE(answer) << answer.error();
    EXPECT_EQ(answer->body.size(), std::size_t{1} << 20);
  }
  EXPECT_EQ(proxy.connections(), 1) << "the connection is kept";
  ASSERT_TRUE(client->Send(Get("http://example.org/a?b"), ForSeconds(60)));
  EXPECT_EQ(plain, "GET http://example.org/a?b HTTP/1.1");
}

TEST(TlsTransport, VerifiesTheNameOfAnHttpsProxyAndSendsItNothingBefore) {
  TestAuthority authority, stranger;
  for (TestAuthority* issuer : {&authority, &stranger}) {
    ScriptedServer::Options proxy_options;
    const char* const name = issuer == &authority ? "another.example.org" : "127.0.0.1";
    proxy_options.tls = issuer->ServerContext(issuer->Issue({name}));
    std::atomic<int> served{0};
    ScriptedServer proxy({[&](Peer&) { ++served; }}, std::move(proxy_options));
    TlsTransportOptions options;
    options.tls.ca_pem = authority.root.certificate_pem;
    options.proxy_url = StrCat("https://user:secret@127.0.0.1:", proxy.port());
    auto answer = MakeTlsTransport(options).value()->Send(Get("https://api.example.org/"), ForSeconds(60));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Code::kUnauthenticated) << answer.error();
    EXPECT_EQ(answer.error().sent, Sent::kNo);
    EXPECT_NE(answer.error().message.find("proxy 127.0.0.1"), std::string::npos) << answer.error();
    EXPECT_EQ(served, 0);
  }
}

// The bytes a SOCKS proxy receives and sends; then TLS, or HTTP, through it.
TEST(TlsTransport, GoesThroughASocksProxyThatLooksTheNameUp) {
  TestAuthority authority;
  auto context = std::make_shared<TlsContext>(authority.ServerContext(authority.Issue({"api.example.org"})));
  const auto read = [](Peer& peer, std::size_t count) {
    std::string bytes(count, '\0');
    for (std::size_t at = 0; at < count;) {
      auto got =
          peer.channel().Read(bytes.data() + at, count - at, After(BootNow(), std::chrono::seconds(60)));
      if (!got || *got == 0) return std::string();
      at += *got;
    }
    return bytes;
  };
  std::string greeting, login, wanted;
  ScriptedServer proxy({[&](Peer& peer) {
    greeting = read(peer, 4);
    peer.Send(std::string_view("\x05\x02", 2));
    login = read(peer, 1 + 1 + 4 + 1 + 6);
    peer.Send(std::string_view("\x01\x00", 2));
    wanted = read(peer, 4 + 1 + 15 + 2);
    // Bound to a name, and the first bytes of the tunnel follow immediately.
    peer.Send(std::string_view("\x05\x00\x00\x03\x02hi\x00\x50", 9));
    if (wanted.back() == 'P') {
      EXPECT_EQ(peer.ReadRequest(), "GET /plain HTTP/1.1");
    } else {
      if (!peer.channel().StartTlsAsServer(context->get(), After(BootNow(), std::chrono::seconds(60))))
        return;
      peer.ReadRequest();
    }
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  }});
  for (const char* scheme : {"socks5", "socks5h", "SOCKS5"}) {
    TlsTransportOptions options;
    options.tls.ca_pem = authority.root.certificate_pem;
    options.proxy_url = StrCat(scheme, "://user:se%40ret@127.0.0.1:", proxy.port());
    auto client = MakeTlsTransport(options).value();
    auto answer = client->Send(Get("https://api.example.org/"), ForSeconds(60));
    ASSERT_TRUE(answer) << answer.error();
    EXPECT_EQ(answer->body, "ok");
    EXPECT_EQ(greeting, std::string("\x05\x02\x00\x02", 4));
    EXPECT_EQ(login, "\x01\x04user\x06se@ret");
    EXPECT_EQ(wanted, std::string("\x05\x01\x00\x03\x0F"
                                  "api.example.org\x01\xBB",
                                  22));
    answer = client->Send(Get("http://api.example.org/plain"), ForSeconds(60));
    ASSERT_TRUE(answer) << answer.error();
  }
}

TEST(TlsTransport, SaysWhyASocksProxyRefused) {
  const struct {
    std::string says;
    const char* message;
  } refusals[] = {
      {std::string("\x05\xFF", 2), "check its user and password"},
      {std::string("\x05\x00\x05\x05\x00\x01", 6), "the connection was refused"},
      {std::string("\x05\x00\x05\x02\x00\x01", 6), "its rules do not allow it"},
      {"HTTP/1.1 400", "does not speak SOCKS 5"},
      {std::string("\x05", 1), "closed the connection"},
  };
  for (const auto& row : refusals) {
    ScriptedServer proxy({[&](Peer& peer) {
      peer.Send(row.says);
      peer.channel().EndAndDrain(After(BootNow(), std::chrono::seconds(60)));
    }});
    TlsTransportOptions options;
    options.proxy_url = StrCat("socks5://127.0.0.1:", proxy.port());
    auto answer = MakeTlsTransport(options).value()->Send(Post("http://10.0.0.1/", "x"), ForSeconds(60));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().sent, Sent::kNo);
    EXPECT_NE(answer.error().message.find(row.message), std::string::npos) << answer.error();
  }
}

TEST(TlsTransport, AsksAProxyForPlainUrlsByTheirWholeName) {
  std::string line;
  ScriptedServer proxy({[&](Peer& peer) {
    line = peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  }});
  TlsTransportOptions options;
  options.proxy_url = StrCat("http://127.0.0.1:", proxy.port());
  ASSERT_TRUE(MakeTlsTransport(options).value()->Send(Get("http://example.org/a?b"), ForSeconds(60)));
  EXPECT_EQ(line, "GET http://example.org/a?b HTTP/1.1");
}

TEST(TlsTransport, RefusesAProxyItCannotUse) {
  for (const char* url : {"socks4://proxy:1080", "ftp://proxy", "http://user:secret@",
                          "socks5://:secret@proxy", "https://user:secret@proxy:99999", "socks5h://"}) {
    TlsTransportOptions options;
    options.proxy_url = url;
    auto made = MakeTlsTransport(options);
    ASSERT_FALSE(made) << url;
    EXPECT_EQ(made.error().code, Code::kInvalidArgument);
    EXPECT_EQ(made.error().message.find("secret"), std::string::npos);
  }
}

TEST(ByteStream, HandsOutEachPieceAsItArrives) {
  // The server sends the next piece only after the client confirmed the last: no piece may wait in
  // a buffer.
  std::vector<std::unique_ptr<std::latch>> got;
  for (int i = 0; i < 5; ++i) got.push_back(std::make_unique<std::latch>(1));
  ScriptedServer server({[&](Peer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (auto& latch : got) {
      peer.Send("6\r\nevent\n\r\n");
      latch->wait();
    }
    peer.Send("0\r\n\r\n");
    peer.WaitUntilClosed();
  }});
  auto client = PlainClient();
  auto stream = client->Open(Get(server.Url("127.0.0.1")), ForSeconds(60));
  ASSERT_TRUE(stream) << stream.error();
  for (auto& latch : got) {
    auto piece = stream->body->Read(ForSeconds(60));
    ASSERT_TRUE(piece) << piece.error();
    EXPECT_EQ(*piece, "event\n");
    latch->count_down();
  }
  EXPECT_EQ(stream->body->Read(ForSeconds(60)).value(), "");
}

TEST(ByteStream, CanBeReadOnAfterADeadline) {
  std::latch waited(1);
  ScriptedServer server({[&](Peer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe");
    waited.wait();
    peer.Send("llo\r\n0\r\n\r\n");
    peer.WaitUntilClosed();
  }});
  auto client = PlainClient();
  auto stream = client->Open(Get(server.Url("127.0.0.1")), ForSeconds(60));
  ASSERT_TRUE(stream);
  EXPECT_EQ(stream->body->Read(ForSeconds(60)).value(), "he");
  EXPECT_EQ(stream->body->Read(Context{{}, After(BootNow(), std::chrono::milliseconds(30))}).error().code,
            Code::kDeadlineExceeded);
  waited.count_down();
  EXPECT_EQ(stream->body->Read(ForSeconds(60)).value(), "llo");
  EXPECT_EQ(stream->body->Read(ForSeconds(60)).value(), "");
}

// A client whose streams, after a piece, do not poll again by themselves within a test.
std::unique_ptr<http::Transport> ClientThatGathersForAnHour() {
  TlsTransportOptions options;
  options.stream_gather = std::chrono::hours(1);
  return MakeTlsTransport(options).value();
}

TEST(ByteStream, TheFirstPieceIsReadImmediatelyAndAPauseEndsAtADeadlineAndAStop) {
  std::latch opened(1), first(1), second(1);
  ScriptedServer server({[&](Peer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    opened.wait();
    peer.Send("5\r\nfirst\r\n");
    first.wait();
    peer.Send("6\r\nsecond\r\n");
    peer.WaitUntilReceived();
    second.count_down();
    peer.WaitUntilClosed();
  }});
  auto client = ClientThatGathersForAnHour();
  std::stop_source stop;
  auto stream = client->Open(Get(server.Url("127.0.0.1")), Context{stop.get_token(), kForever});
  ASSERT_TRUE(stream) << stream.error();
  opened.count_down();
  EXPECT_EQ(stream->body->Read(ForSeconds(60)).value(), "first");
  first.count_down();
  second.wait();
  const Context soon{{}, After(BootNow(), std::chrono::milliseconds(30))};
  EXPECT_EQ(stream->body->Read(soon).value(), "second") << "what is there at the deadline is handed out";
  std::thread stopper([&] { stop.request_stop(); });
  EXPECT_EQ(stream->body->Read(Context{}).error().code, Code::kCancelled);
  stopper.join();
}

TEST(ByteStream, TheNextUserOfItsConnectionDoesNotGather) {
  ScriptedServer server({[&](Peer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    peer.ReadRequest();
    for (const char* piece : {"HTTP/1.1 200 OK\r\n", "Content-Length: 2\r\n\r\n", "o", "k"}) {
      peer.Send(piece);
      peer.WaitUntilReceived();
    }
    peer.WaitUntilClosed();
  }});
  auto client = ClientThatGathersForAnHour();
  {
    auto stream = client->Open(Get(server.Url("127.0.0.1")), ForSeconds(60));
    ASSERT_TRUE(stream) << stream.error();
    EXPECT_EQ(stream->body->Read(ForSeconds(60)).value(), "hello");
    EXPECT_EQ(stream->body->Read(ForSeconds(60)).value(), "");
  }
  EXPECT_EQ(client->Send(Get(server.Url("127.0.0.1")), ForSeconds(60))->body, "ok");
  EXPECT_EQ(server.connections(), 1);
}

TEST(ByteStream, ReportsACutAfterGoodPieces) {
  ScriptedServer server(
      {AnswerAndClose("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")});
  auto client = PlainClient();
  auto stream = client->Open(Get(server.Url("127.0.0.1")), ForSeconds(60));
  ASSERT_TRUE(stream);
  EXPECT_EQ(stream->body->Read(ForSeconds(60)).value(), "hello");
  EXPECT_EQ(stream->body->Read(ForSeconds(60)).error().code, Code::kDataLoss);
}

TEST(ByteStream, EndsWhenEitherContextStops) {
  for (bool stop_read : {false, true}) {
    ScriptedServer server({[](Peer& peer) {
      peer.ReadRequest();
      peer.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
      peer.WaitUntilClosed();
    }});
    auto client = PlainClient();
    std::stop_source opened, read;
    auto stream = client->Open(Get(server.Url("127.0.0.1")), Context{opened.get_token(), kForever});
    ASSERT_TRUE(stream);
    ASSERT_TRUE(stream->body->Read(Context{read.get_token(), kForever}));
    std::thread stopper([&] { (stop_read ? read : opened).request_stop(); });
    auto piece = stream->body->Read(Context{read.get_token(), kForever});
    stopper.join();
    ASSERT_FALSE(piece);
    EXPECT_EQ(piece.error().code, Code::kCancelled);
  }
}

TEST(ByteStream, GivesItsConnectionBackOnlyWhenReadToTheEnd) {
  ScriptedServer server({AlwaysAnswer("hello")});
  auto client = PlainClient();
  for (int i = 0; i < 3; ++i) {
    auto stream = client->Open(Get(server.Url("127.0.0.1")), ForSeconds(60));
    ASSERT_TRUE(stream);
    while (!stream->body->Read(ForSeconds(60)).value().empty()) {
    }
  }
  EXPECT_EQ(server.connections(), 1);
  { ASSERT_TRUE(client->Open(Get(server.Url("127.0.0.1")), ForSeconds(60))); }
  ASSERT_TRUE(client->Send(Get(server.Url("127.0.0.1")), ForSeconds(60)));
  EXPECT_EQ(server.connections(), 2);
}

TEST(ByteStream, AConnectionWithAnUnfinishedBodyIsNotReused) {
  ScriptedServer server({[](Peer& peer) {
                           peer.ReadRequest();
                           peer.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello");
                           if (peer.ReadRequest().empty()) return;
                           peer.Send("\r\n0\r\n\r\n");
                           peer.WaitUntilClosed();
                         },
                         AlwaysAnswer("another")});
  auto client = PlainClient();
  {
    auto stream = client->Open(Get(server.Url("127.0.0.1")), ForSeconds(10));
    ASSERT_TRUE(stream) << stream.error();
    ASSERT_EQ(stream->body->Read(ForSeconds(10)).value(), "hello");
  }
  auto answer = client->Send(Get(server.Url("127.0.0.1")), ForSeconds(10));
  ASSERT_TRUE(answer) << answer.error();
  EXPECT_EQ(answer->body, "another");
  EXPECT_EQ(server.connections(), 2);
}

}  // namespace
}  // namespace capstan::net
