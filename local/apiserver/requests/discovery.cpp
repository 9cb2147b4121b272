#include <capstan/local/apiserver/requests/discovery.hpp>

#include <openssl/sha.h>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>

namespace capstan::apiserver {
namespace {

std::vector<std::string> VerbsOf(const Resource& resource) {
  if (resource.custom && resource.terminating) return {"delete", "deletecollection", "get", "list", "watch"};
  if (resource.custom)
    return {"delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"};
  std::vector<std::string> verbs{"create", "delete", "deletecollection", "get",
                                 "list",   "patch",  "update",           "watch"};
  if (!resource.delete_collection) verbs.erase(verbs.begin() + 2);
  return verbs;
}

// Reviews can only be created, and are not stored.
struct Review {
  std::string_view group;
  const char* plural;
  const char* kind;
  bool namespaced;
};
constexpr std::string_view kAuthentication = "authentication.k8s.io", kAuthorization = "authorization.k8s.io";
constexpr Review kReviews[] = {
    {kAuthentication, "selfsubjectreviews", "SelfSubjectReview", false},
    {kAuthentication, "tokenreviews", "TokenReview", false},
    {kAuthorization, "localsubjectaccessreviews", "LocalSubjectAccessReview", true},
    {kAuthorization, "selfsubjectaccessreviews", "SelfSubjectAccessReview", false},
    {kAuthorization, "selfsubjectrulesreviews", "SelfSubjectRulesReview", false},
    {kAuthorization, "subjectaccessreviews", "SubjectAccessReview", false}};

std::vector<std::string> GroupsOf(const Served& served) {
  std::vector<std::string> groups = served.Groups();
  groups.insert(groups.begin(), {std::string(kAuthentication), std::string(kAuthorization)});
  return groups;
}

std::vector<std::string> VersionsOf(const Served& served, std::string_view group) {
  const bool of_reviews = group == kAuthentication || group == kAuthorization;
  return of_reviews ? std::vector<std::string>{"v1"} : served.Versions(group);
}

json::ObjectPtr GroupVersion(std::string_view group, const std::string& version) {
  json::ObjectPtr entry = json::MakeObject();
  entry->set("groupVersion", StrCat(group, "/", version));
  entry->set("version", version);
  return entry;
}

json::ObjectPtr GroupEntry(const Served& served, const std::string& group, bool top) {
  json::ObjectPtr entry = json::MakeObject();
  if (top) {
    entry->set("kind", "APIGroup");
    entry->set("apiVersion", "v1");
  }
  entry->set("name", group);
  json::ArrayPtr versions = json::MakeArray();
  std::vector<std::string> names = VersionsOf(served, group);
  for (const std::string& version : names) versions->add(GroupVersion(group, version));
  entry->set("versions", versions);
  entry->set("preferredVersion", GroupVersion(group, names.front()));
  return entry;
}

json::ObjectPtr ResourceEntry(const std::string& name, const std::string& singular, bool namespaced,
                              const std::string& kind, const std::vector<std::string>& verbs) {
  json::ObjectPtr entry = json::MakeObject();
  entry->set("name", name);
  entry->set("singularName", singular);
  entry->set("namespaced", namespaced);
  entry->set("kind", kind);
  SetStrings(entry, "verbs", verbs);
  return entry;
}

// A subresource that is not part of its object, as discovery lists it; an empty kind means that of
// the object.
struct ActionShape {
  std::string_view group, version, kind;
  std::vector<std::string> verbs;
};
ActionShape ShapeOf(std::string_view action) {
  if (action == "binding") return {"", "", "Binding", {"create"}};
  if (action == "eviction") return {"policy", "v1", "Eviction", {"create"}};
  if (action == "token") return {"authentication.k8s.io", "v1", "TokenRequest", {"create"}};
  return {"", "", "", {"get", "patch", "update"}};
}

// Changes when objects are stored in another version, which clients watch for.
std::string StorageHash(const Resource& resource) {
  const std::string stored = StrCat(resource.group, "/", resource.storage_version, "/", resource.kind);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(stored.data()), stored.size(), digest);
  constexpr std::size_t kShown = 8;
  return Base64Encode({reinterpret_cast<const char*>(digest), kShown});
}

void AddResource(const Resource& resource, const Version& version, json::ArrayPtr list) {
  json::ObjectPtr entry = ResourceEntry(resource.plural, resource.singular, resource.namespaced,
                                        resource.kind, VerbsOf(resource));
  SetStrings(entry, "shortNames", resource.short_names);
  SetStrings(entry, "categories", resource.categories);
  entry->set("storageVersionHash", StorageHash(resource));
  list->add(entry);
  if (version.status) {
    list->add(ResourceEntry(resource.plural + "/status", "", resource.namespaced, resource.kind,
                            {"get", "patch", "update"}));
  }
  if (version.scale) {
    json::ObjectPtr scale = ResourceEntry(resource.plural + "/scale", "", resource.namespaced, "Scale",
                                          {"get", "patch", "update"});
    scale->set("group", "autoscaling");
    scale->set("version", "v1");
    list->add(scale);
  }
  for (const std::string& action : resource.actions) {
    const ActionShape shape = ShapeOf(action);
    json::ObjectPtr one =
        ResourceEntry(StrCat(resource.plural, "/", action), "", resource.namespaced,
                      std::string(shape.kind.empty() ? resource.kind : shape.kind), shape.verbs);
    if (!shape.version.empty()) {
      one->set("group", std::string(shape.group));
      one->set("version", std::string(shape.version));
    }
    list->add(one);
  }
  if (resource.finalize_subresource) {
    list->add(
        ResourceEntry(resource.plural + "/finalize", "", resource.namespaced, resource.kind, {"update"}));
  }
}

json::ObjectPtr GroupVersionKindOf(std::string_view group, const std::string& version,
                                   const std::string& kind) {
  json::ObjectPtr reference = json::MakeObject();
  reference->set("group", std::string(group));
  reference->set("version", version);
  reference->set("kind", kind);
  return reference;
}

json::ObjectPtr AggregatedSub(const char* name, json::ObjectPtr kind, const std::vector<std::string>& verbs) {
  json::ObjectPtr entry = json::MakeObject();
  entry->set("subresource", name);
  entry->set("responseKind", kind);
  SetStrings(entry, "verbs", verbs);
  return entry;
}

json::ObjectPtr AggregatedResource(const Resource& resource, const Version& version) {
  json::ObjectPtr entry = json::MakeObject();
  entry->set("resource", resource.plural);
  json::ObjectPtr kind = GroupVersionKindOf(resource.group, version.name, resource.kind);
  entry->set("responseKind", kind);
  entry->set("scope", resource.namespaced ? "Namespaced" : "Cluster");
  entry->set("singularResource", resource.singular);
  SetStrings(entry, "verbs", VerbsOf(resource));
  SetStrings(entry, "shortNames", resource.short_names);
  SetStrings(entry, "categories", resource.categories);
  json::ArrayPtr subresources = json::MakeArray();
  const std::vector<std::string> verbs{"get", "patch", "update"};
  if (version.status) subresources->add(AggregatedSub("status", kind, verbs));
  if (version.scale)
    subresources->add(AggregatedSub("scale", GroupVersionKindOf("autoscaling", "v1", "Scale"), verbs));
  for (const std::string& action : resource.actions) {
    const ActionShape shape = ShapeOf(action);
    const std::string group(shape.version.empty() ? resource.group : std::string(shape.group));
    subresources->add(AggregatedSub(
        action.c_str(),
        GroupVersionKindOf(group, shape.version.empty() ? version.name : std::string(shape.version),
                           std::string(shape.kind.empty() ? resource.kind : shape.kind)),
        shape.verbs));
  }
  if (resource.finalize_subresource) subresources->add(AggregatedSub("finalize", kind, {"update"}));
  if (subresources->size() > 0) entry->set("subresources", subresources);
  return entry;
}

json::ObjectPtr AggregatedReview(const Review& review) {
  json::ObjectPtr entry = json::MakeObject();
  entry->set("resource", review.plural);
  entry->set("responseKind", GroupVersionKindOf(review.group, "v1", review.kind));
  entry->set("scope", review.namespaced ? "Namespaced" : "Cluster");
  entry->set("singularResource", ToLower(review.kind));
  SetStrings(entry, "verbs", {"create"});
  return entry;
}

json::ObjectPtr AggregatedGroup(const Served& served, const std::string& group) {
  json::ObjectPtr entry = json::MakeObject(), metadata = json::MakeObject();
  if (!group.empty()) metadata->set("name", group);
  metadata->set("creationTimestamp", json::Tree());
  entry->set("metadata", metadata);
  json::ArrayPtr versions = json::MakeArray();
  for (const std::string& name : VersionsOf(served, group)) {
    json::ArrayPtr resources = json::MakeArray();
    for (const ResourcePtr& resource : served.resources) {
      const Version* version = resource->group == group ? resource->FindServed(name) : nullptr;
      if (version) resources->add(AggregatedResource(*resource, *version));
    }
    for (const Review& review : kReviews) {
      if (review.group == group) resources->add(AggregatedReview(review));
    }
    json::ObjectPtr version = json::MakeObject();
    version->set("version", name);
    version->set("resources", resources);
    version->set("freshness", "Current");
    versions->add(version);
  }
  entry->set("versions", versions);
  return entry;
}

}  // namespace

