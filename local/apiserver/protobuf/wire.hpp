// Protobuf's wire format: reads and writes the fields of a message one after the other.
//
// Values; for one thread each. A reader does not own its bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace capstan::apiserver {

// The prefix of every encoded object.
inline constexpr std::string_view kMagic{"k8s\0", 4};

enum class WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

struct WireField {
  std::uint32_t number = 0;
  WireType type = WireType::kVarint;
  std::uint64_t value = 0;  // of numbers
  std::string_view bytes;   // of kBytes; a view into the message
};

class WireReader final {
 public:
  explicit WireReader(std::string_view message) : rest_(message) {}
  // The next field; nullopt at the end, and at the first malformed field: then broken() is true. A
  // length beyond the end of the message is malformed.
  std::optional<WireField> Next();
  bool broken() const { return broken_; }

 private:
  std::optional<WireField> Broken();
  std::optional<std::uint64_t> Varint();
  std::optional<std::uint64_t> Fixed(std::size_t size);

  std::string_view rest_;
  bool broken_ = false;
};

// Takes the first of several consecutive varints, as in a packed list; nullopt when `bytes` is
// truncated.
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
