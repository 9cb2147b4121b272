// Private to providers/digitalocean: what differs between a spec and a cluster, as steps. Pure.
//
// Whose a field is (docs/digitalocean.md has the table): what the spec does not name, of the
// cluster or of a pool, is not managed; the count of a pool that scales by itself is the
// autoscaler's; the patch version under autoUpgrade is DigitalOcean's; tags "k8s...",
// "terraform:..." are never touched; pools without our identity are left alone, except that
// spec.adopt takes those over that the spec names.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include <capstan/core/external/external.hpp>
#include <capstan/providers/digitalocean/detail/cluster.hpp>
#include <capstan/providers/digitalocean/detail/prices.hpp>
#include <capstan/providers/digitalocean/detail/spec.hpp>

namespace capstan::digitalocean {

// `identity` and `owner`: the tags of ours that the cluster carries.
external::Plan PlanChanges(const Desired& desired, const Cluster& cluster, const std::string& identity,
                           const std::string& owner);
// Where the VPC is that spec.vpcUUID names. Neither: none is named, or it is not known.
struct VpcPlace {
  bool missing = false;  // the account has no such VPC
  std::string region;
};

// Where there is no cluster yet. `offers` and `vpc`: as far as they are known.
external::Plan PlanCreation(const Desired& desired, const Prices& prices, const OnOffer& offers = {},
                            const VpcPlace& vpc = {});
// What a cluster cannot be made with.
std::vector<external::Unsupported> WhatIsNotOnOffer(const Desired& desired, const OnOffer& offers,
                                                    const VpcPlace& vpc);

// The parts of it, each appending what it is about.
void PlanSettings(const Desired& desired, const Cluster& cluster,
                  external::Plan& plan);  // PUT of the cluster, registries
void PlanVersion(const Desired& desired, const Cluster& cluster, external::Plan& plan);  // upgrades
// Their steps in the order of their kinds; `adopted` owns the pools as they will be once they are
// ours.
struct PoolPlan {
  std::vector<external::Step> adoptions, changes, creations, replacements, nodes, shrinkings, removals;
  std::vector<external::Unsupported> unsupported;
  std::vector<external::Difference> differences;
  std::vector<std::string> spent;
  std::string waiting;
  std::deque<NodePool> adopted;
};
PoolPlan PlanPools(const Desired& desired, const Cluster& cluster, const external::Identity& identity);

// What annotations ask about nodes of a pool of ours: its steps and what cannot be done go into the
// plan. The pool as it is once those nodes are gone.
NodePool PlanNodes(const NodeRequests& requests, const PoolSpec& spec, const NodePool& pool,
                   const Cluster& cluster, PoolPlan& plan);

// The entry of annotation capstan.dev/reset-count for a pool of the spec, as plans name it.
std::string ResetRequest(const std::string& pool);
// What keeps the count of a pool from being reset to the spec's, for people; empty: nothing.
std::string WhyNoReset(const PoolSpec& spec, const NodePool& pool);

// A pool of ours and its pool of the spec: the steps that make them alike, none if they are.
// `reset_count`: a pool that scales by itself gets the spec's count too, once. REQUIRES: then
// WhyNoReset is empty.
std::vector<external::Step> ChangeInPlace(const PoolSpec& spec, const NodePool& pool, const Cluster& cluster,
                                          bool reset_count, std::vector<external::Difference>& differences);

// What a step tells Apply: a request below the cluster's path, or below /v2/kubernetes when `path`
// starts with '/v2'.
std::string Arguments(const std::string& method, const std::string& path, const json::ObjectPtr& body);

// Whether the API may be asked for changes now; what it says while a cluster upgrades is not
// documented.
bool TakesChanges(const Cluster& cluster);

}  // namespace capstan::digitalocean
