#include <capstan/apps/capstan/console/secret_environment.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace capstan::app {
namespace {

TEST(SecretEnvironment, RecognizesSecretsByNameAndProxiesByTheirPassword) {
  EXPECT_TRUE(HoldsASecret("DIGITALOCEAN_ACCESS_TOKEN", "x"));
  EXPECT_TRUE(HoldsASecret("AWS_SECRET_ACCESS_KEY", "x"));
  EXPECT_TRUE(HoldsASecret("db_password", "x"));
  EXPECT_TRUE(HoldsASecret("GOOGLE_APPLICATION_CREDENTIALS", "x"));
  EXPECT_TRUE(HoldsASecret("HTTPS_PROXY", "http://me:pw@proxy:3128"));
  EXPECT_TRUE(HoldsASecret("https_proxy", "http://me:pw@proxy:3128"));
  EXPECT_FALSE(HoldsASecret("HTTPS_PROXY", "http://proxy:3128"));
  EXPECT_FALSE(HoldsASecret("KUBECONFIG", "/home/me@work/config"));
  EXPECT_FALSE(HoldsASecret("PATH", "/usr/bin"));
}

TEST(SecretEnvironment, MovesTheValueAndOverwritesItsOldPlace) {
  static char secret[] = "A_TESTS_TOKEN=t0ken=with=signs";
  static char plain[] = "A_TESTS_NAME=name";
  static char odd[] = "no sign at all";
  ::putenv(secret);
  char* list[] = {odd, plain, secret, nullptr};
  HideSecretsOfEnvironment(list);
  EXPECT_STREQ(secret, "A_TESTS_TOKEN=****************");
  EXPECT_STREQ(plain, "A_TESTS_NAME=name");
  EXPECT_STREQ(std::getenv("A_TESTS_TOKEN"), "t0ken=with=signs") << "who asks for it gets it";
  ::unsetenv("A_TESTS_TOKEN");
}

}  // namespace
}  // namespace capstan::app
