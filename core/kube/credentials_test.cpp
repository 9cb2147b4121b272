#include <capstan/core/kube/credentials.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>
#include <capstan/core/http/forwarding_transport.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/scan.hpp>
#include <capstan/core/kube/testing/credential_fixture.hpp>

namespace capstan::kube {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string ExecOutput(const std::string& status, const std::string& version = "v1") {
  return R"({"apiVersion":"client.authentication.k8s.io/)" + version +
         R"(","kind":"ExecCredential","status":)" + status + "}";
}

class CredentialTest : public CredentialFixture {
 protected:
  CredentialTest() {
    process_.run = [this](const Command&, const Context& context) -> Result<Completed> {
      ++runs_;
      if (plugin_takes_ > Duration::zero() && scheduler_.Sleep(plugin_takes_, context) == Woke::kStopped) {
        return Fail(Code::kCancelled, "stopped");
      }
      return plugin_(runs_);
    };
  }

  // The plugin's n-th run prints this status.
  void PluginPrints(std::function<std::string(int)> status) {
    access_.exec =
        ExecCommand{"client.authentication.k8s.io/v1", "login", {"--now"}, {{"A", "1"}}, "", false, ""};
    plugin_ = [status](int run) -> Result<Completed> { return Completed{0, ExecOutput(status(run)), ""}; };
  }

  std::unique_ptr<http::Transport> Make() {
    auto transport = MakeCredentialTransport(
        access_,
        [this](const TlsMaterial& material) -> Result<std::unique_ptr<http::Transport>> {
          certificates_.push_back(material.certificate_pem + "/" + std::string(material.key_pem.Reveal()));
          return std::make_unique<http::ForwardingTransport>(loopback_);
        },
        *files_, process_, scheduler_, log_);
    EXPECT_TRUE(transport) << transport.error();
    return std::move(*transport);
  }

  Result<http::Response> Get(http::Transport& transport) {
    http::Request request;
    request.method = "GET";
    request.url = "https://kube.test/version";
    return transport.Send(request, Context());
  }
  std::string Sent_() { return std::string(server_.last().headers.Get("authorization").value_or("(none)")); }
  std::string Expiry(Duration in) { return FormatRfc3339(scheduler_.WallNow() + in); }

  std::vector<std::string> certificates_;
  int runs_ = 0;
  Duration plugin_takes_ = Duration::zero();
  std::function<Result<Completed>(int)> plugin_;
};

TEST_F(CredentialTest, SendsATokenAndTheKubeconfigsCertificate) {
  access_.token = Secret("t0ken");
  access_.certificate_pem = "CERT";
  access_.key_pem = Secret("KEY");
  auto transport = Make();
  server_.Then(200, "ok");
  ASSERT_TRUE(Get(*transport));
  EXPECT_EQ(Sent_(), "Bearer t0ken");
  EXPECT_THAT(certificates_, ElementsAre("CERT/KEY"));
  EXPECT_EQ(server_.last().headers.Get("impersonate-user"), std::nullopt);
}

TEST_F(CredentialTest, SendsNameAndPasswordOrNothing) {
  access_.username = "me";
  access_.password = Secret("pw");
  auto transport = Make();
  server_.Then(200, "ok");
  ASSERT_TRUE(Get(*transport));
  EXPECT_EQ(Sent_(), "Basic bWU6cHc=");
  access_.username = "";
  access_.password = Secret();
  auto nobody = Make();
  server_.Then(200, "ok");
  ASSERT_TRUE(Get(*nobody));
  EXPECT_EQ(Sent_(), "(none)");
}

TEST_F(CredentialTest, SendsImpersonationHeaders) {
  access_.impersonate = {"her", {"g1", "g2"}, "uid", {{"Some/Key", {"a", "b"}}}};
  auto transport = Make();
  server_.Then(200, "ok");
  ASSERT_TRUE(Get(*transport));
  const http::Headers& headers = server_.last().headers;
  EXPECT_EQ(headers.Get("Impersonate-User"), "her");
  EXPECT_EQ(headers.Get("Impersonate-Uid"), "uid");
  EXPECT_EQ(headers.Get("Impersonate-Extra-some%2Fkey"), "a");
  EXPECT_EQ(
      std::count_if(headers.fields().begin(), headers.fields().end(),
                    [](const auto& field) { return EqualsIgnoreCase(field.first, "Impersonate-Group"); }),
      2);
}

