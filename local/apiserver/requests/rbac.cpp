#include <capstan/local/apiserver/requests/rbac.hpp>

#include <algorithm>
#include <set>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/writing/object_codec.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;
using json::TextIn;

constexpr std::string_view kRbacGroup = "rbac.authorization.k8s.io";

bool Contains(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool CoversResource(const ObjectPtr& rule, const AccessQuestion& question) {
  const std::string whole =
      question.subresource.empty() ? question.resource : StrCat(question.resource, "/", question.subresource);
  const auto resources = json::StringsIn(rule, "resources"), groups = json::StringsIn(rule, "apiGroups");
  const bool resource = Contains(resources, "*") || Contains(resources, whole) ||
                        (!question.subresource.empty() && Contains(resources, "*/" + question.subresource));
  const auto names = json::StringsIn(rule, "resourceNames");
  return resource && (Contains(groups, "*") || Contains(groups, question.group)) &&
         (names.empty() || (!question.name.empty() && Contains(names, question.name)));
}

bool CoversPath(const ObjectPtr& rule, const std::string& path) {
  for (const std::string& url : json::StringsIn(rule, "nonResourceURLs")) {
    if (url == "*" || url == path) return true;
    if (!url.empty() && url.back() == '*' && path.compare(0, url.size() - 1, url, 0, url.size() - 1) == 0)
      return true;
  }
  return false;
}

bool Covers(const ObjectPtr& rule, const AccessQuestion& question) {
  const auto verbs = json::StringsIn(rule, "verbs");
  if (!Contains(verbs, "*") && !Contains(verbs, question.verb)) return false;
  return question.path.empty() ? CoversResource(rule, question) : CoversPath(rule, question.path);
}

bool IsMeant(const ObjectPtr& subject, const User& user, const std::string& namespace_) {
  const std::string kind = TextIn(subject, "kind"), name = TextIn(subject, "name");
  if (kind == "User") return name == user.name;
  if (kind == "Group") return Contains(user.groups, name);
  const std::string own = json::StringIn(subject, "namespace").value_or(namespace_);
  return kind == "ServiceAccount" && user.name == StrCat("system:serviceaccount:", own, ":", name);
}

std::vector<ObjectPtr> Stored(const ObjectStore& store, std::string_view plural,
                              const std::string& namespace_) {
  const std::string prefix = ResourcePrefix(kRbacGroup, plural);
  const std::string inside = namespace_.empty() ? prefix : StrCat(prefix, namespace_, "/");
  std::vector<ObjectPtr> objects;
  if (auto listing = store.List(prefix, inside, inside, 0, 0)) {
    for (const RecordPtr& record : listing->records) {
      if (auto object = json::ParseObject(record->text, kStoredDepth)) objects.push_back(*object);
    }
  }
  return objects;
}

bool HasLabels(const ObjectPtr& object, const ObjectPtr& selector) {
  const ObjectPtr labels = json::ObjectIn(json::ObjectIn(object, "metadata"), "labels");
  const ObjectPtr wanted = json::ObjectIn(selector, "matchLabels");
  if (!wanted) return false;
  return std::all_of(wanted->begin(), wanted->end(), [&](const auto& one) {
    return json::StringIn(labels, one.first) == one.second.toString();
  });
}

}  // namespace

bool IsMaster(const User& user) { return Contains(user.groups, "system:masters"); }

