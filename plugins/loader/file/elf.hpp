// ElfFile reads a shared library as untrusted bytes: every read is bounds-checked and tolerates
// misalignment. Pure; one thread at a time. The bytes and the path must outlive it.
#pragma once

#include <elf.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/result.hpp>

namespace capstan::loader {

class ElfFile {
 public:
  // `path` is only used in messages.
  ElfFile(std::string_view bytes, const std::string& path) : bytes_(bytes), path_(path) {}

  Failure Bad(std::string_view what) const;
  Failure Truncated() const;

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

  // Call these first, in this order. Errors: kInvalidArgument, one sentence that says what to do.
  Status CheckHead();
  Status ReadSegments();
  const Elf64_Ehdr& head() const { return head_; }
  const std::vector<Elf64_Phdr>& segments() const { return segments_; }

  // The text at an address of the loaded image, up to its terminator.
  std::optional<std::string> TextAt(std::uint64_t address) const;
  Result<std::vector<std::string>> Needed() const;
  // The description of our note, or nothing.
  std::optional<std::string_view> Note() const;

 private:
  std::string_view bytes_;
  const std::string& path_;
  Elf64_Ehdr head_{};
  std::vector<Elf64_Phdr> segments_;
};

}  // namespace capstan::loader
