// StoredObject is a handle to one cached object: one memory block with its identity, labels and
// compressed JSON. Cheap to copy; the block lives as long as any handle to it. Thread-safe: the
// block is immutable.
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
  std::string_view namespace_() const;  // the views are valid as long as this handle
  std::string_view name() const;
  std::string_view uid() const;
  std::uint64_t version() const;  // resourceVersion; 0 when it is not numeric
  std::int64_t generation() const;
  bool deleting() const;
  std::optional<std::string_view> Label(std::string_view key) const;
  void ForEachLabel(const std::function<void(std::string_view key, std::string_view value)>& visit) const;
  // Digest of everything except status, managedFields and resourceVersion, computed from
  // generation, labels, annotations, finalizers, owner references and deletion. If two versions
  // have equal digests, only status changed. Kinds without a generation have a different digest for
  // every version.
  std::uint32_t intent_digest() const;

  // The object itself, without managedFields: decompressed and parsed on each call (a few
  // microseconds). Errors: kInternal when the bytes are corrupt, which only a bug can cause.
  Result<kube::Object> Load() const;

 private:
  friend class Store;
  // Takes ownership of one reference to the block.
  StoredObject(detail::Block* block, std::shared_ptr<const ObjectCodec> codec);
  detail::Block* block_ = nullptr;
  std::shared_ptr<const ObjectCodec> codec_;
};

}  // namespace capstan::runtime
