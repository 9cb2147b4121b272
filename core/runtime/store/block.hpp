// Private to core/runtime: the memory block of one stored object. A header, then namespace, name,
// uid, labels (key NUL value NUL ...) and the encoded JSON, contiguous in one allocation. Immutable
// once it is in the Store, except for the atomic reference count and the last three flags.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include <capstan/core/json/scan.hpp>
#include <capstan/core/runtime/store/object_codec.hpp>

namespace capstan::runtime::detail {

struct Block {
  mutable std::atomic<std::uint32_t> references{1};
  std::uint32_t intent_digest = 0;
  std::uint64_t version = 0;
  std::int64_t generation = 0;
  std::uint32_t text_size = 0;
  std::uint32_t encoded_size = 0;
  std::uint32_t labels_size = 0;
  std::uint16_t name_size = 0;
  std::uint8_t namespace_size = 0;  // a DNS label: at most 63
  std::uint8_t uid_size = 0;
  Encoding encoding = Encoding::kPlain;
  bool deleting = false;
  // Owned by the Store and accessed under its lock.
  bool current = false;      // seen in the list in progress, or since it
  bool unannounced = false;  // changed by a list that is not complete yet
  bool replaced = false;     // unannounced, and an earlier version existed

  const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
  std::string_view namespace_() const { return {bytes(), namespace_size}; }
  std::string_view name() const { return {bytes() + namespace_size, name_size}; }
  std::string_view uid() const { return {bytes() + namespace_size + name_size, uid_size}; }
  std::string_view labels() const { return {bytes() + namespace_size + name_size + uid_size, labels_size}; }
  std::string_view encoded() const { return {labels().data() + labels_size, encoded_size}; }
  std::size_t size() const {
    return sizeof(Block) + namespace_size + name_size + uid_size + labels_size + encoded_size;
  }
};

// Null when out of memory or when a part is longer than Kubernetes allows.
Block* MakeBlock(const json::Metadata& metadata, std::string_view encoded, Encoding encoding,
                 std::size_t text_size);
void Retain(const Block* block) noexcept;
void Release(Block* block) noexcept;

}  // namespace capstan::runtime::detail
