// Authorization checks from CEL: the variable `authorizer` of admission policies.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace capstan::apiserver::cel {

// What a user wants to do. With a path, the check is not about a resource.
struct AccessCheck {
  std::string account_namespace, account;  // a service account; empty: the user of the request
  bool of_path = false;
  std::string path, group, resource, subresource, name, namespace_, verb;
};
// Why it is allowed (may be empty), or nullopt when it is not. Thread-safe.
using Authorizer = std::function<std::optional<std::string>(const AccessCheck&)>;

}  // namespace capstan::apiserver::cel
