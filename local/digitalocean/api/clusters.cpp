#include <capstan/local/digitalocean/api/render.hpp>
#include <capstan/local/digitalocean/api/spec.hpp>

namespace capstan::simulated_digitalocean {
namespace {

Answer ShowCluster(const Call& call, int status, const Cluster& cluster, bool read) {
  JsonWriter out;
  out.BeginObject().Key("kubernetes_cluster");
  RenderCluster(out, cluster, call.Endpoint(cluster), read);
  out.EndObject();
  return Answer::Json(status, out.Take());
}

// Refuses a PUT that names an immutable field.
Check CheckFixedFields(const Call& call, const Fields& fields) {
  const int status = call.world.options.behaviour.fixed_fields_status;
  if (!status) return {};
  for (const char* fixed : {"region", "version", "node_pools", "vpc_uuid", "worker_subnet_uuid",
                            "cluster_subnet", "service_subnet", "isolated_workers"})
    if (fields.Has(fixed))
      return Refuse(status, std::string("validation error: ") + fixed + " cannot be changed");
  return {};
}

}  // namespace

Answer ListClusters(Call& call) {
  const std::vector<const Cluster*> listed = call.world.Listed(call.account.uuid, call.now);
  return Paginate(call, "kubernetes_clusters", listed.size(), [&](JsonWriter& out, std::size_t i) {
    RenderCluster(out, *listed[i], call.Endpoint(*listed[i]), true);
  });
}

Answer CreateCluster(Call& call) {
  CAPSTAN_UNLESS_REFUSED(const Fields fields, call.Body());
  CAPSTAN_UNLESS_REFUSED(Cluster wanted, ReadCluster(call, fields));
  const Cluster& cluster = call.world.AddCluster(std::move(wanted), call.now);
  call.Changing(cluster);
  return ShowCluster(call, 201, cluster, false);
}

Answer GetCluster(Call& call) { return ShowCluster(call, 200, *call.cluster, true); }

Answer UpdateCluster(Call& call) {
  CAPSTAN_UNLESS_REFUSED(const Fields fields, call.Body());
  CAPSTAN_CHECKED(call.RequireChangeable());
  CAPSTAN_CHECKED(CheckFixedFields(call, fields));
  Cluster changed = *call.cluster;
  if (auto name = fields.String("name"); name && *name != changed.name) {
    CAPSTAN_CHECKED(CheckName(call.world, *name, "name"));
    CAPSTAN_CHECKED(CheckUniqueName(call, *name, changed.id));
    changed.name = *name;
  }
  CAPSTAN_CHECKED(ReadSettings(call, fields, changed, false));
  call.Changing(*call.cluster);
  *call.cluster = std::move(changed);
  call.world.Touch(*call.cluster, call.now);
  return ShowCluster(call, 202, *call.cluster, false);
}

Answer DeleteCluster(Call& call) {
  if (call.cluster->state != ClusterState::kDeleting) {
    call.Changing(*call.cluster);
    call.world.DeleteCluster(*call.cluster, false, {}, call.now);
  }
  return Answer::Empty(204);
}

}  // namespace capstan::simulated_digitalocean
