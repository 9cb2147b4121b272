// The offers of clouds, for users and for programs. Values and pure functions; thread-safe.
#pragma once

#include <string>
#include <vector>

#include <capstan/core/external/external.hpp>

namespace capstan::app {

struct OffersOfKind {
  std::string plugin, kind;
  std::vector<external::Offer> offers;
};

// A table with a line for each offer: VALUE, NAME if any offer has one, AVAILABLE if any is not,
// and a column for each detail, in the order of first appearance, shortened so that lines fit into
// `width` columns (0: unlimited). `kinds`: adds the kind as the first column.
std::vector<std::string> OffersToLines(const std::vector<OffersOfKind>& all, bool kinds, std::size_t width);

// {"items": [{"plugin", "kind", "value", "name", "available", "details": {...}}]}
std::string OffersToJson(const std::vector<OffersOfKind>& all);

}  // namespace capstan::app
