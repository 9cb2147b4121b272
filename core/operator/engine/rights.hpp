// Names the permission to grant when the server refuses a request. Pure; thread-safe.
#pragma once

#include <string>
#include <vector>

#include <capstan/core/base/result.hpp>
#include <capstan/core/kube/kind.hpp>

namespace capstan {

// The same error; if its code is kPermissionDenied, with the missing RBAC rule as written in a
// Role.
Error NamingTheRule(Error error, const kube::Kind& kind, const std::vector<std::string>& verbs,
                    const std::string& subresource = "");

}  // namespace capstan
