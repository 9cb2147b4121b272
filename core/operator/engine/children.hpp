// Children are the objects of one kind that an operator creates for others: their cache, and the
// writes that keep them as desired.
//
// An object belongs to its controlling owner (ownerReference), or to the object named in its
// annotation "<domain>/made-for". Annotation "<domain>/applied" stores a digest of what was last
// applied: a write is skipped if the digest matches the desired object and the live object still
// contains all of it. Thread-safe. Everything passed to the constructor must outlive it.
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

// The index by which children are found; its values are those of BelongsTo.
inline constexpr char kBelongsToIndex[] = "capstan-belongs-to";

class Children {
 public:
  struct Names {
    std::string operator_name;      // field manager and managed-by
    std::string applied, made_for;  // annotations
  };
  // The object a child belongs to.
  struct Parent {
    const kube::Kind& kind;
    const kube::Object& object;
    bool owns = false;  // by ownerReference, otherwise by annotation
  };

  Children(kube::Client& client, kube::Kind kind, Names names, std::vector<runtime::Informer*> informers)
      : client_(client), kind_(std::move(kind)), names_(std::move(names)), informers_(std::move(informers)) {}

  // Returns what changed: "Created", "Updated", or an empty string. Errors: see Turn::Own.
  Result<std::string> Put(const Parent& parent, const kube::ObjectKey& key, Json body,
                          const Context& context);
  // True if the object existed, was ours and has been deleted by this call. Errors: those of
  // Client::Get and Client::Delete.
  Result<bool> Remove(const Parent& parent, const kube::ObjectKey& key, const Context& context);
  std::vector<kube::ObjectKey> Of(const Parent& parent) const;
  // The parent is gone: drops what is remembered about its children.
  void Forget(const kube::ObjectKey& parent) CAPSTAN_EXCLUDES(mutex_);

  const kube::Kind& kind() const { return kind_; }

 private:
  // The last write of this process.
  struct Applied {
    kube::ObjectKey parent;
    std::string digest, resource_version;
  };
  // Whether the cached object, or our own write that is not cached yet, is as desired.
  bool AsWanted(const std::optional<kube::Object>& cached, const kube::ObjectKey& key, const Json& body,
                const std::string& digest) const CAPSTAN_EXCLUDES(mutex_);
  // Errors: kAlreadyExists; kUnavailable (it is deleted together with an earlier parent).
  Status CheckOurs(const Parent& parent, const kube::Object& there) const;
  Result<std::optional<kube::Object>> Cached(const kube::ObjectKey& key) const;
  Result<std::optional<kube::Object>> ReadUncached(const kube::ObjectKey& key, const Context& context);
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
// The key in such a value, or nullopt if it is of another kind.
std::optional<kube::ObjectKey> MadeForKey(const kube::Kind& kind, std::string_view value);

}  // namespace capstan
