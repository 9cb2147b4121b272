// For this folder's tests: specs and clusters as input for plans.
#pragma once

#include <string>
#include <vector>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/providers/digitalocean/detail/plan.hpp>
#include <capstan/providers/digitalocean/testing/scripted_api.hpp>

namespace capstan::digitalocean {

inline constexpr char kIdentity[] = "capstan:u";

inline std::string Nodes(int running, int provisioning = 0) {
  std::vector<std::string> nodes;
  for (int i = 0; i < running; ++i) nodes.push_back(R"({"id":"n","name":"x","status":{"state":"running"}})");
  for (int i = 0; i < provisioning; ++i)
    nodes.push_back(R"({"id":"n","name":"","status":{"state":"provisioning"}})");
  return StrCat("[", Join(nodes, ","), "]");
}

// A pool of ours with two running nodes; `more` replaces or adds fields.
inline std::string Pool(const std::string& name, const std::string& more = "{}",
                        const std::string& spec_name = "") {
  auto pool = StrCat(
      R"({"id":"id-)", name, R"(","name":")", name,
      R"(","size":"s-2","count":2,"auto_scale":false,"min_nodes":0,"max_nodes":0,)",
      R"("labels":null,"taints":[],"tags":["k8s","k8s:c","k8s:worker","capstan:u","capstan-owner:o","capstan-pool:)",
      spec_name.empty() ? name : spec_name, R"("],"nodes":)", Nodes(2), "}");
  return json::MergePatch(pool, more).value();
}
inline Cluster ClusterOf(const std::vector<std::string>& pools, const std::string& more = "{}") {
  auto text = StrCat(
      R"({"id":"c","name":"a","region":"fra1","version":"1.34.1-do.0","endpoint":"https://e","ha":false,)",
      R"("auto_upgrade":false,"surge_upgrade":false,"tags":["k8s","k8s:c","capstan:u","capstan-owner:o"],)",
      R"("maintenance_policy":{"day":"any","start_time":"04:00","duration":"4h0m0s"},"vpc_uuid":"v1",)",
      R"("status":{"state":"running"},"node_pools":[)", Join(pools, ","), "]}");
  return ParseCluster(json::MergePatch(text, more).value()).value();
}
// The spec of that cluster with one pool p; `more` is merged into it.
inline Desired Spec(const std::string& more = "{}") {
  auto spec =
      json::MergePatch(
          R"({"region":"fra1","version":"1.34","nodePools":[{"name":"p","size":"s-2","count":2}]})", more)
          .value();
  return ParseDesired(StrCat(R"({"name":"a","namespace":"d","uid":"u","spec":)", spec, "}")).value();
}
inline external::Plan PlanOf(const Desired& desired, const Cluster& cluster) {
  return PlanChanges(desired, cluster, kIdentity, "capstan-owner:o");
}
// "verb target" of each step, with marks for makes, destroys and waits.
inline std::string Steps(const external::Plan& plan) {
  std::vector<std::string> steps;
  for (const auto& step : plan.steps)
    steps.push_back(StrCat(step.verb, " ", step.target, step.makes ? " makes" : "",
                           step.destroys ? " destroys" : "", step.waits ? " waits" : ""));
  return Join(steps, "; ");
}
inline std::string Body(const external::Step& step) {
  auto arguments = json::ParseObject(step.arguments).value();
  return json::ToText(json::ObjectIn(arguments, "body"));
}
// "field: wanted / seen" of each difference.
inline std::string Differences(const external::Plan& plan) {
  std::vector<std::string> all;
  for (const auto& item : plan.differences)
    all.push_back(StrCat(item.field, ": ", item.wanted, " / ", item.seen));
  return Join(all, "; ");
}

}  // namespace capstan::digitalocean
