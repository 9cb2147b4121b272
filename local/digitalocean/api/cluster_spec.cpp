#include <algorithm>
#include <capstan/core/base/text.hpp>
#include <capstan/local/digitalocean/api/spec.hpp>

namespace capstan::simulated_digitalocean {
namespace {

// The defaults of a new cluster.
void ApplyDefaults(const World& world, Cluster& cluster) {
  const std::optional<VersionNumber> version = ParseSlug(cluster.version);
  const bool modern = version && *version >= VersionNumber{1, 36, 0, 0};
  cluster.ha = modern;
  cluster.plugins["coredns_autoscaler"] = modern;
  for (const NodePool& pool : cluster.pools) {
    const SizeOptions* size = world.Size(pool.size);
    if (!size || size->gpu_model.empty()) continue;
    const bool nvidia = size->gpu_model.rfind("nvidia", 0) == 0;
    cluster.plugins[nvidia ? "nvidia_gpu_device_plugin" : "amd_gpu_device_plugin"] = true;
  }
}

// A DRA driver in the request replaces the default device plugin of its vendor; only a request for
// both is refused.
void MakeRoomForDrivers(const Fields& fields, Cluster& cluster) {
  for (const std::string vendor : {"nvidia", "amd"}) {
    const auto driver = fields.Object(vendor + "_gpu_dra_driver");
    const auto plugin = fields.Object(vendor + "_gpu_device_plugin");
    if (driver && driver->Boolean("enabled").value_or(false) && !(plugin && plugin->Boolean("enabled")))
      cluster.plugins[vendor + "_gpu_device_plugin"] = false;
  }
}

Check ReadNetwork(const Call& call, const Fields& fields, Cluster& cluster) {
  World& world = call.world;
  const Behaviour& behaviour = world.options.behaviour;
  cluster.vpc_uuid = fields.String("vpc_uuid").value_or("");
  cluster.worker_subnet_uuid = fields.String("worker_subnet_uuid").value_or("");
  cluster.cluster_subnet = fields.String("cluster_subnet").value_or("");
  cluster.service_subnet = fields.String("service_subnet").value_or("");
  cluster.isolated_workers = fields.Boolean("isolated_workers").value_or(false);
  if (!cluster.worker_subnet_uuid.empty() && cluster.vpc_uuid.empty())
    return Invalid("worker_subnet_uuid needs vpc_uuid");
  if (behaviour.require_both_subnets && cluster.cluster_subnet.empty() != cluster.service_subnet.empty())
    return Invalid("cluster_subnet and service_subnet must be given together");
  if (cluster.cluster_subnet.empty()) cluster.cluster_subnet = "10.244.0.0/16";
  if (cluster.service_subnet.empty()) cluster.service_subnet = "10.245.0.0/16";
  if (cluster.cluster_subnet == cluster.service_subnet)
    return Invalid("cluster_subnet and service_subnet overlap");
  if (!cluster.vpc_uuid.empty()) {
    CAPSTAN_CHECKED(call.Require("vpc:read"));
    if (!world.FindVpc(call.account.uuid, cluster.vpc_uuid)) return Invalid("vpc not found");
  } else {
    cluster.vpc_uuid = world.DefaultVpc(call.account.uuid, cluster.region, call.now).id;
  }
  const Vpc* vpc = world.FindVpc(call.account.uuid, cluster.vpc_uuid);
  if (vpc->region != cluster.region && behaviour.foreign_vpc == ForeignVpc::kRefused)
    return Invalid("the vpc is in another region");
  if (cluster.isolated_workers && !vpc->nat_gateway)
    return Invalid("isolated workers need a NAT gateway in the vpc");
  return {};
}

}  // namespace

Check CheckName(const World& world, const std::string& name, std::string_view whose) {
  if (name.empty()) return Invalid(StrCat(whose, " is required"));
  if (name.size() > 255) return Invalid(StrCat(whose, " is longer than 255 bytes"));
  if (world.options.behaviour.strict_names && !IsDnsLabel(name))
    return Invalid(StrCat(whose, " may have lower case letters, digits and dashes only, at most 63"));
  return {};
}

Check CheckUniqueName(const Call& call, const std::string& name, const std::string& except_id) {
  const Behaviour& behaviour = call.world.options.behaviour;
  if (!behaviour.unique_names) return {};
  for (const auto& [sequence, other] : call.world.clusters()) {
    if (other.account != call.account.uuid || other.name != name || other.id == except_id) continue;
    if (other.state == ClusterState::kDeleting && !behaviour.deleting_holds_name) continue;
    return Invalid("cluster name already exists");
  }
  return {};
}

Checked<Cluster> ReadCluster(const Call& call, const Fields& fields) {
  const World& world = call.world;
  Cluster cluster;
  cluster.account = call.account.uuid;
  cluster.name = fields.String("name").value_or("");
  cluster.region = fields.String("region").value_or("");
  const std::string version = fields.String("version").value_or("");
  const auto pools = fields.Objects("node_pools").value_or(std::vector<Fields>());
  if (!fields.Problem().empty()) return Invalid(fields.Problem());
  CAPSTAN_CHECKED(CheckName(world, cluster.name, "name"));
  const RegionOptions* region = world.Region(cluster.region);
  if (!region || !region->kubernetes || !region->available) return Invalid("invalid region slug");
  CAPSTAN_UNLESS_REFUSED(cluster.version, ResolveVersion(world, version));
  if (pools.empty()) return Invalid("at least one node pool is required");
  for (std::size_t i = 0; i < pools.size(); ++i) {
    CAPSTAN_UNLESS_REFUSED(NodePool pool,
                           ReadPool(call, pools[i], StrCat("worker_node_pool_specs[", i, "].")));
    for (const NodePool& other : cluster.pools)
      if (other.name == pool.name) return Invalid("node pool names must be unique: " + pool.name);
    cluster.pools.push_back(std::move(pool));
  }
  std::int64_t nodes = 0;
  for (const NodePool& pool : cluster.pools) nodes += pool.count;
  if (nodes == 0) return Invalid("at least one worker node is required");
  ApplyDefaults(world, cluster);
  MakeRoomForDrivers(fields, cluster);
  CAPSTAN_CHECKED(ReadSettings(call, fields, cluster, true));
  CAPSTAN_CHECKED(ReadNetwork(call, fields, cluster));
  CAPSTAN_CHECKED(CheckUniqueName(call, cluster.name, ""));
  std::vector<const NodePool*> wanted;
  for (const NodePool& pool : cluster.pools) wanted.push_back(&pool);
  CAPSTAN_CHECKED(CheckDropletLimit(call, wanted, 0));
  if (!fields.Problem().empty()) return Invalid(fields.Problem());
  return cluster;
}

}  // namespace capstan::simulated_digitalocean