namespace {

std::vector<ObjectPtr> SelectorsOf(const ObjectPtr& role) {
  return json::ObjectsIn(json::ObjectIn(role, "aggregationRule"), "clusterRoleSelectors");
}

bool Collects(const ObjectPtr& role) { return !SelectorsOf(role).empty(); }

// Collects the rules of the role and, recursively, of the roles that its aggregation labels select.
// Visits each role once.
void Collect(const ObjectPtr& role, const std::vector<ObjectPtr>& all, std::set<std::string>& seen,
             std::vector<ObjectPtr>& rules) {
  if (!seen.insert(MetaString(role, "name")).second) return;
  for (const ObjectPtr& rule : json::ObjectsIn(role, "rules")) rules.push_back(rule);
  const std::vector<ObjectPtr> selectors = SelectorsOf(role);
  if (selectors.empty()) return;
  for (const ObjectPtr& other : all) {
    const bool selected = std::any_of(selectors.begin(), selectors.end(),
                                      [&](const ObjectPtr& selector) { return HasLabels(other, selector); });
    if (selected) Collect(other, all, seen, rules);
  }
}

std::string KeyOfRole(const ObjectPtr& ref, const std::string& namespace_) {
  if (TextIn(ref, "kind") == "ClusterRole")
    return StrCat(ResourcePrefix(kRbacGroup, "clusterroles"), TextIn(ref, "name"));
  return StrCat(ResourcePrefix(kRbacGroup, "roles"), namespace_, "/", TextIn(ref, "name"));
}

}  // namespace

bool Rbac::HasRole(const ObjectPtr& ref, const std::string& namespace_) const {
  return store_.Get(KeyOfRole(ref, namespace_)) != nullptr;
}

std::vector<ObjectPtr> Rbac::RulesOfRole(const ObjectPtr& ref, const std::string& namespace_) const {
  const RecordPtr record = store_.Get(KeyOfRole(ref, namespace_));
  auto role = record ? json::ParseObject(record->text, kStoredDepth) : Result<ObjectPtr>(ObjectPtr());
  if (!role || !*role) return {};
  if (!Collects(*role)) return json::ObjectsIn(*role, "rules");
  std::vector<ObjectPtr> rules;
  std::set<std::string> seen;
  Collect(*role, Stored(store_, "clusterroles", ""), seen, rules);
  return rules;
}

template <class Use>
void Rbac::EachGrant(const User& user, const std::string& namespace_, const Use& use) const {
  const auto visit = [&](const char* kind, const std::vector<ObjectPtr>& bindings) {
    for (const ObjectPtr& binding : bindings) {
      const std::string own = MetaString(binding, "namespace");
      for (const ObjectPtr& subject : json::ObjectsIn(binding, "subjects")) {
        if (!IsMeant(subject, user, own)) continue;
        const ObjectPtr ref = json::ObjectIn(binding, "roleRef");
        const std::string name =
            own.empty() ? MetaString(binding, "name") : StrCat(MetaString(binding, "name"), "/", own);
        const std::string of = TextIn(subject, "namespace");
        const std::string why = StrCat("RBAC: allowed by ", kind, " \"", name, "\" of ", TextIn(ref, "kind"),
                                       " \"", TextIn(ref, "name"), "\" to ", TextIn(subject, "kind"), " \"",
                                       TextIn(subject, "name"), of.empty() ? "" : "/", of, "\"");
        if (use(RulesOfRole(ref, own), why)) return true;
        break;
      }
    }
    return false;
  };
  if (visit("ClusterRoleBinding", Stored(store_, "clusterrolebindings", ""))) return;
  if (!namespace_.empty()) visit("RoleBinding", Stored(store_, "rolebindings", namespace_));
}

std::string Rbac::Allows(const User& user, const AccessQuestion& question) const {
  std::string why;
  EachGrant(user, question.namespace_, [&](const std::vector<ObjectPtr>& rules, const std::string& reason) {
    const bool covered = std::any_of(rules.begin(), rules.end(),
                                     [&](const ObjectPtr& rule) { return Covers(rule, question); });
    if (covered) why = reason;
    return covered;
  });
  return why;
}

std::vector<ObjectPtr> Rbac::RulesOf(const User& user, const std::string& namespace_) const {
  std::vector<ObjectPtr> all;
  EachGrant(user, namespace_, [&](const std::vector<ObjectPtr>& rules, const std::string&) {
    all.insert(all.end(), rules.begin(), rules.end());
    return false;
  });
  return all;
}

}  // namespace capstan::apiserver
