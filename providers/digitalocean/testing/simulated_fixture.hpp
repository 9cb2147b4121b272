// For this folder's tests: the provider with the simulated DigitalOcean.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/http/loopback.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/digitalocean/cloud.hpp>
#include <capstan/local/digitalocean/testing/contract.hpp>
#include <capstan/providers/digitalocean/provider.hpp>

namespace capstan::digitalocean {

inline bool SameJson(const std::string& a, const std::string& b) {
  return json::Equal(std::string_view(a), std::string_view(b));
}

// A provider and the simulated DigitalOcean, which was implemented independently from the same API
// reference. If DigitalOcean's own OpenAPI document is available, every exchange must conform to
// it.
class SimulatedBench {
 public:
  SimulatedBench() {
    simulated_digitalocean::AccountOptions account;
    account.team_uuid = "team-1";
    account.tokens = {{Secret("dop_v1_test"), {}}};
    account.registries = {"images", "charts"};
    simulated_digitalocean::CloudOptions options;
    options.accounts = {account};
    cloud_ = std::make_unique<simulated_digitalocean::SimulatedCloud>(options, scheduler_, *random_);
    guard_ = simulated_digitalocean::HoldToContract(*cloud_);
    transport_.Route("api.digitalocean.com", &guard_->handler());
    provider_ = MakeProvider("", transport_, scheduler_, *random_, log_).value();
    external_ = NewSession();
  }
  std::unique_ptr<external::External> NewSession() {
    return provider_->Connect(kKind, {{{"token", Secret("dop_v1_test")}}}, Context{}).value();
  }

  static std::string Desired(const std::string& more) {
    auto spec = json::MergePatch(
        R"({"region":"fra1","version":"latest","nodePools":[{"name":"main","size":"s-2vcpu-4gb","count":2}]})",
        more);
    return StrCat(R"({"name":"prod","namespace":"d","uid":"uid-1","spec":)", spec.value(), "}");
  }
  external::Observed See(const std::string& id) { return external_->Get(id, Context{}).value().value(); }
  // Like the core: carries out the first step, then observes again, until nothing is left to do.
  void CarryOut(const std::string& id, const std::string& desired) {
    for (int round = 0; round < 200; ++round) {
      auto observed = See(id);
      auto plan = external_->MakePlan(desired, observed);
      ASSERT_TRUE(plan) << plan.error();
      ASSERT_TRUE(plan->unsupported.empty()) << plan->unsupported[0].field << " " << plan->unsupported[0].why;
      if (plan->steps.empty() && observed.phase == external::Phase::kReady) return;
      if (!plan->steps.empty() && (!plan->steps[0].waits || observed.phase == external::Phase::kReady)) {
        auto identity = identity_;
        identity.parent = id;
        identity.target = plan->steps[0].target;
        auto outcome = external_->Apply(id, plan->steps[0], identity, Context{});
        ASSERT_EQ(outcome.verdict, external::Verdict::kDone)
            << plan->steps[0].verb << " " << plan->steps[0].target << ": " << *outcome.error;
        done_.push_back(StrCat(plan->steps[0].verb, " ", plan->steps[0].target));
      }
      scheduler_.RunFor(std::chrono::seconds(20));
    }
    FAIL() << "it does not come to rest";
  }
  // A request by another program with the same token, below /v2/kubernetes/clusters; returns the
  // response.
  http::Response ByHand(const std::string& method, const std::string& path, const std::string& body = "") {
    http::Request request{method, "https://api.digitalocean.com/v2/kubernetes/clusters" + path, {}, body};
    request.headers.Set("Authorization", "Bearer dop_v1_test");
    if (!body.empty()) request.headers.Set("Content-Type", "application/json");
    auto response = transport_.Send(request, Context{});
    EXPECT_TRUE(response) << response.error();
    return response.value();
  }
  // A running cluster that was not created by Capstan. Returns its id.
  std::string MakeByHand(const std::string& more = "{}") {
    auto body = json::MergePatch(
        R"({"name":"theirs","region":"fra1","version":"1.34","tags":["team:x"],"node_pools":[{"name":"main","size":"s-2vcpu-4gb","count":2}]})",
        more);
    auto response = ByHand("POST", "", body.value());
    EXPECT_EQ(response.status, 201) << response.body;
    scheduler_.RunFor(std::chrono::minutes(10));
    auto answer = json::ParseObject(response.body).value();
    return json::StringIn(json::ObjectIn(answer, "kubernetes_cluster"), "id").value();
  }
  external::Plan PlanFor(const std::string& id, const std::string& desired) {
    auto plan = external_->MakePlan(desired, See(id));
    EXPECT_TRUE(plan) << plan.error();
    return plan.value();
  }
  std::string Make(const std::string& desired) {
    auto made = external_->Create(identity_, desired, Context{});
    EXPECT_EQ(made.verdict, external::Verdict::kDone) << made.error.value_or(Error{});
    return made.id;
  }

  SimulatedScheduler scheduler_;
  std::unique_ptr<Random> random_ = MakeSeededRandom(7);
  SilentLog log_;
  http::LoopbackTransport transport_{scheduler_};
  std::unique_ptr<simulated_digitalocean::SimulatedCloud> cloud_;
  std::unique_ptr<simulated_digitalocean::ContractGuard> guard_;
  std::unique_ptr<external::Provider> provider_;
  std::unique_ptr<external::External> external_;
  external::Identity identity_{"capstan:uid-1", "capstan-owner:home", "", ""};
  std::vector<std::string> done_;
};

}  // namespace capstan::digitalocean
