// What single built-in kinds do beyond the common rules. Pure; thread-safe.
#pragma once

#include <capstan/local/apiserver/catalog/resource.hpp>

namespace capstan::apiserver {

Strategy NamespaceStrategy();
Strategy SecretStrategy();
Strategy ConfigMapStrategy();
Strategy LeaseStrategy();
// Stored as core/v1; `grouped` is the view of events.k8s.io/v1 on the same events.
Strategy EventStrategy(bool grouped);
Strategy ServiceStrategy();
Strategy DeploymentStrategy();
Strategy PodStrategy();
// Names of RBAC objects are path segments, not DNS names.
Strategy RbacStrategy();

}  // namespace capstan::apiserver
