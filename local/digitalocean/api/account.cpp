// Endpoints that do not concern one cluster: account, networks, regions, sizes, tags, options.
#include <capstan/local/digitalocean/api/api.hpp>
#include <capstan/local/digitalocean/api/render.hpp>
#include <map>

namespace capstan::simulated_digitalocean {
namespace {

std::vector<const Vpc*> VpcsOf(Call& call) {
  // Every region has a default network from the start.
  for (const RegionOptions& region : call.world.options.catalog.regions)
    if (region.kubernetes && region.available)
      call.world.DefaultVpc(call.account.uuid, region.slug, call.now);
  std::vector<const Vpc*> vpcs;
  for (const auto& [id, vpc] : call.world.vpcs())
    if (vpc.account == call.account.uuid) vpcs.push_back(&vpc);
  return vpcs;
}

}  // namespace

Answer GetAccount(Call& call) {
  const AccountOptions& account = call.account;
  JsonWriter out;
  out.BeginObject().Key("account").BeginObject();
  out.Field("droplet_limit", account.droplet_limit)
      .Field("floating_ip_limit", 5)
      .Field("email", account.email)
      .Field("name", account.name)
      .Field("uuid", account.uuid)
      .Field("email_verified", true)
      .Field("status", account.status)
      .Field("status_message", "");
  if (!account.team_uuid.empty())
    out.Key("team")
        .BeginObject()
        .Field("uuid", account.team_uuid)
        .Field("name", account.team_name)
        .EndObject();
  out.EndObject().EndObject();
  return Answer::Json(200, out.Take());
}

Answer ListVpcs(Call& call) {
  const std::vector<const Vpc*> vpcs = VpcsOf(call);
  return Paginate(call, "vpcs", vpcs.size(),
                  [&](JsonWriter& out, std::size_t i) { RenderVpc(out, *vpcs[i]); });
}

Answer GetVpc(Call& call) {
  VpcsOf(call);
  const Vpc* vpc = call.world.FindVpc(call.account.uuid, call.last);
  if (!vpc) return Refuse(404);
  JsonWriter out;
  out.BeginObject().Key("vpc");
  RenderVpc(out, *vpc);
  out.EndObject();
  return Answer::Json(200, out.Take());
}

Answer ListRegions(Call& call) {
  const Catalog& catalog = call.world.options.catalog;
  return Paginate(call, "regions", catalog.regions.size(), [&](JsonWriter& out, std::size_t i) {
    const RegionOptions& region = catalog.regions[i];
    out.BeginObject()
        .Field("name", region.name)
        .Field("slug", region.slug)
        .Field("available", region.available);
    out.Field("features",
              std::vector<std::string>{"backups", "ipv6", "metadata", "install_agent", "storage"});
    out.Key("sizes").BeginArray();
    if (region.available)
      for (const SizeOptions& size : catalog.sizes) out.String(size.slug);
    out.EndArray().EndObject();
  });
}

Answer ListSizes(Call& call) {
  const Catalog& catalog = call.world.options.catalog;
  return Paginate(call, "sizes", catalog.sizes.size(), [&](JsonWriter& out, std::size_t i) {
    const SizeOptions& size = catalog.sizes[i];
    out.BeginObject()
        .Field("slug", size.slug)
        .Field("memory", size.memory_mb)
        .Field("vcpus", size.vcpus)
        .Field("disk", size.disk_gb)
        .Field("transfer", 4.0)
        .Field("price_monthly", size.price_monthly)
        .Field("price_hourly", size.price_monthly / 672)
        .Field("available", true)
        .Field("description", size.gpu_model.empty() ? "Basic" : "GPU");
    out.Key("regions").BeginArray();
    for (const RegionOptions& region : catalog.regions)
      if (region.available) out.String(region.slug);
    out.EndArray();
    if (!size.gpu_model.empty())
      out.Key("gpu_info")
          .BeginObject()
          .Field("count", size.gpu_count)
          .Field("model", size.gpu_model)
          .EndObject();
    out.EndObject();
  });
}

Answer ListTags(Call& call) {
  std::map<std::string, std::int64_t> droplets;  // tags count worker Droplets
  for (const auto& [sequence, cluster] : call.world.clusters()) {
    if (cluster.account != call.account.uuid) continue;
    for (const std::string& tag : ShownTags(cluster)) droplets.emplace(tag, 0);
    for (const NodePool& pool : cluster.pools)
      for (const std::string& tag : ShownTags(cluster, pool))
        droplets[tag] += static_cast<std::int64_t>(pool.nodes.size());
  }
  const std::vector<std::pair<std::string, std::int64_t>> tags(droplets.begin(), droplets.end());
  return Paginate(call, "tags", tags.size(), [&](JsonWriter& out, std::size_t i) {
    out.BeginObject()
        .Field("name", tags[i].first)
        .Key("resources")
        .BeginObject()
        .Field("count", tags[i].second);
    out.Key("droplets").BeginObject().Field("count", tags[i].second).EndObject().EndObject().EndObject();
  });
}

Answer GetOptions(Call& call) {
  const Catalog& catalog = call.world.options.catalog;
  JsonWriter out;
  out.BeginObject().Key("options").BeginObject().Key("regions").BeginArray();
  for (const RegionOptions& region : catalog.regions)
    if (region.kubernetes && region.available)
      out.BeginObject().Field("name", region.name).Field("slug", region.slug).EndObject();
  out.EndArray().Key("versions").BeginArray();
  for (const VersionOptions& version : catalog.versions) RenderVersion(out, version);
  out.EndArray().Key("sizes").BeginArray();
  for (const SizeOptions& size : catalog.sizes)
    if (size.kubernetes)
      out.BeginObject()
          .Field("name", size.name.empty() ? size.slug : size.name)
          .Field("slug", size.slug)
          .EndObject();
  out.EndArray().EndObject().EndObject();
  return Answer::Json(200, out.Take());
}

}  // namespace capstan::simulated_digitalocean
