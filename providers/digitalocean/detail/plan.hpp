// Private to providers/digitalocean: converts the differences between a spec and a cluster to
// steps. Pure.
//
// Who owns a field (table in docs/digitalocean.md): fields of the cluster or a pool that the spec
// does not name are not managed; the count of an autoscaled pool belongs to the autoscaler; the
// patch version under autoUpgrade belongs to DigitalOcean; tags "k8s...", "terraform:..." are never
// changed; pools without our identity are left alone, except that spec.adopt adopts those that the
// spec names.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include <capstan/core/external/external.hpp>
#include <capstan/providers/digitalocean/detail/cluster.hpp>
#include <capstan/providers/digitalocean/detail/prices.hpp>
#include <capstan/providers/digitalocean/detail/spec.hpp>

namespace capstan::digitalocean {

// `identity` and `owner`: our tags on the cluster.
external::Plan PlanChanges(const Desired& desired, const Cluster& cluster, const std::string& identity,
                           const std::string& owner);
// The location of the VPC in spec.vpcUUID. Both unset: the spec names none, or it is unknown.
struct VpcPlace {
  bool missing = false;  // the account has no such VPC
  std::string region;
};

// The plan if there is no cluster yet. `offers` and `vpc`: as far as they are known.
external::Plan PlanCreation(const Desired& desired, const Prices& prices, const OnOffer& offers = {},
                            const VpcPlace& vpc = {});
// Reasons why the cluster cannot be created.
std::vector<external::Unsupported> UnavailableChoices(const Desired& desired, const OnOffer& offers,
                                                      const VpcPlace& vpc);

// The parts of a plan; each appends its steps and differences.
void PlanSettings(const Desired& desired, const Cluster& cluster,
                  external::Plan& plan);  // PUT of the cluster, registries
void PlanVersion(const Desired& desired, const Cluster& cluster, external::Plan& plan);  // upgrades
// Steps of the pools by kind; `adopted` owns the pools as they will be after their adoption.
struct PoolPlan {
  std::vector<external::Step> adoptions, changes, creations, replacements, nodes, shrinkings, removals;
  std::vector<external::Unsupported> unsupported;
  std::vector<external::Difference> differences;
  std::vector<std::string> spent;
  std::string waiting;
  std::deque<NodePool> adopted;
};
PoolPlan PlanPools(const Desired& desired, const Cluster& cluster, const external::Identity& identity);

// Requests from annotations about nodes of a pool of ours: adds their steps and the unsupported
// ones to the plan. Returns the pool as it will be without those nodes.
NodePool PlanNodes(const NodeRequests& requests, const PoolSpec& spec, const NodePool& pool,
                   const Cluster& cluster, PoolPlan& plan);

// The entry of annotation capstan.dev/reset-count for a pool of the spec, as plans name it.
std::string ResetRequest(const std::string& pool);
// Why the count of a pool cannot be reset to the spec's, for people; empty: it can.
std::string ReasonAgainstReset(const PoolSpec& spec, const NodePool& pool);

// The steps that change a pool of ours to match its pool in the spec; none if it matches.
// `reset_count`: also reset the count of an autoscaled pool, once. REQUIRES: in that case
// ReasonAgainstReset is empty.
std::vector<external::Step> ChangeInPlace(const PoolSpec& spec, const NodePool& pool, const Cluster& cluster,
                                          bool reset_count, std::vector<external::Difference>& differences);

// Arguments of a step for Apply: a request below the cluster's path, or below /v2/kubernetes if
// `path` starts with '/v2'.
std::string Arguments(const std::string& method, const std::string& path, const json::ObjectPtr& body);

// Whether the API accepts changes now; its behaviour during an upgrade is not documented.
bool TakesChanges(const Cluster& cluster);

}  // namespace capstan::digitalocean
