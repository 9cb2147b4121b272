#include <capstan/core/kube/builtin_kinds.hpp>

namespace capstan::kube {

Kind PodKind() { return {"", "v1", "Pod", "pods"}; }
Kind ServiceKind() { return {"", "v1", "Service", "services"}; }
Kind PersistentVolumeClaimKind() { return {"", "v1", "PersistentVolumeClaim", "persistentvolumeclaims"}; }
Kind NodeKind() { return {"", "v1", "Node", "nodes", false}; }
Kind DeploymentKind() { return {"apps", "v1", "Deployment", "deployments"}; }
Kind StatefulSetKind() { return {"apps", "v1", "StatefulSet", "statefulsets"}; }
Kind DaemonSetKind() { return {"apps", "v1", "DaemonSet", "daemonsets"}; }
Kind JobKind() { return {"batch", "v1", "Job", "jobs"}; }
Kind CronJobKind() { return {"batch", "v1", "CronJob", "cronjobs"}; }
Kind IngressKind() { return {"networking.k8s.io", "v1", "Ingress", "ingresses"}; }
Kind NetworkPolicyKind() { return {"networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies"}; }
Kind RoleKind() { return {"rbac.authorization.k8s.io", "v1", "Role", "roles"}; }
Kind RoleBindingKind() { return {"rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings"}; }
Kind ClusterRoleKind() { return {"rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", false}; }
Kind ClusterRoleBindingKind() {
  return {"rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", false};
}

}  // namespace capstan::kube
