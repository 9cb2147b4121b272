// Private to providers/digitalocean: what differs between a spec and a cluster, as steps. Pure.
//
// Whose a field is (docs/digitalocean.md has the table): a field of the cluster that the spec does not name
// is the API's; labels and taints of our pools are ours whether named or not; the count of a pool that scales
// by itself is the autoscaler's; the patch version under autoUpgrade is DigitalOcean's; tags "k8s...",
// "terraform:..." are never touched; pools without our identity are left alone.
#pragma once

#include <capstan/core/external/external.hpp>
#include <capstan/providers/digitalocean/detail/cluster.hpp>
#include <capstan/providers/digitalocean/detail/spec.hpp>

namespace capstan::digitalocean {

external::Plan PlanChanges(const Desired& desired, const Cluster& cluster, const std::string& identity);

// The parts of it, each appending its steps.
void PlanSettings(const Desired& desired, const Cluster& cluster,
                  external::Plan& plan);  // PUT of the cluster, registries
void PlanVersion(const Desired& desired, const Cluster& cluster, external::Plan& plan);  // upgrades
struct PoolPlan {
  std::vector<external::Step> changes, creations, removals;
};
PoolPlan PlanPools(const Desired& desired, const Cluster& cluster, const std::string& identity);

// What a step tells Apply: a request below the cluster's path, or below /v2/kubernetes when `path` starts
// with '/v2'.
std::string Arguments(const std::string& method, const std::string& path, const json::ObjectPtr& body);

// Whether the API may be asked for changes now; what it says while a cluster upgrades is not documented.
bool TakesChanges(const Cluster& cluster);

}  // namespace capstan::digitalocean
