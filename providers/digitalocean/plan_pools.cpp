// Node pools: matched by our tags, scaled, relabelled and retainted in place, replaced when their size
// changes.
#include <algorithm>
#include <map>
#include <set>

#include <capstan/core/base/secret.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/providers/digitalocean/detail/plan.hpp>

namespace capstan::digitalocean {
namespace {

using external::Step;
using json::ObjectPtr;

std::string TextOf(const ObjectPtr& object, std::string_view key) {
  return json::StringIn(object, key).value_or("");
}

// The pool of the spec that a pool of ours stands for.
std::string SpecNameOf(const NodePool& pool) {
  auto tag = TagWith(pool.tags, kPoolTagPrefix);
  return tag.empty() ? pool.name : tag.substr(sizeof(kPoolTagPrefix) - 1);
}

// Whether a pool can become the spec's by changes in place.
bool SameMachines(const ObjectPtr& spec, const NodePool& pool) {
  auto mode = TextOf(spec, "gpuPartitionMode");
  return TextOf(spec, "size") == pool.size &&
         (mode.empty() || mode == TextOf(pool.object, "gpu_partition_mode"));
}

// A name for a pool beside an older one of the same pool of the spec: the same on every attempt.
std::string FreeName(const ObjectPtr& spec, const std::set<std::string>& taken) {
  auto name = TextOf(spec, "name");
  if (taken.count(name) == 0) return name;
  auto digest = Secret(StrCat(TextOf(spec, "size"), "/", TextOf(spec, "gpuPartitionMode"))).Fingerprint();
  return StrCat(name, "-", digest.substr(digest.find(':') + 1, 6));
}

std::map<std::string, std::string> Labels(const ObjectPtr& object) {
  std::map<std::string, std::string> labels;
  if (auto map = json::ObjectIn(object, "labels"))
    for (const auto& [key, value] : *map) labels[key] = value.isEmpty() ? "" : value.toString();
  return labels;
}

// "key=value:effect" of each, sorted. Some of the API's clients write the keys with capitals.
std::vector<std::string> Taints(const ObjectPtr& object) {
  std::vector<std::string> taints;
  auto array = json::ArrayIn(object, "taints");
  for (std::size_t i = 0; array && i < array->size(); ++i) {
    auto taint = json::AsObject(array->get(static_cast<unsigned>(i)));
    auto either = [&](const char* lower, const char* upper) {
      return json::StringIn(taint, lower).value_or(TextOf(taint, upper));
    };
    taints.push_back(
        StrCat(either("key", "Key"), "=", either("value", "Value"), ":", either("effect", "Effect")));
  }
  std::sort(taints.begin(), taints.end());
  return taints;
}

std::vector<std::string> UsersTags(std::vector<std::string> tags) {
  tags.erase(std::remove_if(tags.begin(), tags.end(),
                            [](const auto& tag) { return IsOurTag(tag) || IsAutomaticTag(tag); }),
             tags.end());
  for (auto& tag : tags) tag = ToLower(tag);
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  return tags;
}

struct PoolChange {
  ObjectPtr body = json::MakeObject();
  std::vector<std::string> why;
  bool scales = false, shrinks = false;
};

void CompareScale(const ObjectPtr& spec, const NodePool& pool, PoolChange& change) {
  bool automatic = json::BooleanIn(spec, "autoScale").value_or(false);
  if (automatic) {
    auto least = json::IntegerIn(spec, "minNodes").value_or(0),
         most = json::IntegerIn(spec, "maxNodes").value_or(0);
    if (pool.auto_scale && pool.min_nodes == least && pool.max_nodes == most) return;
    change.body->set("auto_scale", true);
    change.body->set("min_nodes", Poco::Int64{least});
    change.body->set("max_nodes", Poco::Int64{most});
    change.why.push_back(StrCat(
        "it shall scale by itself between ", least, " and ", most, " nodes, and ",
        pool.auto_scale ? StrCat("does between ", pool.min_nodes, " and ", pool.max_nodes) : "does not"));
    change.scales = true;
    change.shrinks = most < pool.count;
    return;
  }
  auto count = json::IntegerIn(spec, "count").value_or(pool.count);
  if (pool.auto_scale) {
    change.body->set("auto_scale", false);
    change.why.push_back("it shall not scale by itself, and does");
  }
  if (count != pool.count) change.why.push_back(StrCat("count is ", count, ", the pool has ", pool.count));
  if (count == pool.count && !pool.auto_scale) return;
  change.scales = true;
  change.shrinks = count < pool.count;
}

void CompareMarks(const ObjectPtr& spec, const ObjectPtr& request, const NodePool& pool, PoolChange& change) {
  if (Labels(spec) != Labels(pool.object)) {
    auto labels = json::ObjectIn(request, "labels");
    change.body->set("labels", labels ? labels : json::MakeObject());
    change.why.push_back("labels differ");
  }
  if (Taints(spec) != Taints(pool.object)) {
    auto taints = json::ArrayIn(request, "taints");
    change.body->set("taints", taints ? taints : json::MakeArray());
    change.why.push_back("taints differ");
  }
  if (json::ArrayIn(spec, "tags") && UsersTags(StringList(spec, "tags")) != UsersTags(pool.tags)) {
    auto tags = StringList(spec, "tags");
    for (const auto& tag : pool.tags)
      if (IsOurTag(tag) || IsAutomaticTag(tag)) tags.push_back(tag);
    change.body->set("tags", ToArray(tags));
    change.why.push_back("tags differ");
  }
}

std::string PoolPath(const NodePool& pool) { return "/node_pools/" + UrlEncode(pool.id); }

void ChangeInPlace(const ObjectPtr& spec, const NodePool& pool, const Cluster& cluster, PoolPlan& plan) {
  PoolChange change;
  CompareScale(spec, pool, change);
  CompareMarks(spec, MakePoolRequest(spec, pool.name), pool, change);
  if (change.why.empty()) return;
  change.body->set("name", pool.name);  // the schema of the update requires it
  // And the count, but a pool that scales by itself has the autoscaler's, which may have moved since we
  // looked.
  if (!json::BooleanIn(spec, "autoScale").value_or(false))
    change.body->set("count", Poco::Int64{json::IntegerIn(spec, "count").value_or(pool.count)});
  Step step;
  step.verb = change.scales ? "scale" : "update";
  step.target = "nodePools/" + pool.name;
  step.why = StrCat("spec.nodePools[", TextOf(spec, "name"), "]: ", Join(change.why, "; "));
  step.destroys = change.shrinks;
  step.waits = !TakesChanges(cluster);
  step.arguments = Arguments("PUT", PoolPath(pool), change.body);
  plan.changes.push_back(std::move(step));
}

void Create(const ObjectPtr& spec, const std::set<std::string>& taken, const Cluster& cluster,
            const NodePool* old, PoolPlan& plan) {
  auto name = FreeName(spec, taken);
  Step step;
  step.verb = old != nullptr ? "replace" : "create";
  step.target = "nodePools/" + name;
  step.why = old != nullptr ? StrCat("spec.nodePools[", TextOf(spec, "name"), "].size is ",
                                     TextOf(spec, "size"), ", pool ", old->name, " has ", old->size,
                                     "; the new pool comes first, then the old one goes")
                            : StrCat("spec.nodePools has ", TextOf(spec, "name"), ", the cluster does not");
  step.makes = true;
  step.waits = !TakesChanges(cluster);
  step.arguments = Arguments("POST", "/node_pools", MakePoolRequest(spec, name));
  plan.creations.push_back(std::move(step));
}

void Remove(const NodePool& pool, const std::string& why, bool waits, PoolPlan& plan) {
  Step step;
  step.verb = "remove";
  step.target = "nodePools/" + pool.name;
  step.why = why;
  step.destroys = true;
  step.waits = waits;
  step.arguments = Arguments("DELETE", PoolPath(pool), nullptr);
  plan.removals.push_back(std::move(step));
}

}  // namespace

PoolPlan PlanPools(const Desired& desired, const Cluster& cluster, const std::string& identity) {
  PoolPlan plan;
  std::set<std::string> taken;
  std::map<std::string, std::vector<const NodePool*>> ours;
  for (const auto& pool : cluster.pools) {
    taken.insert(pool.name);
    if (!identity.empty() && HasTag(pool.tags, identity)) ours[SpecNameOf(pool)].push_back(&pool);
  }
  std::vector<std::pair<const NodePool*, std::string>> obsolete;
  bool ready = TakesChanges(cluster);
  for (const auto& spec : SpecPools(desired.spec)) {
    auto name = TextOf(spec, "name");
    auto candidates = std::move(ours[name]);
    ours.erase(name);
    // Of several that would do, the one with the most beautiful name, then the lowest id: every look chooses
    // the same.
    std::sort(candidates.begin(), candidates.end(), [&](const NodePool* a, const NodePool* b) {
      return std::make_tuple(!SameMachines(spec, *a), a->name != name, a->id) <
             std::make_tuple(!SameMachines(spec, *b), b->name != name, b->id);
    });
    const NodePool* current =
        !candidates.empty() && SameMachines(spec, *candidates.front()) ? candidates.front() : nullptr;
    if (current != nullptr) {
      ChangeInPlace(spec, *current, cluster, plan);
      ready = ready && current->settled();
    } else {
      Create(spec, taken, cluster, candidates.empty() ? nullptr : candidates.front(), plan);
    }
    for (const auto* pool : candidates)
      if (pool != current)
        obsolete.emplace_back(pool, StrCat("another pool stands for spec.nodePools[", name, "] now"));
  }
  for (const auto& [name, pools] : ours)
    for (const auto* pool : pools)
      obsolete.emplace_back(pool, StrCat("spec.nodePools has no ", name, " any more"));
  // Old nodes go only when the pools that stay have all of theirs.
  for (const auto& [pool, why] : obsolete) {
    if (!pool->leaving()) Remove(*pool, why, !ready, plan);
  }
  return plan;
}

}  // namespace capstan::digitalocean
