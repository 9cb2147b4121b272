// Roles and their bindings.
#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/field_of.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/catalog/builtin_strategies.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;
using json::TextIn;
using Errors = std::vector<FieldError>;

Errors ValidateRole(ObjectPtr fresh, ObjectPtr, std::string_view) {
  Errors errors;
  const ObjectPtr gathered = json::ObjectIn(fresh, "aggregationRule");
  if (gathered && json::ObjectsIn(gathered, "clusterRoleSelectors").empty()) {
    errors.push_back(
        RequiredField("aggregationRule.clusterRoleSelectors",
                      "at least one clusterRoleSelector required if aggregationRule is non-nil"));
  }
  std::size_t index = 0;
  for (const ObjectPtr& rule : json::ObjectsIn(fresh, "rules")) {
    const std::string path = StrCat("rules[", index++, "]");
    if (json::StringsIn(rule, "verbs").empty())
      errors.push_back(RequiredField(path + ".verbs", "verbs must contain at least one value"));
    if (!json::StringsIn(rule, "nonResourceURLs").empty()) {
      if (!MetaString(fresh, "namespace").empty()) {
        errors.push_back(InvalidField(path + ".nonResourceURLs", FieldOf(rule, "nonResourceURLs"),
                                      "namespaced rules cannot apply to non-resource URLs"));
      } else if (!json::StringsIn(rule, "apiGroups").empty() || !json::StringsIn(rule, "resources").empty() ||
                 !json::StringsIn(rule, "resourceNames").empty()) {
        errors.push_back(InvalidField(path + ".nonResourceURLs", FieldOf(rule, "nonResourceURLs"),
                                      "rules cannot apply to both regular resources and non-resource URLs"));
      }
      continue;
    }
    if (json::StringsIn(rule, "apiGroups").empty())
      errors.push_back(
          RequiredField(path + ".apiGroups", "resource rules must supply at least one api group"));
    if (json::StringsIn(rule, "resources").empty())
      errors.push_back(
          RequiredField(path + ".resources", "resource rules must supply at least one resource"));
  }
  return errors;
}

Errors ValidateBinding(ObjectPtr fresh, ObjectPtr old, std::string_view) {
  Errors errors;
  const ObjectPtr ref = json::ObjectIn(fresh, "roleRef");
  const bool in_namespace = !MetaString(fresh, "namespace").empty();
  const std::string kind = TextIn(ref, "kind");
  if (kind != "ClusterRole" && !(kind == "Role" && in_namespace)) {
    errors.push_back(UnsupportedField("roleRef.kind", kind,
                                      in_namespace ? std::vector<std::string>{"ClusterRole", "Role"}
                                                   : std::vector<std::string>{"ClusterRole"}));
  }
  std::size_t index = 0;
  for (const ObjectPtr& subject : json::ObjectsIn(fresh, "subjects")) {
    const std::string kind_of = TextIn(subject, "kind"), name = TextIn(subject, "name");
    const std::string group = TextIn(subject, "apiGroup"),
                      wanted = kind_of == "ServiceAccount" ? "" : "rbac.authorization.k8s.io";
    if (!kind_of.empty() && group != wanted)
      errors.push_back(UnsupportedField(StrCat("subjects[", index, "].apiGroup"), group, {wanted}));
    if (kind_of.empty()) {
      errors.push_back(UnsupportedField(StrCat("subjects[", index, "].kind"), kind_of,
                                        {"Group", "ServiceAccount", "User"}));
    }
    if (kind_of == "ServiceAccount" && !in_namespace && TextIn(subject, "namespace").empty())
      errors.push_back(RequiredField(StrCat("subjects[", index, "].namespace"), ""));
    if (std::string why = kind_of == "ServiceAccount" && !name.empty() ? CheckSubdomainName(name) : "";
        !why.empty()) {
      errors.push_back(InvalidField(StrCat("subjects[", index, "].name"), name, why));
    }
    ++index;
  }
  if (old && !json::Equal(FieldOf(fresh, "roleRef"), FieldOf(old, "roleRef")))
    errors.push_back(InvalidField("roleRef", FieldOf(fresh, "roleRef"), "cannot change roleRef"));
  return errors;
}

}  // namespace

Strategy RbacStrategy(std::string_view kind) {
  if (kind == "Role" || kind == "ClusterRole") return {nullptr, ValidateRole};
  return {nullptr, ValidateBinding};
}

}  // namespace capstan::apiserver
