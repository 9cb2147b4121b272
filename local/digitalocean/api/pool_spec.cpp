#include <algorithm>
#include <capstan/core/base/text.hpp>
#include <capstan/local/digitalocean/api/spec.hpp>
#include <set>

namespace capstan::simulated_digitalocean {
namespace {

Check ReadLists(const Call& call, const Fields& fields, NodePool& pool) {
  if (auto tags = fields.Strings("tags")) {
    CAPSTAN_CHECKED(CheckTags(*tags));
    if (!tags->empty() || call.world.options.behaviour.empty_tags_clear)
      pool.tags = UserTags(*tags, call.cluster ? call.cluster->id : "");
  }
  if (auto labels = fields.StringMap("labels")) pool.labels = std::move(*labels);
  if (auto taints = fields.Objects("taints")) {
    pool.taints.clear();
    std::set<std::pair<std::string, std::string>> seen;
    for (const Fields& taint : *taints) {
      Taint read{taint.String("key").value_or(""), taint.String("value").value_or(""),
                 taint.String("effect").value_or("")};
      if (read.key.empty()) return Invalid("a taint needs a key");
      if (read.effect != "NoSchedule" && read.effect != "PreferNoSchedule" && read.effect != "NoExecute")
        return Invalid("taint effect must be NoSchedule, PreferNoSchedule or NoExecute");
      if (!seen.emplace(read.key, read.effect).second)
        return Invalid("taints must be unique by key and effect");
      pool.taints.push_back(std::move(read));
    }
  }
  return {};
}

// Validates the counts of the pool as it would be after the change.
Check CheckCounts(const World& world, NodePool& pool, const std::string& prefix) {
  const Behaviour& behaviour = world.options.behaviour;
  if (pool.auto_scale) {
    const std::int64_t least = behaviour.allow_zero_min_nodes ? 0 : 1;
    if (pool.min_nodes < least)
      return Invalid(StrCat(prefix, "min nodes must be greater than or equal to ", least));
    if (pool.max_nodes < std::max<std::int64_t>(pool.min_nodes, 1))
      return Invalid(prefix + "max nodes must be greater than or equal to min nodes");
    if (pool.count < pool.min_nodes || pool.count > pool.max_nodes) pool.count = pool.min_nodes;
    return {};
  }
  pool.min_nodes = pool.max_nodes = 0;
  if (pool.count < 0) return Invalid(prefix + "count must not be negative");
  if (pool.count == 0 && behaviour.zero_count == ZeroCount::kServerError) return Refuse(500);
  if (pool.count == 0 && behaviour.zero_count == ZeroCount::kRefused)
    return Invalid(prefix + "count must be greater than or equal to 1");
  return {};
}

}  // namespace

Check CheckTags(const std::vector<std::string>& tags) {
  for (const std::string& tag : tags) {
    const bool letters = std::all_of(tag.begin(), tag.end(), [](unsigned char c) {
      return std::isalnum(c) != 0 || c == ':' || c == '-' || c == '_';
    });
    if (!letters || tag.empty() || tag.size() > 255)
      return Invalid("tags may have letters, digits, colons, dashes and underscores, at most 255: " +
                     Shorten(tag, 64));
  }
  return {};
}

Checked<NodePool> ReadPool(const Call& call, const Fields& fields, const std::string& prefix) {
  NodePool pool;
  pool.name = fields.String("name").value_or("");
  pool.size = fields.String("size").value_or("");
  pool.count = fields.Integer("count").value_or(0);
  pool.auto_scale = fields.Boolean("auto_scale").value_or(false);
  pool.min_nodes = fields.Integer("min_nodes").value_or(0);
  pool.max_nodes = fields.Integer("max_nodes").value_or(0);
  pool.gpu_partition_mode = fields.String("gpu_partition_mode").value_or("");
  if (!fields.Problem().empty()) return Invalid(fields.Problem());
  CAPSTAN_CHECKED(CheckName(call.world, pool.name, prefix + "name"));
  const SizeOptions* size = call.world.Size(pool.size);
  if (!size || !size->kubernetes) return Invalid(prefix + "invalid droplet size");
  const std::string& mode = pool.gpu_partition_mode;
  if (!mode.empty() && mode != "AMD_PARTITION_MODE_SPX_NPS1" && mode != "AMD_PARTITION_MODE_DPX_NPS2")
    return Invalid(prefix + "invalid gpu partition mode");
  CAPSTAN_CHECKED(ReadLists(call, fields, pool));
  CAPSTAN_CHECKED(CheckCounts(call.world, pool, prefix));
  if (!fields.Problem().empty()) return Invalid(fields.Problem());
  return pool;
}

Checked<NodePool> ReadPoolUpdate(const Call& call, const Fields& fields, NodePool pool) {
  static constexpr char kPrefix[] = "worker_node_pool_spec.";
  const Behaviour& behaviour = call.world.options.behaviour;
  if (behaviour.fixed_fields_status && fields.Has("size") && fields.String("size") != pool.size)
    return Refuse(behaviour.fixed_fields_status, "validation error: size cannot be changed");
  const bool counts =
      fields.Has("count") || fields.Has("auto_scale") || fields.Has("min_nodes") || fields.Has("max_nodes");
  pool.count = fields.Integer("count").value_or(pool.count);
  pool.auto_scale = fields.Boolean("auto_scale").value_or(pool.auto_scale);
  pool.min_nodes = fields.Integer("min_nodes").value_or(pool.min_nodes);
  pool.max_nodes = fields.Integer("max_nodes").value_or(pool.max_nodes);
  if (auto name = fields.String("name"); name && *name != pool.name) {
    CAPSTAN_CHECKED(CheckName(call.world, *name, std::string(kPrefix) + "name"));
    for (const NodePool& other : call.cluster->pools)
      if (other.name == *name && !other.deleting)
        return Invalid("a node pool named " + *name + " already exists");
    pool.name = *name;
  }
  CAPSTAN_CHECKED(ReadLists(call, fields, pool));
  if (!fields.Problem().empty()) return Invalid(fields.Problem());
  if (counts) CAPSTAN_CHECKED(CheckCounts(call.world, pool, kPrefix));
  return pool;
}

Check CheckDropletLimit(const Call& call, const std::vector<const NodePool*>& wanted, std::int64_t present) {
  std::int64_t count = 0, highest = 0;
  for (const NodePool* pool : wanted) {
    count += pool->count;
    highest += pool->auto_scale ? pool->max_nodes : pool->count;
  }
  const std::int64_t room = call.account.droplet_limit - call.world.Droplets(call.account.uuid);
  if (count - present > room)
    return Invalid(StrCat("node count exceeds limits, ", count - present,
                          " additional nodes but not enough available droplet limit"));
  if (highest - present > room)
    return Invalid(StrCat("autoscale desired max nodes exceed limits, ", highest - present,
                          " additional nodes but not enough available droplet limit"));
  return {};
}

}  // namespace capstan::simulated_digitalocean
