// The types of the API group that names this file, in the notation of tables.hpp.
#include <capstan/local/apiserver/schema/tables/tables.hpp>

namespace capstan::apiserver {

std::string_view RbacTable() {
  return R"(
# rbac io.k8s.api.rbac.v1 rbac.authorization.k8s.io/v1

== ClusterRole kind : Permissions in the whole cluster.
metadata 1 @meta.ObjectMeta
rules 2 list<@PolicyRule> atomic : Rules of the role.
aggregationRule 3 @AggregationRule? : Selects roles whose rules are added.

== ClusterRoleBinding kind : Grants a role in the whole cluster.
metadata 1 @meta.ObjectMeta
subjects 2 list<@Subject> atomic : Users, groups and service accounts that get the role.
roleRef 3 @RoleRef! : The granted role.

== Role kind : Permissions in a namespace.
metadata 1 @meta.ObjectMeta
rules 2 list<@PolicyRule> atomic : Rules of the role.

== RoleBinding kind : Grants a role in a namespace.
metadata 1 @meta.ObjectMeta
subjects 2 list<@Subject> atomic : Users, groups and service accounts that get the role.
roleRef 3 @RoleRef! : The granted role.

== AggregationRule
clusterRoleSelectors 1 list<@meta.LabelSelector> atomic

== PolicyRule : Verbs that are allowed on resources or paths.
verbs 1 list<string>! atomic : Allowed verbs.
apiGroups 2 list<string> atomic : API groups of the resources.
resources 3 list<string> atomic : Resources of the rule.
resourceNames 4 list<string> atomic : Names of the objects; empty means all.
nonResourceURLs 5 list<string> atomic : Paths of the rule.

== RoleRef atomic : Reference to a role.
apiGroup 1 string+ : Always rbac.authorization.k8s.io.
kind 2 string! : Role or ClusterRole.
name 3 string! : Name of the role.

== Subject atomic : Reference to a user, group or service account.
kind 1 string! : User, Group or ServiceAccount.
apiGroup 2 string : API group of the subject.
name 3 string! : Name of the subject.
namespace 4 string : Namespace of a ServiceAccount.
)";
}

}  // namespace capstan::apiserver
