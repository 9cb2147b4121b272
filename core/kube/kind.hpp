// Kinds of Kubernetes objects, and keys of single objects. Values.
#pragma once

#include <compare>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>

#include <capstan/core/base/result.hpp>

namespace capstan::kube {

// One kind as the API serves it: enough to build every path. Core kinds have an empty group.
struct Kind {
  std::string group;    // "anutosh491.dev"
  std::string version;  // "v1alpha1"
  std::string kind;     // "DigitalOceanCluster"
  std::string plural;   // "digitaloceanclusters"
  bool namespaced = true;

  std::string api_version() const { return group.empty() ? version : group + "/" + version; }
  // "digitaloceanclusters.anutosh491.dev", or "secrets": for messages and metrics.
  std::string resource() const { return group.empty() ? plural : plural + "." + group; }
  friend auto operator<=>(const Kind&, const Kind&) = default;
};

// Built-in kinds that the framework itself uses.
Kind NamespaceKind();
Kind SecretKind();
Kind ConfigMapKind();
Kind EventKind();  // core/v1, which every supported server and kubectl understands
Kind ServiceAccountKind();
Kind LeaseKind();
Kind CustomResourceDefinitionKind();

// Identifies an object of a kind. namespace_ is empty for cluster-scoped kinds.
struct ObjectKey {
  std::string namespace_;
  std::string name;
  std::string ToString() const { return namespace_.empty() ? name : namespace_ + "/" + name; }
  friend auto operator<=>(const ObjectKey&, const ObjectKey&) = default;
};
std::ostream& operator<<(std::ostream& out, const ObjectKey& key);

// The path of a collection or object relative to the server's address:
// "/apis/g/v/namespaces/ns/plural/name/status". An empty namespace_ for a namespaced kind means all
// namespaces. Segments are percent-encoded.
std::string PathOf(const Kind& kind, std::string_view namespace_, std::string_view name = "",
                   std::string_view subresource = "");

}  // namespace capstan::kube

template <>
struct std::hash<capstan::kube::ObjectKey> {
  std::size_t operator()(const capstan::kube::ObjectKey& key) const noexcept {
    return std::hash<std::string>()(key.namespace_) * 1099511628211ULL ^ std::hash<std::string>()(key.name);
  }
};
