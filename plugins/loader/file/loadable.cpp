#include <capstan/plugins/loader/file/loadable.hpp>

#include <algorithm>
#include <bit>
#include <map>
#include <set>

#include <capstan/plugins/loader/file/segments.hpp>

namespace capstan::loader {
namespace {

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

// Everything that the dynamic linker reads: its section, names, symbols, versions, relocations,
// initialisers.
class Loadable {
 public:
  explicit Loadable(const ElfFile& elf) : segments_(elf) {}

  Status Check() {
    CAPSTAN_RETURN_IF_ERROR(segments_.Check());
    CAPSTAN_RETURN_IF_ERROR(Dynamic());
    CAPSTAN_RETURN_IF_ERROR(Strings());
    CAPSTAN_RETURN_IF_ERROR(CountSymbols());
    CAPSTAN_RETURN_IF_ERROR(Symbols());
    CAPSTAN_RETURN_IF_ERROR(Versions());
    CAPSTAN_RETURN_IF_ERROR(Relocations());
    return Initialisers();
  }

 private:
  Status Dynamic() {
    bool ended = false;
    for (std::uint64_t at = 0; !ended && at + sizeof(Elf64_Dyn) <= segments_.dynamic().p_filesz;
         at += sizeof(Elf64_Dyn)) {
      const auto entry = segments_.elf().Read<Elf64_Dyn>(segments_.dynamic().p_offset + at);
      if (!entry) return segments_.elf().Truncated();
      ended = entry->d_tag == DT_NULL;
      if (entry->d_tag == DT_NEEDED)
        needed_.push_back(entry->d_un.d_val);
      else if (!ended)
        tags_[entry->d_tag] = entry->d_un.d_val;
    }
    if (!ended) return segments_.Malformed("its dynamic section has no end");
    if (Has(DT_TEXTREL) || (Value(DT_FLAGS) & DF_TEXTREL) != 0 || Has(DT_REL))
      return segments_.Malformed("it wants its code changed while it is loaded");
    if (!Has(DT_STRTAB) || !Has(DT_SYMTAB) || Value(DT_SYMENT) != sizeof(Elf64_Sym) ||
        (!Has(DT_HASH) && !Has(DT_GNU_HASH)))
      return segments_.Malformed("it has no symbols");
    return {};
  }
  bool Has(std::int64_t tag) const { return tags_.count(tag) > 0; }
  std::uint64_t Value(std::int64_t tag) const {
    const auto found = tags_.find(tag);
    return found == tags_.end() ? 0 : found->second;
  }

  Status Strings() {
    const std::uint64_t size = Value(DT_STRSZ);
    const auto offset = segments_.Offset(Value(DT_STRTAB), size);
    if (size == 0 || !offset) return segments_.Malformed("its names are not where it says");
    strings_ = segments_.elf().Bytes(*offset, size);
    if (strings_.back() != '\0') return segments_.Malformed("its names have no end");
    for (const std::int64_t tag : {std::int64_t{DT_SONAME}, std::int64_t{DT_RPATH}, std::int64_t{DT_RUNPATH},
                                   std::int64_t{DT_AUXILIARY}, std::int64_t{DT_FILTER}}) {
      if (Value(tag) >= size) return segments_.Malformed("a name lies beyond its names");
    }
    for (const std::uint64_t name : needed_) {
      if (name >= size) return segments_.Malformed("a needed library has no name");
    }
    return {};
  }
  std::string_view Name(std::uint64_t offset) const { return strings_.data() + offset; }

  // As many as the hash tables reach. Each of their chains must end.
  Status CountSymbols() {
    if (Has(DT_GNU_HASH)) {
      CAPSTAN_TRY(count_, CountByGnuHash(Value(DT_GNU_HASH)));
    }
    if (Has(DT_HASH)) {
      CAPSTAN_TRY(const std::uint64_t count, CountByHash(Value(DT_HASH)));
      if (Has(DT_GNU_HASH) && count < count_) return segments_.Malformed("its hash tables differ");
      count_ = count;
    }
    if (!segments_.Offset(Value(DT_SYMTAB), count_ * sizeof(Elf64_Sym)))
      return segments_.Malformed("its symbols are not where it says");
    return {};
  }

