// Lister reads a kind from the cache: never from the server, never blocking, maybe a moment behind.
// One informer, or one for each namespace. A value; thread-safe; its informers must outlive it.
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

  // Whether the first list is complete; before that an absent object proves nothing.
  bool synced() const;
  // Nothing when the cache has no such object. Errors: kInternal (damaged bytes, a bug).
  Result<std::optional<kube::Object>> Get(const kube::ObjectKey& key) const;
  // Objects of a namespace (all when empty) that the selector matches, ordered by key. Handles:
  // Load what is needed.
  std::vector<StoredObject> List(std::string_view namespace_ = {}, const LabelSelector& selector = {}) const;
  // Objects that an index keeps under a value, ordered by key within an informer. Errors:
  // kFailedPrecondition (no such index was added).
  Result<std::vector<StoredObject>> ListByIndex(const std::string& index, const std::string& value) const;

 private:
  std::vector<Informer*> informers_;
};

}  // namespace capstan::runtime