TEST_F(CredentialTest, RefusesToCarryCredentialsToAnotherHost) {
  access_.token = Secret("t0ken");
  auto transport = Make();
  for (const char* url :
       {"https://evil.test/version", "http://kube.test/version", "https://kube.test:8443/",
        "https://kube.test.evil.test/", "https://kube.test@evil.test/", "https://kube.tester/"}) {
    http::Request request;
    request.method = "GET";
    request.url = url;
    const auto answer = transport->Send(request, Context());
    ASSERT_FALSE(answer) << url;
    EXPECT_EQ(answer.error().code, Code::kInvalidArgument);
    EXPECT_EQ(answer.error().sent, Sent::kNo);
  }
  EXPECT_TRUE(server_.requests.empty());
}

TEST_F(CredentialTest, DoesNotRepeatARefusedFixedToken) {
  access_.token = Secret("t0ken");
  auto transport = Make();
  server_.Then(401, "no");
  EXPECT_EQ(Get(*transport)->status, 401);
  EXPECT_EQ(server_.requests.size(), 1U);
}

TEST_F(CredentialTest, RefusesATokenThatWouldBreakTheHeader) {
  access_.token = Secret("a\r\nX-Evil: 1");
  auto transport = Make();
  const auto answer = Get(*transport);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kUnauthenticated);
  EXPECT_THAT(answer.error().message, Not(HasSubstr("Evil")));
}

TEST_F(CredentialTest, ReadsATokenFileAgainEveryMinute) {
  ASSERT_TRUE(files_->WriteAtomically("/token", "one\n"));
  access_.token_file = "/token";
  auto transport = Make();
  server_.Then(200, "ok");
  ASSERT_TRUE(Get(*transport));
  EXPECT_EQ(Sent_(), "Bearer one");
  ASSERT_TRUE(files_->WriteAtomically("/token", "two\n"));
  server_.Then(200, "ok");
  ASSERT_TRUE(Get(*transport));
  EXPECT_EQ(Sent_(), "Bearer one");
  scheduler_.RunFor(std::chrono::seconds(61));
  server_.Then(200, "ok");
  ASSERT_TRUE(Get(*transport));
  EXPECT_EQ(Sent_(), "Bearer two");
}

TEST_F(CredentialTest, KeepsTheLastGoodTokenWhenTheFileCannotBeRead) {
  ASSERT_TRUE(files_->WriteAtomically("/token", "one"));
  access_.token_file = "/token";
  auto transport = Make();
  server_.Then(200, "ok");
  ASSERT_TRUE(Get(*transport));
  ASSERT_TRUE(files_->Remove("/token"));
  scheduler_.RunFor(std::chrono::seconds(61));
  server_.Then(200, "ok");
  ASSERT_TRUE(Get(*transport));
  EXPECT_EQ(Sent_(), "Bearer one");
  EXPECT_TRUE(log_.Contains("/token"));
  EXPECT_FALSE(log_.Contains("one "));
  ASSERT_TRUE(files_->WriteAtomically("/token", "two"));
  scheduler_.RunFor(std::chrono::seconds(11));
  server_.Then(200, "ok");
  ASSERT_TRUE(Get(*transport));
  EXPECT_EQ(Sent_(), "Bearer two");
}

TEST_F(CredentialTest, ReadsTheTokenFileImmediatelyAfterA401AndTriesOnceMore) {
  ASSERT_TRUE(files_->WriteAtomically("/token", "one"));
  access_.token_file = "/token";
  auto transport = Make();
  server_.Then(200, "ok");
  ASSERT_TRUE(Get(*transport));
  ASSERT_TRUE(files_->WriteAtomically("/token", "two"));
  server_.Then(401, "no");
  server_.Then(200, "ok");
  EXPECT_EQ(Get(*transport)->status, 200);
  EXPECT_EQ(Sent_(), "Bearer two");
  server_.Then(401, "no");
  EXPECT_EQ(Get(*transport)->status, 401) << "the file holds nothing newer";
  EXPECT_EQ(server_.requests.size(), 4U);
}