  Result<std::uint64_t> CountByGnuHash(std::uint64_t table) const {
    struct Head {
      std::uint32_t buckets, bias, words, shift;
    };
    const auto head = segments_.At<Head>(table);
    if (!head || head->buckets == 0 || !std::has_single_bit(head->words) || head->shift >= 64)
      return segments_.Malformed("its hash table is malformed");
    const std::uint64_t buckets = table + sizeof(Head) + std::uint64_t{head->words} * kWord;
    const std::uint64_t chains = buckets + std::uint64_t{head->buckets} * 4;
    if (!segments_.Offset(table, chains - table))
      return segments_.Malformed("its hash table is not where it says");
    std::uint32_t last = 0;
    for (std::uint64_t i = 0; i < head->buckets; ++i) {
      const std::uint32_t first = segments_.At<std::uint32_t>(buckets + i * 4).value_or(0);
      if (first != 0 && first < head->bias) return segments_.Malformed("its hash table is malformed");
      last = std::max(last, first);
    }
    // It exports nothing, and its table does not tell how many symbols it imports: usually the
    // string table follows the symbols.
    if (last == 0) {
      const std::uint64_t symbols = Value(DT_SYMTAB), names = Value(DT_STRTAB);
      return std::max<std::uint64_t>(head->bias, names > symbols ? (names - symbols) / sizeof(Elf64_Sym) : 0);
    }
    // A chain that begins earlier ends before this one, or together with it.
    for (std::uint64_t symbol = last;; ++symbol) {
      const auto hash = segments_.At<std::uint32_t>(chains + (symbol - head->bias) * 4);
      if (!hash) return segments_.Malformed("a chain of its hash table has no end");
      if ((*hash & 1) != 0) return symbol + 1;
    }
  }

  Result<std::uint64_t> CountByHash(std::uint64_t table) const {
    const auto buckets = segments_.At<std::uint32_t>(table);
    const auto chains = segments_.At<std::uint32_t>(table + 4);
    if (!buckets || !chains || *buckets == 0 ||
        !segments_.Offset(table, 8 + (std::uint64_t{*buckets} + *chains) * 4))
      return segments_.Malformed("its hash table is malformed");
    const std::uint64_t first_chain = table + 8 + std::uint64_t{*buckets} * 4;
    std::uint64_t steps = 0;
    for (std::uint64_t i = 0; i < *buckets; ++i) {
      std::uint32_t symbol = segments_.At<std::uint32_t>(table + 8 + i * 4).value_or(0);
      while (symbol != 0) {
        // Each symbol is in one chain, so more steps than symbols mean a cycle.
        if (symbol >= *chains || ++steps > *chains)
          return segments_.Malformed("a chain of its hash table has no end");
        symbol = segments_.At<std::uint32_t>(first_chain + std::uint64_t{symbol} * 4).value_or(0);
      }
    }
    return std::uint64_t{*chains};
  }

  std::optional<Elf64_Sym> Symbol(std::uint64_t index) const {
    return segments_.At<Elf64_Sym>(Value(DT_SYMTAB) + index * sizeof(Elf64_Sym));
  }
  Status Symbols() const {
    for (std::uint64_t i = 0; i < count_; ++i) {
      const auto symbol = Symbol(i);
      if (!symbol || symbol->st_name >= strings_.size()) return segments_.Malformed("a symbol has no name");
      if (symbol->st_shndx == SHN_UNDEF || symbol->st_shndx == SHN_ABS) continue;
      const auto type = ELF64_ST_TYPE(symbol->st_info);
      if (type == STT_TLS) {
        if (!segments_.tls() || symbol->st_value > segments_.tls()->p_memsz)
          return segments_.Malformed("a symbol lies outside of it");
        continue;
      }
      const bool code = type == STT_FUNC || type == STT_GNU_IFUNC;
      if (!segments_.InMemory(symbol->st_value, code ? 1 : 0, code ? PF_R | PF_X : PF_R))
        return segments_.Malformed("a symbol lies outside of it");
    }
    return {};
  }

