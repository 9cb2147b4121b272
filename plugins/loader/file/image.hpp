// The address range of a library in this process. Pure; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace capstan::loader {

// Its readable segments: constants of a plugin are valid in answers.
struct Image {
  struct Range {
    std::uintptr_t begin = 0;
    std::size_t size = 0;
  };
  std::vector<Range> readable;
  bool Contains(const void* data, std::size_t size) const;
};
// The image that contains `address`; empty if there is none.
Image ImageAround(const void* address);

}  // namespace capstan::loader