TEST_F(CredentialTest, RequestsThatAreSentTogetherAreSignedAndRepeatedLikeSingleOnes) {
  ASSERT_TRUE(files_->WriteAtomically("/token", "one"));
  access_.token_file = "/token";
  auto transport = Make();
  http::Request request;
  request.method = "PATCH";
  request.url = "https://kube.test/a";
  const std::vector<http::Request> requests(3, request);
  const auto statuses = [&] {
    std::vector<int> all;
    for (const auto& answer : transport->SendAll(requests, Context()))
      all.push_back(answer ? answer->status : 0);
    return all;
  };
  for (int i = 0; i < 3; ++i) server_.Then(200, "ok");
  EXPECT_THAT(statuses(), ElementsAre(200, 200, 200));
  EXPECT_EQ(Sent_(), "Bearer one");
  ASSERT_TRUE(files_->WriteAtomically("/token", "two"));
  for (const int status : {200, 401, 409, 201}) server_.Then(status, "");
  EXPECT_THAT(statuses(), ElementsAre(200, 201, 409)) << "what was refused is sent with the new token";
  EXPECT_EQ(Sent_(), "Bearer two");
  for (int i = 0; i < 3; ++i) server_.Then(401, "no");
  EXPECT_THAT(statuses(), ElementsAre(401, 401, 401)) << "the file holds nothing newer";
  EXPECT_EQ(server_.requests.size(), 10U);
}

TEST_F(CredentialTest, NoneOfSeveralRequestsCarriesCredentialsToAnotherHost) {
  access_.token = Secret("t0ken");
  auto transport = Make();
  http::Request good, evil;
  good.method = evil.method = "GET";
  good.url = "https://kube.test/version";
  evil.url = "https://evil.test/version";
  server_.Then(200, "ok");
  const auto answers = transport->SendAll(std::vector<http::Request>{evil, good}, Context());
  ASSERT_FALSE(answers[0]);
  EXPECT_EQ(answers[0].error().code, Code::kInvalidArgument);
  EXPECT_EQ(answers[1]->status, 200);
  EXPECT_EQ(server_.requests.size(), 1U);
}

TEST_F(CredentialTest, SaysWhenATokenFileWasNeverReadable) {
  access_.token_file = "/token";
  auto transport = Make();
  auto answer = Get(*transport);
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("/token"));
  EXPECT_EQ(answer.error().sent, Sent::kNo);
  ASSERT_TRUE(files_->WriteAtomically("/token", " \n"));
  answer = Get(*transport);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kUnauthenticated);
  EXPECT_THAT(answer.error().message, HasSubstr("empty"));
}

TEST_F(CredentialTest, RunsAnExecPluginOnceUntilItsTokenIsAboutToLapse) {
  PluginPrints([this](int run) {
    return R"({"token":"t)" + std::to_string(run) + R"(","expirationTimestamp":")" +
           Expiry(std::chrono::hours(1)) + "\"}";
  });
  auto transport = Make();
  EXPECT_EQ(runs_, 0) << "not before it is needed";
  for (int i = 0; i < 3; ++i) {
    server_.Then(200, "ok");
    ASSERT_TRUE(Get(*transport));
    EXPECT_EQ(Sent_(), "Bearer t1");
  }
  scheduler_.RunFor(std::chrono::minutes(58));
  server_.Then(200, "ok");
  ASSERT_TRUE(Get(*transport));
  EXPECT_EQ(Sent_(), "Bearer t1");
  scheduler_.RunFor(std::chrono::minutes(1) + std::chrono::seconds(30));
  server_.Then(200, "ok");
  ASSERT_TRUE(Get(*transport));
  scheduler_.RunFor(std::chrono::seconds(1));
  server_.Then(200, "ok");
  ASSERT_TRUE(Get(*transport));
  EXPECT_EQ(Sent_(), "Bearer t2") << "half a minute before it lapses";
  EXPECT_EQ(runs_, 2);
}

