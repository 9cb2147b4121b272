#include <capstan/core/base/text.hpp>
#include <capstan/plugins/loader/lending/lend.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/http/loopback.hpp>
#include <capstan/core/trace/tracer.hpp>

namespace capstan::loader {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

TEST(Arena, GivesZeroedAlignedMemoryOfAnySize) {
  Arena arena(std::size_t{1} << 20);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{15}, std::size_t{17}, std::size_t{100'000}}) {
    auto* memory = static_cast<unsigned char*>(arena.Allocate(size));
    ASSERT_NE(memory, nullptr) << size;
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory) % alignof(std::max_align_t), 0u);
    for (std::size_t i = 0; i < size; ++i) ASSERT_EQ(memory[i], 0);
    if (size > 0) std::memset(memory, 0xAB, size);
  }
}

TEST(Arena, EndsAtItsLimitWithoutOverflow) {
  Arena arena(1000);
  EXPECT_EQ(arena.Allocate(1001), nullptr);
  EXPECT_EQ(arena.Allocate(static_cast<std::size_t>(-1)), nullptr);
  EXPECT_NE(arena.Allocate(900), nullptr);
  EXPECT_EQ(arena.Allocate(200), nullptr);
  EXPECT_EQ(arena.Allocate(static_cast<std::size_t>(-1)), nullptr) << "also when some is given out";
}

TEST(Arena, RecognizesItsOwnMemory) {
  Arena arena(std::size_t{1} << 20);
  auto* memory = static_cast<char*>(arena.Allocate(64));
  EXPECT_TRUE(arena.Contains(memory, 64));
  EXPECT_FALSE(arena.Contains(memory, 65)) << "nothing beyond was given out yet";
  EXPECT_FALSE(arena.Contains(memory - 1, 1));
  EXPECT_FALSE(arena.Contains(memory, static_cast<std::size_t>(-1)));
  const int elsewhere = 0;
  EXPECT_FALSE(arena.Contains(&elsewhere, 1));
}

struct ManifestHosts {
  AllowedHosts hosts;
  bool Allows(const std::string& url) const { return hosts.Check(*http::ParseUrl(url)).has_value(); }
};

TEST(AllowedHosts, AreThoseOfTheManifestOverHttpsOnly) {
  const ManifestHosts manifest{{{"api.cloud.dev", "*.regions.dev", "odd.dev:8443"}, "{}"}};
  EXPECT_TRUE(manifest.Allows("https://api.cloud.dev/v2"));
  EXPECT_TRUE(manifest.Allows("https://API.cloud.dev:443/v2"));
  EXPECT_TRUE(manifest.Allows("https://eu.regions.dev/"));
  EXPECT_TRUE(manifest.Allows("https://a.b.regions.dev/"));
  EXPECT_TRUE(manifest.Allows("https://odd.dev:8443/"));
  EXPECT_FALSE(manifest.Allows("http://api.cloud.dev/v2")) << "a token does not go out in the clear";
  EXPECT_FALSE(manifest.Allows("http://api.cloud.dev:443/v2"));
  EXPECT_FALSE(manifest.Allows("https://api.cloud.dev:8443/"));
  EXPECT_FALSE(manifest.Allows("https://regions.dev/"));
  EXPECT_FALSE(manifest.Allows("https://evilregions.dev/"));
  EXPECT_FALSE(manifest.Allows("https://api.cloud.dev.evil.dev/"));
  EXPECT_FALSE(manifest.Allows("https://169.254.169.254/"));
}

