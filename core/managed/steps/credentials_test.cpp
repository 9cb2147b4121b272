#include <capstan/core/base/secret.hpp>
#include <capstan/core/managed/testing/managed_test.hpp>

namespace capstan::managed {
namespace {

class CredentialsOf : public ManagedTest {
 protected:
  void Expect(const std::string& secret_field, const std::string& condition, const std::string& words) {
    if (world.life() == nullptr) world.StartLife();
    ASSERT_TRUE(world.Apply("a", R"("size":3,"tokenSecret":")" + secret_field + "\""));
    ASSERT_TRUE(Becomes("a", "Synced", condition));
    EXPECT_NE(Message("a", "Synced").find(words), std::string::npos) << Message("a", "Synced");
    EXPECT_EQ(boxes().requests(), 0u) << "the cloud is not queried without credentials";
    EXPECT_TRUE(world.Get("a")->metadata().finalizers.empty()) << "nothing to lose, so no finalizer";
    EXPECT_EQ(world.ConditionOf("a", "Ready"), "False/Pending");
    EXPECT_EQ(Field("a", "/status/progress"), "pending");
  }
};

TEST_F(CredentialsOf, AMissingSecretSaysHowToCreateItAndRecoversWithinThirtySeconds) {
  Expect("absent", "False/CredentialsMissing",
         "kubectl create secret generic absent -n shop --from-literal=token=...");
  world.RunFor(std::chrono::minutes(7));
  ASSERT_TRUE(world.MakeSecret("absent", "token-a"));
  EXPECT_TRUE(world.RunUntil([&] { return LiveBoxes().size() == 1; }, std::chrono::seconds(30)));
}

TEST_F(CredentialsOf, ASecretWithoutTheKeyNamesTheKey) {
  ASSERT_TRUE(world.Patch(kube::SecretKind(), "token", R"({"data":{"token":null,"password":"eA=="}})"));
  Expect("token", "False/CredentialsMissing", "no usable key \"token\"");
}

TEST_F(CredentialsOf, AnInvalidSecretNameIsReported) {
  Expect("Not A Name", "False/CredentialsMissing", "names no Secret");
}

TEST_F(CredentialsOf, ATokenWithANewlineWorks) {
  ASSERT_TRUE(world.MakeSecret("token", "token-a\n"));
  MakeReady();
}

TEST_F(CredentialsOf, AnotherNamespaceNeedsItsPermission) {
  const std::string secret =
      R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"theirs"},"data":{"token":"dG9rZW4tYQ=="}})";
  ASSERT_TRUE(world.admin().Create(kube::SecretKind(), "capstan-system", secret, {}).has_value());
  Expect("capstan-system/theirs", "False/CredentialsForbidden", "capstan.dev/allow-namespaces=shop");
  auto patch = [&](const std::string& value) {
    return world.admin()
        .Patch(kube::SecretKind(), {"capstan-system", "theirs"}, kube::PatchType::kMerge,
               R"({"metadata":{"annotations":{"capstan.dev/allow-namespaces":")" + value + "\"}}}", {}, {})
        .has_value();
  };
  ASSERT_TRUE(patch("shopping, workshop"));
  world.RunFor(std::chrono::minutes(2));
  EXPECT_EQ(world.ConditionOf("a", "Synced"), "False/CredentialsForbidden");
  ASSERT_TRUE(patch("workshop, shop"));
  EXPECT_TRUE(Becomes("a", "Ready", "True/Available"));
}

TEST_F(CredentialsOf, AMissingSecretOfAnotherNamespaceIsReportedLikeAForbiddenOne) {
  Expect("capstan-system/none", "False/CredentialsForbidden", "does not exist or does not allow");
}

TEST_F(CredentialsOf, TheEnvironmentIsNotUsedByDefault) {
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", R"("size":3)"));
  EXPECT_TRUE(Becomes("a", "Synced", "False/CredentialsMissing"));
  EXPECT_EQ(boxes().requests(), 0u);
}

TEST_F(CredentialsOf, ARefusedTokenIsReportedAndNotRetriedInATightLoop) {
  ASSERT_TRUE(world.MakeSecret("token", "expired"));
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", kSecretSpec));
  ASSERT_TRUE(Becomes("a", "Synced", "False/Unauthenticated"));
  const auto before = boxes().requests();
  world.RunFor(std::chrono::minutes(30));
  EXPECT_LE(boxes().requests() - before, 15u);
}

