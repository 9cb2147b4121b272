// Private to providers/digitalocean: a node pool as the spec has it.
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

// What is absent is not managed: an existing pool keeps what it has. Empty labels, taints and tags
// are wishes like any other.
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
  // How many nodes it begins with: `count`, else 1; while it scales by itself at least 1 and within
  // its bounds.
  std::int64_t first_count() const;
  // "spec.nodePools[NAME]", or a field of it.
  std::string Path(std::string_view field = "") const;
  // Whether `pool` can become it by changes in place.
  bool HasTheMachinesOf(const NodePool& pool) const;
  // The same in the place of `pool`: what it does not name is as it was there, and a pool that
  // scales by itself begins with as many nodes.
  PoolSpec InPlaceOf(const NodePool& pool) const;
};

// Errors: kInvalidArgument naming the field. `count_needed`: unless it scales by itself.
Result<PoolSpec> ParsePoolSpec(const json::ObjectPtr& object, bool count_needed);

// Body of POST .../node_pools, for a pool called `name` in the cloud, without the identity's tags.
json::ObjectPtr MakePoolRequest(const PoolSpec& spec, const std::string& name);

}  // namespace capstan::digitalocean
