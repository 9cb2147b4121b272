// The observed state of a cluster: phase, and the fields of .status.
#include <algorithm>

#include <capstan/providers/digitalocean/detail/cluster.hpp>
#include <capstan/providers/digitalocean/detail/fields.hpp>
#include <capstan/providers/digitalocean/detail/versions.hpp>

namespace capstan::digitalocean {
namespace {

using external::Observed;
using external::Phase;

constexpr std::size_t kMostNodes = 1000;  // shown per pool; a cluster can have 512

json::ObjectPtr PoolStatus(const NodePool& pool, const std::string& identity) {
  auto status = json::MakeObject();
  auto spec_name = TagWith(pool.tags, kPoolTagPrefix);
  bool managed = !identity.empty() && HasTag(pool.tags, identity);
  status->set("name", pool.name);
  status->set("id", pool.id);
  status->set("size", pool.size);
  status->set("count", Poco::Int64{pool.count});
  status->set("readyNodes", Poco::Int64{pool.ready_nodes()});
  status->set("autoScale", pool.auto_scale);
  status->set("managed", managed);
  if (managed && !spec_name.empty()) status->set("pool", spec_name.substr(sizeof(kPoolTagPrefix) - 1));
  auto nodes = json::MakeArray();
  for (const auto& node : pool.nodes) {
    if (nodes->size() == kMostNodes) break;
    auto item = json::MakeObject();
    item->set("id", node.id);
    if (!node.name.empty()) item->set("name", node.name);
    item->set("state", node.state);
    if (!node.droplet_id.empty()) item->set("dropletID", node.droplet_id);
    nodes->add(item);
  }
  status->set("nodes", nodes);
  return status;
}

// Properties of the cluster that other systems need to integrate it.
void DescribeCluster(const Cluster& cluster, json::ObjectPtr status) {
  const auto& object = cluster.object;
  status->set("name", cluster.name);
  status->set("urn", "do:kubernetes:" + cluster.id);
  static constexpr std::pair<const char*, const char*> kTexts[] = {
      {"vpcUUID", "vpc_uuid"}, {"clusterSubnet", "cluster_subnet"}, {"serviceSubnet", "service_subnet"},
      {"ipv4", "ipv4"},        {"createdAt", "created_at"},         {"updatedAt", "updated_at"}};
  for (const auto& [field, api] : kTexts) status->set(field, json::TextIn(object, api));
  status->set("ha", json::BooleanIn(object, "ha").value_or(false));
  status->set("tags", json::ArrayOf(cluster.tags));
  const auto window = json::ObjectIn(object, "maintenance_policy");
  auto maintenance = json::MakeObject();
  static constexpr std::pair<const char*, const char*> kWindow[] = {
      {"day", "day"}, {"startTime", "start_time"}, {"duration", "duration"}};
  for (const auto& [field, api] : kWindow)
    if (const auto text = json::TextIn(window, api); !text.empty()) maintenance->set(field, text);
  status->set("maintenancePolicy", maintenance);
}

// The cost of all desired nodes, or an empty text, which removes the field.
json::Tree CostOf(const Cluster& cluster) {
  double sum = 0;
  for (const auto& pool : cluster.pools) {
    auto cost = MonthlyCost(cluster.prices, pool.size, pool.count);
    if (!cost) return json::Tree(std::string());
    sum += *cost;
  }
  return json::Tree(ToTheCent(sum));
}

std::string StatusOf(const Cluster& cluster, const std::string& identity) {
  auto status = json::MakeObject();
  status->set("progress", cluster.state);
  status->set("endpoint", cluster.endpoint);
  status->set("version", cluster.version);
  status->set("region", cluster.region);
  status->set("message", cluster.message);
  DescribeCluster(cluster, status);
  auto pools = json::MakeArray();
  auto sorted = cluster.pools;
  std::sort(sorted.begin(), sorted.end(),
            [](const NodePool& a, const NodePool& b) { return a.name < b.name; });
  Poco::Int64 nodes = 0, ready = 0;
  for (const auto& pool : sorted) {
    pools->add(PoolStatus(pool, identity));
    nodes += pool.count;
    ready += pool.ready_nodes();
  }
  status->set("nodePools", pools);
  status->set("nodes", nodes);
  status->set("readyNodes", ready);
  status->set("monthlyCost", CostOf(cluster));
  return json::ToText(status);
}

}  // namespace

Phase PhaseOf(const Cluster& cluster) {
  const auto& state = cluster.state;
  if (state == "provisioning" || state.empty()) return Phase::kCreating;
  if (state == "error") return Phase::kFailed;
  if (state == "degraded") return Phase::kDegraded;
  if (state == "deleting" || state == "deleted") return Phase::kDeleting;
  bool settled = std::all_of(cluster.pools.begin(), cluster.pools.end(),
                             [](const NodePool& pool) { return pool.settled(); });
  // An unknown state is neither a reason to act nor a failure.
  return state == "running" && settled ? Phase::kReady : Phase::kUpdating;
}

Observed Observe(const Cluster& cluster, const std::string& prefer) {
  Observed observed;
  observed.id = cluster.id;
  observed.name = cluster.name;
  observed.identity =
      !prefer.empty() && HasTag(cluster.tags, prefer) ? prefer : TagWith(cluster.tags, kIdentityPrefix);
  observed.owner = TagWith(cluster.tags, kOwnerPrefix);
  observed.phase = PhaseOf(cluster);
  observed.message = cluster.message;
  observed.created_at = cluster.created_at;
  observed.status = StatusOf(cluster, observed.identity);
  observed.state = WithOffered(WithPrices(json::ToText(cluster.object), cluster.prices), cluster.versions);
  bool usable = cluster.state == "running" || cluster.state == "upgrading" || cluster.state == "degraded";
  observed.connectable = usable && !cluster.endpoint.empty();
  return observed;
}

Observed ObservePool(const NodePool& pool) {
  Observed observed;
  observed.id = pool.id;
  observed.name = pool.name;
  observed.identity = TagWith(pool.tags, kIdentityPrefix);
  observed.owner = TagWith(pool.tags, kOwnerPrefix);
  observed.phase = pool.settled() ? Phase::kReady : Phase::kUpdating;
  observed.status = json::ToText(PoolStatus(pool, observed.identity));
  observed.state = json::ToText(pool.object);
  return observed;
}

}  // namespace capstan::digitalocean