TEST_F(CredentialsOf, ANewTokenIsTriedImmediately) {
  MakeReady();
  ASSERT_TRUE(world.MakeSecret("token", "expired"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/Unauthenticated"));
  world.RunFor(std::chrono::minutes(40));  // the backoff has grown to its limit
  const auto before = boxes().requests();
  world.RunFor(std::chrono::minutes(4));
  EXPECT_LE(boxes().requests() - before, 1u) << "reading the Secret does not query the cloud";
  ASSERT_TRUE(world.Patch(kube::SecretKind(), "token", R"({"data":{"token":"dG9rZW4tYQ=="}})"));
  EXPECT_TRUE(Becomes("a", "Synced", "True/InSync", std::chrono::seconds(21)));
}

TEST_F(CredentialsOf, ARefusedTokenIsRetriedAfterAnEdit) {
  ASSERT_TRUE(world.MakeSecret("token", "expired"));
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", kSecretSpec));
  ASSERT_TRUE(Becomes("a", "Synced", "False/Unauthenticated"));
  world.RunFor(std::chrono::minutes(20));
  auto options = simulation::SimulatedBoxes::Options(world.options.cloud);
  options.accounts["expired"] = "account-a";
  boxes().SetOptions(options);
  ASSERT_TRUE(world.Apply("a", R"("size":2)"));
  EXPECT_TRUE(world.RunUntil([&] { return LiveBoxes().size() == 1; }, std::chrono::seconds(5)));
}

TEST_F(CredentialsOf, ANewSecretReplacesTheOldOneWhichIsReleased) {
  MakeReady();
  ASSERT_TRUE(world.MakeSecret("newer", "token-a"));
  ASSERT_TRUE(world.Apply("a", R"("tokenSecret":"newer")"));
  ASSERT_TRUE(
      world.RunUntil([&] { return world.Get(kube::SecretKind(), "newer")->HasFinalizer(kInUseFinalizer); },
                     std::chrono::minutes(2)));
  world.RunFor(std::chrono::seconds(5));
  EXPECT_FALSE(world.Get(kube::SecretKind(), "token")->HasFinalizer(kInUseFinalizer));
  EXPECT_EQ(Field("a", "/status/external/credentialsSecret"), "shop/newer");
}

TEST_F(CredentialsOf, TwoTokensOfOneFingerprintActEachForItsOwnAccount) {
  const std::string mine = "token-6170", theirs = "token-44637";
  ASSERT_EQ(Secret(mine).Fingerprint(), Secret(theirs).Fingerprint());
  auto options = simulation::SimulatedBoxes::Options(world.options.cloud);
  options.accounts = {{mine, "account-a"}, {theirs, "account-b"}};
  boxes().SetOptions(options);
  ASSERT_TRUE(world.MakeSecret("mine", mine));
  ASSERT_TRUE(world.MakeSecret("theirs", theirs));
  MakeReady("a", R"("size":1,"tokenSecret":"mine")");
  MakeReady("b", R"("size":1,"tokenSecret":"theirs")");
  EXPECT_EQ(Field("a", "/status/external/account"), "account-a");
  EXPECT_EQ(Field("b", "/status/external/account"), "account-b");
}

TEST_F(CredentialsOf, NoTokenIsEverLogged) {
  MakeReady();
  ASSERT_TRUE(world.Delete("a"));
  ASSERT_TRUE(Goes("a"));
  EXPECT_FALSE(world.log.Contains("token-a"));
}

class Lent : public ManagedTest {
 protected:
  static simulation::WorldOptions Options(const std::string& namespace_) {
    simulation::WorldOptions options;
    options.managed.environment_namespaces = {namespace_};
    options.managed.environment = [](const std::string& variable) {
      return variable == "BOX_TOKEN" ? std::optional<Secret>(Secret("token-a")) : std::nullopt;
    };
    return options;
  }
  explicit Lent(const std::string& namespace_ = "shop") : ManagedTest(Options(namespace_)) {}
};
TEST_F(Lent, CredentialsServeObjectsThatNameNoSecret) { MakeReady("a", R"("size":3,"color":"red")"); }

class LentElsewhere : public Lent {
 protected:
  LentElsewhere() : Lent("other") {}
};
TEST_F(LentElsewhere, CredentialsServeNoObjectHere) {
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", R"("size":3)"));
  ASSERT_TRUE(Becomes("a", "Synced", "False/CredentialsMissing"));
  EXPECT_NE(Message("a", "Synced").find("namespace shop"), std::string::npos);
}

}  // namespace
}  // namespace capstan::managed