// "Never" has many spellings.
TEST_F(CredentialTest, ACredentialThatNeverExpiresIsFetchedOnce) {
  for (const char* never : {"9999-12-31T23:59:59Z", "2300-01-01T00:00:00Z", "2199-01-01T00:00:00Z",
                            "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00Z", ""}) {
    runs_ = 0;
    PluginPrints([never](int run) {
      return StrCat(R"({"token":"t)", run, R"(","expirationTimestamp":")", never, "\"}");
    });
    auto transport = Make();
    for (int day = 0; day < 30; ++day) {
      server_.Then(200, "ok");
      ASSERT_TRUE(Get(*transport));
      scheduler_.RunFor(std::chrono::hours(24));
    }
    EXPECT_EQ(runs_, 1) << never;
  }
}

TEST_F(CredentialTest, NoRequestWaitsForAPluginWhileItsTokenHasNotLapsed) {
  PluginPrints([this](int run) {
    return R"({"token":"t)" + std::to_string(run) + R"(","expirationTimestamp":")" +
           Expiry(std::chrono::hours(1)) + "\"}";
  });
  auto transport = Make();
  server_.Then(200, "ok");
  ASSERT_TRUE(Get(*transport));
  scheduler_.RunFor(std::chrono::minutes(59) + std::chrono::seconds(10));
  plugin_takes_ = std::chrono::seconds(30);
  for (int i = 0; i < 10; ++i) {
    server_.Then(200, "ok");
    const Instant asked = scheduler_.Now();
    ASSERT_TRUE(Get(*transport));
    EXPECT_LT(scheduler_.Now() - asked, std::chrono::seconds(1));
    EXPECT_EQ(Sent_(), "Bearer t1");
    scheduler_.RunFor(std::chrono::seconds(2));
  }
  scheduler_.RunFor(std::chrono::seconds(11));
  server_.Then(200, "ok");
  ASSERT_TRUE(Get(*transport));
  EXPECT_EQ(Sent_(), "Bearer t2") << "no request's own deadline ended the plugin";
  EXPECT_EQ(runs_, 2);
}

TEST_F(CredentialTest, PassesThePluginTheInputThatTheProtocolRequires) {
  PluginPrints([](int) { return R"({"token":"t"})"; });
  access_.exec->provide_cluster_info = true;
  access_.exec->cluster_config = R"({"audience":"x"})";
  access_.ca_pem = "CA";
  access_.server_name = "name";
  auto transport = Make();
  server_.Then(200, "ok");
  ASSERT_TRUE(Get(*transport));
  ASSERT_EQ(process_.commands.size(), 1U);
  const Command& command = process_.commands[0];
  EXPECT_THAT(command.arguments, ElementsAre("login", "--now"));
  EXPECT_EQ(command.environment.at("A"), "1");
  EXPECT_TRUE(json::Equal(
      command.environment.at("KUBERNETES_EXEC_INFO"),
      R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"interactive":false,
 "cluster":{"server":"https://kube.test","tls-server-name":"name","certificate-authority-data":"Q0E=","config":{"audience":"x"}}}})"))
      << command.environment.at("KUBERNETES_EXEC_INFO");
}

TEST_F(CredentialTest, RunsThePluginOnceForManyRequestsAtATime) {
  PluginPrints([](int) { return R"({"token":"t"})"; });
  plugin_takes_ = std::chrono::seconds(5);
  auto transport = Make();
  std::vector<Task> tasks;
  int answered = 0;
  for (int i = 0; i < 10; ++i) {
    server_.Then(200, "ok");
    tasks.push_back(
        scheduler_.Spawn("request", [&](const Context&) { answered += Get(*transport) ? 1 : 0; }));
  }
  scheduler_.RunFor(std::chrono::seconds(20));
  EXPECT_EQ(answered, 10);
  EXPECT_EQ(runs_, 1);
}

