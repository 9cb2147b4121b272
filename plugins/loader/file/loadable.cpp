#include <capstan/plugins/loader/file/loadable.hpp>

#include <algorithm>
#include <bit>
#include <map>
#include <set>

#include <capstan/core/base/text.hpp>

namespace capstan::loader {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kSpanLimit = std::uint64_t{2} << 30;  // bytes of address space of one plugin
constexpr std::uint64_t kAlignLimit = std::uint64_t{64} << 20;
constexpr std::uint64_t kTlsLimit = std::uint64_t{1} << 20;  // bytes of every thread of this process
constexpr std::uint64_t kWord = 8;

#if defined(__x86_64__)
constexpr std::uint32_t kRelative = R_X86_64_RELATIVE;
constexpr std::uint32_t kIndirect = R_X86_64_IRELATIVE;
constexpr std::uint32_t kRelocations[] = {R_X86_64_64,       R_X86_64_GLOB_DAT,  R_X86_64_JUMP_SLOT,
                                          R_X86_64_RELATIVE, R_X86_64_DTPMOD64,  R_X86_64_DTPOFF64,
                                          R_X86_64_TPOFF64,  R_X86_64_IRELATIVE, R_X86_64_TLSDESC};
constexpr std::uint32_t kTlsRelocations[] = {R_X86_64_DTPMOD64, R_X86_64_DTPOFF64, R_X86_64_TPOFF64,
                                             R_X86_64_TLSDESC};
#else
constexpr std::uint32_t kRelative = R_AARCH64_RELATIVE;
constexpr std::uint32_t kIndirect = R_AARCH64_IRELATIVE;
constexpr std::uint32_t kRelocations[] = {R_AARCH64_ABS64,     R_AARCH64_GLOB_DAT,   R_AARCH64_JUMP_SLOT,
                                          R_AARCH64_RELATIVE,  R_AARCH64_TLS_DTPMOD, R_AARCH64_TLS_DTPREL,
                                          R_AARCH64_TLS_TPREL, R_AARCH64_TLSDESC,    R_AARCH64_IRELATIVE};
constexpr std::uint32_t kTlsRelocations[] = {R_AARCH64_TLS_DTPMOD, R_AARCH64_TLS_DTPREL, R_AARCH64_TLS_TPREL,
                                             R_AARCH64_TLSDESC};
#endif

template <std::size_t kCount>
bool IsOneOf(std::uint32_t type, const std::uint32_t (&types)[kCount]) {
  return std::find(std::begin(types), std::end(types), type) != std::end(types);
}

// Overflow-free: whether [at, at + size) lies in [begin, begin + length).
bool Within(std::uint64_t at, std::uint64_t size, std::uint64_t begin, std::uint64_t length) {
  return at >= begin && at - begin <= length && size <= length - (at - begin);
}

class Loadable {
 public:
  explicit Loadable(const ElfFile& elf) : elf_(elf) {
    for (const Elf64_Phdr& one : elf_.segments()) {
      if (one.p_type == PT_LOAD) loads_.push_back(one);
      if (one.p_type == PT_TLS) tls_ = one;
    }
  }

  Status Check() {
    CAPSTAN_RETURN_IF_ERROR(Loads());
    CAPSTAN_RETURN_IF_ERROR(OtherSegments());
    CAPSTAN_RETURN_IF_ERROR(Sections());
    CAPSTAN_RETURN_IF_ERROR(Dynamic());
    CAPSTAN_RETURN_IF_ERROR(Strings());
    CAPSTAN_RETURN_IF_ERROR(CountSymbols());
    CAPSTAN_RETURN_IF_ERROR(Symbols());
    CAPSTAN_RETURN_IF_ERROR(Versions());
    CAPSTAN_RETURN_IF_ERROR(Relocations());
    return Initialisers();
  }

