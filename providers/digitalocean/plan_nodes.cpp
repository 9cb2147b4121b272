// Deletion or replacement of single nodes, as requested by annotations.
#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/providers/digitalocean/detail/plan.hpp>

namespace capstan::digitalocean {
namespace {

using external::Step;

bool Names(const std::vector<std::string>& nodes, const Node& node) {
  return std::any_of(nodes.begin(), nodes.end(), [&](const std::string& name) {
    return name == node.id || (!node.name.empty() && name == node.name);
  });
}

Step Remove(const Node& node, const NodePool& pool, bool replace, bool skip_drain) {
  const auto& name = node.name.empty() ? node.id : node.name;
  Step step;
  step.verb = replace ? "replace" : "remove";
  step.target = "nodes/" + name;
  step.why = StrCat("annotation capstan.dev/", replace ? "replace-nodes" : "delete-nodes", " names node ",
                    name, " of pool ", pool.name, skip_drain ? "; it is not drained before" : "");
  step.destroys = true;
  std::vector<std::string> query;
  if (replace) query.emplace_back("replace=1");
  if (skip_drain) query.emplace_back("skip_drain=1");
  step.arguments = Arguments("DELETE",
                             StrCat("/node_pools/", UrlEncode(pool.id), "/nodes/", UrlEncode(node.id),
                                    query.empty() ? "" : "?", Join(query, "&")),
                             nullptr);
  return step;
}

}  // namespace

NodePool PlanNodes(const NodeRequests& requests, const PoolSpec& spec, const NodePool& pool,
                   const Cluster& cluster, PoolPlan& plan) {
  NodePool left = pool;
  for (const auto& node : pool.nodes) {
    const bool replace = Names(requests.replace, node);
    if ((!replace && !Names(requests.remove, node)) || node.state == "deleting" || node.state == "draining")
      continue;
    const bool scales = spec.auto_scale.value_or(pool.auto_scale);
    const auto least = scales ? spec.min_nodes.value_or(pool.min_nodes) : spec.count.value_or(0);
    if (!replace && left.count <= least) {
      // The autoscaler would create a new one in its place.
      plan.unsupported.push_back(
          {spec.Path(scales ? "minNodes" : "count"),
           StrCat("it is ", least, ", and the pool has no more: lower it, or ask for node ",
                  node.name.empty() ? node.id : node.name,
                  " in annotation capstan.dev/replace-nodes instead of ", "capstan.dev/delete-nodes")});
      continue;
    }
    auto step = Remove(node, pool, replace, requests.skip_drain);
    step.waits = !TakesChanges(cluster);
    if (!replace) {
      --left.count;
      step.monthly_cost_change = ToTheCent(-MonthlyCost(cluster.prices, pool.size, 1).value_or(0));
    }
    plan.nodes.push_back(std::move(step));
  }
  return left;
}

}  // namespace capstan::digitalocean
