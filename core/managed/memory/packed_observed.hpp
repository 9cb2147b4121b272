// Private to core/managed. PackedObserved stores one cloud object of a list as compressed bytes: a
// list of a thousand objects is kept for a minute, and few of them are ever read. An immutable
// value type.
#pragma once

#include <memory>
#include <string>

#include <capstan/core/base/result.hpp>
#include <capstan/core/external/external.hpp>

namespace capstan::managed {

// Digest of all fields of Observed: two cloud objects with the same digest are the same.
std::string DigestOf(const external::Observed& observed);

// Packs or compares one object at a time and keeps its buffers in between: allocating them again
// costs as much as packing. Used by one thread.
//
// Objects of one account are much alike, so one of them serves the others as a dictionary: it makes
// them a sixth of the size, and four times as fast to compare.
class ObservedPacker {
 public:
  using Dictionary = std::shared_ptr<const std::string>;
  // Null: the first packed object becomes the dictionary.
  explicit ObservedPacker(Dictionary dictionary = nullptr);
  ~ObservedPacker();
  const Dictionary& dictionary() const;

 private:
  friend class PackedObserved;
  struct State;
  std::unique_ptr<State> state_;
};

class PackedObserved {
 public:
  PackedObserved(const external::Observed& observed, ObservedPacker& packer);
  // Whether it was packed from exactly this. Costs a small part of a digest.
  bool Holds(const external::Observed& observed, ObservedPacker& packer) const;
  const std::string& digest() const { return digest_; }
  // Errors: kInternal when the bytes are corrupt, which only a bug can cause.
  Result<external::Observed> Unpack() const;

 private:
  std::string digest_, packed_;
  ObservedPacker::Dictionary dictionary_;
  std::size_t size_ = 0;  // uncompressed
  bool compressed_ = false;
};

}  // namespace capstan::managed
