#include <capstan/tests/scale/sampled_contract.hpp>

#include <gtest/gtest.h>

#include <capstan/simulation/direct_transport.hpp>

namespace capstan::scale {
namespace {

http::Request Ask(const std::string& method, const std::string& target, const std::string& body = "") {
  http::Request request;
  request.method = method;
  request.url = "https://api.digitalocean.com" + target;
  request.body = body;
  request.headers.Set("Content-Type", "application/json");
  return request;
}

TEST(ShapeOf, IsTheSameForEveryIdAndValueAndNotForOtherFields) {
  const auto of = [](const char* method, const char* target, const char* body = "") {
    return ShapeOf(Ask(method, target, body));
  };
  EXPECT_EQ(of("GET", "/v2/kubernetes/clusters?page=1&per_page=200"),
            of("GET", "/v2/kubernetes/clusters?page=2&per_page=200"));
  EXPECT_NE(of("GET", "/v2/kubernetes/clusters?page=1"), of("GET", "/v2/kubernetes/clusters"));
  EXPECT_EQ(of("GET", "/v2/kubernetes/clusters/bd5f5959-5e1e-4205-a714-a914373942af"),
            of("GET", "/v2/kubernetes/clusters/c0ffee00-5e1e-4205-a714-a914373942af"));
  EXPECT_NE(of("GET", "/v2/account"), of("DELETE", "/v2/account"));
  EXPECT_EQ(of("PUT", "/v2/x", R"({"name":"a","pools":[{"count":1},{"count":2}]})"),
            of("PUT", "/v2/x", R"({"pools":[{"count":9}],"name":"b"})"));
  EXPECT_NE(of("PUT", "/v2/x", R"({"name":"a"})"), of("PUT", "/v2/x", R"({"name":"a","tags":["b"]})"));
  EXPECT_NE(of("PUT", "/v2/x", R"({"pools":[{"count":1}]})"),
            of("PUT", "/v2/x", R"({"pools":[{"size":"b"}]})"));
}

// Answers everything with a field that the document does not know.
struct Wrong final : http::Handler {
  void Handle(const http::Request&, http::ResponseWriter& writer, const Context&) override {
    http::Response response;
    response.status = 200;
    response.headers.Set("Content-Type", "application/json");
    response.body = R"({"made_up":1})";
    (void)writer.Respond(response);
  }
};

constexpr char kDocument[] = R"({"openapi":"3.0.0","paths":{
  "/v2/account":{"get":{"responses":{"200":{"content":{"application/json":{"schema":{
    "type":"object","properties":{"account":{"type":"object"}}}}}}}}},
  "/v2/sizes":{"get":{"responses":{"200":{"content":{"application/json":{"schema":{
    "type":"object","required":["sizes"]}}}}}}}}})";

TEST(SampledContract, ChecksTheFirstOfEachShapeAndEachSoManyth) {
  Wrong cloud;
  int told = 0;
  auto contract = SampledContract::Make(cloud, kDocument, 10, [&](const std::string&) { ++told; });
  ASSERT_TRUE(contract) << contract.error();
  simulation::DirectTransport client(**contract);
  const auto after = [&](const std::string& target, int requests) {
    for (int i = 0; i < requests; ++i) EXPECT_TRUE(client.Send(Ask("GET", target), Context{}));
    return told;
  };
  EXPECT_EQ(after("/v2/account", 1), 1);
  EXPECT_EQ(after("/v2/account", 9), 1);
  EXPECT_EQ(after("/v2/account", 1), 2);
  EXPECT_EQ(after("/v2/sizes", 1), 3);
  EXPECT_EQ(after("/v2/account", 30), 6);
}

TEST(SampledContract, ChecksAllWhereAskedToAndNothingWithoutADocument) {
  Wrong cloud;
  int told = 0;
  for (const std::string document : {kDocument, ""}) {
    auto contract = SampledContract::Make(cloud, document, 1, [&](const std::string&) { ++told; });
    ASSERT_TRUE(contract) << contract.error();
    simulation::DirectTransport client(**contract);
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(client.Send(Ask("GET", "/v2/account"), Context{}));
    EXPECT_EQ(told, 5);
  }
}

}  // namespace
}  // namespace capstan::scale