TEST(AllowedHosts, AreAlsoTheOriginsThatTheConfigurationNames) {
  const ManifestHosts config{
      {{}, R"({"apiURL":"http://127.0.0.1:8080/v2","more":[{"url":"https://other.dev"}],"text":"x"})"}};
  EXPECT_TRUE(config.Allows("http://127.0.0.1:8080/anything"));
  EXPECT_TRUE(config.Allows("https://other.dev/"));
  EXPECT_FALSE(config.Allows("http://127.0.0.1:8081/"));
  EXPECT_FALSE(config.Allows("https://127.0.0.1:8080/"));
  EXPECT_FALSE(config.Allows("http://other.dev/"));
}

TEST(AllowedHosts, SayWhatToDoAboutAnother) {
  const AllowedHosts hosts({"api.cloud.dev"}, "{}");
  const Status refused = hosts.Check(*http::ParseUrl("https://elsewhere.dev/x"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kPermissionDenied);
  EXPECT_THAT(refused.error().message, HasSubstr("https://elsewhere.dev are not allowed"));
  EXPECT_THAT(refused.error().message, HasSubstr("name the URL in the plugin's configuration"));
}

TEST(Redactor, RedactsSecretsWhereverTheyAppear) {
  Redactor redactor;
  const Secret secret("dop_v1_abcdef");
  redactor.Add(secret);
  redactor.Add(Secret("abc"));
  EXPECT_EQ(redactor.Clean("a dop_v1_abcdef, dop_v1_abcdefdop_v1_abcdef abc"), "a ***, ****** abc");
  redactor.Remove(secret);
  EXPECT_EQ(redactor.Clean("dop_v1_abcdef"), "dop_v1_abcdef");
}

TEST(Redactor, RedactsSecretsInEveryEncodingInWhichACloudEchoesThem) {
  const std::string token = "dop_v1_0123456789abcdef/ZYXW+VUTS\"key";
  Redactor redactor;
  redactor.Add(Secret(token));
  std::string escaped = token;
  escaped.insert(escaped.find('"'), "\\");
  std::string capitals = token;
  for (char& c : capitals) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  for (const std::string& dress :
       {token, Base64Encode(token), Base64Encode("user:" + token), Base64Encode("ab" + token + "tail"),
        Base64Encode("x" + token), UrlEncode(token), escaped, capitals, ToLower(token),
        token.substr(0, token.size() / 2), token.substr(token.size() / 2)}) {
    bool blotted = false;
    const std::string clean = redactor.Clean("the token '" + dress + "' was refused", &blotted);
    EXPECT_TRUE(blotted) << dress;
    EXPECT_EQ(clean.find(dress.substr(dress.size() / 3, 12)), std::string::npos) << clean;
    EXPECT_TRUE(clean.starts_with("the token '") && clean.ends_with("' was refused")) << clean;
  }
  bool blotted = true;
  EXPECT_EQ(redactor.Clean("nothing of it", &blotted), "nothing of it");
  EXPECT_FALSE(blotted);
}

TEST(Redactor, TakesTimeInProportionToTheText) {
  // With a quadratic algorithm this would take minutes.
  std::string text;
  while (text.size() < (std::size_t{4} << 20)) text += "token=";
  const Redactor redactor;
  EXPECT_EQ(redactor.Clean(text), "token=***");
  std::string pairs;
  while (pairs.size() < (std::size_t{4} << 20)) pairs += "token=x ";
  EXPECT_EQ(redactor.Clean(pairs).size(), pairs.size() / 8 * 10);
}

TEST(Redactor, RedactsValuesAfterTheUsualNames) {
  const Redactor redactor;
  EXPECT_EQ(redactor.Clean("Authorization: Bearer xyz.123, next"), "Authorization: Bearer ***, next");
  EXPECT_EQ(redactor.Clean("GET /?token=abc&page=2 password=\"\" PASSWORD=x"),
            "GET /?token=***&page=2 password=\"\" PASSWORD=***");
  EXPECT_EQ(redactor.Clean("bearer "), "bearer ");
}

class EchoHandler final : public http::Handler {
 public:
  explicit EchoHandler(Scheduler& scheduler) : scheduler_(scheduler) {}
  void Handle(const http::Request& request, http::ResponseWriter& writer, const Context& context) override {
    ++requests;
    if (request.url.ends_with("/slow")) (void)scheduler_.Sleep(std::chrono::seconds(1), context);
    (void)writer.Respond({200, {{"X-Method", request.method}}, request.body});
  }
  int requests = 0;

 private:
  Scheduler& scheduler_;
};

class LenderTest : public testing::Test {
 protected:
  LenderTest() { transport_.Route("api.test", &echo_); }
  std::shared_ptr<Lender> Lend(LenderOptions options = {}) {
    options.plugin = "p";
    return std::make_shared<Lender>(Seams{scheduler_, transport_, *random_, log_},
                                    AllowedHosts({}, R"({"url":"http://api.test"})"), options);
  }
  static capstan_http_request_t Ask(const char* method, const char* url) {
    capstan_http_request_t request{};
    request.struct_size = sizeof(request);
    request.method = capstan_text_of(method);
    request.url = capstan_text_of(url);
    return request;
  }
  SimulatedScheduler scheduler_;
  http::LoopbackTransport transport_{scheduler_};
  std::unique_ptr<Random> random_ = MakeSeededRandom(3);
  RecordingLog log_;
  EchoHandler echo_{scheduler_};
};

TEST_F(LenderTest, CarriesAnExchangeAndRemembersThatItTookPlace) {
  const auto lender = Lend();
  const auto call = lender->NewCall("get", Context{});
  capstan_http_request_t request = Ask("POST", "http://api.test/x");
  request.body = capstan_text_of("hello");
  capstan_http_response_t* response = nullptr;
  capstan_error_t* error = nullptr;
  EXPECT_EQ(lender->host()->http(call.get(), &request, &response, &error), CAPSTAN_ANSWERED);
  ASSERT_NE(response, nullptr);
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(std::string(response->body.data, response->body.size), "hello");
  EXPECT_TRUE(call->arena.Contains(response->body.data, response->body.size));
  const auto seen = call->Close();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_TRUE(seen[0].changes);
  EXPECT_EQ(seen[0].sent, Sent::kYes);
  EXPECT_EQ(seen[0].status, 200);
}

TEST_F(LenderTest, SendsNothingForACallThatIsOver) {
  const auto lender = Lend();
  const auto call = lender->NewCall("get", Context{});
  EXPECT_TRUE(call->Close().empty());
  const capstan_http_request_t request = Ask("GET", "http://api.test/x");
  capstan_http_response_t* response = nullptr;
  capstan_error_t* error = nullptr;
  EXPECT_EQ(lender->host()->http(call.get(), &request, &response, &error), CAPSTAN_NOT_SENT);
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code, CAPSTAN_CODE_CANCELLED);
  EXPECT_EQ(echo_.requests, 0);
}

TEST_F(LenderTest, TouchesNothingAfterItIsClosed) {
  const auto lender = Lend();
  const auto call = lender->NewCall("get", Context{});
  const capstan_host_t* host = lender->host();
  lender->Close();
  const capstan_http_request_t request = Ask("GET", "http://api.test/x");
  capstan_http_response_t* response = nullptr;
  capstan_error_t* error = nullptr;
  EXPECT_EQ(host->http(call.get(), &request, &response, &error), CAPSTAN_NOT_SENT);
  EXPECT_EQ(host->cancelled(call.get()), 1);
  EXPECT_EQ(host->monotonic_ns(host), INT64_MAX);
  EXPECT_EQ(host->wall_ns(host), 0);
  EXPECT_EQ(host->random(host), 0u);
  host->log(host, CAPSTAN_INFO, capstan_text_of("late"), nullptr, 0);
  EXPECT_TRUE(log_.Lines().empty());
  EXPECT_EQ(echo_.requests, 0);
}

TEST_F(LenderTest, ReportsTimeDeadlineAndCancellationOfTheCall) {
  const auto lender = Lend();
  const capstan_host_t* host = lender->host();
  std::stop_source stop;
  const auto call =
      lender->NewCall("get", Context{stop.get_token(), After(scheduler_.Now(), std::chrono::seconds(5))});
  EXPECT_EQ(host->deadline_ns(call.get()) - host->monotonic_ns(host), 5'000'000'000);
  EXPECT_EQ(host->cancelled(call.get()), 0);
  scheduler_.RunFor(std::chrono::seconds(5));
  EXPECT_EQ(host->cancelled(call.get()), 1) << "past its deadline";
  const auto stopped = lender->NewCall("get", Context{stop.get_token(), kForever});
  EXPECT_EQ(host->deadline_ns(stopped.get()), INT64_MAX);
  EXPECT_EQ(host->cancelled(stopped.get()), 0);
  stop.request_stop();
  EXPECT_EQ(host->cancelled(stopped.get()), 1);
  EXPECT_EQ(WallTime(Duration(host->wall_ns(host))), scheduler_.WallNow());
}

TEST_F(LenderTest, AnAnswerThatDoesNotFitIsAnErrorAndNotHalfAnAnswer) {
  LenderOptions options;
  options.call_memory = 4096;
  const auto lender = Lend(options);
  const auto call = lender->NewCall("get", Context{});
  capstan_http_request_t request = Ask("PUT", "http://api.test/x");
  const std::string body(8000, 'x');
  request.body = {body.data(), body.size()};
  capstan_http_response_t* response = nullptr;
  capstan_error_t* error = nullptr;
  EXPECT_EQ(lender->host()->http(call.get(), &request, &response, &error), CAPSTAN_MAY_BE_SENT);
  EXPECT_EQ(response, nullptr);
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code, CAPSTAN_CODE_TOO_LARGE);
}

TEST_F(LenderTest, LogLinesCarryThePluginsNameAndAreCutToSize) {
  const auto lender = Lend();
  const std::string huge(100'000, 'y');
  const capstan_entry_t field = {capstan_text_of("size"), {huge.data(), huge.size()}};
  lender->host()->log(lender->host(), CAPSTAN_WARNING, capstan_text_of("too much"), &field, 1);
  ASSERT_EQ(log_.Lines().size(), 1u);
  EXPECT_THAT(log_.Lines()[0], HasSubstr("too much plugin=p size=yyy"));
  EXPECT_LT(log_.Lines()[0].size(), 5000u);
}

class PluginLogTest : public LenderTest {
 protected:
  void Say(const std::shared_ptr<Lender>& lender, const char* message) {
    lender->host()->log(lender->host(), CAPSTAN_INFO, capstan_text_of(message), nullptr, 0);
  }
  Context Traced(const char* object) {
    return Context{}.As(trace::MakeIdTracer(*random_)->Begin("reconcile", object));
  }
  static std::string IdOf(const Context& context) { return context.span->ids().TraceText(); }
};

TEST_F(PluginLogTest, ALineSaysOfWhichObjectEffectAndTraceItsCallIs) {
  const auto lender = Lend();
  const Context context = Traced("Cluster team/web");
  const auto call = lender->NewCall("create", context);
  {
    const Running here(*call);
    Say(lender, "asked for a cluster");
  }
  Say(lender, "of no call");
  const std::string said = StrCat(
      "info asked for a cluster plugin=p effect=create object=Cluster team/web trace_id=", IdOf(context));
  EXPECT_THAT(log_.Lines(), ElementsAre(said, "info of no call plugin=p"));
}

TEST_F(PluginLogTest, ACallOfNoTraceSaysItsEffectAlone) {
  const auto lender = Lend();
  const auto call = lender->NewCall("find", Context{});
  const Running here(*call);
  Say(lender, "looked");
  EXPECT_THAT(log_.Lines(), ElementsAre("info looked plugin=p effect=find"));
}

TEST_F(PluginLogTest, APluginsFieldWithANameOfTheHostIsRenamed) {
  const auto lender = Lend();
  const auto call = lender->NewCall("create", Traced("Cluster team/web"));
  const Running here(*call);
  const capstan_entry_t field = {capstan_text_of("object"), capstan_text_of("another")};
  lender->host()->log(lender->host(), CAPSTAN_INFO, capstan_text_of("made"), &field, 1);
  ASSERT_EQ(log_.Lines().size(), 1u);
  EXPECT_THAT(log_.Lines()[0],
              AllOf(HasSubstr(" object=Cluster team/web "), EndsWith(" plugin_object=another")));
}

TEST_F(PluginLogTest, ALineThroughTheTableOfAnotherInstanceSaysNothingOfTheCall) {
  const auto lender = Lend(), other = Lend();
  const auto call = lender->NewCall("create", Traced("Cluster team/web"));
  const Running here(*call);
  Say(other, "elsewhere");
  EXPECT_THAT(log_.Lines(), ElementsAre("info elsewhere plugin=p"));
}

// Tasks of a simulated scheduler share one thread: while one waits for the cloud, another one's
// plugin runs.
TEST_F(PluginLogTest, CallsThatTakeTurnsOnOneThreadKeepTheirLinesApart) {
  const auto lender = Lend();
  const auto work = [&](const char* object) {
    return scheduler_.Spawn(object, [this, lender, object](const Context&) {
      const auto call = lender->NewCall("get", Traced(object));
      const Running here(*call);
      Say(lender, "before");
      const capstan_http_request_t request = Ask("GET", "http://api.test/slow");
      capstan_http_response_t* response = nullptr;
      capstan_error_t* error = nullptr;
      EXPECT_EQ(lender->host()->http(call.get(), &request, &response, &error), CAPSTAN_ANSWERED);
      Say(lender, "after");
    });
  };
  const Task one = work("Cluster team/one"), two = work("Cluster team/two");
  scheduler_.RunFor(std::chrono::seconds(60));
  std::vector<std::string> seen;
  for (const std::string& line : log_.Lines()) seen.push_back(line.substr(0, line.find(" trace_id=")));
  EXPECT_THAT(seen, ElementsAre("info before plugin=p effect=get object=Cluster team/one",
                                "info before plugin=p effect=get object=Cluster team/two",
                                "info after plugin=p effect=get object=Cluster team/one",
                                "info after plugin=p effect=get object=Cluster team/two"));
}

class NoSink final : public trace::SpanSink {
 public:
  void Put(trace::EndedSpan) override {}
};

TEST_F(LenderTest, HandsTheTraceOfACallToPluginsWithAClientOfTheirOwn) {
  const auto lender = Lend();
  const auto* table = static_cast<const capstan_trace_t*>(
      lender->host()->extension(lender->host(), capstan_text_of(CAPSTAN_TRACE_EXTENSION)));
  ASSERT_NE(table, nullptr);
  ASSERT_TRUE(CAPSTAN_HAS(table, trace_parent));
  const auto text = [&](const Context& context) {
    const auto call = lender->NewCall("get", context);
    const capstan_text_t said = table->trace_parent(call.get());
    return std::string(said.data == nullptr ? "" : said.data, said.size);
  };
  EXPECT_EQ(text(Context{}), "") << "nothing is traced";
  NoSink sink;
  const auto traced = trace::MakeTracer(sink, scheduler_, *random_)->Begin("reconcile", "Cluster team/web");
  EXPECT_EQ(text(Context{}.As(traced)), traced->ids().TraceParent());
  EXPECT_EQ(text(Context{}.As(trace::MakeIdTracer(*random_)->Begin("reconcile", "Cluster team/web"))), "")
      << "ids for log lines are no trace context";
  EXPECT_EQ(lender->host()->extension(lender->host(), capstan_text_of("capstan.other/1")), nullptr);
}

}  // namespace
}  // namespace capstan::loader