TEST_F(CredentialTest, GivesEveryWaitingRequestThePluginsFailure) {
  access_.exec = ExecCommand{"client.authentication.k8s.io/v1", "login", {}, {}, "", false, ""};
  plugin_ = [](int) -> Result<Completed> { return Completed{3, "", "cannot log in: go away\nsecond line"}; };
  plugin_takes_ = std::chrono::seconds(5);
  auto transport = Make();
  std::vector<Task> tasks;
  std::vector<Error> errors;
  for (int i = 0; i < 4; ++i) {
    tasks.push_back(scheduler_.Spawn("request", [&](const Context&) {
      if (auto answer = Get(*transport); !answer) errors.push_back(answer.error());
    }));
  }
  scheduler_.RunFor(std::chrono::seconds(30));
  ASSERT_EQ(errors.size(), 4U);
  for (const Error& error : errors) {
    EXPECT_EQ(error.code, Code::kUnauthenticated);
    EXPECT_EQ(error.sent, Sent::kNo);
    EXPECT_EQ(error.message, "the credential plugin \"login\" ended with status 3: cannot log in: go away");
  }
  EXPECT_EQ(runs_, 1);
}

TEST_F(CredentialTest, LetsAnotherRequestTakeOverWhenTheOneThatAskedIsStopped) {
  PluginPrints([](int) { return R"({"token":"t"})"; });
  plugin_takes_ = std::chrono::seconds(5);
  auto transport = Make();
  bool answered = false;
  server_.Then(200, "ok");
  auto first = scheduler_.Spawn("first", [&](const Context& context) {
    http::Request request;
    request.method = "GET";
    request.url = "https://kube.test/version";
    (void)transport->Send(request, context);
  });
  scheduler_.RunFor(std::chrono::seconds(1));
  auto second = scheduler_.Spawn("second", [&](const Context&) { answered = Get(*transport).has_value(); });
  scheduler_.RunFor(std::chrono::seconds(1));
  first.RequestStop();
  scheduler_.RunFor(std::chrono::seconds(30));
  EXPECT_TRUE(answered);
  EXPECT_EQ(runs_, 2);
}

TEST_F(CredentialTest, RunsThePluginAgainOnceAfterA401) {
  PluginPrints([](int run) { return R"({"token":"t)" + std::to_string(run) + "\"}"; });
  auto transport = Make();
  server_.Then(401, "no");
  server_.Then(401, "no");
  EXPECT_EQ(Get(*transport)->status, 401);
  EXPECT_EQ(Sent_(), "Bearer t2");
  EXPECT_EQ(runs_, 2);
  EXPECT_EQ(server_.requests.size(), 2U);
}

TEST_F(CredentialTest, ReconnectsForAnotherClientCertificate) {
  PluginPrints([this](int run) {
    return R"({"clientCertificateData":"C)" + std::to_string(run / 2) +
           R"(","clientKeyData":"K","expirationTimestamp":")" + Expiry(std::chrono::minutes(10)) + "\"}";
  });
  auto transport = Make();
  server_.ThenStream({"first"});
  http::Request request;
  request.method = "GET";
  request.url = "https://kube.test/watch";
  auto stream = transport->Open(request, Context());
  ASSERT_TRUE(stream);
  EXPECT_EQ(Sent_(), "(none)");
  for (int i = 0; i < 3; ++i) {
    scheduler_.RunFor(std::chrono::minutes(11));
    server_.Then(200, "ok");
    ASSERT_TRUE(Get(*transport));
  }
  EXPECT_THAT(certificates_, ElementsAre("C0/K", "C1/K", "C2/K"));
  const auto piece = stream->body->Read(Context());
  ASSERT_TRUE(piece) << "a stream outlives the change";
  EXPECT_EQ(*piece, "first");
}

