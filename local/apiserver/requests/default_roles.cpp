#include <capstan/local/apiserver/requests/default_roles.hpp>

#include <string_view>

#include <capstan/core/base/text.hpp>

namespace capstan::apiserver {
namespace {

constexpr std::string_view kWorkloads =
    R"("apiGroups":["","apps","batch","autoscaling","networking.k8s.io","policy","coordination.k8s.io"],)"
    R"("resources":["bindings","configmaps","endpoints","events","limitranges","persistentvolumeclaims","pods",)"
    R"("pods/log","pods/status","replicationcontrollers","resourcequotas","serviceaccounts","services",)"
    R"("services/status","daemonsets","daemonsets/status","deployments","deployments/scale",)"
    R"("deployments/status","replicasets","replicasets/scale","replicasets/status","statefulsets",)"
    R"("statefulsets/scale","statefulsets/status","cronjobs","cronjobs/status","jobs","jobs/status",)"
    R"("horizontalpodautoscalers","horizontalpodautoscalers/status","ingresses","ingresses/status",)"
    R"("networkpolicies","poddisruptionbudgets","poddisruptionbudgets/status"])";

// `label`: the aggregated role that includes this one; empty: none.
std::string Metadata(std::string_view name, std::string_view label) {
  const std::string part_of =
      label.empty() ? std::string()
                    : StrCat(R"(,"rbac.authorization.k8s.io/aggregate-to-)", label, R"(":"true")");
  return StrCat(R"({"metadata":{"name":")", name,
                R"(","annotations":{"rbac.authorization.kubernetes.io/autoupdate":"true"},)",
                R"("labels":{"kubernetes.io/bootstrapping":"rbac-defaults")", part_of, "}}");
}

BootstrapObject Role(std::string_view name, std::string_view rules, std::string_view part_of = {}) {
  return {"clusterroles", StrCat(Metadata(name, part_of), R"(,"rules":[)", rules, "]}")};
}

BootstrapObject Collecting(std::string_view name, std::string_view part_of) {
  return {"clusterroles",
          StrCat(Metadata(name, part_of),
                 R"(,"aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"rbac.authorization.k8s.io/)",
                 "aggregate-to-", name, R"(":"true"}}]}})")};
}

BootstrapObject Binding(std::string_view name, const std::vector<std::string_view>& groups) {
  std::string subjects;
  for (const std::string_view group : groups) {
    subjects += StrCat(subjects.empty() ? "" : ",",
                       R"({"kind":"Group","apiGroup":"rbac.authorization.k8s.io","name":")", group, "\"}");
  }
  return {"clusterrolebindings",
          StrCat(Metadata(name, ""),
                 R"(,"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":")", name,
                 R"("},"subjects":[)", subjects, "]}")};
}

}  // namespace

std::vector<BootstrapObject> DefaultRoles() {
  constexpr std::string_view kAuthenticated = "system:authenticated";
  return {
      Role("cluster-admin",
           R"({"apiGroups":["*"],"resources":["*"],"verbs":["*"]},{"nonResourceURLs":["*"],"verbs":["*"]})"),
      Collecting("view", "edit"),
      Collecting("edit", "admin"),
      Collecting("admin", ""),
      Role("system:aggregate-to-view",
           StrCat("{", kWorkloads, R"(,"verbs":["get","list","watch"]},)",
                  R"({"apiGroups":[""],"resources":["namespaces"],"verbs":["get","list","watch"]})"),
           "view"),
      Role("system:aggregate-to-edit",
           StrCat("{", kWorkloads, R"(,"verbs":["create","delete","deletecollection","patch","update"]},)",
                  R"({"apiGroups":[""],"resources":["secrets","pods/eviction"],"verbs":["*"]})"),
           "edit"),
      Role(
          "system:aggregate-to-admin",
          R"({"apiGroups":["rbac.authorization.k8s.io"],"resources":["roles","rolebindings"],"verbs":["*"]})",
          "admin"),
      Role("system:public-info-viewer",
           R"({"nonResourceURLs":["/healthz","/livez","/readyz","/version","/version/"],"verbs":["get"]})"),
      Role("system:discovery",
           R"({"nonResourceURLs":["/api","/api/*","/apis","/apis/*","/healthz","/livez","/openapi",)"
           R"("/openapi/*","/readyz","/version","/version/"],"verbs":["get"]})"),
      Role("system:basic-user",
           R"({"apiGroups":["authorization.k8s.io"],)"
           R"("resources":["selfsubjectaccessreviews","selfsubjectrulesreviews"],"verbs":["create"]})"),
      Binding("cluster-admin", {"system:masters"}),
      Binding("system:public-info-viewer", {kAuthenticated, "system:unauthenticated"}),
      Binding("system:discovery", {kAuthenticated}),
      Binding("system:basic-user", {kAuthenticated}),
  };
}

}  // namespace capstan::apiserver
