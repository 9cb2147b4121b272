#include <capstan/local/apiserver/catalog/resource.hpp>

#include <capstan/core/base/text.hpp>

namespace capstan::apiserver {

const Version* Resource::Find(std::string_view version) const {
  for (const Version& candidate : versions) {
    if (candidate.name == version) return &candidate;
  }
  return nullptr;
}

const Version* Resource::FindServed(std::string_view version) const {
  const Version* found = Find(version);
  return found && found->served ? found : nullptr;
}

std::string Resource::ApiVersion(std::string_view version) const {
  return group.empty() ? std::string(version) : StrCat(group, "/", version);
}

std::string Resource::Key(std::string_view namespace_, std::string_view name) const {
  return StrCat(NamespacePrefix(namespace_), name);
}

std::string Resource::NamespacePrefix(std::string_view namespace_) const {
  return namespaced && !namespace_.empty() ? StrCat(key_prefix, namespace_, "/") : key_prefix;
}

}  // namespace capstan::apiserver
