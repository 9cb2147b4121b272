// Built-in kinds of Kubernetes that operators often create or watch, in addition to those of
// kind.hpp. Values.
#pragma once

#include <capstan/core/kube/kind.hpp>

namespace capstan::kube {

Kind PodKind();
Kind ServiceKind();
Kind PersistentVolumeClaimKind();
Kind NodeKind();
Kind DeploymentKind();
Kind StatefulSetKind();
Kind DaemonSetKind();
Kind JobKind();
Kind CronJobKind();  // batch/v1, served since Kubernetes 1.21
Kind IngressKind();
Kind NetworkPolicyKind();
Kind RoleKind();
Kind RoleBindingKind();
Kind ClusterRoleKind();
Kind ClusterRoleBindingKind();

}  // namespace capstan::kube
