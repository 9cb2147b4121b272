#include <capstan/plugins/loader/file/segments.hpp>

#include <algorithm>
#include <bit>

#include <capstan/core/base/text.hpp>

namespace capstan::loader {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kSpanLimit = std::uint64_t{2} << 30;  // bytes of address space of one plugin
constexpr std::uint64_t kAlignLimit = std::uint64_t{64} << 20;
constexpr std::uint64_t kTlsLimit = std::uint64_t{1} << 20;  // per thread of this process

// Whether [at, at + size) is inside [begin, begin + length), without overflow.
bool Within(std::uint64_t at, std::uint64_t size, std::uint64_t begin, std::uint64_t length) {
  return at >= begin && at - begin <= length && size <= length - (at - begin);
}

}  // namespace

Segments::Segments(const ElfFile& elf) : elf_(elf) {
  for (const Elf64_Phdr& one : elf_.segments()) {
    if (one.p_type == PT_LOAD) loads_.push_back(one);
    if (one.p_type == PT_TLS) tls_ = one;
  }
}

Status Segments::Check() {
  CAPSTAN_RETURN_IF_ERROR(Loads());
  CAPSTAN_RETURN_IF_ERROR(OtherSegments());
  return Sections();
}

Failure Segments::Malformed(std::string_view what) const {
  return elf_.Bad(StrCat("is damaged (", what, "); install the plugin again, or build it again"));
}

const Elf64_Phdr* Segments::LoadOf(std::uint64_t address, std::uint64_t size, std::uint32_t rights) const {
  for (const Elf64_Phdr& load : loads_) {
    if ((load.p_flags & rights) == rights && Within(address, size, load.p_vaddr, load.p_memsz)) return &load;
  }
  return nullptr;
}

std::optional<std::uint64_t> Segments::Offset(std::uint64_t address, std::uint64_t size) const {
  const Elf64_Phdr* load = LoadOf(address, size, PF_R);
  if (load == nullptr || !Within(address, size, load->p_vaddr, load->p_filesz)) return std::nullopt;
  return load->p_offset + (address - load->p_vaddr);
}

Status Segments::Loads() const {
  std::uint64_t end = 0;
  for (const Elf64_Phdr& load : loads_) {
    const std::uint64_t align = std::max<std::uint64_t>(load.p_align, 1);
    if (!std::has_single_bit(align) || align > kAlignLimit || (load.p_vaddr - load.p_offset) % align != 0 ||
        (load.p_vaddr - load.p_offset) % kPage != 0)
      return Malformed("a segment is not aligned");
    if (load.p_vaddr > kSpanLimit || load.p_memsz > kSpanLimit)
      return Malformed("a segment lies too far away");
    if (load.p_vaddr < end) return Malformed("segments overlap");
    end = load.p_vaddr + load.p_memsz;
    if ((load.p_flags & PF_R) == 0) return Malformed("a segment cannot be read");
    if ((load.p_flags & PF_W) != 0 && (load.p_flags & PF_X) != 0)
      return Malformed("a segment can be written and executed");
  }
  return {};
}

// The file offset and the address of a part of a segment must correspond.
bool Segments::Placed(const Elf64_Phdr& part, std::uint64_t size) const {
  const auto offset = Offset(part.p_vaddr, size);
  return offset && *offset == part.p_offset;
}

Status Segments::OtherSegments() {
  int dynamics = 0, tls = 0, relros = 0;
  for (const Elf64_Phdr& one : elf_.segments()) {
    switch (one.p_type) {
      case PT_PHDR:
        if (!Placed(one, one.p_memsz) || one.p_offset != elf_.head().e_phoff ||
            one.p_memsz < std::uint64_t{elf_.head().e_phnum} * sizeof(Elf64_Phdr))
          return Malformed("its program headers are not where they say");
        break;
      case PT_DYNAMIC:
        ++dynamics;
        // The dynamic linker writes addresses into it.
        if (!Placed(one, one.p_filesz) || one.p_filesz != one.p_memsz ||
            one.p_filesz % sizeof(Elf64_Dyn) != 0 || !InMemory(one.p_vaddr, one.p_memsz, PF_R | PF_W))
          return Malformed("its dynamic section is not where it says");
        dynamic_ = one;
        break;
      case PT_NOTE:
      case PT_GNU_EH_FRAME:
      case PT_GNU_PROPERTY:
        if (one.p_filesz != one.p_memsz || !Placed(one, one.p_memsz))
          return Malformed("a segment is not where it says");
        break;
      case PT_TLS:
        ++tls;
        if (one.p_memsz > kTlsLimit || one.p_filesz > one.p_memsz ||
            !std::has_single_bit(std::max<std::uint64_t>(one.p_align, 1)) || one.p_align > kPage ||
            (one.p_filesz > 0 && !Placed(one, one.p_filesz)))
          return Malformed("its thread-local data are not where they say, or too large");
        break;
      case PT_GNU_RELRO: {
        ++relros;
        const Elf64_Phdr* load = LoadOf(one.p_vaddr, 0, PF_R | PF_W);
        // Its end may be rounded up to a page.
        if (load == nullptr || !Within(one.p_vaddr, one.p_memsz, load->p_vaddr,
                                       (load->p_memsz + kPage - 1) / kPage * kPage + kPage))
          return Malformed("what becomes read-only is not where it says");
        break;
      }
      case PT_GNU_STACK:
        if ((one.p_flags & PF_X) != 0) return Malformed("it asks for a stack that can be executed");
        break;
      default:
        break;
    }
  }
  if (dynamics != 1 || tls > 1 || relros > 1)
    return Malformed("it has too many or too few segments of a sort");
  return {};
}

// Sections are not loaded, but they contain the same information again: differences reveal damage.
Status Segments::Sections() const {
  const Elf64_Ehdr& head = elf_.head();
  if (head.e_shoff == 0 || head.e_shnum == 0) return {};
  if (head.e_shentsize != sizeof(Elf64_Shdr)) return Malformed("its section headers have an unknown size");
  for (std::uint16_t i = 0; i < head.e_shnum; ++i) {
    const auto section = elf_.Read<Elf64_Shdr>(head.e_shoff + std::uint64_t{i} * sizeof(Elf64_Shdr));
    if (!section) return elf_.Truncated();
    if ((section->sh_flags & SHF_ALLOC) == 0 || section->sh_size == 0) continue;
    const bool local = (section->sh_flags & SHF_TLS) != 0;
    if (local && (!tls_ || !Within(section->sh_addr, section->sh_size, tls_->p_vaddr, tls_->p_memsz)))
      return Malformed("its thread-local data are not where they say");
    if (section->sh_type == SHT_NOBITS && local) continue;  // takes no memory of the image
    const std::uint32_t rights = PF_R | ((section->sh_flags & SHF_WRITE) != 0 ? PF_W : 0u) |
                                 ((section->sh_flags & SHF_EXECINSTR) != 0 ? PF_X : 0u);
    if (!InMemory(section->sh_addr, section->sh_size, rights))
      return Malformed("a section lies in no segment with its rights");
    if (section->sh_type == SHT_NOBITS) continue;
    const auto offset = Offset(section->sh_addr, section->sh_size);
    if (!offset || *offset != section->sh_offset)
      return Malformed("a section and its segment say different things");
    if (section->sh_type == SHT_DYNAMIC && section->sh_addr != dynamic_.p_vaddr)
      return Malformed("its dynamic section is not where it says");
  }
  return {};
}

}  // namespace capstan::loader