  Status Versions() const {
    std::set<std::string_view> libraries;
    for (const std::uint64_t name : needed_) libraries.insert(Name(name));
    std::uint64_t most = 1;
    const bool needs = Has(DT_VERNEED), defines = Has(DT_VERDEF);
    for (std::uint64_t at = Value(DT_VERNEED); needs;) {
      const auto need = segments_.At<Elf64_Verneed>(at);
      if (!need || need->vn_file >= strings_.size())
        return segments_.Malformed("its version table is malformed");
      if (libraries.count(Name(need->vn_file)) == 0)
        return segments_.Malformed("its version table names a library that it does not need");
      std::uint64_t part = at + need->vn_aux;
      for (std::uint16_t i = 0; i < need->vn_cnt; ++i) {
        const auto version = segments_.At<Elf64_Vernaux>(part);
        if (!version || version->vna_name >= strings_.size())
          return segments_.Malformed("its version table is malformed");
        most = std::max<std::uint64_t>(most, version->vna_other & 0x7FFF);
        if (version->vna_next == 0) break;
        part += version->vna_next;
      }
      if (need->vn_next == 0) break;
      at += need->vn_next;
    }
    for (std::uint64_t at = Value(DT_VERDEF); defines;) {
      const auto define = segments_.At<Elf64_Verdef>(at);
      const auto name = define ? segments_.At<Elf64_Verdaux>(at + define->vd_aux) : std::nullopt;
      if (!name || name->vda_name >= strings_.size())
        return segments_.Malformed("its version table is malformed");
      most = std::max<std::uint64_t>(most, define->vd_ndx & 0x7FFF);
      if (define->vd_next == 0) break;
      at += define->vd_next;
    }
    if (!Has(DT_VERSYM)) return {};
    if (!needs && !defines) return segments_.Malformed("its symbols have versions that are listed nowhere");
    for (std::uint64_t i = 0; i < count_; ++i) {
      const auto version = segments_.At<std::uint16_t>(Value(DT_VERSYM) + i * 2);
      if (!version || (*version & 0x7FFF) > most)
        return segments_.Malformed("a symbol has a version that is listed nowhere");
    }
    return {};
  }

  Status Relocations() {
    if (Has(DT_RELA) && Value(DT_RELAENT) != sizeof(Elf64_Rela))
      return segments_.Malformed("its relocations are malformed");
    if (Has(DT_JMPREL) && Value(DT_PLTREL) != DT_RELA)
      return segments_.Malformed("its relocations are malformed");
    if (Has(DT_PLTGOT) && !segments_.InMemory(Value(DT_PLTGOT), 3 * kWord, PF_R | PF_W) && Has(DT_JMPREL))
      return segments_.Malformed("its table of functions is not where it says");
    if (Has(DT_RELA)) CAPSTAN_RETURN_IF_ERROR(Table(Value(DT_RELA), Value(DT_RELASZ), Value(DT_RELACOUNT)));
    if (Has(DT_JMPREL)) CAPSTAN_RETURN_IF_ERROR(Table(Value(DT_JMPREL), Value(DT_PLTRELSZ), 0));
    return Packed();
  }

