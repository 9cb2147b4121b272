#include <capstan/apps/capstan/plan/credentials.hpp>

#include <gtest/gtest.h>

#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/http/loopback.hpp>
#include <capstan/core/managed/names.hpp>

namespace capstan::app {
namespace {

class NoSecrets final : public http::Handler {
 public:
  void Handle(const http::Request&, http::ResponseWriter& writer, const Context&) override {
    http::Response response;
    response.status = 404;
    response.body = R"({"kind":"Status","status":"Failure","reason":"NotFound","code":404})";
    (void)writer.Respond(response);
  }
};

class PlanCredentials : public ::testing::Test {
 protected:
  PlanCredentials() {
    loopback_.Route("kube.test", &server_);
    kube::ClientOptions options;
    options.server = "http://kube.test";
    client_ = std::make_unique<kube::Client>(loopback_, scheduler_, options);
    info_.credentials_field = "spec.tokenSecret";
    info_.credential_keys = {"token"};
    info_.credential_environment = {{"token", "BOX_TOKEN"}};
  }
  static kube::Object Box(const std::string& spec, const std::string& metadata = "") {
    return kube::Object::Parse(R"({"metadata":{"name":"a","namespace":"team","uid":"u")" + metadata +
                               R"(},"spec":)" + spec + "}")
        .value();
  }
  void Put(const std::string& namespace_, const std::string& name, const std::string& token,
           const std::string& annotations = "{}") {
    secrets_.emplace(kube::ObjectKey{namespace_, name},
                     kube::Object::Parse(StrCat(R"({"metadata":{"name":")", name, R"(","namespace":")",
                                                namespace_, R"(","annotations":)", annotations,
                                                R"(},"data":{"token":")", Base64Encode(token), "\"}}"))
                         .value());
  }
  // The token, or the error.
  std::string For(const kube::Object& object) {
    std::string said;
    Task asking = scheduler_.Spawn("plan", [&](const Context& context) {
      const auto got =
          CredentialsFor(object, info_, {*client_, secrets_, environment_, environment_namespaces_}, context);
      said = got ? std::string(got->data.at("token").Reveal()) : std::string(got.error().message);
    });
    scheduler_.RunFor(std::chrono::seconds(1));
    return said;
  }

  SimulatedScheduler scheduler_;
  NoSecrets server_;
  http::LoopbackTransport loopback_{scheduler_};
  std::unique_ptr<kube::Client> client_;
  external::KindInfo info_;
  std::map<kube::ObjectKey, kube::Object> secrets_;
  std::function<std::optional<Secret>(const std::string&)> environment_;
  std::vector<std::string> environment_namespaces_ = {"*"};
};

TEST_F(PlanCredentials, ComeFromTheSecretThatTheObjectNames) {
  Put("team", "token", "of-team\n");
  EXPECT_EQ(For(Box(R"({"tokenSecret":"token"})")), "of-team")
      << "a newline at the end is in every second file";
  EXPECT_NE(For(Box(R"({"tokenSecret":"none"})")).find("Secret team/none"), std::string::npos);
  EXPECT_NE(For(Box(R"({"tokenSecret":"a/b/c"})")).find("names no Secret"), std::string::npos);
}

TEST_F(PlanCredentials, OfAnotherNamespaceNeedItsPermissionAsForTheOperator) {
  Put("vault", "closed", "t1");
  Put("vault", "open", "t2", StrCat("{\"", managed::kAllowNamespacesAnnotation, "\":\"shop, team\"}"));
  Put("vault", "public", "t3", StrCat("{\"", managed::kAllowNamespacesAnnotation, "\":\"*\"}"));
  const std::string refused = For(Box(R"({"tokenSecret":"vault/closed"})"));
  EXPECT_NE(refused.find("does not allow namespace team"), std::string::npos) << refused;
  EXPECT_EQ(refused.find("t1"), std::string::npos);
  EXPECT_EQ(For(Box(R"({"tokenSecret":"vault/open"})")), "t2");
  EXPECT_EQ(For(Box(R"({"tokenSecret":"vault/public"})")), "t3");
}

TEST_F(PlanCredentials, OfAnObjectThatIsBeingDeletedMayBeNamedByItsAnnotation) {
  Put("team", "token", "first");
  Put("team", "other", "second");
  const std::string annotation =
      StrCat(R"(,"annotations":{")", managed::kCredentialsAnnotation, R"(":"other"})");
  EXPECT_EQ(For(Box(R"({"tokenSecret":"token"})", annotation)), "first");
  EXPECT_EQ(For(Box(R"({"tokenSecret":"token"})",
                    annotation + R"(,"deletionTimestamp":"2026-01-01T00:00:00Z","finalizers":["x/y"])")),
            "second");
}

TEST_F(PlanCredentials, OfTheEnvironmentAreForObjectsThatNameNoSecret) {
  EXPECT_NE(For(Box("{}")).find("BOX_TOKEN"), std::string::npos);
  environment_ = [](const std::string& name) {
    return name == "BOX_TOKEN" ? std::optional<Secret>(Secret(" mine\n")) : std::nullopt;
  };
  EXPECT_EQ(For(Box("{}")), "mine");
  EXPECT_NE(For(Box(R"({"tokenSecret":"none"})")).find("does not exist"), std::string::npos);
}

TEST_F(PlanCredentials, OfTheEnvironmentAreForTheNamespacesThatTheOperatorPermits) {
  environment_ = [](const std::string&) { return std::optional<Secret>(Secret("mine")); };
  environment_namespaces_ = {"shop", "team"};
  EXPECT_EQ(For(Box("{}")), "mine");
  environment_namespaces_ = {"shop"};
  EXPECT_NE(For(Box("{}")).find("lends no credentials of its own to namespace team"), std::string::npos)
      << For(Box("{}"));
}

}  // namespace
}  // namespace capstan::app
