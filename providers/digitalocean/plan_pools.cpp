// Node pools: matched by our tags, changed in place, replaced when their machines change, and with
// spec.adopt adopted by their names.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/external/short_digest.hpp>
#include <capstan/providers/digitalocean/detail/plan.hpp>

namespace capstan::digitalocean {
namespace {

using external::Identity;
using external::Step;

std::string Quoted(const std::string& text) { return json::ToText(json::Tree(text)); }

// The pool in the spec that a pool belongs to.
std::string SpecNameOf(const NodePool& pool) {
  auto tag = TagWith(pool.tags, kPoolTagPrefix);
  return tag.empty() ? pool.name : tag.substr(sizeof(kPoolTagPrefix) - 1);
}

// The name of a new pool while an older one of the spec's name exists: the same on every attempt.
std::string OtherName(const std::string& name, const std::string& size, const std::string& mode,
                      int attempt) {
  auto text = StrCat(size, "/", mode);
  if (attempt > 0) text += StrCat("/", attempt);
  return StrCat(name, "-", external::ShortDigest(std::move(text)).substr(0, 6));
}

std::string FreeName(const PoolSpec& spec, const std::set<std::string>& taken) {
  auto candidate = spec.name;
  for (int i = 0; taken.count(candidate) != 0; ++i)
    candidate = OtherName(spec.name, spec.size, spec.gpu_partition_mode.value_or(""), i);
  return candidate;
}

// Whether a pool without our tags has the name that we give to replacements.
bool WasMadeFor(const std::string& name, const NodePool& pool) {
  for (int i = 0; i < 3; ++i)
    for (const auto& mode : {std::string(), pool.gpu_partition_mode})
      if (pool.name == OtherName(name, pool.size, mode, i)) return true;
  return false;
}

std::string Summary(const std::string& size, std::int64_t count) {
  auto object = json::MakeObject();
  object->set("size", size);
  object->set("count", Poco::Int64{count});
  return json::ToText(object);
}

// The input and results of planning the pools.
struct Look {
  const Desired& desired;
  const Cluster& cluster;
  const Identity& identity;
  PoolPlan& plan;
  std::set<std::string> taken;                                 // names
  std::map<std::string, std::vector<const NodePool*>> ours;    // by the pool in the spec
  std::map<std::string, std::vector<const NodePool*>> theirs;  // likewise, without our identity
  std::set<std::string> leaving;  // pools in the spec whose previous pool is being deleted
  struct Obsolete {
    const NodePool* pool;
    std::string why;
  };
  std::vector<Obsolete> obsolete;
  std::set<const NodePool*> unsettled = {};     // remaining pools with too few or too many nodes
  std::vector<const NodePool*> shrinking = {};  // the pools of plan.shrinkings, in the same order
};

// Orders candidates for the same pool in the spec: those with the right machines first, then those
// with the spec's name, then the lowest id, so that every pass chooses the same.
void SortByPreference(const PoolSpec& spec, std::vector<const NodePool*>& pools) {
  std::sort(pools.begin(), pools.end(), [&](const NodePool* a, const NodePool* b) {
    return std::make_tuple(!spec.HasTheMachinesOf(*a), a->name != spec.name, a->id) <
           std::make_tuple(!spec.HasTheMachinesOf(*b), b->name != spec.name, b->id);
  });
}

// The pool as it will be with our tags.
const NodePool& PlanTagging(const PoolSpec& spec, const NodePool& pool, Look& look) {
  NodePool taken = pool;
  taken.tags = WithTagsOf(pool.tags, look.identity);
  if (TagWith(taken.tags, kPoolTagPrefix).empty()) taken.tags.push_back(kPoolTagPrefix + spec.name);
  auto body = json::MakeObject();  // no count: it may have changed since the observation
  body->set("name", pool.name);
  body->set("tags", json::ArrayOf(taken.tags));
  Step step;
  step.verb = "adopt";
  step.target = "nodePools/" + pool.name;
  step.why = StrCat(spec.Path(), " is the cluster's pool ", pool.name, ": it gets our tags");
  step.waits = !TakesChanges(look.cluster);
  step.arguments = Arguments("PUT", "/node_pools/" + UrlEncode(pool.id), body);
  look.plan.adoptions.push_back(std::move(step));
  look.plan.adopted.push_back(std::move(taken));
  return look.plan.adopted.back();
}

void Create(const PoolSpec& spec, const NodePool* old, Look& look) {
  auto name = FreeName(spec, look.taken);
  look.taken.insert(name);
  const auto whole = old != nullptr ? spec.InPlaceOf(*old) : spec;
  const auto count = whole.first_count();
  Step step;
  step.verb = old != nullptr ? "replace" : "create";
  step.target = "nodePools/" + name;
  if (old != nullptr) {
    const bool resized = old->size != spec.size;
    const auto path = spec.Path(resized ? "size" : "gpuPartitionMode");
    const auto wanted = resized ? spec.size : spec.gpu_partition_mode.value_or("");
    const auto seen = resized ? old->size : old->gpu_partition_mode;
    step.why = StrCat(path, " is ", wanted, ", pool ", old->name, " has ", seen.empty() ? "none" : seen,
                      "; the new pool comes first, then the old one goes");
    look.plan.differences.push_back({path, Quoted(wanted), Quoted(seen)});
  } else {
    step.why = StrCat("spec.nodePools has ", spec.name, ", the cluster does not");
    look.plan.differences.push_back({spec.Path(), Summary(spec.size, count), ""});
  }
  step.makes = true;
  step.destroys = old != nullptr;
  step.waits = !TakesChanges(look.cluster);
  step.monthly_cost_change = MonthlyCost(look.cluster.prices, spec.size, count).value_or(0);
  step.arguments = Arguments("POST", "/node_pools", MakePoolRequest(whole, name));
  (old != nullptr ? look.plan.replacements : look.plan.creations).push_back(std::move(step));
}

// Finds a pool of ours that the spec no longer names and that differs from `spec` only in its name,
// and removes it from the obsolete ones. Null: there is none.
const NodePool* TakeRenamed(const PoolSpec& spec, Look& look) {
  if (look.taken.count(spec.name) != 0) return nullptr;
  for (auto& [name, pools] : look.ours) {
    if (look.desired.spec.PoolNamed(name) != nullptr) continue;
    for (auto it = pools.begin(); it != pools.end(); ++it) {
      std::vector<external::Difference> differences;
      if (!spec.HasTheMachinesOf(**it) ||
          !ChangeInPlace(spec, **it, look.cluster, false, differences).empty())
        continue;
      const NodePool* found = *it;
      pools.erase(it);
      return found;
    }
  }
  return nullptr;
}

void Rename(const PoolSpec& spec, const NodePool& pool, Look& look) {
  std::vector<std::string> tags;
  const auto former = TagWith(pool.tags, kPoolTagPrefix);
  for (const auto& tag : pool.tags)
    if (tag != former) tags.push_back(tag);
  tags.push_back(kPoolTagPrefix + spec.name);
  auto body = json::MakeObject();  // no count: it may have changed since the observation
  body->set("name", spec.name);
  body->set("tags", json::ArrayOf(tags));
  Step step;
  step.verb = "rename";
  step.target = "nodePools/" + spec.name;
  step.why = StrCat("spec.nodePools has ", spec.name, " instead of ", SpecNameOf(pool),
                    ", and they differ in nothing but the name of pool ", pool.name);
  step.waits = !TakesChanges(look.cluster);
  step.arguments = Arguments("PUT", "/node_pools/" + UrlEncode(pool.id), body);
  look.plan.differences.push_back({spec.Path("name"), Quoted(spec.name), Quoted(pool.name)});
  look.plan.changes.push_back(std::move(step));
  look.taken.insert(spec.name);
  if (!pool.settled()) look.unsettled.insert(&pool);
}

const NodePool* WithoutItsTags(const std::string& name, const Look& look) {
  for (const auto& [theirs, pools] : look.theirs)
    for (const auto* pool : pools)
      if (TagWith(pool->tags, kIdentityPrefix).empty() && WasMadeFor(name, *pool)) return pool;
  return nullptr;
}

bool AsksForReset(const std::string& pool, const Look& look) {
  const auto& asked = look.desired.nodes.reset_counts;
  return std::find(asked.begin(), asked.end(), pool) != asked.end();
}

// Whether an annotation requests the count of the spec, the reset is possible, and the pool does
// not already have it.
bool ResetsCount(const PoolSpec& spec, const NodePool& pool, Look& look) {
  if (!AsksForReset(spec.name, look)) return false;
  if (auto why = ReasonAgainstReset(spec, pool); !why.empty()) {
    look.plan.unsupported.push_back(
        {spec.Path("count"), StrCat(why, ": change the count, or take the pool out of the annotation")});
    return false;
  }
  if (pool.count == *spec.count) look.plan.spent.push_back(ResetRequest(spec.name));
  return pool.count != *spec.count;
}

void RefuseUnknownResets(const Desired& desired, PoolPlan& plan) {
  for (const auto& name : desired.nodes.reset_counts) {
    if (desired.spec.PoolNamed(name) != nullptr) continue;
    plan.unsupported.push_back(
        {StrCat("spec.nodePools[", Shorten(name, 60), "]"),
         "annotation capstan.dev/reset-count names this pool, and the spec has none of "
         "that name: take it out of the annotation"});
  }
}

// Plans one pool in the spec.
void PlanOne(const PoolSpec& spec, Look& look) {
  const auto& name = spec.name;
  auto candidates = std::move(look.ours[name]);
  look.ours.erase(name);
  if (candidates.empty() && look.desired.adopts && !look.theirs[name].empty()) {
    auto& theirs = look.theirs[name];
    SortByPreference(spec, theirs);
    candidates.push_back(&PlanTagging(spec, *theirs.front(), look));
  }
  SortByPreference(spec, candidates);
  const NodePool* best = candidates.empty() ? nullptr : candidates.front();
  const NodePool* current = best != nullptr && spec.HasTheMachinesOf(*best) ? best : nullptr;
  if (current != nullptr && (!look.desired.nodes.remove.empty() || !look.desired.nodes.replace.empty())) {
    look.plan.adopted.push_back(PlanNodes(look.desired.nodes, spec, *current, look.cluster, look.plan));
    const auto* before = std::exchange(current, &look.plan.adopted.back());
    std::replace(candidates.begin(), candidates.end(), before, current);
  }
  if (current != nullptr) {
    for (auto& step : ChangeInPlace(spec, *current, look.cluster, ResetsCount(spec, *current, look),
                                    look.plan.differences)) {
      if (step.destroys) look.shrinking.push_back(current);
      (step.destroys ? look.plan.shrinkings : look.plan.changes).push_back(std::move(step));
    }
    if (!current->settled()) look.unsettled.insert(current);
  } else if (best == nullptr && !look.theirs[name].empty()) {
    look.plan.unsupported.push_back(
        {spec.Path(),
         StrCat(
             "the cluster has a pool of that name without our tags: another client created it, or took them "
             "off. If it is this one, put the tags ",
             look.identity.tag, ", ", look.identity.owner, " and ", kPoolTagPrefix, name,
             " on it next to those that it has; else give this one another name")});
    look.plan.differences.push_back({spec.Path(), Summary(spec.size, spec.first_count()), ""});
  } else if (const auto* lost = best == nullptr ? WithoutItsTags(name, look) : nullptr) {
    look.plan.unsupported.push_back(
        {spec.Path(),
         StrCat("pool ", lost->name, " was made for it and has lost its tags: put ", look.identity.tag, ", ",
                look.identity.owner, " and ", kPoolTagPrefix, name, " on it next to those that it has")});
    look.plan.differences.push_back({spec.Path(), Summary(spec.size, spec.first_count()), ""});
  } else if (best == nullptr && look.leaving.count(name) != 0) {
    // It is recreated under its own name once the previous one is gone.
    look.plan.differences.push_back({spec.Path(), Summary(spec.size, spec.first_count()), ""});
  } else if (const auto* renamed = best == nullptr ? TakeRenamed(spec, look) : nullptr) {
    Rename(spec, *renamed, look);
  } else {
    Create(spec, best, look);
  }
  for (const auto* pool : candidates) {
    if (pool == current) continue;
    look.obsolete.push_back({pool, StrCat("another pool stands for spec.nodePools[", name, "] now")});
    if (current != nullptr)
      look.plan.differences.push_back({spec.Path(), "", Summary(pool->size, pool->count)});
  }
}

void Leaving(const NodePool& pool, Look& look) {
  look.leaving.insert(SpecNameOf(pool));
  if (look.plan.waiting.empty())
    look.plan.waiting = StrCat("DigitalOcean drains and removes node pool ", pool.name);
}

// Nodes are deleted only when all other remaining pools are complete. A pool that itself lacks
// nodes can be reduced nevertheless, because they may never become ready.
void DeferScaleDowns(Look& look, bool grows) {
  for (std::size_t i = 0; i < look.shrinking.size(); ++i) {
    auto others = look.unsettled.size() - look.unsettled.count(look.shrinking[i]);
    auto& step = look.plan.shrinkings[i];
    step.waits = step.waits || grows || others > 0;
  }
}

// The pool's last nodes are being deleted because its desired count is zero: the pool itself stays.
bool Empties(const Desired& desired, const NodePool& pool) {
  const auto* spec = desired.spec.PoolNamed(SpecNameOf(pool));
  if (pool.count != 0 || spec == nullptr || !spec->HasTheMachinesOf(pool)) return false;
  return !spec->auto_scale.value_or(pool.auto_scale) && spec->count.value_or(0) == 0;
}

void PlanRemovals(Look& look, bool grows) {
  for (const auto& [pool, why] : look.obsolete) {
    Step step;
    step.verb = "remove";
    step.target = "nodePools/" + pool->name;
    step.why = why;
    step.destroys = true;
    step.waits = grows || !look.unsettled.empty() || !TakesChanges(look.cluster);
    step.monthly_cost_change =
        ToTheCent(-MonthlyCost(look.cluster.prices, pool->size, pool->count).value_or(0));
    step.arguments = Arguments("DELETE", "/node_pools/" + UrlEncode(pool->id), nullptr);
    look.plan.removals.push_back(std::move(step));
  }
}

}  // namespace

PoolPlan PlanPools(const Desired& desired, const Cluster& cluster, const Identity& identity) {
  PoolPlan plan;
  RefuseUnknownResets(desired, plan);
  // An adopted cluster without pools in its spec: the pools are not managed.
  if (!desired.spec.pools) return plan;
  Look look{desired, cluster, identity, plan, {}, {}, {}, {}, {}};
  for (const auto& pool : cluster.pools) {
    look.taken.insert(pool.name);
    bool ours = !identity.tag.empty() && HasTag(pool.tags, identity.tag);
    if (pool.leaving() && !(ours && Empties(desired, pool))) {
      if (ours) Leaving(pool, look);
      continue;
    }
    (ours ? look.ours : look.theirs)[ours || desired.adopts ? SpecNameOf(pool) : pool.name].push_back(&pool);
  }
  for (const auto& spec : *desired.spec.pools) PlanOne(spec, look);
  for (const auto& [name, pools] : look.ours) {
    for (const auto* pool : pools) {
      look.obsolete.push_back({pool, StrCat("spec.nodePools has no ", name, " any more")});
      plan.differences.push_back(
          {StrCat("spec.nodePools[", name, "]"), "", Summary(pool->size, pool->count)});
    }
  }
  const bool grows = !plan.creations.empty() || !plan.replacements.empty() ||
                     std::any_of(plan.changes.begin(), plan.changes.end(),
                                 [](const Step& step) { return step.verb == "scale"; });
  DeferScaleDowns(look, grows);
  PlanRemovals(look, grows);
  return plan;
}

}  // namespace capstan::digitalocean
