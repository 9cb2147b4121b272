// How an object wants its connection Secret: by the kind's connection_secret_field, such as
// spec.kubeconfigSecret: {name: web-access, keys: {kubeconfig: value}}. Without it the Secret is
// called "<name of the object><suffix>", and its keys as the provider calls them. Pure functions,
// thread-safe.
#pragma once

#include <map>
#include <string>

#include <capstan/core/external/external.hpp>
#include <capstan/core/kube/object.hpp>

namespace capstan::managed {

struct ConnectionSecretWish {
  std::string name;                         // empty: this kind has no such Secret
  std::map<std::string, std::string> keys;  // the provider's key to the key in the Secret, where they differ
  std::string wrong;  // why there can be no such Secret, and what to do; empty: there can
};
ConnectionSecretWish ReadConnectionSecretWish(const kube::Object& object, const external::KindInfo& info);

}  // namespace capstan::managed
