#include <capstan/local/apiserver/protobuf/wire.hpp>

#include <cstring>

namespace capstan::apiserver {
namespace {

constexpr std::uint64_t kMostFieldNumber = (1U << 29) - 1;

}  // namespace

std::optional<std::uint64_t> TakeVarint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

std::optional<WireField> WireReader::Broken() {
  broken_ = true;
  return std::nullopt;
}

std::optional<std::uint64_t> WireReader::Fixed(std::size_t size) {
  if (rest_.size() < size) return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i)
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(rest_[i])) << (8 * i);
  rest_.remove_prefix(size);
  return value;
}

std::optional<WireField> WireReader::Next() {
  if (broken_ || rest_.empty()) return std::nullopt;
  const auto key = TakeVarint(rest_);
  if (!key || *key >> 3 == 0 || *key >> 3 > kMostFieldNumber) return Broken();
  WireField field;
  field.number = static_cast<std::uint32_t>(*key >> 3);
  std::optional<std::uint64_t> value;
  switch (*key & 7U) {
    case 0:
      value = TakeVarint(rest_);
      break;
    case 1:
      field.type = WireType::kFixed64;
      value = Fixed(8);
      break;
    case 5:
      field.type = WireType::kFixed32;
      value = Fixed(4);
      break;
    case 2:
      field.type = WireType::kBytes;
      value = TakeVarint(rest_);
      if (!value || *value > rest_.size()) return Broken();
      field.bytes = rest_.substr(0, static_cast<std::size_t>(*value));
      rest_.remove_prefix(field.bytes.size());
      return field;
    default:
      break;
  }
  if (!value) return Broken();
  field.value = *value;
  return field;
}

void WireWriter::Raw(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7U) bytes_ += static_cast<char>((value & 0x7FU) | 0x80U);
  bytes_ += static_cast<char>(value);
}

void WireWriter::Key(std::uint32_t number, WireType type) {
  Raw(static_cast<std::uint64_t>(number) << 3U | static_cast<std::uint64_t>(type));
}

void WireWriter::Text(std::uint32_t number, std::string_view bytes) {
  Key(number, WireType::kBytes);
  Raw(bytes.size());
  bytes_ += bytes;
}

void WireWriter::Varint(std::uint32_t number, std::uint64_t value) {
  Key(number, WireType::kVarint);
  Raw(value);
}

void WireWriter::Double(std::uint32_t number, double value) {
  Key(number, WireType::kFixed64);
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  for (unsigned i = 0; i < 8; ++i) bytes_ += static_cast<char>(bits >> (8 * i) & 0xFFU);
}

}  // namespace capstan::apiserver
