#include <capstan/local/apiserver/api/value.hpp>

#include <charconv>
#include <cmath>
#include <limits>

#include <capstan/core/json/numbers.hpp>
#include <capstan/core/json/yaml.hpp>
#include <capstan/local/apiserver/api/numbers_of_go.hpp>

namespace capstan::apiserver {

ValueKind KindOf(const json::Tree& value) {
  if (json::IsNull(value)) return ValueKind::kNull;
  const std::type_info& type = value.type();
  if (type == typeid(std::string)) return ValueKind::kString;
  if (type == typeid(json::ObjectPtr)) return ValueKind::kObject;
  if (type == typeid(json::ArrayPtr)) return ValueKind::kArray;
  if (value.isBoolean()) return ValueKind::kBoolean;
  if (value.isInteger()) return ValueKind::kInteger;
  if (value.isNumeric()) return ValueKind::kDouble;
  return ValueKind::kString;
}

std::string_view KindName(ValueKind kind) {
  switch (kind) {
    case ValueKind::kNull:
      return "null";
    case ValueKind::kBoolean:
      return "boolean";
    case ValueKind::kInteger:
      return "integer";
    case ValueKind::kDouble:
      return "number";
    case ValueKind::kString:
      return "string";
    case ValueKind::kArray:
      return "array";
    case ValueKind::kObject:
      return "object";
  }
  return "";
}

bool BooleanOf(const json::Tree& value) { return value.convert<bool>(); }

std::int64_t IntegerOf(const json::Tree& value) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  if (value.isSigned()) return value.convert<Poco::Int64>();
  const auto whole = value.convert<Poco::UInt64>();
  return whole > static_cast<Poco::UInt64>(kMost) ? kMost : static_cast<std::int64_t>(whole);
}

double NumberOf(const json::Tree& value) {
  if (KindOf(value) == ValueKind::kDouble) return value.convert<double>();
  if (value.isSigned()) return static_cast<double>(value.convert<Poco::Int64>());
  return static_cast<double>(value.convert<Poco::UInt64>());
}

const std::string& TextOf(const json::Tree& value) { return value.extract<std::string>(); }

const Poco::JSON::Object* ObjectOf(const json::Tree& value) {
  if (value.isEmpty() || value.type() != typeid(json::ObjectPtr)) return nullptr;
  return value.extract<json::ObjectPtr>().get();
}

const Poco::JSON::Array* ArrayOf(const json::Tree& value) {
  if (value.isEmpty() || value.type() != typeid(json::ArrayPtr)) return nullptr;
  return value.extract<json::ArrayPtr>().get();
}

const json::Tree* Find(const Poco::JSON::Object& object, const std::string& key) {
  // Poco offers no look-up without a copy except has(), so this iterates over the map.
  if (!object.has(key)) return nullptr;
  for (const auto& [name, value] : object) {
    if (name == key) return &value;
  }
  return nullptr;
}

const json::Tree* Find(const json::Tree& value, const std::string& key) {
  const auto* object = ObjectOf(value);
  return object ? Find(*object, key) : nullptr;
}

SortedLookup::SortedLookup(const Poco::JSON::Object* object) : object_(object) {
  if (object_) at_ = object_->begin();
}

const json::Tree* SortedLookup::Find(const std::string& key) {
  if (!object_) return nullptr;
  while (at_ != object_->end() && at_->first < key) ++at_;
  return at_ != object_->end() && at_->first == key ? &at_->second : nullptr;
}

std::string NumberText(double value) {
  char buffer[64];
  const auto plain = std::fabs(value) < 1e21 && (value == 0 || std::fabs(value) >= 1e-6);
  const auto end = plain
                       ? std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed)
                       : std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
  return end.ec == std::errc() ? std::string(buffer, end.ptr) : "0";
}

Result<json::Tree> ParseAsGo(std::string_view text, int depth) {
  return json::ParseTree(WithNumbersOfGo(text), depth);
}

Result<json::Tree> ParseYamlAsGo(std::string_view text, int depth) {
  auto tree = json::ParseYaml(text, {.depth = depth});
  if (!tree || !json::MayHaveWideNumbers(text)) return tree;
  return ParseAsGo(json::ToText(*tree), depth);
}

std::size_t CountRunes(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  return count;
}

}  // namespace capstan::apiserver
