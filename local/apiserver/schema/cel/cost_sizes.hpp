// Upper bounds for the sizes of strings, lists and maps of a schema, as Kubernetes estimates them.
// For the cel files only. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <capstan/local/apiserver/schema/node.hpp>

namespace capstan::apiserver::cel {

// Arithmetic saturates: the largest number also means anything larger.
inline constexpr std::uint64_t kUnlimited = ~std::uint64_t{0};
std::uint64_t Plus(std::uint64_t a, std::uint64_t b);
std::uint64_t Times(std::uint64_t a, std::uint64_t b);
// Rounded up.
std::uint64_t Share(std::uint64_t a, double factor);

// Minimum and maximum number of characters, items or fields.
struct Size {
  std::uint64_t min = 0, max = kUnlimited;
};
Size Union(const Size& a, const Size& b);

// The place in the schema that an expression refers to; without a node, the schema does not know
// the place.
struct Place {
  const SchemaNode* node = nullptr;
  bool root = false;  // a whole resource, with metadata
};
Place FieldAt(const Place& place, const std::string& name);  // `name` as CEL spells it
Place ItemsAt(const Place& place);                           // items of a list, values of a map
Place KeysAt(const Place& place);
std::optional<Size> SizeAt(const Place& place);

// The maximum number of values of this schema in the largest request.
std::uint64_t MaxOccurrences(const SchemaNode& node);

}  // namespace capstan::apiserver::cel