TEST_F(CredentialTest, RefusesAMalformedCredentialWithoutQuotingIt) {
  access_.exec = ExecCommand{"client.authentication.k8s.io/v1", "login", {}, {}, "", false, ""};
  const std::vector<std::pair<std::string, const char*>> outputs = {
      {"s3cret", "not a JSON object"},
      {R"({"kind":"Other","s3cret":1})", "no ExecCredential"},
      {ExecOutput(R"({"token":"s3cret"})", "v1beta1"), "v1beta1"},
      {ExecOutput("null"), "no status"},
      {ExecOutput("{}"), "neither a token"},
      {ExecOutput(R"({"clientCertificateData":"s3cret"})"), "without its key"},
      {ExecOutput(R"({"token":"s3cret","clientKeyData":"s3cret"})"), "without its certificate"},
      {ExecOutput(R"({"token":"s3cret","expirationTimestamp":"soon"})"), "not a time"},
      {ExecOutput(R"({"token":"s3cret\r\nX: y"})"), "no valid token"},
      {"", "not a JSON object"},
      {std::string(100000, '['), "not a JSON object"},
  };
  for (const auto& [output, word] : outputs) {
    plugin_ = [text = output](int) -> Result<Completed> { return Completed{0, text, ""}; };
    auto transport = Make();
    const auto answer = Get(*transport);
    ASSERT_FALSE(answer) << output;
    EXPECT_EQ(answer.error().code, Code::kUnauthenticated);
    EXPECT_THAT(answer.error().message, HasSubstr(word));
    EXPECT_THAT(answer.error().message, HasSubstr("login"));
    EXPECT_THAT(answer.error().message, Not(HasSubstr("s3cret")));
  }
}

TEST_F(CredentialTest, TellsHowToInstallAPluginThatIsMissing) {
  access_.exec =
      ExecCommand{"client.authentication.k8s.io/v1", "login", {}, {}, "see example.dev/login", false, ""};
  plugin_ = [](int) -> Result<Completed> { return Fail(Code::kNotFound, "no such program"); };
  auto transport = Make();
  const auto answer = Get(*transport);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kUnauthenticated)
      << "not kNotFound, which would read as the API server's";
  EXPECT_EQ(answer.error().message,
            "the credential plugin \"login\" is not installed: see example.dev/login");
}

TEST_F(CredentialTest, UsesTheInlineTokenUntilTheTokenFileCanBeReadForTheFirstTime) {
  access_.token = Secret("inline-token");
  access_.token_file = "/token";
  auto transport = Make();
  server_.Then(200, "ok");
  ASSERT_TRUE(Get(*transport));
  EXPECT_EQ(Sent_(), "Bearer inline-token");
  EXPECT_TRUE(log_.Contains("/token"));
  EXPECT_FALSE(log_.Contains("inline-token"));
  ASSERT_TRUE(files_->WriteAtomically("/token", "rotated"));
  scheduler_.RunFor(std::chrono::seconds(11));
  server_.Then(200, "ok");
  ASSERT_TRUE(Get(*transport));
  EXPECT_EQ(Sent_(), "Bearer rotated");
  ASSERT_TRUE(files_->Remove("/token"));
  scheduler_.RunFor(std::chrono::seconds(61));
  server_.Then(200, "ok");
  ASSERT_TRUE(Get(*transport));
  EXPECT_EQ(Sent_(), "Bearer rotated") << "what was read last is newer than the inline one";
}

TEST_F(CredentialTest, PrefersATokenOrPasswordToAnExecPlugin) {
  PluginPrints([](int) { return R"({"token":"of-the-plugin"})"; });
  access_.token = Secret("given");
  auto transport = Make();
  server_.Then(200, "ok");
  ASSERT_TRUE(Get(*transport));
  EXPECT_EQ(Sent_(), "Bearer given");
  access_.token = Secret();
  access_.username = "me";
  auto with_name = Make();
  server_.Then(200, "ok");
  ASSERT_TRUE(Get(*with_name));
  EXPECT_EQ(Sent_(), "Basic bWU6");
  EXPECT_EQ(runs_, 0);
}

TEST_F(CredentialTest, RunsARefusedPluginOncePerRefusalAndThenBacksOff) {
  PluginPrints([](int run) { return R"({"token":"t)" + std::to_string(run) + "\"}"; });
  auto transport = Make();
  const auto ask_for_a_minute = [&] {
    for (int second = 0; second < 60; ++second) {
      server_.requests.clear();
      server_.Then(401, "no");
      server_.Then(401, "no");
      EXPECT_EQ(Get(*transport)->status, 401);
      if (server_.requests.size() == 1) server_.Then(401, "no");  // the script's second answer stays queued
      scheduler_.RunFor(std::chrono::seconds(1));
    }
  };
  ask_for_a_minute();
  EXPECT_EQ(runs_, 5) << "at first use and after 0, 5, 15 and 35 seconds of refusals";
  for (int minutes = 0; minutes < 10; ++minutes) ask_for_a_minute();
  EXPECT_LE(runs_, 16) << "once a minute in the end";
}

