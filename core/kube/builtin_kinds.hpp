// Kinds of Kubernetes itself that operators make or watch, beyond those of kind.hpp. Values.
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
Kind CronJobKind();  // batch/v1, which servers from 1.21 on serve
Kind IngressKind();
Kind NetworkPolicyKind();
Kind RoleKind();
Kind RoleBindingKind();
Kind ClusterRoleKind();
Kind ClusterRoleBindingKind();

}  // namespace capstan::kube
