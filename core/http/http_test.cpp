#include <gtest/gtest.h>

#include <deque>

#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/http/forwarding_transport.hpp>
#include <capstan/core/http/loopback.hpp>
#include <capstan/core/http/method.hpp>
#include <capstan/core/http/retry_after.hpp>
#include <capstan/core/http/retrying.hpp>
#include <capstan/core/http/testing/faulty_transport.hpp>

namespace capstan::http {
namespace {

using std::chrono::seconds;

TEST(Headers, CompareNamesWithoutCase) {
  Headers headers{{"Content-Type", "a"}, {"X", "1"}, {"x", "2"}};
  EXPECT_EQ(headers.Get("content-type"), "a");
  headers.Set("X", "3");
  EXPECT_EQ(headers.fields().size(), 2u);
  EXPECT_FALSE(headers.Get("none").has_value());
}

TEST(Url, TakesAddressesApart) {
  const auto url = ParseUrl("https://API.example.com:8443/a/b?x=1").value();
  EXPECT_EQ(url.host, "api.example.com");
  EXPECT_EQ(url.port, 8443);
  EXPECT_EQ(url.path(), "/a/b");
  EXPECT_EQ(url.query(), "x=1");
  EXPECT_EQ(url.authority(), "api.example.com:8443");
  EXPECT_EQ(ParseUrl("http://[::1]:80").value().authority(), "[::1]");
  EXPECT_EQ(ParseUrl("http://[::1]:81?q").value().ToString(), "http://[::1]:81/?q");
}

TEST(Url, RefusesWhatItCannotUseAndSaysWhy) {
  for (const char* bad :
       {"", "example.com", "ftp://x", "http://", "http://u:p@x/", "http://x:0/", "http://x:99999/",
        "http://x:a/", "http://[::1/", "http://x/ y", "http://x/#f", "http://x/\r\nHost: y"}) {
    const auto url = ParseUrl(bad);
    ASSERT_FALSE(url) << bad;
    EXPECT_EQ(url.error().code, Code::kInvalidArgument);
  }
}

TEST(Query, ReadsAndBuildsPairs) {
  EXPECT_EQ(QueryValue("a=1&b=x%20y&c", "b"), "x y");
  EXPECT_EQ(QueryValue("a=1", "z", "otherwise"), "otherwise");
  EXPECT_EQ(BuildQuery({{"labelSelector", "a=b,c"}, {"w", "1"}}), "labelSelector=a%3Db%2Cc&w=1");
}

// Answers from a list, and counts requests.
class ScriptedHandler final : public Handler {
 public:
  void Handle(const Request& request, ResponseWriter& writer, const Context& context) override {
    ++requests;
    if (run) return run(request, writer, context);
    if (answers.empty()) return;
    const Response answer = answers.front();
    answers.pop_front();
    (void)writer.Respond(answer);
  }
  int requests = 0;
  std::deque<Response> answers;
  std::function<void(const Request&, ResponseWriter&, const Context&)> run;
};

struct Wire {
  SimulatedScheduler scheduler;
  LoopbackTransport transport{scheduler};
  ScriptedHandler handler;
  std::unique_ptr<Random> random = MakeSeededRandom(1);
  Wire() { transport.Route("api.test", &handler); }
  Request Get() const { return Request{"GET", "https://api.test/x", {}, ""}; }
  Request Post() const { return Request{"POST", "https://api.test/x", {}, "{}"}; }
};

TEST(LoopbackTransport, CarriesAnExchange) {
  Wire wire;
  wire.handler.answers = {{201, {{"X", "1"}}, "made"}};
  const auto response = wire.transport.Send(wire.Post(), Context{});
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->body, "made");
}

TEST(LoopbackTransport, RefusesUnroutedHostsBeforeAnythingIsSent) {
  Wire wire;
  const auto response = wire.transport.Send(Request{"GET", "https://other.test/", {}, ""}, Context{});
  EXPECT_EQ(response.error().code, Code::kUnavailable);
  EXPECT_EQ(response.error().sent, Sent::kNo);
}

TEST(LoopbackTransport, SaysThatARequestMayHaveArrivedWhenTheAnswerIsLate) {
  Wire wire;
  wire.handler.run = [&](const Request&, ResponseWriter& writer, const Context& context) {
    wire.scheduler.Sleep(seconds(20), Context{context.stop});
    (void)writer.Respond({200, {}, ""});
  };
  const auto response = wire.transport.Send(wire.Post(), Context{}.Within(wire.scheduler, seconds(5)));
  EXPECT_EQ(response.error().code, Code::kDeadlineExceeded);
  EXPECT_EQ(response.error().sent, Sent::kMaybe);
}

TEST(LoopbackTransport, StreamsPiecesAsTheyAreWritten) {
  Wire wire;
  wire.handler.run = [&](const Request&, ResponseWriter& writer, const Context& context) {
    (void)writer.Begin(200, {});
    (void)writer.Write("one");
    wire.scheduler.Sleep(seconds(5), context);
    (void)writer.Write("two");
  };
  auto stream = wire.transport.Open(wire.Get(), Context{});
  ASSERT_TRUE(stream);
  EXPECT_EQ(stream->body->Read(Context{}).value(), "one");
  const Instant before = wire.scheduler.Now();
  EXPECT_EQ(stream->body->Read(Context{}.Within(wire.scheduler, seconds(1))).error().code,
            Code::kDeadlineExceeded);
  EXPECT_EQ(stream->body->Read(Context{}).value(), "two");
  EXPECT_EQ(wire.scheduler.Now() - before, seconds(5));
  EXPECT_EQ(stream->body->Read(Context{}).value(), "");
}

TEST(LoopbackTransport, ReportsABodyThatWasCut) {
  Wire wire;
  wire.handler.run = [&](const Request&, ResponseWriter& writer, const Context&) {
    (void)writer.Begin(200, {});
    (void)writer.Write("half");
    writer.Abort();
  };
  auto stream = wire.transport.Open(wire.Get(), Context{});
  EXPECT_EQ(stream->body->Read(Context{}).value(), "half");
  EXPECT_EQ(stream->body->Read(Context{}).error().code, Code::kDataLoss);
  EXPECT_EQ(wire.transport.Send(wire.Get(), Context{}).error().code, Code::kDataLoss);
}

TEST(LoopbackTransport, NotifiesTheHandlerThatItsReaderIsGone) {
  Wire wire;
  bool gone = false;
  wire.handler.run = [&](const Request&, ResponseWriter& writer, const Context& context) {
    (void)writer.Begin(200, {});
    while (wire.scheduler.Sleep(seconds(1), context) == Woke::kTime) {
    }
    gone = !writer.Write("late");
  };
  { auto stream = wire.transport.Open(wire.Get(), Context{}); }
  EXPECT_TRUE(gone);
}

TEST(LoopbackTransport, BlocksAWriterThatIsFarAheadOfItsReader) {
  Wire wire;
  int written = 0;
  LoopbackOptions options;
  options.stream_buffer = 100;
  LoopbackTransport narrow(wire.scheduler, options);
  narrow.Route("api.test", &wire.handler);
  wire.handler.run = [&](const Request&, ResponseWriter& writer, const Context&) {
    (void)writer.Begin(200, {});
    for (; written < 50; ++written) {
      if (!writer.Write(std::string(60, 'x'))) return;
    }
  };
  auto stream = narrow.Open(wire.Get(), Context{});
  wire.scheduler.RunFor(seconds(1));
  EXPECT_EQ(written, 1);
  std::size_t bytes = 0;
  for (;;) {
    const auto piece = stream->body->Read(Context{}).value();
    if (piece.empty()) break;
    bytes += piece.size();
  }
  EXPECT_EQ(bytes, 3000u);
}

TEST(RetryingTransport, RepeatsReadsAndHonoursRetryAfter) {
  Wire wire;
  wire.handler.answers = {{503, {}, ""}, {429, {{"Retry-After", "7"}}, ""}, {200, {}, "ok"}};
  RetryingTransport retrying(wire.transport, wire.scheduler, *wire.random);
  const Instant start = wire.scheduler.Now();
  EXPECT_EQ(retrying.Send(wire.Get(), Context{})->body, "ok");
  EXPECT_GE(wire.scheduler.Now() - start, seconds(7));
}

TEST(RetryingTransport, NeverRepeatsAPostThatMayHaveArrived) {
  Wire wire;
  wire.handler.answers = {{503, {}, ""}, {200, {}, ""}};
  RetryingTransport retrying(wire.transport, wire.scheduler, *wire.random);
  EXPECT_EQ(retrying.Send(wire.Post(), Context{})->status, 503);
  EXPECT_EQ(wire.handler.requests, 1);
  Error cut;
  cut.code = Code::kDataLoss;
  cut.sent = Sent::kMaybe;
  FaultyTransport faulty(wire.transport, [&](const Request&) {
    return Fault{Fault::When::kAfter, std::nullopt, cut};
  });
  RetryingTransport over_faulty(faulty, wire.scheduler, *wire.random);
  EXPECT_EQ(over_faulty.Send(wire.Post(), Context{}).error().code, Code::kDataLoss);
  EXPECT_EQ(wire.handler.requests, 2);
}

TEST(RetryingTransport, RepeatsAPostThatCertainlyNeverLeft) {
  Wire wire;
  int refused = 0;
  Error error = MakeError(Code::kUnavailable, "");
  FaultyTransport faulty(wire.transport, [&](const Request&) -> std::optional<Fault> {
    if (++refused <= 2) return Fault{Fault::When::kBefore, std::nullopt, error};
    return std::nullopt;
  });
  wire.handler.answers = {{201, {}, ""}};
  RetryingTransport retrying(faulty, wire.scheduler, *wire.random);
  EXPECT_EQ(retrying.Send(wire.Post(), Context{})->status, 201);
  EXPECT_EQ(wire.handler.requests, 1);
}

TEST(RetryingTransport, HandsALongRetryAfterToItsCaller) {
  Wire wire;
  wire.handler.answers = {{429, {{"Retry-After", "3600"}}, ""}};
  RetryingTransport retrying(wire.transport, wire.scheduler, *wire.random);
  EXPECT_EQ(retrying.Send(wire.Get(), Context{})->status, 429);
  EXPECT_EQ(wire.handler.requests, 1);
}

TEST(ErrorFromStatus, KeepsTheDetailsThatPeopleNeed) {
  const Error error =
      ErrorFromStatus({429, {{"Retry-After", "12"}, {"x-request-id", "r-1"}}, ""}, "listing clusters");
  EXPECT_EQ(error.code, Code::kResourceExhausted);
  EXPECT_EQ(error.retry_after, seconds(12));
  EXPECT_EQ(error.request_id, "r-1");
  EXPECT_EQ(error.http_status, 429);
  EXPECT_EQ(CodeFromStatus(422), Code::kInvalidArgument);
  EXPECT_EQ(CodeFromStatus(302), Code::kDataLoss);
}

TEST(RetryAfter, IsReadInBothItsForms) {
  const WallTime now = *ParseHttpDate("Sun, 22 Nov 2026 07:00:00 GMT");
  const struct {
    const char* value;
    std::optional<Duration> requested_wait;
  } cases[] = {
      {"17", std::chrono::seconds(17)},
      {" 0 ", Duration::zero()},
      {"Sun, 22 Nov 2026 07:00:30 GMT", std::chrono::seconds(30)},
      {"Sun, 22 Nov 2026 06:00:00 GMT", Duration::zero()},
      {"Fri, 31 Dec 9999 23:59:59 GMT", std::chrono::hours(24)},
      {"99999999999999999999999", std::chrono::hours(24)},
      {"-1", std::nullopt},
      {"1.5", std::nullopt},
      {"soon", std::nullopt},
      {"", std::nullopt},
  };
  for (const auto& row : cases)
    EXPECT_EQ(RetryAfter(Headers{{"Retry-After", row.value}}, "retry-after", now), row.requested_wait)
        << row.value;
  EXPECT_EQ(RetryAfter(Headers{}, "retry-after", now), std::nullopt);
  const Headers dated{{"Retry-After", "Sun, 22 Nov 2026 07:00:30 GMT"}};
  EXPECT_EQ(RetryAfter(dated, "retry-after", std::nullopt), std::nullopt);
  Response refusal{503, dated, ""};
  EXPECT_EQ(ErrorFromStatus(refusal, "x").retry_after, std::nullopt);
  refusal.headers.Set("Date", "Sun, 22 Nov 2026 07:00:00 GMT");
  EXPECT_EQ(ErrorFromStatus(refusal, "x").retry_after, std::chrono::seconds(30));
}

TEST(IsSafe, HoldsForMethodsThatOnlyRead) {
  for (const char* method : {"GET", "HEAD", "OPTIONS"}) EXPECT_TRUE(IsSafe(method));
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE", "get", ""}) EXPECT_FALSE(IsSafe(method));
}

// Admits only GETs, and counts what arrives.
class Counting final : public Transport {
 public:
  Result<Response> Send(const Request& request, const Context&) override {
    seen += request.url + " ";
    return Response{request.url == "b" ? 404 : 200, {}, request.url};
  }
  Result<StreamResponse> Open(const Request&, const Context&) override {
    return Fail(Code::kUnimplemented, "no streams here");
  }
  std::string seen;
};

TEST(Transport, SendsSeveralRequestsOneAfterTheOtherSoThatADecoratorAppliesToEach) {
  struct OnlyGet final : ForwardingTransport {
    using ForwardingTransport::ForwardingTransport;
    Status Admit(const Request& request, const Context&) override {
      return request.method == "GET" ? Status() : Fail(Code::kFailedPrecondition, "read-only");
    }
  };
  Counting server;
  OnlyGet transport(server);
  std::vector<Request> requests(4);
  const char* const urls[] = {"a", "b", "c", "d"};
  for (std::size_t i = 0; i < 4; ++i) {
    requests[i].method = i == 2 ? "PUT" : "GET";
    requests[i].url = urls[i];
  }
  const auto answers = transport.SendAll(requests, Context{});
  ASSERT_EQ(answers.size(), 4u);
  EXPECT_EQ(answers[0]->body, "a");
  EXPECT_EQ(answers[1]->status, 404);
  EXPECT_EQ(answers[2].error().code, Code::kFailedPrecondition);
  EXPECT_EQ(answers[3]->body, "d");
  EXPECT_EQ(server.seen, "a b d ");
}

}  // namespace
}  // namespace capstan::http
