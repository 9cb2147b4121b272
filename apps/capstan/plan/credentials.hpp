// Which credentials an object names, read for `capstan plan` by the rules the operator keeps.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include <capstan/core/external/external.hpp>
#include <capstan/core/kube/client.hpp>

namespace capstan::app {

struct CredentialSources {
  kube::Client& client;
  // Secrets that are about to be applied with the object: they count before those of the cluster.
  const std::map<kube::ObjectKey, kube::Object>& secrets;
  // The environment of whoever asks; only for objects that name no Secret.
  std::function<std::optional<std::string>(const std::string&)> environment;
};

// Errors, one sentence each: kFailedPrecondition (no Secret, no such key, a Secret of another
// namespace that does not allow this one, nothing in the environment), and those of Client::Get.
Result<external::Credentials> CredentialsFor(const kube::Object& object, const external::KindInfo& info,
                                             const CredentialSources& sources, const Context& context);

}  // namespace capstan::app
