// What to grant when the server says that something is not allowed.
#pragma once

#include <string>
#include <vector>

#include <capstan/core/base/result.hpp>
#include <capstan/core/kube/kind.hpp>

namespace capstan {

// The same error; of kPermissionDenied with the rule of RBAC that is missing, as a Role has it.
Error NamingTheRule(Error error, const kube::Kind& kind, const std::vector<std::string>& verbs,
                    const std::string& subresource = "");

}  // namespace capstan
