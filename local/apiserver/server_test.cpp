// The server as a client sees it, through LoopbackTransport and simulated time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capstan/local/apiserver/server_fixture.hpp>

namespace capstan::apiserver {
namespace {

using testing::HasSubstr;

TEST_F(ServerTest, AnswersHealthAndVersionWithADate) {
  EXPECT_EQ(Get("/healthz").body, "ok");
  http::Response version = Get("/version");
  EXPECT_EQ(At(version, "/major"), "1");
  EXPECT_TRUE(version.headers.Get("Date").has_value());
}

TEST_F(ServerTest, StoresAndReturnsAConfigMap) {
  http::Response made = Post("/api/v1/namespaces/default/configmaps", R"({"metadata":{"name":"a"},"data":{"k":"v"}})");
  EXPECT_EQ(made.status, 201) << made.body;
  http::Response got = Get("/api/v1/namespaces/default/configmaps/a");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(At(got, "/data/k"), "v");
  EXPECT_EQ(At(got, "/metadata/resourceVersion"), At(made, "/metadata/resourceVersion"));
  EXPECT_EQ(At(got, "/kind"), "ConfigMap");
}

}  // namespace
}  // namespace capstan::apiserver
