#include <capstan/core/runtime/lister.hpp>

#include <algorithm>

namespace capstan::runtime {

bool Lister::synced() const {
  return std::all_of(informers_.begin(), informers_.end(),
                     [](const Informer* informer) { return informer->synced(); });
}

Result<std::optional<kube::Object>> Lister::Get(const kube::ObjectKey& key) const {
  for (const Informer* informer : informers_) {
    CAPSTAN_TRY(std::optional<kube::Object> object, informer->store().Get(key));
    if (object) return object;
  }
  return std::optional<kube::Object>();
}

std::vector<StoredObject> Lister::List(std::string_view namespace_, const LabelSelector& selector) const {
  std::vector<StoredObject> matching;
  for (const Informer* informer : informers_) {
    for (StoredObject& object : informer->store().Snapshot(namespace_)) {
      if (selector.Matches([&](std::string_view key) { return object.Label(key); }))
        matching.push_back(std::move(object));
    }
  }
  std::sort(matching.begin(), matching.end(), [](const StoredObject& a, const StoredObject& b) {
    return std::pair(a.namespace_(), a.name()) < std::pair(b.namespace_(), b.name());
  });
  return matching;
}

Result<std::vector<StoredObject>> Lister::ListByIndex(const std::string& index,
                                                      const std::string& value) const {
  std::vector<StoredObject> found;
  for (const Informer* informer : informers_) {
    auto objects = informer->store().FindByIndex(index, value);
    if (!objects) return Annotate(objects.error(), informer->target().ToString());
    for (StoredObject& object : *objects) found.push_back(std::move(object));
  }
  return found;
}

}  // namespace capstan::runtime
