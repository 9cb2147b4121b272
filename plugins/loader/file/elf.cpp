#include <capstan/plugins/loader/file/elf.hpp>

#include <capstan/plugin.h>
#include <capstan/core/base/text.hpp>

namespace capstan::loader {
namespace {

#if defined(__x86_64__)
constexpr std::uint16_t kMachine = EM_X86_64;
constexpr std::string_view kMachineName = "x86-64";
#elif defined(__aarch64__)
constexpr std::uint16_t kMachine = EM_AARCH64;
constexpr std::string_view kMachineName = "aarch64";
#else
#error "plugins are known to load on x86-64 and aarch64 only; add this machine's ELF number here"
#endif

std::string MachineName(std::uint16_t machine) {
  switch (machine) {
    case EM_X86_64:
      return "x86-64";
    case EM_AARCH64:
      return "aarch64";
    case EM_386:
      return "i386";
    case EM_ARM:
      return "arm";
    case EM_RISCV:
      return "riscv";
    default:
      return StrCat("ELF machine ", machine);
  }
}

}  // namespace

Failure ElfFile::Bad(std::string_view what) const {
  return Fail(Code::kInvalidArgument, StrCat(path_, " ", what));
}

Status ElfFile::CheckHead() {
  if (bytes_.empty()) return Bad("is empty; install the plugin again");
  if (bytes_.size() < SELFMAG || std::memcmp(bytes_.data(), ELFMAG, SELFMAG) != 0) {
    return Bad(
        "is not a shared library (it does not start as an ELF file does); put only built plugins into this "
        "folder");
  }
  if (bytes_.size() < EI_NIDENT) return Truncated();
  const auto word = static_cast<unsigned char>(bytes_[EI_CLASS]);
  const auto order = static_cast<unsigned char>(bytes_[EI_DATA]);
  if (word != ELFCLASS64)
    return Bad("is a 32-bit library, this program is 64-bit; build the plugin for this machine");
  if (order != ELFDATA2LSB)
    return Bad("has another byte order than this machine; build the plugin for this machine");
  const auto head = Read<Elf64_Ehdr>(0);
  if (!head) return Truncated();
  head_ = *head;
  if (head_.e_machine != kMachine) {
    return Bad(StrCat("is built for ", MachineName(head_.e_machine), ", this machine is ", kMachineName,
                      "; build the plugin for this machine"));
  }
  if (head_.e_type != ET_DYN) return Bad("is an ELF file but no shared library; link it with -shared");
  if (head_.e_phentsize != sizeof(Elf64_Phdr)) return Bad("has a malformed ELF header; build it again");
  // Most files end with the section headers: a file without them was truncated, even if all loaded
  // parts are present.
  if (head_.e_shoff != 0 && !Inside(head_.e_shoff, std::uint64_t{head_.e_shnum} * head_.e_shentsize))
    return Truncated();
  return {};
}

Status ElfFile::ReadSegments() {
  for (std::uint16_t i = 0; i < head_.e_phnum; ++i) {
    const auto segment = head_.e_phoff > bytes_.size()
                             ? std::nullopt
                             : Read<Elf64_Phdr>(head_.e_phoff + std::uint64_t{i} * sizeof(Elf64_Phdr));
    if (!segment) return Truncated();
    if ((segment->p_type == PT_LOAD || segment->p_type == PT_DYNAMIC || segment->p_type == PT_NOTE) &&
        !Inside(segment->p_offset, segment->p_filesz)) {
      return Truncated();
    }
    if (segment->p_type == PT_LOAD && segment->p_filesz > segment->p_memsz) {
      return Bad("has a malformed segment; build it again");
    }
    segments_.push_back(*segment);
  }
  for (const Elf64_Phdr& segment : segments_) {
    if (segment.p_type == PT_LOAD) return {};
  }
  return Bad("has nothing to load; build it again");
}

std::optional<std::string> ElfFile::TextAt(std::uint64_t address) const {
  for (const Elf64_Phdr& segment : segments_) {
    if (segment.p_type != PT_LOAD || address < segment.p_vaddr ||
        address - segment.p_vaddr >= segment.p_filesz)
      continue;
    const std::uint64_t within = address - segment.p_vaddr;
    const std::string_view rest = Bytes(segment.p_offset + within, segment.p_filesz - within);
    const std::size_t end = rest.find('\0');
    if (end == std::string_view::npos) return std::nullopt;
    return std::string(rest.substr(0, end));
  }
  return std::nullopt;
}

Result<std::vector<std::string>> ElfFile::Needed() const {
  std::vector<std::uint64_t> offsets;
  std::uint64_t strings = 0;
  for (const Elf64_Phdr& segment : segments_) {
    if (segment.p_type != PT_DYNAMIC) continue;
    for (std::uint64_t at = 0; at + sizeof(Elf64_Dyn) <= segment.p_filesz; at += sizeof(Elf64_Dyn)) {
      const auto entry = Read<Elf64_Dyn>(segment.p_offset + at);
      if (!entry || entry->d_tag == DT_NULL) break;
      if (entry->d_tag == DT_NEEDED) offsets.push_back(entry->d_un.d_val);
      if (entry->d_tag == DT_STRTAB) strings = entry->d_un.d_ptr;
    }
  }
  std::vector<std::string> needed;
  for (const std::uint64_t offset : offsets) {
    auto name = offset > std::uint64_t{1} << 32 ? std::nullopt : TextAt(strings + offset);
    if (!name) return Bad("has a malformed list of needed libraries; build it again");
    needed.push_back(*std::move(name));
  }
  return needed;
}

std::optional<std::string_view> ElfFile::Note() const {
  constexpr std::string_view kOwner(CAPSTAN_NOTE_OWNER, sizeof(CAPSTAN_NOTE_OWNER));
  for (const Elf64_Phdr& segment : segments_) {
    if (segment.p_type != PT_NOTE) continue;
    const std::uint64_t align = segment.p_align == 8 ? 8 : 4;
    const auto round = [align](std::uint64_t size) { return (size + align - 1) & ~(align - 1); };
    std::uint64_t at = 0;
    while (at + sizeof(Elf64_Nhdr) <= segment.p_filesz) {
      const auto head = Read<Elf64_Nhdr>(segment.p_offset + at);
      if (!head) break;
      const std::uint64_t owner = at + sizeof(Elf64_Nhdr);
      const std::uint64_t description = owner + round(head->n_namesz);
      const std::uint64_t end = description + head->n_descsz;
      if (description > segment.p_filesz || end > segment.p_filesz) break;
      if (head->n_type == CAPSTAN_NOTE_TYPE && Bytes(segment.p_offset + owner, head->n_namesz) == kOwner) {
        return Bytes(segment.p_offset + description, head->n_descsz);
      }
      at = description + round(head->n_descsz);
    }
  }
  return std::nullopt;
}

Failure ElfFile::Truncated() const {
  return Bad(StrCat("is truncated: it is ", bytes_.size(),
                    " bytes long and its own headers promise more; install the plugin again"));
}

}  // namespace capstan::loader
