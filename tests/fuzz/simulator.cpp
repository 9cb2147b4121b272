// The simulated DigitalOcean's request path: no request causes an internal error.
#include <capstan/core/base/random.hpp>
#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/http/collecting_writer.hpp>
#include <capstan/core/json/scan.hpp>
#include <capstan/local/digitalocean/cloud.hpp>
#include <capstan/tests/fuzz/target.hpp>

namespace capstan::fuzz {
namespace {

using namespace simulated_digitalocean;

constexpr const char* kPaths[] = {"/v2/kubernetes/clusters",
                                  "/v2/kubernetes/clusters/{c}",
                                  "/v2/kubernetes/clusters/{c}/node_pools",
                                  "/v2/kubernetes/clusters/{c}/node_pools/{p}",
                                  "/v2/kubernetes/clusters/{c}/upgrade",
                                  "/v2/kubernetes/clusters/{c}/upgrades",
                                  "/v2/kubernetes/clusters/{c}/kubeconfig",
                                  "/v2/kubernetes/clusters/{c}/credentials",
                                  "/v2/kubernetes/clusters/{c}/user",
                                  "/v2/kubernetes/clusters/{c}/node_pools/{p}/recycle",
                                  "/v2/kubernetes/clusters/{c}/destroy_with_associated_resources/selective",
                                  "/v2/kubernetes/clusters/{c}/destroy_with_associated_resources/dangerous",
                                  "/v2/kubernetes/clusters/{c}/clusterlint",
                                  "/v2/kubernetes/registry",
                                  "/v2/kubernetes/options",
                                  "/v2/vpcs",
                                  "/v2/tags",
                                  "/v2/sizes",
                                  "/v2/account",
                                  "/simulated-clusters/{c}/api/v1/namespaces"};
constexpr const char* kMethods[] = {"GET", "POST", "PUT", "DELETE"};

class Cloud {
 public:
  Cloud() : cloud_(Options(), scheduler_, *random_) {
    const auto made = Ask("POST", kPaths[0],
                          R"({"name":"a","region":"fra1","version":"latest",)"
                          R"("node_pools":[{"name":"w","size":"s-2vcpu-4gb","count":2}]})");
    cluster_ = json::StringAt(made.body, "/kubernetes_cluster/id").value_or(std::nullopt).value_or("");
    pool_ =
        json::StringAt(made.body, "/kubernetes_cluster/node_pools/0/id").value_or(std::nullopt).value_or("");
    CAPSTAN_MUST(!cluster_.empty() && !pool_.empty(), made.body);
  }

  http::Response Ask(const std::string& method, std::string path, const std::string& body) {
    Put(path, "{c}", cluster_);
    Put(path, "{p}", pool_);
    http::Request request{method, "https://api" + path, {}, body};
    if (!http::ParseUrl(request.url)) return {400, {}, ""};
    request.headers.Set("Authorization", "Bearer t");
    if (!body.empty()) request.headers.Set("Content-Type", "application/json");
    http::CollectingWriter writer;
    cloud_.Handle(request, writer, Context{});
    return writer.response();
  }
  void Pass() { scheduler_.RunFor(std::chrono::minutes(5)); }

 private:
  static CloudOptions Options() {
    AccountOptions account;
    account.tokens = {{Secret("t"), {}}};
    account.registries = {"r"};
    account.droplet_limit = 100;
    CloudOptions options;
    options.accounts = {account};
    options.rate_limit = {0, 0};
    return options;
  }
  static void Put(std::string& path, const char* name, const std::string& value) {
    const auto at = path.find(name);
    if (at != std::string::npos) path.replace(at, 3, value);
  }
  SimulatedScheduler scheduler_;
  const std::unique_ptr<Random> random_ = MakeSeededRandom(1);
  SimulatedCloud cloud_;
  std::string cluster_, pool_;
};

}  // namespace

void FuzzSimulator(std::string_view bytes) {
  Cloud cloud;
  Input input(bytes);
  for (int i = 0; i < 6 && !input.empty(); ++i) {
    const unsigned choice = input.Byte(), more = input.Byte();
    std::string path = kPaths[(choice >> 2) % std::size(kPaths)];
    const std::string body = input.Piece();
    if ((more & 1) != 0) path += "?" + input.Piece();
    const auto answer = cloud.Ask(kMethods[choice & 3], path, body);
    CAPSTAN_MUST(answer.status >= 200 && answer.status < 600 && answer.status != 500, answer.body);
    if ((more & 2) != 0) cloud.Pass();
  }
}

}  // namespace capstan::fuzz
