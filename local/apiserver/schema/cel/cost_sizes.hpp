// How long texts, lists and maps of a schema can be at most, as Kubernetes estimates it. For the
// cel files only. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <capstan/local/apiserver/schema/node.hpp>

namespace capstan::apiserver::cel {

// Saturating: the largest number stands for all that is larger.
inline constexpr std::uint64_t kUnlimited = ~std::uint64_t{0};
std::uint64_t Plus(std::uint64_t a, std::uint64_t b);
std::uint64_t Times(std::uint64_t a, std::uint64_t b);
// Rounded up.
std::uint64_t Share(std::uint64_t a, double factor);

// Characters, items or fields: at least and at most.
struct Size {
  std::uint64_t min = 0, max = kUnlimited;
};
Size Union(const Size& a, const Size& b);

// A place in the schema that an expression leads to; without a node it leads to nothing that the
// schema knows.
struct Place {
  const SchemaNode* node = nullptr;
  bool root = false;  // a whole resource, with metadata
};
Place FieldAt(const Place& place, const std::string& name);  // `name` as CEL writes it
Place ItemsAt(const Place& place);                           // items of a list, values of a map
Place KeysAt(const Place& place);
std::optional<Size> SizeAt(const Place& place);

// How often a value of this schema fits into the largest request.
std::uint64_t MostOften(const SchemaNode& node);

}  // namespace capstan::apiserver::cel
