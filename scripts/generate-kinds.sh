#!/usr/bin/env bash
# Regenerates core/kinds from its OpenAPI document: generate-kinds.sh CAPSTAN [DIRECTORY]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
capstan=${1:?usage: generate-kinds.sh CAPSTAN [DIRECTORY]}
kinds=v1/ConfigMap,v1/Secret,v1/Service,v1/ServiceAccount,v1/PersistentVolumeClaim,v1/Pod,v1/Namespace
kinds+=,apps/v1/Deployment,apps/v1/StatefulSet,apps/v1/DaemonSet,batch/v1/Job
kinds+=,networking.k8s.io/v1/Ingress,networking.k8s.io/v1/NetworkPolicy
kinds+=,rbac.authorization.k8s.io/v1/Role,rbac.authorization.k8s.io/v1/RoleBinding
kinds+=,rbac.authorization.k8s.io/v1/ClusterRole,rbac.authorization.k8s.io/v1/ClusterRoleBinding
exec "$capstan" generate types core/kinds/openapi.json --kinds "$kinds" --name kinds --cpp-namespace capstan::kinds --out "${2:-core/kinds}"
