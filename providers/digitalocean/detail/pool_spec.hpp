// Private to providers/digitalocean: a node pool in the spec.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/result.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/providers/digitalocean/detail/cluster.hpp>
#include <capstan/providers/digitalocean/detail/node_labels.hpp>

namespace capstan::digitalocean {

// Absent fields are not managed: an existing pool keeps its values. Empty labels, taints and tags
// are desired values like any other.
struct PoolSpec {
  std::string name, size;
  std::optional<std::int64_t> count;
  std::optional<bool> auto_scale;
  std::optional<std::int64_t> min_nodes, max_nodes;
  std::optional<Labels> labels;
  std::optional<std::vector<Taint>> taints;
  std::optional<std::vector<std::string>> tags;
  std::optional<std::string> gpu_partition_mode;

  bool scales() const { return auto_scale.value_or(false); }
  // The initial number of nodes: `count`, else 1; if autoscaled, at least 1 and within its bounds.
  std::int64_t first_count() const;
  // "spec.nodePools[NAME]", or a field of it.
  std::string Path(std::string_view field = "") const;
  // Whether `pool` can be changed in place to match this spec.
  bool HasTheMachinesOf(const NodePool& pool) const;
  // This spec applied in place of `pool`: absent fields have the values of `pool`, and an
  // autoscaled pool starts with the same number of nodes.
  PoolSpec InPlaceOf(const NodePool& pool) const;
};

// Errors: kInvalidArgument naming the field. `count_needed`: required unless it is autoscaled.
Result<PoolSpec> ParsePoolSpec(const json::ObjectPtr& object, bool count_needed);

// Body of POST .../node_pools, for a pool called `name` in the cloud, without the identity's tags.
json::ObjectPtr MakePoolRequest(const PoolSpec& spec, const std::string& name);

}  // namespace capstan::digitalocean