 private:
  Failure Malformed(std::string_view what) const {
    return elf_.Bad(StrCat("is damaged (", what, "); install the plugin again, or build it again"));
  }
  const Elf64_Phdr* LoadOf(std::uint64_t address, std::uint64_t size, std::uint32_t rights) const {
    for (const Elf64_Phdr& load : loads_) {
      if ((load.p_flags & rights) == rights && Within(address, size, load.p_vaddr, load.p_memsz))
        return &load;
    }
    return nullptr;
  }
  bool InMemory(std::uint64_t address, std::uint64_t size, std::uint32_t rights = PF_R) const {
    return LoadOf(address, size, rights) != nullptr;
  }
  // Where in the file an address lies, if all of it does.
  std::optional<std::uint64_t> Offset(std::uint64_t address, std::uint64_t size) const {
    const Elf64_Phdr* load = LoadOf(address, size, PF_R);
    if (load == nullptr || !Within(address, size, load->p_vaddr, load->p_filesz)) return std::nullopt;
    return load->p_offset + (address - load->p_vaddr);
  }
  template <class T>
  std::optional<T> At(std::uint64_t address) const {
    const auto offset = Offset(address, sizeof(T));
    return offset ? elf_.Read<T>(*offset) : std::nullopt;
  }

  Status Loads() {
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

  // Where a part of a segment says it is in the file and in memory must be the same place.
  bool Placed(const Elf64_Phdr& part, std::uint64_t size) const {
    const auto offset = Offset(part.p_vaddr, size);
    return offset && *offset == part.p_offset;
  }

  Status OtherSegments() {
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
          // Its end may be rounded up to the page.
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

  // Sections are not loaded, but they say the same things again: damage shows in the difference.
  Status Sections() {
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

  Status Dynamic() {
    bool ended = false;
    for (std::uint64_t at = 0; !ended && at + sizeof(Elf64_Dyn) <= dynamic_.p_filesz;
         at += sizeof(Elf64_Dyn)) {
      const auto entry = elf_.Read<Elf64_Dyn>(dynamic_.p_offset + at);
      if (!entry) return elf_.Truncated();
      ended = entry->d_tag == DT_NULL;
      if (entry->d_tag == DT_NEEDED)
        needed_.push_back(entry->d_un.d_val);
      else if (!ended)
        tags_[entry->d_tag] = entry->d_un.d_val;
    }
    if (!ended) return Malformed("its dynamic section has no end");
    if (Has(DT_TEXTREL) || (Value(DT_FLAGS) & DF_TEXTREL) != 0 || Has(DT_REL))
      return Malformed("it wants its code changed while it is loaded");
    if (!Has(DT_STRTAB) || !Has(DT_SYMTAB) || Value(DT_SYMENT) != sizeof(Elf64_Sym) ||
        (!Has(DT_HASH) && !Has(DT_GNU_HASH)))
      return Malformed("it has no symbols");
    return {};
  }
  bool Has(std::int64_t tag) const { return tags_.count(tag) > 0; }
  std::uint64_t Value(std::int64_t tag) const {
    const auto found = tags_.find(tag);
    return found == tags_.end() ? 0 : found->second;
  }

  Status Strings() {
    const std::uint64_t size = Value(DT_STRSZ);
    const auto offset = Offset(Value(DT_STRTAB), size);
    if (size == 0 || !offset) return Malformed("its names are not where it says");
    strings_ = elf_.Bytes(*offset, size);
    if (strings_.back() != '\0') return Malformed("its names have no end");
    for (const std::int64_t tag : {std::int64_t{DT_SONAME}, std::int64_t{DT_RPATH}, std::int64_t{DT_RUNPATH},
                                   std::int64_t{DT_AUXILIARY}, std::int64_t{DT_FILTER}}) {
      if (Value(tag) >= size) return Malformed("a name lies beyond its names");
    }
    for (const std::uint64_t name : needed_) {
      if (name >= size) return Malformed("a needed library has no name");
    }
    return {};
  }
  std::string_view Name(std::uint64_t offset) const { return strings_.data() + offset; }

  // As many as the hash tables reach. Every chain of them must end.
  Status CountSymbols() {
    if (Has(DT_GNU_HASH)) {
      CAPSTAN_TRY(count_, CountByGnuHash(Value(DT_GNU_HASH)));
    }
    if (Has(DT_HASH)) {
      CAPSTAN_TRY(const std::uint64_t count, CountByHash(Value(DT_HASH)));
      if (Has(DT_GNU_HASH) && count < count_) return Malformed("its hash tables differ");
      count_ = count;
    }
    if (!Offset(Value(DT_SYMTAB), count_ * sizeof(Elf64_Sym)))
      return Malformed("its symbols are not where it says");
    return {};
  }

  Result<std::uint64_t> CountByGnuHash(std::uint64_t table) const {
    struct Head {
      std::uint32_t buckets, bias, words, shift;
    };
    const auto head = At<Head>(table);
    if (!head || head->buckets == 0 || !std::has_single_bit(head->words) || head->shift >= 64)
      return Malformed("its hash table is malformed");
    const std::uint64_t buckets = table + sizeof(Head) + std::uint64_t{head->words} * kWord;
    const std::uint64_t chains = buckets + std::uint64_t{head->buckets} * 4;
    if (!Offset(table, chains - table)) return Malformed("its hash table is not where it says");
    std::uint32_t last = 0;
    for (std::uint64_t i = 0; i < head->buckets; ++i) {
      const std::uint32_t first = At<std::uint32_t>(buckets + i * 4).value_or(0);
      if (first != 0 && first < head->bias) return Malformed("its hash table is malformed");
      last = std::max(last, first);
    }
    // It exports nothing, and its table does not say how many symbols it imports: as a rule their
    // names follow them.
    if (last == 0) {
      const std::uint64_t symbols = Value(DT_SYMTAB), names = Value(DT_STRTAB);
      return std::max<std::uint64_t>(head->bias, names > symbols ? (names - symbols) / sizeof(Elf64_Sym) : 0);
    }
    // A chain that begins earlier ends before this one does, or with it.
    for (std::uint64_t symbol = last;; ++symbol) {
      const auto hash = At<std::uint32_t>(chains + (symbol - head->bias) * 4);
      if (!hash) return Malformed("a chain of its hash table has no end");
      if ((*hash & 1) != 0) return symbol + 1;
    }
  }

  Result<std::uint64_t> CountByHash(std::uint64_t table) const {
    const auto buckets = At<std::uint32_t>(table);
    const auto chains = At<std::uint32_t>(table + 4);
    if (!buckets || !chains || *buckets == 0 || !Offset(table, 8 + (std::uint64_t{*buckets} + *chains) * 4))
      return Malformed("its hash table is malformed");
    const std::uint64_t first_chain = table + 8 + std::uint64_t{*buckets} * 4;
    std::uint64_t steps = 0;
    for (std::uint64_t i = 0; i < *buckets; ++i) {
      std::uint32_t symbol = At<std::uint32_t>(table + 8 + i * 4).value_or(0);
      while (symbol != 0) {
        // Each symbol is in one chain, so more steps than symbols are a circle.
        if (symbol >= *chains || ++steps > *chains) return Malformed("a chain of its hash table has no end");
        symbol = At<std::uint32_t>(first_chain + std::uint64_t{symbol} * 4).value_or(0);
      }
    }
    return std::uint64_t{*chains};
  }

  std::optional<Elf64_Sym> Symbol(std::uint64_t index) const {
    return At<Elf64_Sym>(Value(DT_SYMTAB) + index * sizeof(Elf64_Sym));
  }
  Status Symbols() const {
    for (std::uint64_t i = 0; i < count_; ++i) {
      const auto symbol = Symbol(i);
      if (!symbol || symbol->st_name >= strings_.size()) return Malformed("a symbol has no name");
      if (symbol->st_shndx == SHN_UNDEF || symbol->st_shndx == SHN_ABS) continue;
      const auto type = ELF64_ST_TYPE(symbol->st_info);
      if (type == STT_TLS) {
        if (!tls_ || symbol->st_value > tls_->p_memsz) return Malformed("a symbol lies outside of it");
        continue;
      }
      const bool code = type == STT_FUNC || type == STT_GNU_IFUNC;
      if (!InMemory(symbol->st_value, code ? 1 : 0, code ? PF_R | PF_X : PF_R))
        return Malformed("a symbol lies outside of it");
    }
    return {};
  }

  Status Versions() const {
    std::set<std::string_view> libraries;
    for (const std::uint64_t name : needed_) libraries.insert(Name(name));
    std::uint64_t most = 1;
    const bool needs = Has(DT_VERNEED), defines = Has(DT_VERDEF);
    for (std::uint64_t at = Value(DT_VERNEED); needs;) {
      const auto need = At<Elf64_Verneed>(at);
      if (!need || need->vn_file >= strings_.size()) return Malformed("its version table is malformed");
      if (libraries.count(Name(need->vn_file)) == 0)
        return Malformed("its version table names a library that it does not need");
      std::uint64_t part = at + need->vn_aux;
      for (std::uint16_t i = 0; i < need->vn_cnt; ++i) {
        const auto version = At<Elf64_Vernaux>(part);
        if (!version || version->vna_name >= strings_.size())
          return Malformed("its version table is malformed");
        most = std::max<std::uint64_t>(most, version->vna_other & 0x7FFF);
        if (version->vna_next == 0) break;
        part += version->vna_next;
      }
      if (need->vn_next == 0) break;
      at += need->vn_next;
    }
    for (std::uint64_t at = Value(DT_VERDEF); defines;) {
      const auto define = At<Elf64_Verdef>(at);
      const auto name = define ? At<Elf64_Verdaux>(at + define->vd_aux) : std::nullopt;
      if (!name || name->vda_name >= strings_.size()) return Malformed("its version table is malformed");
      most = std::max<std::uint64_t>(most, define->vd_ndx & 0x7FFF);
      if (define->vd_next == 0) break;
      at += define->vd_next;
    }
    if (!Has(DT_VERSYM)) return {};
    if (!needs && !defines) return Malformed("its symbols have versions that are listed nowhere");
    for (std::uint64_t i = 0; i < count_; ++i) {
      const auto version = At<std::uint16_t>(Value(DT_VERSYM) + i * 2);
      if (!version || (*version & 0x7FFF) > most)
        return Malformed("a symbol has a version that is listed nowhere");
    }
    return {};
  }

  Status Relocations() {
    if (Has(DT_RELA) && Value(DT_RELAENT) != sizeof(Elf64_Rela))
      return Malformed("its relocations are malformed");
    if (Has(DT_JMPREL) && Value(DT_PLTREL) != DT_RELA) return Malformed("its relocations are malformed");
    if (Has(DT_PLTGOT) && !InMemory(Value(DT_PLTGOT), 3 * kWord, PF_R | PF_W) && Has(DT_JMPREL))
      return Malformed("its table of functions is not where it says");
    if (Has(DT_RELA)) CAPSTAN_RETURN_IF_ERROR(Table(Value(DT_RELA), Value(DT_RELASZ), Value(DT_RELACOUNT)));
    if (Has(DT_JMPREL)) CAPSTAN_RETURN_IF_ERROR(Table(Value(DT_JMPREL), Value(DT_PLTRELSZ), 0));
    return Packed();
  }

  Status Table(std::uint64_t table, std::uint64_t size, std::uint64_t relative) {
    if (size % sizeof(Elf64_Rela) != 0 || !Offset(table, size))
      return Malformed("its relocations are not where it says");
    const std::uint64_t count = size / sizeof(Elf64_Rela);
    if (relative > count) return Malformed("its relocations are malformed");
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto one = At<Elf64_Rela>(table + i * sizeof(Elf64_Rela));
      if (!one) return elf_.Truncated();
      const auto type = static_cast<std::uint32_t>(ELF64_R_TYPE(one->r_info));
      const std::uint64_t symbol = ELF64_R_SYM(one->r_info);
      if (type == 0) continue;
      if (!IsOneOf(type, kRelocations) || (i < relative && type != kRelative))
        return Malformed("a relocation is of an unknown sort");
      if (symbol >= std::max<std::uint64_t>(count_, 1)) return Malformed("a relocation is about no symbol");
      if (!InMemory(one->r_offset, kWord, PF_R | PF_W))
        return Malformed("a relocation lies where nothing may be written");
      if (IsOneOf(type, kTlsRelocations) && !tls_ && (symbol == 0 || Symbol(symbol)->st_shndx != SHN_UNDEF))
        return Malformed("a relocation is about thread-local data that it has not");
      const auto addend = static_cast<std::uint64_t>(one->r_addend);
      if (type == kIndirect && !InMemory(addend, 1, PF_R | PF_X))
        return Malformed("a relocation calls what is no code");
      if (type == kRelative)
        relocated_[one->r_offset] = addend;
      else
        relocated_by_name_.insert(one->r_offset);
    }
    return {};
  }

  // Relative relocations as addresses and bitmaps.
  Status Packed() {
    if (!Has(DT_RELR)) return {};
    const std::uint64_t size = Value(DT_RELRSZ);
    if (Value(DT_RELRENT) != kWord || size % kWord != 0 || !Offset(Value(DT_RELR), size))
      return Malformed("its relocations are not where it says");
    std::uint64_t where = 0;
    const auto relocate = [&](std::uint64_t address) {
      relocated_[address] = At<std::uint64_t>(address).value_or(0);
      return InMemory(address, kWord, PF_R | PF_W);
    };
    for (std::uint64_t at = 0; at < size; at += kWord) {
      std::uint64_t entry = At<std::uint64_t>(Value(DT_RELR) + at).value_or(1);
      bool sound = true;
      if ((entry & 1) == 0) {
        sound = relocate(entry);
        where = entry + kWord;
      } else {
        for (std::uint64_t i = 0; (entry >>= 1) != 0; ++i)
          sound = sound && ((entry & 1) == 0 || relocate(where + i * kWord));
        where += 63 * kWord;
      }
      if (!sound) return Malformed("a relocation lies where nothing may be written");
    }
    return {};
  }

  // What runs while it is loaded must be code of its own.
  Status Initialisers() const {
    for (const std::int64_t tag : {std::int64_t{DT_INIT}, std::int64_t{DT_FINI}}) {
      if (Has(tag) && !InMemory(Value(tag), 1, PF_R | PF_X)) return Malformed("its initialiser is no code");
    }
    for (const auto& [array, length] : {std::pair{std::int64_t{DT_INIT_ARRAY}, std::int64_t{DT_INIT_ARRAYSZ}},
                                        {std::int64_t{DT_FINI_ARRAY}, std::int64_t{DT_FINI_ARRAYSZ}}}) {
      if (!Has(array)) continue;
      const std::uint64_t begin = Value(array), size = Value(length);
      if (size % kWord != 0 || !Offset(begin, size))
        return Malformed("its initialisers are not where it says");
      for (std::uint64_t at = begin; at < begin + size; at += kWord) {
        const auto relocated = relocated_.find(at);
        const bool own = relocated != relocated_.end() ? InMemory(relocated->second, 1, PF_R | PF_X)
                                                       : relocated_by_name_.count(at) > 0;
        if (!own) return Malformed("an initialiser is no code");
      }
    }
    return {};
  }

  const ElfFile& elf_;
  std::vector<Elf64_Phdr> loads_;
  std::optional<Elf64_Phdr> tls_;
  Elf64_Phdr dynamic_{};
  std::map<std::int64_t, std::uint64_t> tags_;
  std::vector<std::uint64_t> needed_;  // offsets into strings_
  std::string_view strings_;
  std::uint64_t count_ = 0;                           // of symbols
  std::map<std::uint64_t, std::uint64_t> relocated_;  // address to what stands there afterwards
  std::set<std::uint64_t> relocated_by_name_;
};

}  // namespace

Status CheckLoadable(const ElfFile& elf) { return Loadable(elf).Check(); }

}  // namespace capstan::loader
