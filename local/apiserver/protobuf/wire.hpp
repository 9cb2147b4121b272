// The bytes of protobuf: fields of a message one after the other, in and out.
//
// Values; one thread each. A reader does not own its bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace capstan::apiserver {

// What every encoded object begins with.
inline constexpr std::string_view kMagic{"k8s\0", 4};

enum class WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

struct WireField {
  std::uint32_t number = 0;
  WireType type = WireType::kVarint;
  std::uint64_t value = 0;  // of numbers
  std::string_view bytes;   // of kBytes; within the message
};

class WireReader final {
 public:
  explicit WireReader(std::string_view message) : rest_(message) {}
  // The next field; nothing at the end, and at the first thing that is none: then broken() is true.
  // A length beyond the end of the message is such a thing.
  std::optional<WireField> Next();
  bool broken() const { return broken_; }

 private:
  std::optional<WireField> Broken();
  std::optional<std::uint64_t> Varint();
  std::optional<std::uint64_t> Fixed(std::size_t size);

  std::string_view rest_;
  bool broken_ = false;
};

// The numbers that a message of `bytes` has in a row, as packed lists hold them; nothing when the
// row is cut.
std::optional<std::uint64_t> TakeVarint(std::string_view& bytes);

class WireWriter final {
 public:
  void Text(std::uint32_t number, std::string_view bytes);
  void Varint(std::uint32_t number, std::uint64_t value);
  void Double(std::uint32_t number, double value);
  const std::string& bytes() const { return bytes_; }
  std::string Take() && { return std::move(bytes_); }

 private:
  void Key(std::uint32_t number, WireType type);
  void Raw(std::uint64_t value);
  std::string bytes_;
};

}  // namespace capstan::apiserver
