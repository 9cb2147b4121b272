// Private to core/managed. PackedObserved is what a list showed of one cloud object, as compressed
// bytes: a list of a thousand is kept for a minute, and hardly ever is one of them looked into. A
// value, constant once made.
#pragma once

#include <memory>
#include <string>

#include <capstan/core/base/result.hpp>
#include <capstan/core/external/external.hpp>

namespace capstan::managed {

// Two cloud objects look the same when this is the same: of all that Observed holds.
std::string DigestOf(const external::Observed& observed);

// Packs one after the other in memory it keeps meanwhile: allocating it again costs as much as
// packing. For one thread.
class ObservedPacker {
 public:
  ObservedPacker();
  ~ObservedPacker();

 private:
  friend class PackedObserved;
  struct State;
  std::unique_ptr<State> state_;
};

class PackedObserved {
 public:
  // `before`: what an earlier list showed of it; its bytes are taken when nothing differs. May be
  // null.
  PackedObserved(const external::Observed& observed, ObservedPacker& packer,
                 const PackedObserved* before = nullptr);
  const std::string& digest() const { return digest_; }
  // Errors: kInternal when the bytes are damaged, which only a bug can do.
  Result<external::Observed> Unpack() const;

 private:
  std::string digest_, packed_;
  std::size_t size_ = 0;  // unpacked
  bool compressed_ = false;
};

}  // namespace capstan::managed
