// What clouds offer, as people and programs see it. Values and pure functions.
#pragma once

#include <string>
#include <vector>

#include <capstan/core/external/external.hpp>

namespace capstan::app {

struct OffersOfKind {
  std::string plugin, kind;
  std::vector<external::Offer> offers;
};

// A table with a line for each offer: VALUE, NAME where any has one, AVAILABLE where any is not,
// and the details, a column each, in the order in which they first appear, shortened so that a line
// fits into `width` columns (0: none is too long). `kinds`: with the kind in front.
std::vector<std::string> OffersToLines(const std::vector<OffersOfKind>& all, bool kinds, std::size_t width);

// {"items": [{"plugin", "kind", "value", "name", "available", "details": {...}}]}
std::string OffersToJson(const std::vector<OffersOfKind>& all);

}  // namespace capstan::app
