// Where an object's credentials come from, whether it may use them, and how they are read:
// whitespace around a value never counts, whatever it was read from. The reconciler and `capstan
// plan` both read by these. Pure functions, thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <capstan/core/base/secret.hpp>
#include <capstan/core/external/external.hpp>
#include <capstan/core/kube/object.hpp>

namespace capstan::managed {

// "namespace/name" of the Secret that a field such as "spec.tokenSecret" of an object names; empty
// when it names none. A name without a namespace is of the object's.
std::string SecretNamed(const kube::Object& object, const std::string& field);
// The same by the kind's credentials field; of an object that is being deleted annotation
// capstan.dev/credentials counts first, so that one whose Secret is lost can still be removed.
std::string SecretToUse(const kube::Object& object, const external::KindInfo& info);
// Whether objects of a namespace may use a Secret: it is of that namespace, or allows it by
// annotation capstan.dev/allow-namespaces.
bool MayUse(const kube::Object& secret, const std::string& namespace_);
// Whether objects of a namespace may use the operator's own environment: `allowed` names it, or is
// "*". "" stands for cluster-scoped objects.
bool MayUseEnvironment(const std::vector<std::string>& allowed, const std::string& namespace_);

// What was read, or what is missing for it.
struct CredentialsRead {
  external::Credentials credentials;
  std::string missing;  // the key, or the variable, that holds nothing usable; empty: all are there
};
// All of the kind's credential keys in a Secret; stringData goes before data, as when a server
// stores it.
CredentialsRead CredentialsIn(const kube::Object& secret, const external::KindInfo& info);
// The same from variables of an environment.
CredentialsRead CredentialsFromEnvironment(
    const external::KindInfo& info,
    const std::function<std::optional<Secret>(const std::string& variable)>& lookup);

}  // namespace capstan::managed
