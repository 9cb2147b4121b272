// Private to providers/digitalocean: a cluster in the API, limited to the fields used here.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <capstan/core/external/external.hpp>
#include <capstan/core/external/tags.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/providers/digitalocean/detail/node_labels.hpp>
#include <capstan/providers/digitalocean/detail/prices.hpp>

namespace capstan::digitalocean {

// A tag of ours, in addition to the core's: the pool in the spec that a pool belongs to. The name
// of the pool differs after a replacement.
inline constexpr char kPoolTagPrefix[] = "capstan-pool:";
using external::kIdentityPrefix;
using external::kOwnerPrefix;

struct Node {
  std::string id, name, state, droplet_id;
};

struct NodePool {
  std::string id, name, size;
  std::int64_t count = 0;
  std::vector<std::string> tags;
  bool auto_scale = false;
  std::int64_t min_nodes = 0, max_nodes = 0;
  Labels labels;
  std::vector<Taint> taints;
  std::string gpu_partition_mode;
  std::vector<Node> nodes;
  json::ObjectPtr object;  // all of it

  std::int64_t ready_nodes() const;
  // It has the desired number of nodes, and all run.
  bool settled() const;
  // All its nodes are being deleted, so the pool itself is being deleted and needs no further
  // DELETE.
  bool leaving() const;
};

struct Cluster {
  std::string id, name, region, version, endpoint, created_at;
  std::string state, message;
  std::vector<std::string> tags;
  std::vector<NodePool> pools;
  Prices prices;                      // known at the time of the observation
  std::vector<std::string> versions;  // likewise: slugs on offer for new clusters
  json::ObjectPtr object;             // all of it
};

// Errors: kDataLoss naming what is missing.
Result<Cluster> ParseCluster(const json::ObjectPtr& object);
Result<Cluster> ParseCluster(const std::string& text);
Result<NodePool> ParsePool(const json::ObjectPtr& object);

// Tags are case-insensitive: DigitalOcean keeps the spelling of a tag's first use. Returns the
// first whole tag with the prefix, or "".
std::string TagWith(const std::vector<std::string>& tags, const std::string& prefix);
bool HasTag(const std::vector<std::string>& tags, const std::string& tag);
// external::WithIdentity, but case-insensitive; empty tags in `identity` are omitted.
std::vector<std::string> WithTagsOf(const std::vector<std::string>& tags, const external::Identity& identity);
// Tags set by DigitalOcean or by Capstan, which users can neither see nor change.
bool IsAutomaticTag(const std::string& tag);  // "k8s", "k8s:...", "terraform:..."
bool IsOurTag(const std::string& tag);

external::Phase PhaseOf(const Cluster& cluster);
// `prefer`: the identity to report if the cluster carries several. The cluster's prices go into the
// state and the cost, the versions on offer into the state.
external::Observed Observe(const Cluster& cluster, const std::string& prefer = "");
external::Observed ObservePool(const NodePool& pool);

}  // namespace capstan::digitalocean
