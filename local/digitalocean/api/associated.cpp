// Resources that Kubernetes creates through a cluster and that survive its plain deletion: load
// balancers, volumes, snapshots.
#include <algorithm>
#include <capstan/local/digitalocean/api/api.hpp>

namespace capstan::simulated_digitalocean {
namespace {

constexpr std::pair<const char*, const char*> kKinds[] = {
    {"load_balancers", "load_balancer"}, {"volumes", "volume"}, {"volume_snapshots", "volume_snapshot"}};

}  // namespace

Answer ListAssociated(Call& call) {
  JsonWriter out;
  out.BeginObject();
  for (const auto& [key, kind] : kKinds) {
    out.Key(key).BeginArray();
    for (const Associated& resource : call.cluster->associated)
      if (resource.kind == kind)
        out.BeginObject().Field("id", resource.id).Field("name", resource.name).EndObject();
    out.EndArray();
  }
  out.EndObject();
  return Answer::Json(200, out.Take());
}

Answer DeleteSelective(Call& call) {
  CAPSTAN_UNLESS_REFUSED(const Fields fields, call.Body());
  std::vector<std::string> doomed;
  for (const auto& [key, kind] : kKinds)
    for (const std::string& id : fields.Strings(key).value_or(std::vector<std::string>())) {
      const bool ours = std::any_of(call.cluster->associated.begin(), call.cluster->associated.end(),
                                    [&, wanted = std::string(kind)](const Associated& resource) {
                                      return resource.kind == wanted && resource.id == id;
                                    });
      if (ours) doomed.push_back(id);
      const int status = call.world.options.behaviour.foreign_associated_status;
      if (!ours && status) return Refuse(status, "no such resource of the cluster: " + id);
    }
  if (!fields.Problem().empty()) return Invalid(fields.Problem());
  if (call.cluster->state == ClusterState::kDeleting) return Answer::Empty(204);
  call.Changing(*call.cluster);
  call.world.DeleteCluster(*call.cluster, false, std::move(doomed), call.now);
  return Answer::Empty(204);
}

Answer DeleteDangerous(Call& call) {
  if (call.cluster->state == ClusterState::kDeleting) return Answer::Empty(204);
  call.Changing(*call.cluster);
  call.world.DeleteCluster(*call.cluster, true, {}, call.now);
  return Answer::Empty(204);
}

}  // namespace capstan::simulated_digitalocean
