// The lifecycle of a DOKS cluster on the simulated API, with the real provider.
#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/simulation/scenario_parts.hpp>
#include <capstan/simulation/simulated_doks.hpp>

namespace capstan::simulation {
namespace {

simulated_digitalocean::SimulatedCloud& Cloud(World& world) {
  return static_cast<SimulatedDoks&>(*world.cloud).cloud();
}

std::size_t Count(World& world, const std::string& kind) {
  std::size_t count = 0;
  for (const auto& entry : Cloud(world).Ledger()) count += entry.kind == kind && entry.live() ? 1 : 0;
  return count;
}

// A field of the only cluster as the API returns it: "version", or "node_pools" for the sizes of
// all pools.
std::string Shown(World& world, const std::string& field) {
  const auto objects = world.cloud->Objects();
  const auto text = objects.empty() ? std::nullopt : Cloud(world).ClusterJson(objects.front().id);
  const auto parsed = json::ParseObject(text.value_or("{}"));
  if (!parsed) return "";
  auto cluster = *parsed;
  if (const auto inner = json::ObjectIn(cluster, "kubernetes_cluster")) cluster = inner;
  const auto pools = json::ArrayIn(cluster, field);
  if (!pools) return json::StringIn(cluster, field).value_or("");
  std::vector<std::string> sizes;
  for (std::size_t i = 0; i < pools->size(); ++i) {
    sizes.push_back(
        json::StringIn(json::AsObject(pools->get(static_cast<unsigned>(i))), "size").value_or(""));
  }
  return Join(sizes, " ");
}

std::size_t Done(World& world, const std::string& operation) {
  const auto journal = Cloud(world).Journal();
  return static_cast<std::size_t>(std::count_if(
      journal.begin(), journal.end(), [&](const auto& entry) { return entry.operation == operation; }));
}

void MustHavePools(World& world, std::size_t wanted) {
  world.RunFor(std::chrono::minutes(2));
  const std::size_t pools = Count(world, "node_pool");
  if (pools != wanted) world.Violate(StrCat(pools, " node pools where ", wanted, " were wanted"));
}

// A second node pool and another count for the first one: several steps, one of which creates
// something.
void ScaleAndPools(World& world, Invariants&) {
  Begin(world);
  if (!Made(world)) return;
  if (!Edited(world, "a",
              R"("nodePools":[{"name":"main","size":"s-2vcpu-4gb","count":3},)"
              R"({"name":"more","size":"s-2vcpu-4gb","count":1}])")) {
    return;
  }
  Reach(world, "two pools",
        [&] { return Count(world, "node_pool") >= 2 && IsInSync(world) && IsReady(world); });
  MustHavePools(world, 2);
  if (Gone(world)) ExpectQuiet(world);
}

// Another size: a new pool is created, and the old one is deleted once the new one is ready, so
// there is always a pool.
void PoolReplacement(World& world, Invariants&) {
  Begin(world);
  if (!Made(world, R"(,"allowDestructive":true)")) return;
  if (!Edited(world, "a", R"("nodePools":[{"name":"main","size":"s-4vcpu-8gb","count":1}])")) return;
  Reach(world, "one pool of the new size", [&] {
    if (Count(world, "node_pool") == 0) world.Violate("the last pool went before the new one was there");
    return Shown(world, "node_pools") == "s-4vcpu-8gb" && IsInSync(world) && IsReady(world);
  });
  MustHavePools(world, 1);
  if (Gone(world)) ExpectQuiet(world);
}

// Two minor versions up: DigitalOcean upgrades one at a time, and each is requested once.
void UpgradeByTwoHops(World& world, Invariants&) {
  Begin(world);
  if (!Made(world, R"(,"version":"1.33")")) return;
  if (!Edited(world, "a", R"("version":"1.35")")) return;
  Reach(world, "version 1.35",
        [&] { return Shown(world, "version").substr(0, 5) == "1.35." && IsInSync(world) && IsReady(world); });
  const std::size_t asked = Done(world, "POST /v2/kubernetes/clusters/{cluster_id}/upgrade");
  if (asked != 2) world.Violate(StrCat(asked, " upgrades where two hops were due"));
  if (Gone(world)) ExpectQuiet(world);
}

// Associated resources that the user names are deleted with the cluster; others stay, including
// those added meanwhile.
void DeleteWithAssociated(World& world, Invariants&) {
  Begin(world);
  if (!Made(world, R"(,"associatedResources":{"loadBalancers":true})")) return;
  const std::string id = RecordedId(world, "a");
  (void)Cloud(world).AddAssociated(id, "load_balancer", "front");
  (void)Cloud(world).AddAssociated(id, "volume", "data");
  if (!Gone(world)) return;
  if (const auto left = Count(world, "load_balancer"); left != 0)
    world.Violate(StrCat(left, " load balancers stay that were to go"));
  if (Count(world, "volume") != 1) world.Violate("a volume went that nobody named");
  ExpectQuiet(world);
}

// A cluster created by hand is adopted, first ReadOnly, then changed, and kept at the end.
void AdoptAndKeep(World& world, Invariants& invariants) {
  Begin(world);
  const auto id =
      Cloud(world).CreateByHand(simulated_digitalocean::AccountOptions().uuid,
                                R"({"name":"theirs","region":"fra1","version":"latest","tags":["by-hand"],)"
                                R"("node_pools":[{"name":"main","size":"s-2vcpu-4gb","count":2}]})");
  if (!id) return world.Violate("cannot be made by hand: " + id.error().message);
  world.RunFor(std::chrono::minutes(2));
  (void)world.Apply("a", SpecFor(world, StrCat(R"(,"adopt":{"clusterID":")", *id, "\"}")));
  if (!Reach(world, "the adoption", [&] {
        return RecordedId(world, "a") == *id && world.ConditionOf("a", "Synced") == "False/ObserveOnly";
      })) {
    return;
  }
  for (const auto& change : world.cloud->Changes()) {
    if (!change.adopts) world.Violate(change.operation + " changed what is only observed");
  }
  if (!Edited(world, "a",
              R"("managementPolicy":"Full","nodePools":[{"name":"main","size":"s-2vcpu-4gb","count":3}])")) {
    return;
  }
  if (!Reach(world, "the spec carried out", [&] { return IsInSync(world) && IsReady(world); })) return;
  MustHavePools(world, 1);
  invariants.Exempt(UidOf(world, "a"));  // the spec asks to abandon it
  (void)world.Delete("a");
  if (!Reach(world, "the deletion of the object", [&] { return !world.Get("a"); })) return;
  const auto objects = world.cloud->Objects();
  if (objects.size() != 1 || !objects.front().live) return world.Violate("an adopted cluster was removed");
  const auto& tags = objects.front().tags;
  if (std::find(tags.begin(), tags.end(), "by-hand") == tags.end())
    world.Violate("an adoption took a tag away that is not ours");
  ExpectQuiet(world);
}

// The token is revoked and replaced by another one of the same account while an edit is pending.
void TokenReplaced(World& world, Invariants&) {
  Begin(world);
  if (!Made(world)) return;
  Cloud(world).RevokeToken(Secret(world.cloud->token(0)));
  if (!Edited(world, "a", R"("nodePools":[{"name":"main","size":"s-2vcpu-4gb","count":3}])")) return;
  world.RunFor(std::chrono::minutes(3));
  // Where status could not be written, it does not reflect the edit yet.
  const auto object = world.Get("a");
  const bool of_the_edit = object && object->IntegerAt("/status/observedGeneration") == object->generation();
  if (of_the_edit && IsInSync(world)) return world.Violate("a revoked token changed something");
  (void)world.MakeSecret("token", SimulatedDoks::kSpareToken);
  Reach(world, "the edit carried out", [&] { return IsInSync(world) && IsReady(world); });
  if (Gone(world)) ExpectQuiet(world);
}

// A user deletes the published Secret: it is published again, once.
void ConnectionSecretLost(World& world, Invariants&) {
  Begin(world);
  if (!Made(world)) return;
  const auto published = [&] { return world.Get(kube::SecretKind(), "a-kubeconfig").has_value(); };
  if (!Reach(world, "the kubeconfig", published)) return;
  (void)world.admin().Delete(kube::SecretKind(), {"shop", "a-kubeconfig"}, {}, {});
  Reach(world, "the kubeconfig again", published);
  if (Gone(world)) ExpectQuiet(world);
  if (published()) world.Violate("the kubeconfig of a cluster that is gone stays behind");
}

Scenario Doks(const std::string& name, std::function<void(World&, Invariants&)> act) {
  return {"doks-" + name,
          [] {
            WorldOptions options;
            options.make_cloud = MakeDoks;
            return options;
          },
          std::move(act)};
}

}  // namespace

std::vector<Scenario> DoksScenarios() {
  return {Open(Doks("create-delete", CreateDelete)),
          Open(Doks("create-delete-at-once", CreateDeleteAtOnce)),
          Doks("scale-and-pools", ScaleAndPools),
          Listed(Doks("scale-and-pools", ScaleAndPools)),
          Doks("pool-replacement", PoolReplacement),
          Doks("upgrade-by-two-hops", UpgradeByTwoHops),
          Doks("delete-with-associated", DeleteWithAssociated),
          Doks("adopt-and-keep", AdoptAndKeep),
          Doks("token-replaced", TokenReplaced),
          Doks("connection-secret-lost", ConnectionSecretLost),
          Doks("namespace-deleted", NamespaceDeleted),
          Doks("other-account", OtherAccount)};
}

}  // namespace capstan::simulation
