#include <capstan/local/apiserver/writing/special_kinds.hpp>

#include <capstan/local/apiserver/api/object_meta.hpp>

namespace capstan::apiserver {

bool IsCrd(const Resource& resource) {
  return resource.plural == "customresourcedefinitions" && resource.group == "apiextensions.k8s.io";
}
bool IsNamespace(const Resource& resource) {
  return resource.plural == "namespaces" && resource.group.empty();
}
bool IsPod(const Resource& resource) { return resource.plural == "pods" && resource.group.empty(); }

bool IsRemovable(const json::ObjectPtr& object, const Resource& resource) {
  if (!json::StringsIn(MetaOf(object), "finalizers").empty()) return false;
  if (IsPod(resource) && json::IntegerIn(MetaOf(object), "deletionGracePeriodSeconds").value_or(0) > 0)
    return false;
  return !IsNamespace(resource) || json::StringsIn(json::ObjectIn(object, "spec"), "finalizers").empty();
}

void Carry(const json::ObjectPtr& from, json::ObjectPtr to, const std::string& field) {
  if (from->has(field)) {
    to->set(field, from->get(field));
  } else {
    to->remove(field);
  }
}

}  // namespace capstan::apiserver
