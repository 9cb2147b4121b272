#include <algorithm>
#include <capstan/local/digitalocean/api/render.hpp>
#include <capstan/local/digitalocean/api/spec.hpp>

namespace capstan::simulated_digitalocean {

Answer GetUpgrades(Call& call) {
  const auto available = ListedUpgrades(call.world, call.cluster->version);
  JsonWriter out;
  out.BeginObject().Key("available_upgrade_versions");
  if (available.empty()) {
    out.Null();
  } else {
    out.BeginArray();
    for (const VersionOptions* version : available) RenderVersion(out, *version);
    out.EndArray();
  }
  out.EndObject();
  return Answer::Json(200, out.Take());
}

Answer Upgrade(Call& call) {
  CAPSTAN_UNLESS_REFUSED(const Fields fields, call.Body());
  const std::string version = fields.String("version").value_or("");
  if (!fields.Problem().empty()) return Invalid(fields.Problem());
  // Surprising, but seen in 2020: "latest" is not recognized here.
  if (version == "latest") return Refuse(404, "cluster not found");
  CAPSTAN_CHECKED(call.RequireChangeable());
  if (!call.world.Version(version)) return Invalid("invalid version slug");
  const auto available = AvailableUpgrades(call.world, call.cluster->version);
  const bool offered = std::any_of(available.begin(), available.end(),
                                   [&](const VersionOptions* option) { return option->slug == version; });
  if (!offered || call.cluster->state == ClusterState::kUpgrading) return Refuse(422, "invalid upgrade path");
  call.Changing(*call.cluster);
  call.world.StartUpgrade(*call.cluster, version, call.now);
  return Answer::Empty(202);
}

}  // namespace capstan::simulated_digitalocean