TEST_F(CredentialTest, RunsThePluginImmediatelyWhenAnAcceptedTokenIsRefusedLater) {
  PluginPrints([](int run) { return R"({"token":"t)" + std::to_string(run) + "\"}"; });
  auto transport = Make();
  for (int life = 1; life <= 4; ++life) {
    server_.Then(200, "ok");
    ASSERT_EQ(Get(*transport)->status, 200);
    scheduler_.RunFor(std::chrono::seconds(10));
    server_.Then(401, "revoked");
    server_.Then(200, "ok");
    EXPECT_EQ(Get(*transport)->status, 200) << life;
    EXPECT_EQ(runs_, life + 1);
  }
}

TEST_F(CredentialTest, RunsAPluginThatFailsWithPausesAndGivesItsErrorMeanwhile) {
  access_.exec = ExecCommand{"client.authentication.k8s.io/v1", "login", {}, {}, "", false, ""};
  plugin_ = [](int) -> Result<Completed> { return Completed{1, "", "no network"}; };
  auto transport = Make();
  for (int tenth = 0; tenth < 600; ++tenth) {
    const auto answer = Get(*transport);
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().message, HasSubstr("no network"));
    scheduler_.RunFor(std::chrono::milliseconds(100));
  }
  EXPECT_EQ(runs_, 4) << "after 0, 5, 15 and 35 seconds";
  plugin_ = [](int) -> Result<Completed> { return Completed{0, ExecOutput(R"({"token":"t"})"), ""}; };
  scheduler_.RunFor(std::chrono::seconds(60));
  server_.Then(200, "ok");
  EXPECT_EQ(Get(*transport)->status, 200) << "it recovers by itself";
}

TEST_F(CredentialTest, KeepsThePluginsTokenUntilItLapsesWhenItCannotBeRenewed) {
  PluginPrints([this](int) {
    return R"({"token":"first","expirationTimestamp":")" + Expiry(std::chrono::hours(1)) + "\"}";
  });
  auto transport = Make();
  server_.Then(200, "ok");
  ASSERT_TRUE(Get(*transport));
  plugin_ = [](int) -> Result<Completed> { return Completed{1, "", "no network"}; };
  scheduler_.RunFor(std::chrono::minutes(59) + std::chrono::seconds(30));
  server_.Then(200, "ok");
  ASSERT_TRUE(Get(*transport)) << "half a minute is left";
  EXPECT_EQ(Sent_(), "Bearer first");
  scheduler_.RunFor(std::chrono::milliseconds(1));
  EXPECT_TRUE(log_.Contains("no network"));
  EXPECT_EQ(runs_, 2);
  scheduler_.RunFor(std::chrono::seconds(31));
  EXPECT_FALSE(Get(*transport)) << "it lapsed";
}

TEST_F(CredentialTest, NeverRepeatsASecretThatAPluginEchoesInItsFailure) {
  access_.exec = ExecCommand{
      "client.authentication.k8s.io/v1", "login", {}, {{"LOGIN_KEY", "hunter2hunter2"}}, "", false, ""};
  plugin_ = [](int run) -> Result<Completed> {
    if (run == 1) return Completed{0, ExecOutput(R"({"token":"short-one"})"), ""};
    return Completed{1, "",
                     "cannot log in at https://login.example.com:8443/path/of/it with hunter2hunter2, "
                     "key=dop_v1_0123456789abcdef0123, eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0 or "
                     "short-one"};
  };
  auto transport = Make();
  server_.Then(200, "ok");
  ASSERT_TRUE(Get(*transport));
  server_.Then(401, "revoked");
  EXPECT_EQ(Get(*transport)->status, 401);
  const auto answer = Get(*transport);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message,
            "the credential plugin \"login\" ended with status 1: cannot log in at "
            "https://login.example.com:8443/path/of/it with ***, key=***, ***.*** or ***");
}

}  // namespace
}  // namespace capstan::kube
