// Private to core/managed. PackedEffects keeps the effects of one object, oldest first, in one
// block of bytes: a vector of them takes five times as much, and thousands of objects have some.
// Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <capstan/core/managed/flight_recorder.hpp>

namespace capstan::managed {

class PackedEffects final {
 public:
  std::size_t size() const { return size_; }
  void Append(const Effect& effect);
  // Counts `effect` on the last one if they differ only in time; false if they do not.
  bool CountOnLast(const Effect& effect);
  // REQUIRES: size() > 0.
  void DropFirst();
  std::vector<Effect> Unpack() const;

 private:
  std::string bytes_;
  std::uint32_t last_ = 0;  // where the last effect begins
  std::uint32_t size_ = 0;
};

}  // namespace capstan::managed
