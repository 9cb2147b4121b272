// The connection Secret an object asks for, in the kind's connection_secret_field, such as
// spec.kubeconfigSecret: {name: web-access, keys: {kubeconfig: value}}. By default the Secret is
// named "<name of the object><suffix>" and has the provider's key names. Pure functions,
// thread-safe.
#pragma once

#include <map>
#include <string>

#include <capstan/core/external/external.hpp>
#include <capstan/core/kube/object.hpp>

namespace capstan::managed {

struct ConnectionSecretRequest {
  std::string name;  // empty: this kind has no such Secret
  // The provider's key to the key in the Secret, where they differ.
  std::map<std::string, std::string> keys;
  std::string wrong;  // why the Secret is impossible, and what to do; empty: it is possible
};
ConnectionSecretRequest ReadConnectionSecretRequest(const kube::Object& object,
                                                    const external::KindInfo& info);

}  // namespace capstan::managed
