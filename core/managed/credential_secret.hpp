// Where an object's credentials come from, whether it may use them, and how they are read.
// Whitespace around a value is always trimmed, whatever the source. Shared by the reconciler and
// `capstan plan`. Pure functions, thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <capstan/core/base/secret.hpp>
#include <capstan/core/external/external.hpp>
#include <capstan/core/kube/object.hpp>

namespace capstan::managed {

// "namespace/name" of the Secret named in a field of the object, such as "spec.tokenSecret"; empty
// if the field is not set. A name without a namespace refers to the object's namespace.
std::string SecretNamed(const kube::Object& object, const std::string& field);
// Like SecretNamed, for the kind's credentials field. If the object is being deleted, annotation
// capstan.dev/credentials takes precedence, so that an object whose Secret is lost can still be
// removed.
std::string SecretToUse(const kube::Object& object, const external::KindInfo& info);
// Whether objects in a namespace may use a Secret: it is in that namespace, or allows it with
// annotation capstan.dev/allow-namespaces.
bool MayUse(const kube::Object& secret, const std::string& namespace_);
// Whether objects in a namespace may use the operator's own environment: `allowed` contains it, or
// "*". "" stands for cluster-scoped objects.
bool MayUseEnvironment(const std::vector<std::string>& allowed, const std::string& namespace_);

// The credentials read, or the first part that is missing.
struct CredentialsRead {
  external::Credentials credentials;
  std::string missing;  // the key or variable without a usable value; empty: none is missing
};
// Reads all of the kind's credential keys from a Secret; stringData takes precedence over data, as
// when a server stores it.
CredentialsRead CredentialsIn(const kube::Object& secret, const external::KindInfo& info);
// Reads the same keys from environment variables.
CredentialsRead CredentialsFromEnvironment(
    const external::KindInfo& info,
    const std::function<std::optional<Secret>(const std::string& variable)>& lookup);

}  // namespace capstan::managed
