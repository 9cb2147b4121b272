// The types of Kubernetes' API group that this file is named after; the form is tables.hpp's.
#include <capstan/local/apiserver/schema/tables/tables.hpp>

namespace capstan::apiserver {

std::string_view RbacTable() {
  return R"(
# rbac io.k8s.api.rbac.v1 rbac.authorization.k8s.io/v1

== ClusterRole kind : Rights in the whole cluster.
metadata 1 @meta.ObjectMeta
rules 2 list<@PolicyRule> atomic : The rights.
aggregationRule 3 @AggregationRule? : Roles whose rights are added.

== ClusterRoleBinding kind : Who has the rights of a role, everywhere.
metadata 1 @meta.ObjectMeta
subjects 2 list<@Subject> atomic : Who has it.
roleRef 3 @RoleRef! : The role.

== Role kind : Rights in a namespace.
metadata 1 @meta.ObjectMeta
rules 2 list<@PolicyRule> atomic : The rights.

== RoleBinding kind : Who has the rights of a role, in a namespace.
metadata 1 @meta.ObjectMeta
subjects 2 list<@Subject> atomic : Who has it.
roleRef 3 @RoleRef! : The role.

== AggregationRule
clusterRoleSelectors 1 list<@meta.LabelSelector> atomic

== PolicyRule : What may be done with what.
verbs 1 list<string>! atomic : What may be done.
apiGroups 2 list<string> atomic : With which groups.
resources 3 list<string> atomic : With which resources.
resourceNames 4 list<string> atomic : With which objects; empty means all.
nonResourceURLs 5 list<string> atomic : With which paths.

== RoleRef atomic : Names a role.
apiGroup 1 string+ : rbac.authorization.k8s.io.
kind 2 string! : Role or ClusterRole.
name 3 string! : Its name.

== Subject atomic : Names who has a role.
kind 1 string! : User, Group or ServiceAccount.
apiGroup 2 string : Group of the kind.
name 3 string! : Its name.
namespace 4 string : Namespace of a ServiceAccount.
)";
}

}  // namespace capstan::apiserver
