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
  std::string path;
  path.reserve(192);
  const auto add = [&path](std::string_view before, std::string_view part) {
    path.append(before).append(UrlEncode(part));
  };
  path.append(kind.group.empty() ? "/api" : "/apis");
  if (!kind.group.empty()) add("/", kind.group);
  add("/", kind.version);
  if (kind.namespaced && !namespace_.empty()) add("/namespaces/", namespace_);
  add("/", kind.plural);
  if (!name.empty()) add("/", name);
  if (!name.empty() && !subresource.empty()) add("/", subresource);
  return path;
}

}  // namespace capstan::kube
