// Catalog is the list of all served resources: the built-in kinds and those of CRDs. It changes
// when a CRD changes.
//
// A reader takes an immutable snapshot (Served) and keeps it for the whole request. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/local/apiserver/catalog/resource.hpp>
#include <capstan/local/apiserver/openapi/documents.hpp>

namespace capstan::apiserver {

struct Served {
  std::vector<ResourcePtr> resources;  // built-in ones first, then by name
  std::uint64_t serial = 0;            // grows with each change

  ResourcePtr Find(std::string_view group, std::string_view plural) const;
  // By group and kind, for example for owner references.
  ResourcePtr FindKind(std::string_view group, std::string_view kind) const;
  // Groups in the order of discovery, without the core group.
  std::vector<std::string> Groups() const;
  // Versions of a group, preferred first; empty when no resource of the group is served.
  std::vector<std::string> Versions(std::string_view group) const;
  // The resources as the OpenAPI documents need them.
  std::vector<ServedResource> ForOpenApi() const;
};
using ServedPtr = std::shared_ptr<const Served>;

class Catalog {
 public:
  explicit Catalog(const BuiltinSchemas& schemas);
  ServedPtr Current() const;
  // Adds or replaces the resource of a CRD. `crd` is the name of the CRD
  // ("widgets.anutosh491.dev").
  void Put(const std::string& crd, ResourcePtr resource);
  void Remove(const std::string& crd);

 private:
  void Publish() CAPSTAN_REQUIRES(mutex_);

  // Constant after construction.
  const std::vector<ResourcePtr> builtins_;

  // Guarded by mutex_.
  mutable Mutex mutex_;
  std::map<std::string, ResourcePtr> custom_ CAPSTAN_GUARDED_BY(mutex_);
  ServedPtr served_ CAPSTAN_GUARDED_BY(mutex_);
};

// Kubernetes' order of versions: v2, v1, v1beta2, v1alpha1, then others by name. True when `a`
// comes first.
bool PreferredVersion(std::string_view a, std::string_view b);

// The built-in kinds. `schemas` must outlive the resources.
std::vector<ResourcePtr> BuiltinResources(const BuiltinSchemas& schemas);

}  // namespace capstan::apiserver
