// StoredObject is one object as the cache keeps it: one block of memory with its identity, its
// labels and its compressed JSON. A handle, cheap to copy; the block lives as long as any handle to
// it. Thread-safe: what it points to never changes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <capstan/core/base/result.hpp>
#include <capstan/core/kube/object.hpp>

namespace capstan::runtime {

class ObjectCodec;
namespace detail {
struct Block;
}

class StoredObject {
 public:
  StoredObject(const StoredObject& other) noexcept;
  StoredObject& operator=(const StoredObject& other) noexcept;
  StoredObject(StoredObject&& other) noexcept;
  StoredObject& operator=(StoredObject&& other) noexcept;
  ~StoredObject();

  kube::ObjectKey key() const;
  std::string_view namespace_() const;  // these views live as long as this handle
  std::string_view name() const;
  std::string_view uid() const;
  std::uint64_t version() const;  // resourceVersion; 0 when the server's is not a number
  std::int64_t generation() const;
  bool deleting() const;
  std::optional<std::string_view> Label(std::string_view key) const;
  void ForEachLabel(const std::function<void(std::string_view key, std::string_view value)>& visit) const;
  // A digest of all that is neither status nor managedFields nor resourceVersion, as far as
  // generation, labels, annotations, finalizers, owners and deletion tell: equal digests of two
  // versions mean that only status changed. Kinds without a generation give a different digest for
  // every version.
  std::uint32_t intent_digest() const;

  // The object itself, without managedFields: decompressed and parsed each time (some
  // microseconds). Errors: kInternal when the bytes are damaged, which only a bug can do.
  Result<kube::Object> Load() const;

 private:
  friend class Store;
  // Takes over one reference to the block.
  StoredObject(detail::Block* block, std::shared_ptr<const ObjectCodec> codec);
  detail::Block* block_ = nullptr;
  std::shared_ptr<const ObjectCodec> codec_;
};

}  // namespace capstan::runtime
