#include <capstan/local/apiserver/requests/escalation.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;
using json::TextIn;
using Words = std::vector<std::string>;

constexpr std::string_view kGroup = "rbac.authorization.k8s.io";

bool Has(const Words& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

struct Rule {
  explicit Rule(const ObjectPtr& rule)
      : groups(json::StringsIn(rule, "apiGroups")),
        resources(json::StringsIn(rule, "resources")),
        urls(json::StringsIn(rule, "nonResourceURLs")),
        names(json::StringsIn(rule, "resourceNames")),
        verbs(json::StringsIn(rule, "verbs")) {}
  Words groups, resources, urls, names, verbs;
};

// One verb on one thing; a rule is the product of its verbs and things.
struct Right {
  bool of_path = false;
  std::string group, resource, name;  // of a path: `resource`
  std::string verb;
};

std::vector<Right> RightsOf(const Rule& rule) {
  std::vector<Right> rights;
  for (const std::string& url : rule.urls) {
    for (const std::string& verb : rule.verbs) rights.push_back({true, "", url, "", verb});
  }
  const Words any{""};
  for (const std::string& group : rule.groups) {
    for (const std::string& resource : rule.resources) {
      for (const std::string& verb : rule.verbs) {
        for (const std::string& name : rule.names.empty() ? any : rule.names)
          rights.push_back({false, group, resource, name, verb});
      }
    }
  }
  return rights;
}

bool CoversUrl(const Words& urls, const std::string& path) {
  return std::any_of(urls.begin(), urls.end(), [&path](const std::string& url) {
    const bool open = !url.empty() && url.back() == '*';
    return url == path || (open && path.compare(0, url.size() - 1, url, 0, url.size() - 1) == 0);
  });
}

bool CoversRight(const Rule& rule, const Right& right) {
  if (!Has(rule.verbs, "*") && !Has(rule.verbs, right.verb)) return false;
  if (right.of_path) return CoversUrl(rule.urls, right.resource);
  const std::size_t slash = right.resource.find('/');
  const bool below = slash != std::string::npos && Has(rule.resources, "*" + right.resource.substr(slash));
  return (Has(rule.groups, "*") || Has(rule.groups, right.group)) &&
         (Has(rule.resources, "*") || Has(rule.resources, right.resource) || below) &&
         (rule.names.empty() || (!right.name.empty() && Has(rule.names, right.name)));
}

std::string Quoted(const Words& words) {
  Words quoted;
  for (const std::string& word : words) quoted.push_back(json::Quote(word));
  return StrCat("[", Join(quoted, " "), "]");
}

// Grouped as Kubernetes prints them: all verbs on one thing together.
std::string Described(const std::vector<Right>& rights) {
  std::map<std::tuple<bool, std::string, std::string, std::string>, Words> verbs;
  for (const Right& right : rights) {
    Words& known = verbs[{right.of_path, right.group, right.resource, right.name}];
    if (!Has(known, right.verb)) known.push_back(right.verb);
  }
  std::set<std::string> lines;
  for (const auto& [thing, of_it] : verbs) {
    const auto& [of_path, group, resource, name] = thing;
    const std::string what =
        of_path ? StrCat("NonResourceURLs:", Quoted({resource}))
                : StrCat("APIGroups:", Quoted({group}), ", Resources:", Quoted({resource}),
                         name.empty() ? std::string() : StrCat(", ResourceNames:", Quoted({name})));
    // Rules for paths are not grouped.
    for (const Words& some : of_path ? std::vector<Words>() : std::vector<Words>{of_it})
      lines.insert(StrCat("{", what, ", Verbs:", Quoted(some), "}"));
    for (const std::string& verb : of_path ? of_it : Words())
      lines.insert(StrCat("{", what, ", Verbs:", Quoted({verb}), "}"));
  }
  return Join(Words(lines.begin(), lines.end()), "\n");
}

// Whether the only differences are in fields that garbage collection needs.
bool OnlyFreed(const ObjectPtr& fresh, const ObjectPtr& live) {
  ObjectPtr now = json::Clone(fresh), before = json::Clone(live);
  for (const ObjectPtr& one : {now, before}) {
    ObjectPtr meta = MetaOf(one);
    for (const char* field : {"ownerReferences", "finalizers", "managedFields"}) meta->remove(field);
  }
  return json::Equal(json::Tree(now), json::Tree(before));
}

}  // namespace

Done EscalationCheck::CheckRules(const WriteCall& call, const ObjectPtr& fresh,
                                 const std::vector<ObjectPtr>& rules) const {
  std::vector<Rule> held;
  for (const ObjectPtr& rule : rbac_.RulesOf(*call.user, call.namespace_)) held.emplace_back(rule);
  std::vector<Right> missing;
  for (const ObjectPtr& rule : rules) {
    for (Right& right : RightsOf(Rule(rule))) {
      const auto covers = [&right](const Rule& one) { return CoversRight(one, right); };
      if (std::none_of(held.begin(), held.end(), covers)) missing.push_back(std::move(right));
    }
  }
  if (missing.empty()) return {};
  return Forbidden(
      kGroup, call.resource->plural, MetaString(fresh, "name"),
      StrCat("user ", json::Quote(call.user->name), " (groups=", Quoted(call.user->groups),
             ") is attempting to grant RBAC permissions not currently held:\n", Described(missing)));
}

Done EscalationCheck::Check(const WriteCall& call, const ObjectPtr& fresh, const ObjectPtr& live) const {
  if (!call.user->powerless || IsMaster(*call.user) || (live && OnlyFreed(fresh, live))) return {};
  const std::string& plural = call.resource->plural;
  AccessQuestion question;
  question.group = kGroup;
  question.namespace_ = call.namespace_;
  if (plural == "roles" || plural == "clusterroles") {
    question.verb = "escalate";
    question.resource = plural;
    question.name = MetaString(fresh, "name");
    if (!rbac_.Allows(*call.user, question).empty()) return {};
    return CheckRules(call, fresh, json::ObjectsIn(fresh, "rules"));
  }
  const ObjectPtr ref = json::ObjectIn(fresh, "roleRef");
  question.verb = "bind";
  question.resource = TextIn(ref, "kind") == "ClusterRole" ? "clusterroles" : "roles";
  question.name = TextIn(ref, "name");
  if (!rbac_.Allows(*call.user, question).empty()) return {};
  if (!rbac_.HasRole(ref, call.namespace_)) return NotFound(kGroup, question.resource, question.name);
  return CheckRules(call, fresh, rbac_.RulesOfRole(ref, call.namespace_));
}

Done EscalationCheck::Judge(const WriteCall& call, std::string_view operation, ObjectPtr fresh,
                            ObjectPtr live) {
  if (fresh && call.user && call.resource->group == kGroup) CAPSTAN_ANSWER_OK(Check(call, fresh, live));
  return next_.Judge(call, operation, fresh, live);
}

}  // namespace capstan::apiserver
