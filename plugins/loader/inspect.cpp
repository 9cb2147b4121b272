#include <capstan/plugins/loader/inspect.hpp>

#include <elf.h>
#include <link.h>

#include <cstring>
#include <optional>

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

// The file as bounded, unaligned reads: nothing in it is believed.
class ElfFile {
 public:
  ElfFile(std::string_view bytes, const std::string& path) : bytes_(bytes), path_(path) {}

  Failure Bad(std::string_view what) const { return Fail(Code::kInvalidArgument, StrCat(path_, " ", what)); }

  template <class T>
  std::optional<T> Read(std::uint64_t offset) const {
    if (!Inside(offset, sizeof(T))) return std::nullopt;
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof(T));
    return value;
  }

  bool Inside(std::uint64_t offset, std::uint64_t size) const {
    return offset <= bytes_.size() && size <= bytes_.size() - offset;
  }
  std::string_view Bytes(std::uint64_t offset, std::uint64_t size) const {
    return bytes_.substr(offset, size);
  }
  std::size_t size() const { return bytes_.size(); }

  Status CheckHead() {
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
    // The section headers stand last in most files: whoever lacks them was cut, even where all that
    // is loaded is there.
    if (head_.e_shoff != 0 && !Inside(head_.e_shoff, std::uint64_t{head_.e_shnum} * head_.e_shentsize))
      return Truncated();
    return {};
  }

  Status ReadSegments() {
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

  // The text at an address of the loaded image, up to its terminator.
  std::optional<std::string> TextAt(std::uint64_t address) const {
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

  Result<std::vector<std::string>> Needed() const {
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

  // The description of our note, or nothing.
  std::optional<std::string_view> Note() const {
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

  Failure Truncated() const {
    return Bad(StrCat("is truncated: it is ", bytes_.size(),
                      " bytes long and its own headers promise more; install the plugin again"));
  }

 private:
  std::string_view bytes_;
  const std::string& path_;
  Elf64_Ehdr head_{};
  std::vector<Elf64_Phdr> segments_;
};

// Takes one zero-terminated text off the front.
std::optional<std::string> TakeText(std::string_view& rest) {
  const std::size_t end = rest.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  std::string text(rest.substr(0, end));
  rest.remove_prefix(end + 1);
  return text;
}

// "libPocoJSON.so.80" is version "80" of "libPocoJSON.so".
std::pair<std::string_view, std::string_view> StemAndVersion(std::string_view soname) {
  const std::size_t mark = soname.rfind(".so.");
  if (mark == std::string_view::npos) return {soname, ""};
  return {soname.substr(0, mark + 3), soname.substr(mark + 4)};
}

}  // namespace

Result<Inspection> Inspect(std::string_view file, const std::string& path) {
  ElfFile elf(file, path);
  CAPSTAN_RETURN_IF_ERROR(elf.CheckHead());
  CAPSTAN_RETURN_IF_ERROR(elf.ReadSegments());
  const auto note = elf.Note();
  if (!note) {
    return elf.Bad(
        "is a shared library but no Capstan plugin (it carries no .note.capstan); build it with "
        "CAPSTAN_PLUGIN or CAPSTAN_PLUGIN_NOTE");
  }
  Inspection inspection;
  if (note->size() < 2 * sizeof(std::uint32_t))
    return elf.Bad("has a .note.capstan that is too short; build it again");
  std::memcpy(&inspection.abi_major, note->data(), sizeof(std::uint32_t));
  std::memcpy(&inspection.abi_minor, note->data() + sizeof(std::uint32_t), sizeof(std::uint32_t));
  if (inspection.abi_major != CAPSTAN_ABI_MAJOR) {
    const bool newer = inspection.abi_major > CAPSTAN_ABI_MAJOR;
    return Fail(Code::kFailedPrecondition,
                StrCat(path, " speaks plugin ABI ", inspection.abi_major, ", this program speaks ",
                       CAPSTAN_ABI_MAJOR, "; ",
                       newer ? "update capstan, or install an older version of the plugin"
                             : "install a newer version of the plugin"));
  }
  std::string_view rest = note->substr(2 * sizeof(std::uint32_t));
  auto name = TakeText(rest);
  auto version = TakeText(rest);
  auto kinds = TakeText(rest);
  if (!name || !version || !kinds || name->empty() || version->empty()) {
    return elf.Bad("has a .note.capstan without name, version and kinds; build it with CAPSTAN_PLUGIN_NOTE");
  }
  inspection.name = *std::move(name);
  inspection.version = *std::move(version);
  for (const std::string& kind : Split(*kinds, ',')) {
    if (!Trim(kind).empty()) inspection.kinds.emplace_back(Trim(kind));
  }
  CAPSTAN_TRY(inspection.needed, elf.Needed());
  return inspection;
}

Status CheckNeeded(const Inspection& inspection, const std::vector<std::string>& loaded,
                   const std::string& path) {
  for (const std::string& needed : inspection.needed) {
    const auto [stem, version] = StemAndVersion(needed);
    for (const std::string& other : loaded) {
      const std::string_view file = std::string_view(other).substr(other.rfind('/') + 1);
      const auto [other_stem, other_version] = StemAndVersion(file);
      if (stem != other_stem || version == other_version) continue;
      return Fail(Code::kFailedPrecondition,
                  StrCat(path, " needs ", needed, " but ", file,
                         " is loaded already and would be used in its place; build the plugin against ", file,
                         ", or link that library into it statically"));
    }
  }
  return {};
}

std::vector<std::string> LoadedLibraries() {
  std::vector<std::string> names;
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* out) {
        if (info->dlpi_name != nullptr && *info->dlpi_name != '\0') {
          static_cast<std::vector<std::string>*>(out)->emplace_back(info->dlpi_name);
        }
        return 0;
      },
      &names);
  return names;
}

}  // namespace capstan::loader
