// Private to providers/digitalocean: a cluster as the API shows it, as far as anything here looks
// at it.
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

// Our tags, besides those of the core: which pool of the spec a pool stands for. A replacement has
// another name.
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
  // As many nodes as there should be, all running.
  bool settled() const;
  // All its nodes are on their way out: it is being removed, and needs no other DELETE.
  bool leaving() const;
};

struct Cluster {
  std::string id, name, region, version, endpoint, created_at;
  std::string state, message;
  std::vector<std::string> tags;
  std::vector<NodePool> pools;
  Prices prices;                      // that were known when it was seen
  std::vector<std::string> versions;  // likewise: slugs on offer for new clusters
  json::ObjectPtr object;             // all of it
};

// Errors: kDataLoss naming what is missing.
Result<Cluster> ParseCluster(const json::ObjectPtr& object);
Result<Cluster> ParseCluster(const std::string& text);
Result<NodePool> ParsePool(const json::ObjectPtr& object);

// Tags are the same whatever their capitals: DigitalOcean keeps those of a tag's first use. The
// first tag with the prefix, or empty; whole, prefix included.
std::string TagWith(const std::vector<std::string>& tags, const std::string& prefix);
bool HasTag(const std::vector<std::string>& tags, const std::string& tag);
// external::WithIdentity whatever the capitals; a tag that is empty in `identity` is left out.
std::vector<std::string> WithTagsOf(const std::vector<std::string>& tags, const external::Identity& identity);
// Tags that DigitalOcean or we put there: not the user's to see or to change.
bool IsAutomaticTag(const std::string& tag);  // "k8s", "k8s:...", "terraform:..."
bool IsOurTag(const std::string& tag);

external::Phase PhaseOf(const Cluster& cluster);
// `prefer`: the identity to report when the cluster carries several. The prices of the cluster go
// into the state and into what it costs, the versions on offer into the state.
external::Observed Observe(const Cluster& cluster, const std::string& prefer = "");
external::Observed ObservePool(const NodePool& pool);

}  // namespace capstan::digitalocean
