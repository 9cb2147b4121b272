#include <capstan/plugins/loader/file/image.hpp>

#include <link.h>

#include <algorithm>
#include <utility>

namespace capstan::loader {
namespace {

struct Search {
  std::uintptr_t address;
  Image image;
};

int Collect(dl_phdr_info* info, std::size_t, void* out) {
  auto& search = *static_cast<Search*>(out);
  Image image;
  bool holds = false;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_R) == 0) continue;
    const std::uintptr_t begin = info->dlpi_addr + segment.p_vaddr;
    image.readable.push_back({begin, segment.p_memsz});
    holds = holds || (search.address >= begin && search.address - begin < segment.p_memsz);
  }
  if (!holds) return 0;
  search.image = std::move(image);
  return 1;
}

}  // namespace

bool Image::Contains(const void* data, std::size_t size) const {
  const auto at = reinterpret_cast<std::uintptr_t>(data);
  return std::any_of(readable.begin(), readable.end(), [&](const Range& range) {
    return at >= range.begin && at - range.begin <= range.size && size <= range.size - (at - range.begin);
  });
}

Image ImageAround(const void* address) {
  Search search{reinterpret_cast<std::uintptr_t>(address), {}};
  dl_iterate_phdr(&Collect, &search);
  return search.image;
}

}  // namespace capstan::loader
