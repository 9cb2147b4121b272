#include <capstan/core/base/time.hpp>
#include <capstan/local/digitalocean/api/render.hpp>

namespace capstan::simulated_digitalocean {
namespace {

void RenderNode(JsonWriter& out, const Node& node) {
  out.BeginObject().Field("id", node.id).Field("name", node.name);
  out.Key("status").BeginObject().Field("state", NodeStateName(node.state)).EndObject();
  out.Field("droplet_id", node.droplet_id)
      .Field("created_at", FormatRfc3339(node.created))
      .Field("updated_at", FormatRfc3339(node.updated))
      .EndObject();
}

void RenderSettings(JsonWriter& out, const Cluster& cluster) {
  out.Key("maintenance_policy")
      .BeginObject()
      .Field("start_time", cluster.maintenance.start_time)
      .Field("duration", "4h0m0s")
      .Field("day", cluster.maintenance.day)
      .EndObject();
  out.Field("auto_upgrade", cluster.auto_upgrade)
      .Field("surge_upgrade", cluster.surge_upgrade)
      .Field("ha", cluster.ha)
      .Field("isolated_workers", cluster.isolated_workers);
  out.Key("control_plane_firewall")
      .BeginObject()
      .Field("enabled", cluster.firewall.enabled)
      .Field("allowed_addresses", cluster.firewall.allowed_addresses)
      .EndObject();
  out.Key("cluster_autoscaler_configuration");
  if (cluster.autoscaler) {
    out.BeginObject();
    if (cluster.autoscaler->threshold)
      out.Field("scale_down_utilization_threshold", *cluster.autoscaler->threshold);
    if (cluster.autoscaler->unneeded_time)
      out.Field("scale_down_unneeded_time", *cluster.autoscaler->unneeded_time);
    out.Field("expanders", cluster.autoscaler->expanders).EndObject();
  } else {
    out.Null();
  }
  out.Key("sso");
  if (cluster.sso) {
    out.BeginObject().Field("enabled", cluster.sso->enabled).Field("required", cluster.sso->required);
    if (!cluster.sso->issuer_url.empty()) out.Field("issuer_url", cluster.sso->issuer_url);
    if (!cluster.sso->client_id.empty()) out.Field("client_id", cluster.sso->client_id);
    out.EndObject();
  } else {
    out.Null();
  }
  for (const char* plugin : kPlugins) {
    auto set = cluster.plugins.find(plugin);
    out.Key(plugin).BeginObject().Field("enabled", set != cluster.plugins.end() && set->second).EndObject();
  }
}

}  // namespace

void RenderCluster(JsonWriter& out, const Cluster& cluster, const std::string& endpoint, bool read) {
  const bool reachable = cluster.state != ClusterState::kProvisioning && !cluster.ipv4.empty();
  out.BeginObject()
      .Field("id", cluster.id)
      .Field("name", cluster.name)
      .Field("region", cluster.region)
      .Field("version", cluster.version)
      .Field("cluster_subnet", cluster.cluster_subnet)
      .Field("service_subnet", cluster.service_subnet)
      .Field("vpc_uuid", cluster.vpc_uuid);
  if (!cluster.worker_subnet_uuid.empty()) out.Field("worker_subnet_uuid", cluster.worker_subnet_uuid);
  // A highly available control plane has no single address.
  out.Field("ipv4", reachable && !cluster.ha ? cluster.ipv4 : "")
      .Field("endpoint", reachable ? endpoint : "")
      .Field("tags", ShownTags(cluster));
  out.Key("node_pools").BeginArray();
  for (const NodePool& pool : cluster.pools) RenderPool(out, cluster, pool);
  out.EndArray();
  RenderSettings(out, cluster);
  out.Key("status").BeginObject().Field("state", ClusterStateName(cluster.state));
  if (!cluster.message.empty()) out.Field("message", cluster.message);
  out.EndObject()
      .Field("created_at", FormatRfc3339(cluster.created))
      .Field("updated_at", FormatRfc3339(cluster.updated))
      .Field("registry_enabled", cluster.registry_enabled);
  if (read) out.Field("registries", cluster.registries);
  out.EndObject();
}

void RenderPool(JsonWriter& out, const Cluster& cluster, const NodePool& pool) {
  out.BeginObject()
      .Field("id", pool.id)
      .Field("name", pool.name)
      .Field("size", pool.size)
      .Field("count", pool.count)
      .Field("tags", ShownTags(cluster, pool));
  if (pool.labels) {
    out.Field("labels", *pool.labels);
  } else {
    out.Key("labels").Null();
  }
  WriteTaints(out, pool.taints);
  out.Field("auto_scale", pool.auto_scale)
      .Field("min_nodes", pool.auto_scale ? pool.min_nodes : 0)
      .Field("max_nodes", pool.auto_scale ? pool.max_nodes : 0);
  if (!pool.gpu_partition_mode.empty()) out.Field("gpu_partition_mode", pool.gpu_partition_mode);
  out.Key("nodes").BeginArray();
  for (const Node& node : pool.nodes) RenderNode(out, node);
  out.EndArray().EndObject();
}

void RenderVersion(JsonWriter& out, const VersionOptions& version) {
  out.BeginObject()
      .Field("slug", version.slug)
      .Field("kubernetes_version", version.slug.substr(0, version.slug.find("-do.")))
      .Field("supported_features", version.features)
      .EndObject();
}

void RenderVpc(JsonWriter& out, const Vpc& vpc) {
  out.BeginObject()
      .Field("id", vpc.id)
      .Field("urn", "do:vpc:" + vpc.id)
      .Field("name", vpc.name)
      .Field("description", "")
      .Field("region", vpc.region)
      .Field("ip_range", vpc.ip_range)
      .Field("default", vpc.is_default)
      .Field("created_at", FormatRfc3339(vpc.created))
      .EndObject();
}

}  // namespace capstan::simulated_digitalocean
