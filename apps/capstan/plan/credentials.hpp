// The credentials that an object names, read for `capstan plan` by the operator's rules.
// Thread-safe as long as the sources are.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <capstan/core/external/external.hpp>
#include <capstan/core/kube/client.hpp>

namespace capstan::app {

struct CredentialSources {
  kube::Client& client;
  // Secrets that are about to be applied with the object: they take precedence over those in the
  // cluster.
  const std::map<kube::ObjectKey, kube::Object>& secrets;
  // The caller's environment, for objects that name no Secret in the namespaces for which the
  // operator uses its own ("*": all).
  std::function<std::optional<Secret>(const std::string&)> environment;
  const std::vector<std::string>& environment_namespaces;
};

// Errors, one sentence each: kFailedPrecondition (no Secret, no such key, a Secret of another
// namespace that does not permit this one, nothing in the environment or not for this namespace),
// and those of Client::Get.
Result<external::Credentials> CredentialsFor(const kube::Object& object, const external::KindInfo& info,
                                             const CredentialSources& sources, const Context& context);

}  // namespace capstan::app
