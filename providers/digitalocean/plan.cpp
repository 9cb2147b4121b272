#include <capstan/providers/digitalocean/detail/plan.hpp>

#include <capstan/core/base/text.hpp>
#include <capstan/providers/digitalocean/detail/versions.hpp>

namespace capstan::digitalocean {
namespace {

using external::Plan;
using external::Step;

// `aim`: the final target of the hops. Fails if that is not on offer.
Step Hop(const std::string& to, const std::string& aim, const std::string& why) {
  Step step;
  step.verb = "upgrade";
  step.target = "version/" + to;
  step.why = why;
  step.waits = true;
  auto arguments = json::MakeObject();
  arguments->set("upgrade", to);
  if (aim != to) arguments->set("aim", aim);
  step.arguments = json::ToText(arguments);
  return step;
}

}  // namespace

bool TakesChanges(const Cluster& cluster) {
  return cluster.state != "upgrading" && cluster.state != "provisioning";
}

std::string Arguments(const std::string& method, const std::string& path, const json::ObjectPtr& body) {
  auto arguments = json::MakeObject();
  arguments->set("method", method);
  arguments->set("path", path);
  if (body) arguments->set("body", body);
  return json::ToText(arguments);
}

void PlanVersion(const Desired& desired, const Cluster& cluster, Plan& plan) {
  const auto& wanted = desired.spec.version;
  auto current = ParseSlug(cluster.version);
  // `latest` selects the version at creation. It does not upgrade a running cluster.
  if (!wanted || !current || wanted->kind == WantedVersion::Kind::kLatest) return;
  const auto& text = wanted->text;
  bool exact = wanted->kind == WantedVersion::Kind::kExact;
  const auto& to = wanted->numbers;
  bool same_minor = to[0] == (*current)[0] && to[1] == (*current)[1];
  if (same_minor && (!exact || to == *current)) return;
  if (same_minor && to < *current && desired.spec.auto_upgrade) return;
  plan.differences.push_back(
      {"spec.version", json::ToText(json::Tree(text)), json::ToText(json::Tree(cluster.version))});
  auto why = StrCat("spec.version is ", text, ", the cluster runs ", cluster.version);
  // The spec that matches the cluster as it is.
  const auto remedy = StrCat(". Set spec.version to ", cluster.version, ", or to \"", (*current)[0], ".",
                             (*current)[1], "\", which any patch of it meets");
  if (to < *current) {
    plan.unsupported.push_back({"spec.version", StrCat(why, ", and a cluster cannot be downgraded", remedy)});
    return;
  }
  if (auto not_offered = WhyNotOffered(*wanted, cluster.versions, current)) {
    plan.unsupported.push_back({"spec.version", StrCat(why, ", and ", *not_offered, remedy)});
    return;
  }
  if (to[0] != (*current)[0]) {
    plan.unsupported.push_back(
        {"spec.version", StrCat(why, ", and no upgrade leads to another major version", remedy)});
    return;
  }
  // The API does not report the target of a running upgrade.
  if (cluster.state == "upgrading") why += "; what is running may be that";
  for (int minor = (*current)[1] + 1; minor < to[1]; ++minor) {
    auto via = StrCat(to[0], ".", minor);
    plan.steps.push_back(Hop(via, text, StrCat(why, "; upgrades go one minor version at a time")));
  }
  plan.steps.push_back(Hop(text, text, why));
}

Plan PlanChanges(const Desired& desired, const Cluster& cluster, const std::string& identity,
                 const std::string& owner) {
  Plan plan;
  auto append = [&plan](std::vector<Step>& steps) {
    for (auto& step : steps) plan.steps.push_back(std::move(step));
  };
  auto pools = PlanPools(desired, cluster, external::Identity{identity, owner, cluster.id, ""});
  append(pools.adoptions);
  PlanSettings(desired, cluster, plan);
  // The order ensures that nothing is deleted before its replacement exists, that steps without
  // consent do not wait for those that need it, and that an upgrade does not recreate nodes that
  // are about to change anyway.
  append(pools.changes);
  append(pools.creations);
  append(pools.replacements);
  append(pools.nodes);
  append(pools.shrinkings);
  append(pools.removals);
  for (auto& item : pools.unsupported) plan.unsupported.push_back(std::move(item));
  for (auto& item : pools.differences) plan.differences.push_back(std::move(item));
  plan.spent = std::move(pools.spent);
  PlanVersion(desired, cluster, plan);
  plan.waiting = cluster.state == "upgrading" ? "DigitalOcean upgrades the cluster" : pools.waiting;
  return plan;
}

std::vector<external::Unsupported> UnavailableChoices(const Desired& desired, const OnOffer& offers,
                                                      const VpcPlace& vpc) {
  std::vector<external::Unsupported> all;
  const auto& spec = desired.spec;
  if (auto why = WhyNoRegion(spec.region, offers)) all.push_back({"spec.region", *why});
  if (auto why = spec.version ? WhyNotOffered(*spec.version, offers.versions) : std::nullopt)
    all.push_back({"spec.version", *why});
  for (const auto& pool : spec.pools.value_or(std::vector<PoolSpec>{}))
    if (auto why = WhyNoSize(pool.size, offers)) all.push_back({pool.Path("size"), *why});
  if (vpc.missing)
    all.push_back(
        {"spec.vpcUUID", StrCat("the account has no VPC ", spec.vpc_uuid, ": name one that it has in ",
                                spec.region, ", or leave vpcUUID out for the region's own")});
  if (!vpc.region.empty() && vpc.region != spec.region)
    all.push_back({"spec.vpcUUID",
                   StrCat("VPC ", spec.vpc_uuid, " is in ", vpc.region, ", and spec.region is ", spec.region,
                          ": name a VPC of ", spec.region, ", or leave vpcUUID out for the region's own")});
  return all;
}

Plan PlanCreation(const Desired& desired, const Prices& prices, const OnOffer& offers, const VpcPlace& vpc) {
  Plan plan;
  Step step;
  step.target = "cluster";
  if (desired.adopts) {
    step.verb = "adopt";
    step.why = "spec.adopt names a cluster; the differences are known once it was observed";
    plan.steps = {std::move(step)};
    return plan;
  }
  plan.unsupported = UnavailableChoices(desired, offers, vpc);
  if (!plan.unsupported.empty()) return plan;
  step.verb = "create";
  step.makes = true;
  step.why = StrCat("there is no cluster ", desired.name, " of ours yet");
  double sum = 0;
  bool known = true;
  for (const auto& pool : desired.spec.pools.value_or(std::vector<PoolSpec>{})) {
    auto cost = MonthlyCost(prices, pool.size, pool.first_count());
    known = known && cost;
    sum += cost.value_or(0);
  }
  if (known) step.monthly_cost_change = ToTheCent(sum);
  plan.steps = {std::move(step)};
  return plan;
}

}  // namespace capstan::digitalocean
