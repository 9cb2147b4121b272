#include <capstan/core/kube/kind.hpp>

#include <capstan/core/base/text.hpp>

namespace capstan::kube {
namespace {

Kind Make(const char* group, const char* version, const char* kind, const char* plural, bool namespaced) {
  return Kind{group, version, kind, plural, namespaced};
}

}  // namespace

Kind NamespaceKind() { return Make("", "v1", "Namespace", "namespaces", false); }
Kind SecretKind() { return Make("", "v1", "Secret", "secrets", true); }
Kind ConfigMapKind() { return Make("", "v1", "ConfigMap", "configmaps", true); }
Kind EventKind() { return Make("", "v1", "Event", "events", true); }
Kind ServiceAccountKind() { return Make("", "v1", "ServiceAccount", "serviceaccounts", true); }
Kind LeaseKind() { return Make("coordination.k8s.io", "v1", "Lease", "leases", true); }
Kind CustomResourceDefinitionKind() {
  return Make("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", false);
}

std::ostream& operator<<(std::ostream& out, const ObjectKey& key) { return out << key.ToString(); }

std::string PathOf(const Kind& kind, std::string_view namespace_, std::string_view name,
                   std::string_view subresource) {
  std::string path = kind.group.empty() ? "/api/" : "/apis/" + UrlEncode(kind.group) + "/";
  path += UrlEncode(kind.version);
  if (kind.namespaced && !namespace_.empty()) path += "/namespaces/" + UrlEncode(namespace_);
  path += "/" + UrlEncode(kind.plural);
  if (name.empty()) return path;
  path += "/" + UrlEncode(name);
  if (!subresource.empty()) path += "/" + UrlEncode(subresource);
  return path;
}

}  // namespace capstan::kube
