// Segments are where a library says that its bytes lie in memory. Private to the check of
// loadable.hpp: what other tables of the file claim is looked up here. Not thread-safe; the file
// must outlive it.
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

  // Whether they are in order, apart, aligned, with sane rights, and where they say; sections,
  // where there are any, as the segments have them. Errors: kInvalidArgument, one sentence.
  Status Check();

  const ElfFile& elf() const { return elf_; }
  const std::optional<Elf64_Phdr>& tls() const { return tls_; }
  // REQUIRES: Check() succeeded.
  const Elf64_Phdr& dynamic() const { return dynamic_; }

  Failure Malformed(std::string_view what) const;
  // The segment of `rights` in which all of [address, address + size) lies; null: none.
  const Elf64_Phdr* LoadOf(std::uint64_t address, std::uint64_t size, std::uint32_t rights) const;
  bool InMemory(std::uint64_t address, std::uint64_t size, std::uint32_t rights = PF_R) const {
    return LoadOf(address, size, rights) != nullptr;
  }
  // Where in the file an address lies, if all of it does.
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
