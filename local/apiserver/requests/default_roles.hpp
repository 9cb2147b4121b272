// The ClusterRoles and ClusterRoleBindings that every server has from its start, as far as the
// kinds served here have use for them. What "view", "edit" and "admin" permit is collected by their
// labels, so that a ClusterRole of a user's own adds to them. Pure; thread-safe.
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
