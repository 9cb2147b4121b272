// Segments describe where a library's bytes are loaded in memory. Private to the check of
// loadable.hpp, which resolves addresses in other tables of the file here. Not thread-safe; the
// file must outlive it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <capstan/core/base/result.hpp>
#include <capstan/plugins/loader/file/elf.hpp>

namespace capstan::loader {

class Segments {
 public:
  // REQUIRES: elf.ReadSegments() succeeded.
  explicit Segments(const ElfFile& elf);

  // Whether they are in order, disjoint, aligned, with sane permissions, and at the stated places;
  // sections, if any, must agree with the segments. Errors: kInvalidArgument, one sentence.
  Status Check();

  const ElfFile& elf() const { return elf_; }
  const std::optional<Elf64_Phdr>& tls() const { return tls_; }
  // REQUIRES: Check() succeeded.
  const Elf64_Phdr& dynamic() const { return dynamic_; }

  Failure Malformed(std::string_view what) const;
  // The segment with `rights` that contains all of [address, address + size); null: none.
  const Elf64_Phdr* LoadOf(std::uint64_t address, std::uint64_t size, std::uint32_t rights) const;
  bool InMemory(std::uint64_t address, std::uint64_t size, std::uint32_t rights = PF_R) const {
    return LoadOf(address, size, rights) != nullptr;
  }
  // The file offset of an address, if the whole range is in the file.
  std::optional<std::uint64_t> Offset(std::uint64_t address, std::uint64_t size) const;
  template <class T>
  std::optional<T> At(std::uint64_t address) const {
    const auto offset = Offset(address, sizeof(T));
    return offset ? elf_.Read<T>(*offset) : std::nullopt;
  }

 private:
  Status Loads() const;
  Status OtherSegments();
  Status Sections() const;
  bool Placed(const Elf64_Phdr& part, std::uint64_t size) const;

  const ElfFile& elf_;
  std::vector<Elf64_Phdr> loads_;
  std::optional<Elf64_Phdr> tls_;
  Elf64_Phdr dynamic_{};
};

}  // namespace capstan::loader
