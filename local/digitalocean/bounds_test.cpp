// The cloud's memory is bounded, whatever clients send.
#include <capstan/core/base/text.hpp>
#include <capstan/local/digitalocean/testing/cloud_fixture.hpp>

namespace capstan::simulated_digitalocean {
namespace {

class Bounds : public CloudFixture {
 protected:
  Bounds() { keeps_the_contract = false; }
};

TEST_F(Bounds, RequestsAreCountedByKnownOperationsAndNotByClientInput) {
  for (int i = 0; i < 200; ++i) {
    Ask(StrCat("METHOD", i, std::string(1000, 'x')), "/v2/kubernetes/clusters", "", "");
    Ask("GET", StrCat("/v2/nothing/", i), "", i % 2 == 0 ? "" : "alice");
  }
  EXPECT_EQ(cloud->RequestCounts().size(), 1u);
  EXPECT_EQ(cloud->RequestCounts().begin()->second, 400u);
  for (const char* token : {"", "nobody", "alice"}) Ask("GET", "/v2/kubernetes/clusters", "", token);
  EXPECT_EQ(cloud->RequestCounts().at("GET /v2/kubernetes/clusters"), 3u) << "refused ones included";
}

TEST_F(Bounds, AMalformedUrlIsAnsweredLikeAnyUnknownPath) {
  for (const char* url :
       {"", "   ", "nonsense", "http://", "\x01\x02\xff", "ftp://x/y", "https://host:99999/v2/account"}) {
    http::Request request{"GET", url, {}, ""};
    request.headers.Set("Authorization", "Bearer alice");
    http::CollectingWriter writer;
    cloud->Handle(request, writer, Context());
    EXPECT_EQ(writer.response().status, 404) << url;
  }
}

TEST_F(Bounds, OfVeryManyTokensOfAClusterOnlyTheNewestStayValid) {
  auto options = Options();
  options.rate_limit = {0, 0};
  Start(options);
  const std::string id = CreateRunning("a");
  const auto reach = [&](const std::string& token) {
    return Ask("GET", StrCat("/simulated-clusters/", id, "/api/v1/nodes"), "", token).status;
  };
  const std::string first = Get(ClusterPath(id) + "/credentials").At("/token");
  EXPECT_EQ(reach(first), 200);
  for (int i = 0; i < 1000; ++i) Get(ClusterPath(id) + "/credentials");
  EXPECT_EQ(reach(first), 401);
}

TEST_F(Bounds, RandomFaultsStrikeAtTheConfiguredRate) {
  auto options = Options();
  options.rate_limit = {0, 0};
  options.chances = {0.2, 0.1, 0.1};
  Start(options);
  int failed = 0, cut = 0;
  for (int i = 0; i < 1000; ++i) {
    const Reply reply = Get("/v2/account");
    failed += reply.status == 500 && !reply.cut;
    cut += reply.cut;
  }
  EXPECT_NEAR(failed, 300, 60);
  EXPECT_NEAR(cut, 100, 40);
  EXPECT_EQ(cloud->FaultsStruck(), static_cast<std::uint64_t>(failed + cut));
}

}  // namespace
}  // namespace capstan::simulated_digitalocean
