// The ClusterRoles and ClusterRoleBindings that every server has from the start, as far as they
// matter for the served kinds. The rules of "view", "edit" and "admin" are aggregated by label, so
// that a user's own ClusterRole can add to them. Pure; thread-safe.
#pragma once

#include <string>
#include <vector>

namespace capstan::apiserver {

struct BootstrapObject {
  const char* plural;  // of group rbac.authorization.k8s.io
  std::string text;    // JSON
};

std::vector<BootstrapObject> DefaultRoles();

}  // namespace capstan::apiserver
