// Changes to a pool of ours that need no new machines: its count, autoscaling, labels, taints and
// tags.
#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/providers/digitalocean/detail/plan.hpp>

namespace capstan::digitalocean {
namespace {

using external::Difference;
using external::Step;
using json::ObjectPtr;

std::vector<std::string> UsersTags(std::vector<std::string> tags) {
  tags.erase(std::remove_if(tags.begin(), tags.end(),
                            [](const auto& tag) { return IsOurTag(tag) || IsAutomaticTag(tag); }),
             tags.end());
  for (auto& tag : tags) tag = ToLower(tag);
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  return tags;
}

// The changes to one pool.
struct PoolChange {
  const PoolSpec& spec;
  std::vector<Difference>& differences;
  ObjectPtr scale = json::MakeObject(), marks = json::MakeObject();  // the fields to send
  std::vector<std::string> why_scale, why_marks;
  bool reset_count = false;
  bool shrinks = false;
  std::int64_t count_afterwards = 0;

  void Differs(std::string_view field, const std::string& wanted, const std::string& seen) {
    differences.push_back({spec.Path(field), wanted, seen});
  }
  void Differs(std::string_view field, std::int64_t wanted, std::int64_t seen) {
    if (wanted != seen) Differs(field, std::to_string(wanted), std::to_string(seen));
  }
};

void CompareAutomaticScale(const NodePool& pool, PoolChange& change) {
  const auto least = change.spec.min_nodes.value_or(pool.min_nodes),
             most = change.spec.max_nodes.value_or(pool.max_nodes);
  if (pool.auto_scale && pool.min_nodes == least && pool.max_nodes == most) return;
  change.scale->set("auto_scale", true);
  change.scale->set("min_nodes", Poco::Int64{least});
  change.scale->set("max_nodes", Poco::Int64{most});
  change.count_afterwards = std::clamp(pool.count, least, std::max(least, most));
  change.why_scale.push_back(StrCat(
      "it scales by itself between ", least, " and ", most, " nodes from now on, ",
      pool.auto_scale ? StrCat("not between ", pool.min_nodes, " and ", pool.max_nodes) : "not by hand",
      "; the cost is that of ", change.count_afterwards, change.count_afterwards == 1 ? " node" : " nodes",
      " and changes as the autoscaler adds and removes nodes"));
  if (!pool.auto_scale) change.Differs("autoScale", "true", "false");
  change.Differs("minNodes", least, pool.min_nodes);
  change.Differs("maxNodes", most, pool.max_nodes);
  change.shrinks = most < pool.count;
}

// Only once: the autoscaler continues from there.
void ResetCount(const NodePool& pool, PoolChange& change) {
  const auto count = change.spec.count.value_or(pool.count);
  if (count == pool.count) return;
  change.scale->set("auto_scale", true);
  change.scale->set("min_nodes", Poco::Int64{change.spec.min_nodes.value_or(pool.min_nodes)});
  change.scale->set("max_nodes", Poco::Int64{change.spec.max_nodes.value_or(pool.max_nodes)});
  change.scale->set("count", Poco::Int64{count});
  change.why_scale.push_back(StrCat("annotation capstan.dev/reset-count asks for its count of ", count,
                                    " once, the pool has ", pool.count,
                                    "; the autoscaler goes on from there"));
  change.Differs("count", count, pool.count);
  change.count_afterwards = count;
  change.shrinks = count < pool.count;
}

void CompareScale(const NodePool& pool, PoolChange& change) {
  change.count_afterwards = pool.count;
  if (change.spec.auto_scale.value_or(pool.auto_scale)) {
    CompareAutomaticScale(pool, change);
    if (change.reset_count) ResetCount(pool, change);
    return;
  }
  const auto count = change.spec.count.value_or(pool.count);
  if (pool.auto_scale) {
    change.scale->set("auto_scale", false);
    change.why_scale.push_back("it no longer scales by itself");
    change.Differs("autoScale", "false", "true");
  }
  if (count != pool.count)
    change.why_scale.push_back(StrCat("count is ", count, ", the pool has ", pool.count));
  change.Differs("count", count, pool.count);
  if (count == pool.count && !pool.auto_scale) return;
  change.count_afterwards = count;
  change.shrinks = count < pool.count;
}

void CompareMarks(const NodePool& pool, PoolChange& change) {
  const auto& spec = change.spec;
  if (spec.labels && *spec.labels != pool.labels) {
    change.marks->set("labels", ToObject(*spec.labels));
    change.why_marks.push_back("labels differ");
    change.Differs("labels", json::ToText(ToObject(*spec.labels)), json::ToText(ToObject(pool.labels)));
  }
  if (spec.taints && TaintTexts(*spec.taints) != TaintTexts(pool.taints)) {
    change.marks->set("taints", ToArray(*spec.taints));
    change.why_marks.push_back("taints differ");
    change.Differs("taints", json::ToText(json::ArrayOf(TaintTexts(*spec.taints))),
                   json::ToText(json::ArrayOf(TaintTexts(pool.taints))));
  }
  if (!spec.tags) return;
  const auto wanted = UsersTags(*spec.tags), seen = UsersTags(pool.tags);
  if (wanted == seen) return;
  auto tags = *spec.tags;
  for (const auto& tag : pool.tags)
    if (IsOurTag(tag) || IsAutomaticTag(tag)) tags.push_back(tag);
  change.marks->set("tags", json::ArrayOf(tags));
  change.why_marks.push_back("tags differ");
  change.Differs("tags", json::ToText(json::ArrayOf(wanted)), json::ToText(json::ArrayOf(seen)));
}

// Sends fields under the API's names in one request.
Step Put(const NodePool& pool, const Cluster& cluster, const char* verb, const ObjectPtr& fields,
         std::string why) {
  auto body = json::Clone(fields);
  body->set("name", pool.name);  // required by the schema of the update
  Step step;
  step.verb = verb;
  step.target = "nodePools/" + pool.name;
  step.why = std::move(why);
  step.waits = !TakesChanges(cluster);
  step.arguments = Arguments("PUT", "/node_pools/" + UrlEncode(pool.id), body);
  return step;
}

// Apply ignores this field; it only makes the plan's hash depend on the current count.
std::string WithPresentCount(const std::string& arguments, std::int64_t count) {
  auto object = json::ParseObject(arguments).value();
  object->set("present", Poco::Int64{count});
  return json::ToText(object);
}

}  // namespace

std::string ResetRequest(const std::string& pool) { return "capstan.dev/reset-count=" + pool; }

std::string ReasonAgainstReset(const PoolSpec& spec, const NodePool& pool) {
  if (!spec.count)
    return "annotation capstan.dev/reset-count names this pool, and the spec gives it no count";
  if (!spec.auto_scale.value_or(pool.auto_scale)) return "";
  const auto least = spec.min_nodes.value_or(pool.min_nodes), most = spec.max_nodes.value_or(pool.max_nodes);
  if (*spec.count >= least && *spec.count <= most) return "";
  return StrCat("annotation capstan.dev/reset-count asks for its count of ", *spec.count,
                ", and it scales by itself between ", least, " and ", most);
}

std::vector<Step> ChangeInPlace(const PoolSpec& spec, const NodePool& pool, const Cluster& cluster,
                                bool reset_count, std::vector<Difference>& differences) {
  PoolChange change{spec, differences};
  change.reset_count = reset_count;
  CompareScale(pool, change);
  CompareMarks(pool, change);
  const auto prefix = spec.Path() + ": ";
  // The schema requires the count, but that of an autoscaled pool belongs to the autoscaler, and
  // may have changed since the observation.
  const bool automatic = spec.auto_scale.value_or(pool.auto_scale);
  const auto count = spec.count.value_or(pool.count);
  std::vector<Step> steps;
  if (change.why_scale.empty()) {
    if (change.why_marks.empty()) return steps;
    if (!automatic) change.marks->set("count", Poco::Int64{count});
    steps.push_back(Put(pool, cluster, "update", change.marks, prefix + Join(change.why_marks, "; ")));
    return steps;
  }
  if (!change.why_marks.empty() && change.shrinks) {
    // In a separate step, so that only the change of the nodes requires consent.
    if (!pool.auto_scale) change.marks->set("count", Poco::Int64{pool.count});
    steps.push_back(Put(pool, cluster, "update", change.marks, prefix + Join(change.why_marks, "; ")));
  } else {
    for (const auto& [key, value] : *change.marks) change.scale->set(key, value);
    for (auto& why : change.why_marks) change.why_scale.push_back(std::move(why));
  }
  if (!automatic) change.scale->set("count", Poco::Int64{count});
  auto step = Put(pool, cluster, "scale", change.scale, prefix + Join(change.why_scale, "; "));
  step.destroys = change.shrinks;
  if (reset_count && count != pool.count) step.consumes = ResetRequest(spec.name);
  // Consent applies to the nodes that are deleted, not to a target count, which could later mean
  // more deletions. An autoscaled pool is exempt, because its count changes faster than anyone can
  // consent.
  if (change.shrinks && !pool.auto_scale) step.arguments = WithPresentCount(step.arguments, pool.count);
  auto before = MonthlyCost(cluster.prices, pool.size, pool.count),
       after = MonthlyCost(cluster.prices, pool.size, change.count_afterwards);
  if (before && after) step.monthly_cost_change = ToTheCent(*after - *before);
  steps.push_back(std::move(step));
  return steps;
}

}  // namespace capstan::digitalocean
