// Children are the objects of one kind that an operator makes for others: their cache, and the
// writes that keep them as wanted.
//
// An object belongs to whom its controlling ownerReference or its annotation "<domain>/made-for"
// names. What was last applied stands as a digest in annotation "<domain>/applied": a write is left
// out when the digest is the wanted one and the object still has everything. Thread-safe. What the
// constructor is given must outlive it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <capstan/core/base/json.hpp>
#include <capstan/core/base/mutex.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/runtime/informer.hpp>

namespace capstan {

// The index by which children are found: BelongsTo of each.
inline constexpr char kBelongsToIndex[] = "capstan-belongs-to";

class Children {
 public:
  struct Names {
    std::string operator_name;      // field manager and managed-by
    std::string applied, made_for;  // annotations
  };
  // Whose child it is.
  struct Parent {
    const kube::Kind& kind;
    const kube::Object& object;
    bool owns = false;  // by ownerReference, else by annotation
  };

  Children(kube::Client& client, kube::Kind kind, Names names, std::vector<runtime::Informer*> informers)
      : client_(client), kind_(std::move(kind)), names_(std::move(names)), informers_(std::move(informers)) {}

  // What changed: "Created", "Updated", or nothing. Errors: see Turn::Own.
  Result<std::string> Put(const Parent& parent, const kube::ObjectKey& key, Json body,
                          const Context& context);
  // Whether it was there, ours, and is gone by us.
  Result<bool> Remove(const Parent& parent, const kube::ObjectKey& key, const Context& context);
  std::vector<kube::ObjectKey> Of(const Parent& parent) const;
  // Its parent is gone: nothing of what was applied for it is remembered.
  void Forget(const kube::ObjectKey& parent) CAPSTAN_EXCLUDES(mutex_);

  const kube::Kind& kind() const { return kind_; }

 private:
  // What this life wrote last.
  struct Applied {
    kube::ObjectKey parent;
    std::string digest, resource_version;
  };
  // Whether the cached object, or what was written and is not cached yet, is as wanted.
  bool AsWanted(const std::optional<kube::Object>& cached, const kube::ObjectKey& key, const Json& body,
                const std::string& digest) const CAPSTAN_EXCLUDES(mutex_);
  // Errors: kAlreadyExists, kUnavailable (it goes with an earlier parent).
  Status CheckOurs(const Parent& parent, const kube::Object& there) const;
  Result<std::optional<kube::Object>> Cached(const kube::ObjectKey& key) const;
  Result<std::optional<kube::Object>> ReadStranger(const kube::ObjectKey& key, const Context& context);
  Json WithIdentity(const Parent& parent, const kube::ObjectKey& key, Json body) const;

  // Constant after construction.
  kube::Client& client_;
  const kube::Kind kind_;
  const Names names_;
  const std::vector<runtime::Informer*> informers_;

  // Guarded by mutex_.
  mutable Mutex mutex_;
  std::map<kube::ObjectKey, Applied> applied_ CAPSTAN_GUARDED_BY(mutex_);
};

// "uid:<uid>" of the controlling owner, and "<resource>/<namespace>/<name>" of the annotation.
std::vector<std::string> BelongsTo(const kube::Object& child, const std::string& made_for);
std::string MadeForValue(const kube::Kind& kind, const kube::ObjectKey& key);
// The key in such a value, if it is of this kind.
std::optional<kube::ObjectKey> MadeForKey(const kube::Kind& kind, std::string_view value);

}  // namespace capstan
