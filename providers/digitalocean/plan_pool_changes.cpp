// What a pool of ours can become without new machines: its count, its scaling, labels, taints and
// tags.
#include <algorithm>
#include <map>

#include <capstan/core/base/text.hpp>
#include <capstan/providers/digitalocean/detail/plan.hpp>

namespace capstan::digitalocean {
namespace {

using external::Difference;
using external::Step;
using json::ObjectPtr;

std::map<std::string, std::string> Labels(const ObjectPtr& object) {
  std::map<std::string, std::string> labels;
  if (auto map = json::ObjectIn(object, "labels"))
    for (const auto& [key, value] : *map) labels[key] = value.isEmpty() ? "" : value.toString();
  return labels;
}

std::string LabelsText(const std::map<std::string, std::string>& labels) {
  auto object = json::MakeObject();
  for (const auto& [key, value] : labels) object->set(key, value);
  return json::ToText(object);
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

// What is found out about one pool.
struct PoolChange {
  ObjectPtr spec;
  std::vector<Difference>& differences;
  ObjectPtr scale = json::MakeObject(), marks = json::MakeObject();  // what to send
  std::vector<std::string> why_scale, why_marks;
  bool shrinks = false;
  std::int64_t count_afterwards = 0;

  void Differs(std::string_view field, const std::string& wanted, const std::string& seen) {
    differences.push_back({PoolField(spec, field), wanted, seen});
  }
  void Differs(std::string_view field, std::int64_t wanted, std::int64_t seen) {
    if (wanted != seen) Differs(field, std::to_string(wanted), std::to_string(seen));
  }
};

void CompareAutomaticScale(const NodePool& pool, PoolChange& change) {
  auto least = json::IntegerIn(change.spec, "minNodes").value_or(0),
       most = json::IntegerIn(change.spec, "maxNodes").value_or(0);
  if (pool.auto_scale && pool.min_nodes == least && pool.max_nodes == most) return;
  change.scale->set("auto_scale", true);
  change.scale->set("min_nodes", Poco::Int64{least});
  change.scale->set("max_nodes", Poco::Int64{most});
  change.count_afterwards = std::clamp(pool.count, least, std::max(least, most));
  change.why_scale.push_back(
      StrCat("it shall scale by itself between ", least, " and ", most, " nodes, and ",
             pool.auto_scale ? StrCat("does between ", pool.min_nodes, " and ", pool.max_nodes) : "does not",
             "; costs are those of ", change.count_afterwards, " nodes, the autoscaler moves them"));
  if (!pool.auto_scale) change.Differs("autoScale", "true", "false");
  change.Differs("minNodes", least, pool.min_nodes);
  change.Differs("maxNodes", most, pool.max_nodes);
  change.shrinks = most < pool.count;
}

void CompareScale(const NodePool& pool, PoolChange& change) {
  change.count_afterwards = pool.count;
  if (json::BooleanIn(change.spec, "autoScale").value_or(false)) return CompareAutomaticScale(pool, change);
  auto count = json::IntegerIn(change.spec, "count").value_or(pool.count);
  if (pool.auto_scale) {
    change.scale->set("auto_scale", false);
    change.why_scale.push_back("it shall not scale by itself, and does");
    change.Differs("autoScale", "false", "true");
  }
  if (count != pool.count)
    change.why_scale.push_back(StrCat("count is ", count, ", the pool has ", pool.count));
  change.Differs("count", count, pool.count);
  if (count == pool.count && !pool.auto_scale) return;
  change.count_afterwards = count;
  change.shrinks = count < pool.count;
}

void CompareMarks(const ObjectPtr& request, const NodePool& pool, PoolChange& change) {
  const auto& spec = change.spec;
  if (Labels(spec) != Labels(pool.object)) {
    auto labels = json::ObjectIn(request, "labels");
    change.marks->set("labels", labels ? labels : json::MakeObject());
    change.why_marks.push_back("labels differ");
    change.Differs("labels", LabelsText(Labels(spec)), LabelsText(Labels(pool.object)));
  }
  if (Taints(spec) != Taints(pool.object)) {
    auto taints = json::ArrayIn(request, "taints");
    change.marks->set("taints", taints ? taints : json::MakeArray());
    change.why_marks.push_back("taints differ");
    change.Differs("taints", json::ToText(ToArray(Taints(spec))), json::ToText(ToArray(Taints(pool.object))));
  }
  auto wanted = UsersTags(StringList(spec, "tags")), seen = UsersTags(pool.tags);
  if (json::ArrayIn(spec, "tags") && wanted != seen) {
    auto tags = StringList(spec, "tags");
    for (const auto& tag : pool.tags)
      if (IsOurTag(tag) || IsAutomaticTag(tag)) tags.push_back(tag);
    change.marks->set("tags", ToArray(tags));
    change.why_marks.push_back("tags differ");
    change.Differs("tags", json::ToText(ToArray(wanted)), json::ToText(ToArray(seen)));
  }
}

// Fields under the API's names, in one request.
Step Put(const NodePool& pool, const Cluster& cluster, const char* verb, const ObjectPtr& fields,
         std::string why) {
  auto body = json::Clone(fields);
  body->set("name", pool.name);  // the schema of the update requires it
  Step step;
  step.verb = verb;
  step.target = "nodePools/" + pool.name;
  step.why = std::move(why);
  step.waits = !TakesChanges(cluster);
  step.arguments = Arguments("PUT", "/node_pools/" + UrlEncode(pool.id), body);
  return step;
}

// Apply does not look at it: it is what a plan's hash tells apart.
std::string WithPresentCount(const std::string& arguments, std::int64_t count) {
  auto object = json::ParseObject(arguments).value();
  object->set("present", Poco::Int64{count});
  return json::ToText(object);
}

}  // namespace

std::string PoolField(const ObjectPtr& spec, std::string_view field) {
  return StrCat("spec.nodePools[", TextOf(spec, "name"), "]", field.empty() ? "" : ".", field);
}

std::vector<Step> ChangeInPlace(const ObjectPtr& spec, const NodePool& pool, const Cluster& cluster,
                                std::vector<Difference>& differences) {
  PoolChange change{spec, differences};
  CompareScale(pool, change);
  CompareMarks(MakePoolRequest(spec, pool.name), pool, change);
  const auto prefix = PoolField(spec) + ": ";
  // The schema requires the count, but a pool that scales by itself has the autoscaler's, which may
  // have moved since we looked.
  const bool automatic = json::BooleanIn(spec, "autoScale").value_or(false);
  const auto count = json::IntegerIn(spec, "count").value_or(pool.count);
  std::vector<Step> steps;
  if (change.why_scale.empty()) {
    if (change.why_marks.empty()) return steps;
    if (!automatic) change.marks->set("count", Poco::Int64{count});
    steps.push_back(Put(pool, cluster, "update", change.marks, prefix + Join(change.why_marks, "; ")));
    return steps;
  }
  if (!change.why_marks.empty() && change.shrinks) {
    // Apart, so that consent is asked for the nodes alone.
    if (!pool.auto_scale) change.marks->set("count", Poco::Int64{pool.count});
    steps.push_back(Put(pool, cluster, "update", change.marks, prefix + Join(change.why_marks, "; ")));
  } else {
    for (const auto& [key, value] : *change.marks) change.scale->set(key, value);
    for (auto& why : change.why_marks) change.why_scale.push_back(std::move(why));
  }
  if (!automatic) change.scale->set("count", Poco::Int64{count});
  auto step = Put(pool, cluster, "scale", change.scale, prefix + Join(change.why_scale, "; "));
  step.destroys = change.shrinks;
  // Consent is to the nodes that go, not to a number that may once stand for more of them. An
  // autoscaler moves faster than anybody consents.
  if (change.shrinks && !pool.auto_scale) step.arguments = WithPresentCount(step.arguments, pool.count);
  auto before = MonthlyCost(cluster.prices, pool.size, pool.count),
       after = MonthlyCost(cluster.prices, pool.size, change.count_afterwards);
  if (before && after) step.monthly_cost_change = ToTheCent(*after - *before);
  steps.push_back(std::move(step));
  return steps;
}

}  // namespace capstan::digitalocean
