#include <gtest/gtest.h>

#include <latch>
#include <set>

#include <capstan/core/net/testing/scripted_peer.hpp>
#include <capstan/core/net/tls_transport.hpp>

namespace capstan::net {
namespace {

using Responses = std::vector<Result<http::Response>>;

std::string Ok(const std::string& body) {
  return StrCat("HTTP/1.1 200 OK\r\nContent-Length: ", body.size(), "\r\n\r\n", body);
}
// "a" of "GET /a HTTP/1.1".
std::string NameIn(const std::string& line) { return line.substr(line.find('/') + 1, 1); }

std::vector<http::Request> Posts(const ScriptedServer& server, const std::string& names) {
  std::vector<http::Request> requests;
  for (const char name : names)
    requests.push_back(Post(server.Url("127.0.0.1", StrCat("/", std::string(1, name))), "x"));
  return requests;
}

// Answers with the name that was requested, in each of the orders, when all requests have arrived.
TEST(SendAll, SendsAllAtTheSameTimeAndReturnsTheAnswersInTheOrderOfTheRequests) {
  TestAuthority authority;
  for (const bool tls : {false, true}) {
    std::latch all(4);
    std::latch first(1), second(1);
    ScriptedServer::Options options;
    if (tls) options.tls = authority.ServerContext(authority.Issue({"127.0.0.1"}));
    ScriptedServer server({[&](Peer& peer) {
                            const std::string name = NameIn(peer.ReadRequest());
                            all.arrive_and_wait();
                            if (name == "a") second.wait();  // the first request is answered last
                            if (name != "d" && name != "a") first.wait();
                            peer.Send(Ok(name));
                            if (name == "d") first.count_down();
                            if (name == "c") second.count_down();
                            peer.WaitUntilClosed();
                          }},
                          std::move(options));
    TlsTransportOptions client_options;
    client_options.tls.ca_pem = authority.root.certificate_pem;
    const auto client = MakeTlsTransport(client_options).value();
    const Responses responses = client->SendAll(Posts(server, "abcd"), ForSeconds(60));
    ASSERT_EQ(responses.size(), 4u);
    for (std::size_t i = 0; i < 4; ++i) {
      ASSERT_TRUE(responses[i]) << responses[i].error();
      EXPECT_EQ(responses[i]->body, std::string(1, static_cast<char>('a' + i)));
    }
  }
}

TEST(SendAll, OfNothingIsNothing) {
  EXPECT_TRUE(MakeTlsTransport({}).value()->SendAll({}, ForSeconds(60)).empty());
}

TEST(SendAll, KeepsItsConnectionsForTheNextRequests) {
  ScriptedServer server({AlwaysAnswer("hello")});
  const auto client = MakeTlsTransport({}).value();
  for (int i = 0; i < 5; ++i) {
    for (const auto& response : client->SendAll(Posts(server, "abc"), ForSeconds(60)))
      ASSERT_EQ(response->body, "hello");
    ASSERT_EQ(client->Send(Get(server.Url("127.0.0.1")), ForSeconds(60))->body, "hello");
  }
  EXPECT_EQ(server.connections(), 3);
}

TEST(SendAll, AConnectionThatEndsOrAnAnswerThatIsTooLongConcernsOnlyItsOwnRequest) {
  ScriptedServer server({[](Peer& peer) {
    const std::string name = NameIn(peer.ReadRequest());
    if (name == "b") return;
    if (name == "c") peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut");
    if (name == "c") return;
    peer.Send(Ok(name == "d" ? "much too long" : name));
    peer.WaitUntilClosed();
  }});
  auto requests = Posts(server, "abcde");
  requests[3].response_limit = 5;
  requests.push_back(Get("not a url"));
  const Responses responses = MakeTlsTransport({}).value()->SendAll(requests, ForSeconds(60));
  ASSERT_EQ(responses.size(), 6u);
  EXPECT_EQ(responses[0]->body, "a");
  EXPECT_EQ(responses[1].error().code, Code::kUnavailable);
  EXPECT_EQ(responses[1].error().sent, Sent::kMaybe);
  EXPECT_EQ(responses[2].error().code, Code::kDataLoss);
  EXPECT_EQ(responses[2].error().sent, Sent::kMaybe);
  EXPECT_EQ(responses[3].error().code, Code::kTooLarge);
  EXPECT_EQ(responses[4]->body, "e");
  EXPECT_EQ(responses[5].error().code, Code::kInvalidArgument);
  EXPECT_EQ(responses[5].error().sent, Sent::kNo);
}

TEST(SendAll, AServerThatCannotBeReachedIsTriedOnceForAll) {
  ScriptedServer server({[](Peer& peer) { peer.Close(); }});  // speaks no TLS
  const auto request = Post(StrCat("https://127.0.0.1:", server.port(), "/"), "x");
  const std::vector<http::Request> requests(3, request);
  const Responses responses = MakeTlsTransport({}).value()->SendAll(requests, ForSeconds(60));
  ASSERT_EQ(responses.size(), 3u);
  for (const auto& response : responses) {
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, Code::kUnavailable) << response.error();
    EXPECT_EQ(response.error().sent, Sent::kNo);
    EXPECT_EQ(response.error().message.find("POST", 5), std::string::npos)
        << "each names its own request, once: " << response.error();
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST(SendAll, AServerThatCannotBeReachedConcernsNoOther) {
  ScriptedServer closed({[](Peer& peer) { peer.Close(); }});  // speaks no TLS
  ScriptedServer server({AlwaysAnswer("hello")});
  const std::vector<http::Request> requests = {Post(StrCat("https://127.0.0.1:", closed.port(), "/"), "x"),
                                               Post(server.Url("127.0.0.1"), "x")};
  const Responses responses = MakeTlsTransport({}).value()->SendAll(requests, ForSeconds(60));
  EXPECT_FALSE(responses[0]);
  ASSERT_TRUE(responses[1]) << responses[1].error();
  EXPECT_EQ(responses[1]->body, "hello");
}

TEST(SendAll, RepeatsAGetWhoseReusedConnectionDiedAndNoPost) {
  for (const bool get : {true, false}) {
    // The race that checking the socket cannot prevent.
    ScriptedServer server({[](Peer& peer) {
                             peer.ReadRequest();
                             peer.Send(Ok("once"));
                             peer.ReadRequest();
                           },
                           AlwaysAnswer("again")});
    const auto client = MakeTlsTransport({}).value();
    ASSERT_TRUE(client->Send(Get(server.Url("127.0.0.1")), ForSeconds(60)));
    const auto request = get ? Get(server.Url("127.0.0.1")) : Post(server.Url("127.0.0.1"), "x");
    const Responses responses = client->SendAll(std::vector<http::Request>(2, request), ForSeconds(60));
    EXPECT_EQ(responses[1]->body, "again");
    if (get) {
      ASSERT_TRUE(responses[0]) << responses[0].error();
      EXPECT_EQ(responses[0]->body, "again");
    } else {
      ASSERT_FALSE(responses[0]);
      EXPECT_EQ(responses[0].error().sent, Sent::kMaybe);
    }
  }
}

TEST(SendAll, EndsAtTheDeadlineWithTheAnswersThatCame) {
  ScriptedServer server({[](Peer& peer) {
    if (NameIn(peer.ReadRequest()) == "a") peer.Send(Ok("a"));
    peer.WaitUntilClosed();
  }});
  const auto client = MakeTlsTransport({}).value();
  // On a busy machine this may be too short to receive anything: then retry with more.
  for (auto time = std::chrono::milliseconds(50);; time *= 2) {
    const Instant start = BootNow();
    const Responses responses = client->SendAll(Posts(server, "ab"), Context{{}, After(start, time)});
    ASSERT_FALSE(responses[1]);
    EXPECT_EQ(responses[1].error().code, Code::kDeadlineExceeded) << responses[1].error();
    EXPECT_GE(BootNow() - start, time);
    if (responses[0] && responses[1].error().sent == Sent::kMaybe) break;
    ASSERT_LT(time, std::chrono::seconds(30)) << "no answer ever comes";
  }
}

TEST(SendAll, SendsNothingAfterTheDeadlineOrAStop) {
  ScriptedServer server({AlwaysAnswer("hello")});
  const auto client = MakeTlsTransport({}).value();
  std::stop_source stop;
  stop.request_stop();
  const std::pair<Context, Code> cases[] = {{Context{{}, BootNow()}, Code::kDeadlineExceeded},
                                            {Context{stop.get_token(), kForever}, Code::kCancelled}};
  for (const auto& [context, code] : cases) {
    for (const auto& response : client->SendAll(Posts(server, "ab"), context)) {
      ASSERT_FALSE(response);
      EXPECT_EQ(response.error().code, code);
      EXPECT_EQ(response.error().sent, Sent::kNo);
    }
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST(SendAll, StopsAtOnceWhenItsContextStops) {
  std::latch arrived(2);
  ScriptedServer server({[&](Peer& peer) {
    peer.ReadRequest();
    arrived.count_down();
    peer.WaitUntilClosed();
  }});
  std::stop_source stop;
  std::thread stopper([&] {
    arrived.wait();
    stop.request_stop();
  });
  const Responses responses =
      MakeTlsTransport({}).value()->SendAll(Posts(server, "ab"), Context{stop.get_token(), kForever});
  stopper.join();
  for (const auto& response : responses) {
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, Code::kCancelled) << response.error();
    EXPECT_EQ(response.error().sent, Sent::kMaybe);
  }
}

}  // namespace
}  // namespace capstan::net
