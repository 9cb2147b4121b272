// Lister reads a kind from the cache: it sends no requests, never blocks and may be slightly stale.
// Reads from one informer, or from one per namespace. A value type; thread-safe; the informers must
// outlive it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <capstan/core/runtime/informer.hpp>
#include <capstan/core/runtime/label_selector.hpp>

namespace capstan::runtime {

class Lister {
 public:
  explicit Lister(std::vector<Informer*> informers) : informers_(std::move(informers)) {}

  // Whether the first list is complete. Before that, an absent object proves nothing.
  bool synced() const;
  // nullopt when the cache has no such object. Errors: kInternal (corrupt bytes, which is a bug).
  Result<std::optional<kube::Object>> Get(const kube::ObjectKey& key) const;
  // Objects of a namespace (empty: of all) that match the selector, ordered by key. Returns
  // handles; call Load on those whose content is needed.
  std::vector<StoredObject> List(std::string_view namespace_ = {}, const LabelSelector& selector = {}) const;
  // Objects that the index lists under a value, ordered by key within each informer. Errors:
  // kFailedPrecondition (no such index was added).
  Result<std::vector<StoredObject>> ListByIndex(const std::string& index, const std::string& value) const;

 private:
  std::vector<Informer*> informers_;
};

}  // namespace capstan::runtime
