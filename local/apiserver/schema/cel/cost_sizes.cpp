#include <capstan/local/apiserver/schema/cel/cost_sizes.hpp>

#include <algorithm>
#include <cmath>
#include <memory>

#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/schema/cel/value.hpp>

namespace capstan::apiserver::cel {
namespace {

constexpr std::int64_t kRequestBytes = 3 << 20;  // the largest accepted request
constexpr std::int64_t kBytesOfRune = 4;
constexpr std::int64_t kTimeText = 32, kDateText = 12;
constexpr std::int64_t kLongestName = 253;

std::int64_t NotBelowZero(std::int64_t number) { return std::max<std::int64_t>(number, 0); }

const SchemaNode& TextNode() {
  static const SchemaNode kNode = [] {
    SchemaNode text;
    text.type = "string";
    return text;
  }();
  return kNode;
}

// The part of metadata that rules can access.
const SchemaNode& MetadataOfRules() {
  static const SchemaNode kNode = [] {
    SchemaNode metadata;
    metadata.type = "object";
    for (const auto& [name, most] : {std::pair{"name", kLongestName}, {"generateName", kLongestName - 1}}) {
      auto text = std::make_shared<SchemaNode>(TextNode());
      text->max_length = most;
      metadata.properties[name] = std::move(text);
    }
    return metadata;
  }();
  return kNode;
}

// Keys of maps count as empty strings.
const SchemaNode& KeyNode() {
  static const SchemaNode kNode = [] {
    SchemaNode key = TextNode();
    key.max_length = 0;
    return key;
  }();
  return kNode;
}

// Rules can access only values with a type.
bool IsSeen(const SchemaNode& node) {
  if (node.int_or_string) return true;
  if (node.type == "array") return node.items && IsSeen(*node.items);
  if (node.type == "object") return !node.additional || IsSeen(*node.additional);
  return !node.type.empty();
}

// The minimum size of a value in JSON, in bytes.
std::int64_t LeastBytes(const SchemaNode& node) {
  if (node.int_or_string) return 1;
  if (node.type == "boolean") return 4;
  if (node.type == "integer" || node.type == "number") return 1;
  if (node.type == "string") {
    if (node.format == "duration") return 3;
    if (node.format == "date") return kDateText;
    return node.format == "date-time" ? 21 : 2;
  }
  std::int64_t bytes = 2;
  if (node.type != "object" || node.additional) return bytes;
  for (const auto& name : node.required) {
    const auto field = node.properties.find(name);
    if (field == node.properties.end() || field->second->has_default || !IsSeen(*field->second)) continue;
    bytes += static_cast<std::int64_t>(name.size()) + LeastBytes(*field->second) + 4;
  }
  return bytes;
}

std::int64_t LongestText(const SchemaNode& node) {
  const bool time = node.format == "date-time" || node.format == "duration";
  if (time) return kTimeText;
  if (node.format == "date") return kDateText;
  if (node.max_length) return NotBelowZero(*node.max_length) * (node.format == "byte" ? 1 : kBytesOfRune);
  std::int64_t longest = 0;
  for (const json::Tree& one : node.allowed) {
    if (KindOf(one) == ValueKind::kString)
      longest = std::max(longest, static_cast<std::int64_t>(TextOf(one).size()));
  }
  return node.allowed.empty() || node.format == "byte" ? kRequestBytes - 2 : longest;
}

std::int64_t MostElements(const SchemaNode& node) {
  if (node.int_or_string)
    return node.max_length ? NotBelowZero(*node.max_length) * kBytesOfRune : kRequestBytes - 2;
  if (node.type == "string") return LongestText(node);
  if (node.type == "array") {
    return node.max_items ? NotBelowZero(*node.max_items)
                          : (kRequestBytes - 2) / (LeastBytes(*node.items) + 1);
  }
  if (node.type == "object" && node.additional) {
    return node.max_properties ? NotBelowZero(*node.max_properties)
                               : (kRequestBytes - 2) / (LeastBytes(*node.additional) + 6);
  }
  return 0;
}

}  // namespace

std::uint64_t Plus(std::uint64_t a, std::uint64_t b) { return a > kUnlimited - b ? kUnlimited : a + b; }

std::uint64_t Times(std::uint64_t a, std::uint64_t b) {
  return b != 0 && a > kUnlimited / b ? kUnlimited : a * b;
}

std::uint64_t Share(std::uint64_t a, double factor) {
  const double made = std::ceil(static_cast<double>(a) * factor);
  return made >= 18446744073709551616.0 ? kUnlimited : static_cast<std::uint64_t>(made);  // 2^64
}

Size Union(const Size& a, const Size& b) { return {std::min(a.min, b.min), std::max(a.max, b.max)}; }

Place FieldAt(const Place& place, const std::string& name) {
  if (!place.node) return {};
  const std::string plain = UnescapeName(name);
  if (place.root && (plain == "kind" || plain == "apiVersion")) return {&TextNode(), false};
  if (place.root && plain == "metadata") return {&MetadataOfRules(), false};
  if (place.node->type != "object" || place.node->additional) return {};
  const auto field = place.node->properties.find(plain);
  if (field == place.node->properties.end() || !IsSeen(*field->second)) return {};
  return {field->second.get(), field->second->embedded_resource};
}

Place ItemsAt(const Place& place) {
  if (!place.node) return {};
  const SchemaNode* inner =
      place.node->type == "array" ? place.node->items.get() : place.node->additional.get();
  return inner ? Place{inner, inner->embedded_resource} : Place{};
}

Place KeysAt(const Place& place) {
  return place.node && place.node->additional ? Place{&KeyNode(), false} : Place{};
}

std::optional<Size> SizeAt(const Place& place) {
  if (!place.node) return std::nullopt;
  return Size{0, static_cast<std::uint64_t>(MostElements(*place.node))};
}

std::uint64_t MaxOccurrences(const SchemaNode& node) {
  return static_cast<std::uint64_t>(kRequestBytes / (LeastBytes(node) + 1));
}

}  // namespace capstan::apiserver::cel
