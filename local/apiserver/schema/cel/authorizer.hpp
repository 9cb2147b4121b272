// Whom CEL asks about rights: the variable `authorizer` of admission policies.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace capstan::apiserver::cel {

// What a user would do. With a path it is about no resource.
struct AccessCheck {
  std::string account_namespace, account;  // a service account; empty: who writes
  bool of_path = false;
  std::string path, group, resource, subresource, name, namespace_, verb;
};
// Why it is allowed (may be empty), or nothing where it is not. Thread-safe.
using Authorizer = std::function<std::optional<std::string>(const AccessCheck&)>;

}  // namespace capstan::apiserver::cel