json::ObjectPtr ApiVersions(std::string_view authority) {
  json::ObjectPtr answer = json::MakeObject();
  answer->set("kind", "APIVersions");
  SetStrings(answer, "versions", {"v1"});
  json::ObjectPtr address = json::MakeObject();
  address->set("clientCIDR", "0.0.0.0/0");
  address->set("serverAddress", std::string(authority));
  json::ArrayPtr addresses = json::MakeArray();
  addresses->add(address);
  answer->set("serverAddressByClientCIDRs", addresses);
  return answer;
}

json::ObjectPtr ApiGroupList(const Served& served) {
  json::ObjectPtr answer = json::MakeObject();
  answer->set("kind", "APIGroupList");
  answer->set("apiVersion", "v1");
  json::ArrayPtr groups = json::MakeArray();
  for (const std::string& group : GroupsOf(served)) groups->add(GroupEntry(served, group, false));
  answer->set("groups", groups);
  return answer;
}

json::ObjectPtr ApiGroup(const Served& served, std::string_view group) {
  if (group.empty() || VersionsOf(served, group).empty()) return {};
  return GroupEntry(served, std::string(group), true);
}

json::ObjectPtr ApiResourceList(const Served& served, std::string_view group, std::string_view version) {
  json::ArrayPtr resources = json::MakeArray();
  for (const ResourcePtr& resource : served.resources) {
    const Version* found = resource->group == group ? resource->FindServed(version) : nullptr;
    if (found) AddResource(*resource, *found, resources);
  }
  for (const Review& review : kReviews) {
    if (review.group != group || version != "v1") continue;
    resources->add(
        ResourceEntry(review.plural, ToLower(review.kind), review.namespaced, review.kind, {"create"}));
  }
  if (resources->size() == 0) return {};
  json::ObjectPtr answer = json::MakeObject();
  answer->set("kind", "APIResourceList");
  if (!group.empty()) answer->set("apiVersion", "v1");
  answer->set("groupVersion", group.empty() ? std::string(version) : StrCat(group, "/", version));
  answer->set("resources", resources);
  return answer;
}

json::ObjectPtr AggregatedDiscovery(const Served& served, bool core, std::string_view version) {
  json::ObjectPtr answer = json::MakeObject();
  answer->set("kind", "APIGroupDiscoveryList");
  answer->set("apiVersion", StrCat("apidiscovery.k8s.io/", version));
  answer->set("metadata", json::MakeObject());
  json::ArrayPtr items = json::MakeArray();
  if (core) {
    items->add(AggregatedGroup(served, ""));
  } else {
    for (const std::string& group : GroupsOf(served)) items->add(AggregatedGroup(served, group));
  }
  answer->set("items", items);
  return answer;
}

}  // namespace capstan::apiserver
