#include <capstan/benchmarks/instructions/account_list.hpp>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <capstan/core/base/text.hpp>
#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/core/managed/memory/shared_cloud.hpp>
#include <capstan/plugins/loader/adapt.hpp>
#include <capstan/providers/digitalocean/provider.hpp>
#include <capstan/sdk/cpp/plugin.hpp>

namespace capstan::benchmarks {
namespace {

constexpr int kPage = 200;

template <class R>
auto Must(R result) {
  if (!result) {
    std::fprintf(stderr, "hot_paths: %s\n", result.error().message.c_str());
    std::exit(1);
  }
  return std::move(*result);
}

struct DigitalOcean {
  static sdk::Manifest Describe() { return digitalocean::MakeManifest(); }
  static Result<std::unique_ptr<sdk::Provider>> Configure(const sdk::Setup& setup) {
    return digitalocean::MakeProvider(setup.config, setup.transport, setup.clock, setup.random, setup.log);
  }
};

struct NoLog final : Log {
  bool Enabled(LogLevel) const override { return false; }
  void Write(LogLevel, std::string_view, const std::vector<LogField>&) override {}
};

std::string IdOf(int i) { return StrCat("bd5f5959-5e1e-4205-a714-", 100000000000 + i); }

// A cluster in the API's format, 1.9 KB, with one pool of two nodes.
std::string Cluster(int i) {
  const std::string id = IdOf(i), number = std::to_string(100000000000 + i),
                    name = StrCat("fleet-", 10000 + i);
  const std::string tags = StrCat(R"("capstan:6f1f2f3f-0000-4000-8000-)", number,
                                  R"(","capstan-owner:0a1b2c3d-0000-4000-8000-000000000001")");
  const auto node = [&](int n) {
    return StrCat(R"({"id":"2f1e0d3c-)", n, R"(000-4000-8000-)", number, R"(","name":"main-)", name, "-", n,
                  R"(","status":{"state":"running"},"droplet_id":")", 400000000 + 2 * i + n,
                  R"(","created_at":"2026-11-22T07:00:00Z","updated_at":"2026-11-22T07:05:00Z"})");
  };
  return StrCat(
      R"({"id":")", id, R"(","name":")", name,
      R"(","region":"fra1","version":"1.34.1-do.0","cluster_subnet":"10.244.0.0/16","service_subnet":"10.245.0.0/16","vpc_uuid":"c33931f2-a26a-4e61-b85c-4e95a2ec431b","ipv4":"68.183.121.157","endpoint":"https://)",
      id, R"(.k8s.ondigitalocean.com","tags":["k8s","k8s:)", id, R"(",)", tags,
      R"(],"node_pools":[{"id":"cdda885e-7663-40c8-bc74-)", number,
      R"(","name":"main","size":"s-2vcpu-4gb","count":2,"tags":["k8s","k8s:)", id, R"(","k8s:worker",)", tags,
      R"(,"capstan-pool:main"],"labels":null,"taints":[],"auto_scale":false,"min_nodes":0,"max_nodes":0,"nodes":[)",
      node(0), ",", node(1),
      R"(]}],"maintenance_policy":{"start_time":"15:00","duration":"4h0m0s","day":"any"},"auto_upgrade":false,"status":{"state":"running","message":""},"created_at":"2026-11-22T07:00:00Z","updated_at":"2026-11-22T07:05:00Z","surge_upgrade":true,"registry_enabled":false,"ha":false,"supported_features":["cluster-autoscaler","docr-integration","token-authentication"]})");
}

class Api final : public http::Transport {
 public:
  Api() {
    clusters_ = R"({"kubernetes_clusters":[)";
    for (int i = 0; i < kPage; ++i) clusters_ += (i ? "," : "") + Cluster(i);
    clusters_ += StrCat(R"(],"links":{},"meta":{"total":)", kPage, "}}");
  }
  Result<http::Response> Send(const http::Request& request, const Context&) override {
    const auto asks = [&](std::string_view part) { return request.url.find(part) != std::string::npos; };
    std::string body = asks("/sizes") ? kSizes : asks("/options") ? kOptions : clusters_;
    return http::Response{200, {{"Content-Type", "application/json"}}, std::move(body)};
  }
  Result<http::StreamResponse> Open(const http::Request&, const Context&) override {
    return Fail(Code::kUnimplemented, "no streams");
  }

 private:
  static constexpr char kSizes[] =
      R"({"sizes":[{"slug":"s-2vcpu-4gb","price_monthly":24.0}],"meta":{"total":1}})";
  static constexpr char kOptions[] =
      R"({"options":{"versions":[{"slug":"1.35.1-do.0"},{"slug":"1.34.1-do.0"}],"regions":[],"sizes":[]}})";
  std::string clusters_;
};

}  // namespace

void ReadAccountList(int clusters) {
  ThreadScheduler scheduler;
  Api api;
  NoLog log;
  const auto random = MakeSeededRandom(1);
  const loader::Seams seams{scheduler, api, *random, log};
  const auto provider = Must(loader::MakeProvider(
      Must(loader::AdoptPlugin(sdk::Plugin<DigitalOcean>::Table(), "digitalocean", seams)), "{}", seams));
  managed::SharedCloud cloud(
      Must(provider->Connect(digitalocean::kKind, {{{"token", Secret("dop_v1_bench")}}}, Context{})),
      scheduler, log, 0);
  const auto ours = [](const external::Observed&) { return true; };
  for (int i = -2 * kPage; i < clusters; i += kPage) {
    const auto seen = Must(cloud.Look(IdOf(0), Duration::zero(), ours, Context{}));
    if (!seen.listed) Must(Result<int>(Fail(Code::kInternal, "it was not read from a list")));
  }
}

}  // namespace capstan::benchmarks