  Status Table(std::uint64_t table, std::uint64_t size, std::uint64_t relative) {
    if (size % sizeof(Elf64_Rela) != 0 || !segments_.Offset(table, size))
      return segments_.Malformed("its relocations are not where it says");
    const std::uint64_t count = size / sizeof(Elf64_Rela);
    if (relative > count) return segments_.Malformed("its relocations are malformed");
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto one = segments_.At<Elf64_Rela>(table + i * sizeof(Elf64_Rela));
      if (!one) return segments_.elf().Truncated();
      const auto type = static_cast<std::uint32_t>(ELF64_R_TYPE(one->r_info));
      const std::uint64_t symbol = ELF64_R_SYM(one->r_info);
      if (type == 0) continue;
      if (!IsOneOf(type, kRelocations) || (i < relative && type != kRelative))
        return segments_.Malformed("a relocation is of an unknown sort");
      if (symbol >= std::max<std::uint64_t>(count_, 1))
        return segments_.Malformed("a relocation is about no symbol");
      if (!segments_.InMemory(one->r_offset, kWord, PF_R | PF_W))
        return segments_.Malformed("a relocation lies where nothing may be written");
      if (IsOneOf(type, kTlsRelocations) && !segments_.tls() &&
          (symbol == 0 || Symbol(symbol)->st_shndx != SHN_UNDEF))
        return segments_.Malformed("a relocation is about thread-local data that it has not");
      const auto addend = static_cast<std::uint64_t>(one->r_addend);
      if (type == kIndirect && !segments_.InMemory(addend, 1, PF_R | PF_X))
        return segments_.Malformed("a relocation calls what is no code");
      if (type == kRelative)
        relocated_[one->r_offset] = addend;
      else
        relocated_by_name_.insert(one->r_offset);
    }
    return {};
  }

  // Relative relocations, packed as addresses and bitmaps.
  Status Packed() {
    if (!Has(DT_RELR)) return {};
    const std::uint64_t size = Value(DT_RELRSZ);
    if (Value(DT_RELRENT) != kWord || size % kWord != 0 || !segments_.Offset(Value(DT_RELR), size))
      return segments_.Malformed("its relocations are not where it says");
    std::uint64_t where = 0;
    const auto relocate = [&](std::uint64_t address) {
      relocated_[address] = segments_.At<std::uint64_t>(address).value_or(0);
      return segments_.InMemory(address, kWord, PF_R | PF_W);
    };
    for (std::uint64_t at = 0; at < size; at += kWord) {
      std::uint64_t entry = segments_.At<std::uint64_t>(Value(DT_RELR) + at).value_or(1);
      bool sound = true;
      if ((entry & 1) == 0) {
        sound = relocate(entry);
        where = entry + kWord;
      } else {
        for (std::uint64_t i = 0; (entry >>= 1) != 0; ++i)
          sound = sound && ((entry & 1) == 0 || relocate(where + i * kWord));
        where += 63 * kWord;
      }
      if (!sound) return segments_.Malformed("a relocation lies where nothing may be written");
    }
    return {};
  }

  // Functions that run during loading must be part of the library's own code.
  Status Initialisers() const {
    for (const std::int64_t tag : {std::int64_t{DT_INIT}, std::int64_t{DT_FINI}}) {
      if (Has(tag) && !segments_.InMemory(Value(tag), 1, PF_R | PF_X))
        return segments_.Malformed("its initialiser is no code");
    }
    for (const auto& [array, length] : {std::pair{std::int64_t{DT_INIT_ARRAY}, std::int64_t{DT_INIT_ARRAYSZ}},
                                        {std::int64_t{DT_FINI_ARRAY}, std::int64_t{DT_FINI_ARRAYSZ}}}) {
      if (!Has(array)) continue;
      const std::uint64_t begin = Value(array), size = Value(length);
      if (size % kWord != 0 || !segments_.Offset(begin, size))
        return segments_.Malformed("its initialisers are not where it says");
      for (std::uint64_t at = begin; at < begin + size; at += kWord) {
        const auto relocated = relocated_.find(at);
        const bool own = relocated != relocated_.end() ? segments_.InMemory(relocated->second, 1, PF_R | PF_X)
                                                       : relocated_by_name_.count(at) > 0;
        if (!own) return segments_.Malformed("an initialiser is no code");
      }
    }
    return {};
  }

  Segments segments_;
  std::map<std::int64_t, std::uint64_t> tags_;
  std::vector<std::uint64_t> needed_;  // offsets into strings_
  std::string_view strings_;
  std::uint64_t count_ = 0;                           // of symbols
  std::map<std::uint64_t, std::uint64_t> relocated_;  // address to its value after relocation
  std::set<std::uint64_t> relocated_by_name_;
};

}  // namespace

Status CheckLoadable(const ElfFile& elf) { return Loadable(elf).Check(); }

}  // namespace capstan::loader
